"""Letters: written once, sent once, and what a person decides about those that nobody knows about."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import AT, Cast
from tests.factories import make_client, make_contact, make_letter
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.letter import Letter
from webapp.domain.letter_shipped import SHIPPED
from webapp.domain.letter_state import DELAYS, LetterState, LOST, MOST_ATTEMPTS, TRANSITIONS, TROUBLED
from webapp.domain.letter_text import check_places, fill, fill_line, LetterText, PLACES, TextKind, words
from webapp.domain.mail_settings import is_address, MailSecurity


@pytest.fixture
def letter(session, cast: Cast) -> Letter:
    return make_letter(session, make_client(session, cast.clerk))


def kinds(session) -> list[str]:
    return list(session.scalars(select(Event.kind).where(Event.kind.like("letter:%")).order_by(Event.id)))


def test_the_same_purpose_is_written_once(session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    make_letter(session, client, purpose="invoice:17")
    with pytest.raises(Refused, match="written already"):
        make_letter(session, client, purpose="invoice:17")
    assert Letter.queued(session, ["invoice:17", "invoice:18"]) == {"invoice:17"}
    assert kinds(session) == ["letter:queued"]


def test_nothing_is_written_while_e_mail_is_not_set_up(session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    make_letter(session, client)
    cast.company.mail_host = ""
    with pytest.raises(Refused, match="not set up"):
        Letter.write(
            session, client, "invoice", purpose="x", address="a@b.test", subject="x", body="", language="en",
            by=cast.clerk, at=AT,
        )  # fmt: skip


@pytest.mark.parametrize(
    "address", ["a@b.test\nBcc: all@x.test", "a@b.test, c@d.test", "a b@c.test", "<a@b.test>", "a@", ""]
)
def test_an_envelope_holds_one_address(session, cast: Cast, address: str) -> None:
    with pytest.raises(Refused):
        make_letter(session, make_client(session, cast.clerk), address=address)


@pytest.mark.parametrize("subject", ["Invoice\nBcc: all@x.test", "Invoice\r", "x\u2028y", " ", "x" * 201])
def test_a_subject_is_one_line(session, cast: Cast, subject: str) -> None:
    with pytest.raises(Refused):
        make_letter(session, make_client(session, cast.clerk), subject=subject)


def test_a_contact_of_another_client_gets_nothing(session, cast: Cast) -> None:
    stranger = make_contact(session, make_client(session, cast.clerk))
    with pytest.raises(Refused, match="another client"):
        make_letter(session, make_client(session, cast.clerk), contact=stranger)


def test_an_attempt_that_failed_is_repeated_ever_later_and_not_for_ever(letter: Letter) -> None:
    at, gaps = AT, []
    for _ in range(MOST_ATTEMPTS):
        assert letter.state is LetterState.WAITING
        letter.begin(at=at)
        letter.delay("451 come back later", at=at)
        if letter.next_attempt_at:
            gaps.append(letter.next_attempt_at - at)
            at = letter.next_attempt_at
    assert tuple(gaps) == DELAYS == tuple(sorted(DELAYS))
    assert (letter.state, letter.attempts) == (LetterState.FAILED, MOST_ATTEMPTS)


def test_what_the_server_refuses_for_good_waits_for_a_person(letter: Letter) -> None:
    letter.begin(at=AT)
    told = letter.refuse("550 5.1.1 <ivan@client.test>: no such user", at=AT)
    assert letter.troubled
    assert letter.answer == "550 5.1.1 <…>: no such user"
    assert "@" not in str(told.details)


def test_a_letter_left_by_a_crash_is_lost_after_a_while_and_never_sent_by_itself(letter: Letter) -> None:
    letter.begin(at=AT)
    assert not letter.is_lost(AT + LOST)
    assert letter.is_lost(AT + LOST + timedelta(seconds=1))
    letter.lose("", at=AT + LOST)
    with pytest.raises(Refused):
        letter.begin(at=AT + LOST)


def test_a_person_decides_about_a_doubtful_letter(session, cast: Cast, letter: Letter) -> None:
    letter.begin(at=AT)
    letter.lose("", at=AT)
    letter.arrive(by=cast.clerk, at=AT)
    assert (letter.state, letter.sent_at) == (LetterState.SENT, AT)
    with pytest.raises(Refused, match="Nobody doubts"):
        letter.arrive(by=cast.clerk, at=AT)


def test_a_letter_that_came_back_goes_out_again_under_the_same_id(session, cast: Cast, letter: Letter) -> None:
    letter.begin(at=AT)
    letter.accept("250 OK", at=AT)
    letter.bounce("550 no such user", by=None, at=AT)
    before = letter.message_id
    letter.repeat("boss@client.test", by=cast.clerk, at=AT)
    assert (letter.state, letter.attempts, letter.address) == (LetterState.WAITING, 0, "boss@client.test")
    assert letter.message_id == before
    with pytest.raises(Refused, match="not an e-mail"):
        letter.address = "nobody"


def test_troubled_follows_the_state_and_no_state_is_a_dead_end_for_a_person(letter: Letter) -> None:
    for state in LetterState:
        letter.state = state
        assert letter.troubled is (state in TROUBLED)
        if state in TROUBLED:
            assert {LetterState.WAITING, LetterState.CANCELLED} <= TRANSITIONS[state]


def test_addresses_stand_in_no_event(session, cast: Cast) -> None:
    letter = make_letter(session, make_client(session, cast.clerk), subject="For ivan@client.test")
    session.add_all([letter.begin(at=AT), letter.delay("451 ivan@client.test is greylisted", at=AT)])
    session.flush()
    details = session.scalars(select(Event.details).where(Event.kind.like("letter:%"))).all()
    assert len(details) == 3
    assert not any("@" in str(one) for one in details)


def test_a_password_does_not_cross_the_network_readable(session, cast: Cast) -> None:
    server = {"mail_host": "smtp.example.com", "mail_from": "office@baton.test", "mail_user": "office"}
    with pytest.raises(Refused, match="readable"):
        cast.company.change(by=cast.administrator, at=AT, mail_security=MailSecurity.NONE, **server)
    cast.company.change(by=cast.administrator, at=AT, mail_security=MailSecurity.TLS, **server)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"mail_host": "smtp.example.com", "mail_from": ""}, "mail_from"),
        ({"mail_host": "two words", "mail_from": "a@b.test"}, "mail_host"),
        ({"mail_host": "smtp.example.com", "mail_from": "a@b.test", "mail_port": 0}, "mail_port"),
        ({"mail_from": "a@b.test\nBcc: c@d.test"}, "mail_from"),
    ],
)
def test_a_server_that_cannot_work_is_refused_at_its_field(cast: Cast, fields: dict, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        cast.company.change(by=cast.administrator, at=AT, **fields)
    assert refusal.value.field == field


def test_addresses_of_other_alphabets_are_addresses() -> None:
    assert is_address("иван@почта.рф")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", TextKind)
def test_the_shipped_words_have_only_places_that_are_filled(kind: TextKind, language: str) -> None:
    subject, body = SHIPPED[kind.value, language]
    check_places(kind, subject=subject, body=body)
    filled = fill(body, dict.fromkeys(PLACES[kind], "x"))
    assert "{" not in filled


def test_an_unknown_place_is_refused_by_its_name(session, cast: Cast) -> None:
    with pytest.raises(Refused, match=r"\{summ\}") as refusal:
        LetterText.keep(session, TextKind.INVOICE, "en", "Invoice", "Pay {summ}", by=cast.head_of_client, at=AT)
    assert refusal.value.field == "body"


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{% raise %}", "{client.__class__}", "{0}", "{client!r}", "%(client)s"])
def test_nothing_in_a_text_is_evaluated(text: str) -> None:
    assert fill(text, {"client": "Romashka"}) == text


def test_what_a_value_holds_is_no_place() -> None:
    assert fill("{client} owes {sum}", {"client": "{sum}", "sum": "5"}) == "{sum} owes 5"
    assert fill_line("To {client}", {"client": "A\r\nBcc: b@c.test"}) == "To A Bcc: b@c.test"


def test_the_companys_own_words_count_until_they_are_dropped(session, cast: Cast) -> None:
    own = LetterText.keep(session, TextKind.INVOICE, "ru", "Счёт {number}", "Платите", by=cast.head_of_client, at=AT)
    assert words(session, TextKind.INVOICE, "ru") == ("Счёт {number}", "Платите")
    assert words(session, TextKind.INVOICE, "en") == SHIPPED["invoice", "en"]
    session.add(own.drop(session, by=cast.head_of_client, at=AT))
    session.flush()
    assert words(session, TextKind.INVOICE, "ru") == SHIPPED["invoice", "ru"]
    assert words(session, TextKind.INVOICE, "de") == SHIPPED["invoice", "en"]
