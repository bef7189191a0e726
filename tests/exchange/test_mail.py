"""E-mail as bytes: what a client's program reads, and what the messages that come back say."""

from datetime import datetime, UTC
from email import message_from_bytes, policy

import pytest

from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind
from webapp.exchange import mail
from webapp.exchange.launch_letters import way_out

ID = f"<{'0123456789abcdef' * 2}.baton@baton.test>"


def written(**given):
    fields = {
        "message_id": ID,
        "sender": "office@baton.test",
        "sender_name": "ООО «Эстафета»",
        "reply_to": "clara@baton.test",
        "to": "ivan@client.test",
        "subject": "Счёт № 17/2026",
        "body": "Здравствуйте!\n.\n. точка в начале строки\n",
        "at": datetime(2026, 3, 2, 9, tzinfo=UTC),
    } | given
    return message_from_bytes(mail.write(**fields).as_bytes(), policy=policy.default)


def test_a_letter_reads_as_it_was_written() -> None:
    read = written(attachments=[("Счёт 17.pdf", "application/pdf", b"%PDF-1")])
    assert (read["Subject"], read["Message-ID"], read["To"]) == ("Счёт № 17/2026", ID, "ivan@client.test")
    assert read["From"].addresses[0].display_name == "ООО «Эстафета»"
    assert read["Reply-To"] == "clara@baton.test"
    assert read["Date"].datetime == datetime(2026, 3, 2, 9, tzinfo=UTC)
    body = read.get_body(("plain",))
    assert body.get_content().replace("\r\n", "\n") == "Здравствуйте!\n.\n. точка в начале строки\n"
    (file,) = read.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        "Счёт 17.pdf", "application/pdf", b"%PDF-1",
    )  # fmt: skip


def test_it_is_plain_text_and_seven_bits_wide() -> None:
    message = mail.write(
        message_id=ID, sender="a@b.test", sender_name="Я", reply_to="", to="c@d.test", subject="Ё" * 150,
        body="Ж" * 5000, at=datetime(2026, 3, 2, tzinfo=UTC),
    )  # fmt: skip
    raw = message.as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"html" not in raw.lower()


@pytest.mark.parametrize("field", ["subject", "sender_name"])
def test_no_header_can_be_smuggled_in(field: str) -> None:
    read = written(**{field: "x\r\nBcc: all@x.test\r\n\r\nbody"})
    assert read["Bcc"] is None
    assert set(read.keys()) <= {
        "Message-ID", "Date", "From", "To", "Reply-To", "Subject", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("site", "at_once"),
    [("https://baton.test", True), (f"https://{'b' * 60}.test/of/ours", True), ("http://b.test", False)],
)
def test_a_mail_program_is_told_the_way_out_in_one_piece(site: str, at_once: bool) -> None:
    """What is cut or encoded opens nothing; and one click needs TLS (RFC 8058)."""
    address = f"{site}/m/{'k' * 43}/stop"
    raw = mail.write(
        message_id=ID, sender="a@b.test", sender_name="Я", reply_to="", to="c@d.test", subject="x", body="x",
        at=datetime(2026, 3, 2, tzinfo=UTC), way_out=address,
    ).as_bytes()  # fmt: skip
    assert f"List-Unsubscribe: <{address}>\r\n".encode() in raw
    assert (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw) is at_once


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Stop: https://baton.test/m/KEY/stop", "https://baton.test/m/KEY/stop"),
        ("Stop here (https://baton.test:8000/m/KEY/stop).", "https://baton.test:8000/m/KEY/stop"),
        ("<https://батон.рф/m/KEY/stop>", "https://батон.рф/m/KEY/stop"),
        ("https://baton.test/m/KEY and https://baton.test/m/KEY/stopped", ""),
    ],
)
def test_the_way_out_is_found_however_the_company_writes_it(words: str, found: str) -> None:
    key = "k" * 43
    letter = Letter(kind=LetterKind.LAUNCH, body=f"Hello.\n{words.replace('KEY', key)}\n")
    assert way_out(letter) == found.replace("KEY", key)
    assert way_out(Letter(kind=LetterKind.PROPOSAL, body=letter.body)) == ""


def test_a_letter_that_is_no_mailing_names_none() -> None:
    assert not [name for name in written() if name.startswith("List-")]


def test_no_header_comes_from_a_files_name() -> None:
    (file,) = written(attachments=[('a"\r\nX-Evil: 1\r\n.pdf', "application/pdf", b"x")]).iter_attachments()
    assert file["X-Evil"] is None


def test_a_domain_of_another_alphabet_is_written_in_ascii() -> None:
    assert mail.envelope("ivan@почта.рф") == "ivan@xn--80a1acny.xn--p1ai"
    with pytest.raises(UnicodeError):
        mail.envelope(f"ivan@{'ж' * 70}.рф")


def report(
    action: str = "failed", *, original: str = f"Message-ID: {ID}\r\n", kind: str = "text/rfc822-headers"
) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.test\r\nTo: office@baton.test\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n"
        f"Final-Recipient: rfc822; ivan@client.test\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <ivan@client.test>:\r\n no such user\r\n\r\n"
        f"--b\r\nContent-Type: {kind}\r\n\r\n{original}Subject: Invoice\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_message_that_came_back_names_its_letter_and_why(kind: str) -> None:
    found = mail.read_bounce(report(kind=kind))
    assert found == mail.Bounce((ID,), True, "5.1.1 smtp; 550 5.1.1 <ivan@client.test>: no such user")


def test_a_report_without_the_letter_may_answer_it() -> None:
    raw = report(original="").replace(b"Subject: Undelivered", f"In-Reply-To: {ID}".encode())
    assert mail.read_bounce(raw).message_ids == (ID,)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_a_report_of_a_delay_is_no_failure(action: str) -> None:
    assert not mail.read_bounce(report(action)).failed


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 100,
        b"Subject: I am on holiday\r\n\r\nBack on Monday",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n",
        report()[:200],
        b"Content-Type: message/rfc822\r\n\r\n" * 300,
    ],
)
def test_other_messages_are_no_bounces(raw: bytes) -> None:
    assert mail.read_bounce(raw) is None


def test_foreign_ids_name_no_letter_of_ours() -> None:
    assert mail.read_bounce(report(original="Message-ID: <x@y.test>\r\n")).message_ids == ()
