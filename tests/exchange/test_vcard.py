"""vCards of phones and mail programs: read as they come, written so that they can be read again."""

import contextlib
import re
from datetime import date
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.errors import Refused
from webapp.exchange.vcard import Card, LARGEST, MOST, read, write

PHONE_21 = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
    b"N;CHARSET=windows-1251;ENCODING=QUOTED-PRINTABLE:=CF=E5=F2=F0=EE=E2;=C8=E2=E0=ED\r\n"
    b"FN;CHARSET=windows-1251;QUOTED-PRINTABLE:=C8=E2=E0=ED =CF=E5=\r\n=F2=F0=EE=E2\r\n"
    b"TEL;CELL:+7 916 123-45-67\r\nTEL;WORK;PREF:8 (495) 123-45-67\r\nEMAIL;INTERNET:Ivan@Client.RU\r\n"
    b"PHOTO;JPEG;ENCODING=BASE64:/9j/4AAQ\r\n SkZJRg==\r\n\r\nEND:VCARD\r\n"
)
MODERN_40 = (
    "BEGIN:VCARD\nVERSION:4.0\nFN:Мария Иванова\nN:Иванова;Мария;;;\nORG:ООО \\«Сад\\»;Закупки\n"
    'TITLE:Директор по\n  закупкам\nTEL;VALUE=uri;TYPE="voice,home":tel:+7-916-000-00-01\n'
    "item1.EMAIL;PREF=2:old@x.ru\nitem2.EMAIL;PREF=1:m@x.ru\nBDAY:19800517\nNOTE:Раз\\nдва\\, три\n"
    "PHOTO:data:image/jpeg;base64,AAAA\nEND:VCARD\n"
).encode()
BARE_CP1251 = "BEGIN:VCARD\nVERSION:2.1\nN:Петров;Иван;Ильич\nTEL:123\nbroken line\nEND:VCARD\n".encode("cp1251")


@pytest.mark.parametrize(
    ("content", "card"),
    [
        (PHONE_21, Card("Иван Петров", phone="8 (495) 123-45-67", email="ivan@client.ru")),
        (
            MODERN_40,
            Card("Мария Иванова", "Директор по закупкам", "+7-916-000-00-01", "m@x.ru", "Раз\nдва, три",
                 date(1980, 5, 17), "ООО «Сад», Закупки"),
        ),
        (BARE_CP1251, Card("Петров Иван Ильич", phone="123")),
        (b"BEGIN:VCARD\nFN:No end\nBDAY:--0517\nTEL:1", Card("No end", phone="1")),
        (b"\xef\xbb\xbfbegin:vcard\nfn:Lower\nbday:1980-13-40\nend:vcard", Card("Lower")),
    ],
)  # fmt: skip
def test_what_programs_write_is_read(content: bytes, card: Card) -> None:
    assert read("people.vcf", content).cards == (card,)


def test_a_bad_card_spoils_no_other() -> None:
    content = PHONE_21 + b"BEGIN:VCARD\nTEL:5\nEND:VCARD\n" + b"BEGIN:VCARD\nFN:\x41nna\nEND:VCARD\n"
    found = read("people.vcf", content)
    assert [card.name for card in found.cards] == ["Иван Петров", "Anna"]
    assert found.nameless == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"BEGIN:VCARD\nFN:x\nEND:VCARD\n" * (MOST + 1), b"a" * (LARGEST + 1), b"BEGIN:VCARD\0"],
    ids=["empty", "none", "many", "large", "binary"],
)
def test_what_is_no_list_of_people_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        read("people.vcf", content)


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(Refused):
        read("people.vcf", b"BEGIN:VCARD\nFN:x\n" + content)


TEXTS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=120).map(
    lambda text: " ".join(text.split())
)


@given(st.builds(Card, TEXTS.filter(bool), TEXTS, st.just("+79161234567"), st.just("a@b.ru"), TEXTS,
                 st.none() | st.dates(date(1900, 1, 1))))  # fmt: skip
def test_what_is_written_reads_the_same(card: Card) -> None:
    content = write([card])
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert not re.search(rb"[^\r]\n", content)
    (found,) = read("people.vcf", content).cards
    assert found == card


@pytest.mark.parametrize("line", ["NOTE;ENCODING=QUOTED-PRINTABLE:a", "TEL"])
@pytest.mark.parametrize("unit", ["\n =", ";TYPE=A"], ids=repr)
def test_the_largest_file_is_read_in_a_time_that_grows_with_its_size_alone(line: str, unit: str) -> None:
    """Such lines once took minutes: each fold copied all that was read before it."""
    began = process_time()
    content = f"BEGIN:VCARD\nFN:Anna\n{line}{unit * ((LARGEST - 99) // len(unit))}:1\nEND:VCARD\n"
    assert [card.name for card in read("people.vcf", content.encode()).cards] == ["Anna"]
    assert process_time() - began < 5


@pytest.mark.parametrize(
    ("name", "structured"),
    [
        ("Una Tierney", "Tierney;Una;;;"),
        ("Юлия Абрамова", "Абрамова;Юлия;;;"),
        ("Абрамова Юлия Сергеевна", "Абрамова;Юлия;Сергеевна;;"),
        ("Юлия Сергеевна Абрамова", "Абрамова;Юлия;Сергеевна;;"),
        ("Anna Maria O'Brien", "O'Brien;Anna Maria;;;"),
        ("Anna", ";Anna;;;"),
    ],
)
def test_a_phone_sorts_by_the_family_name(name, structured):
    assert f"\r\nN:{structured}\r\n" in write([Card(name)]).decode()
