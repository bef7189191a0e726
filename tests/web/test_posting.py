"""Letters leave through a real SMTP server, each once, whatever the server, the network or the machine does."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event as Signal
from threading import Thread

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.cast import Cast, TODAY
from tests.factories import make_client, make_contact, make_invoice, make_letter
from tests.support.apps import World
from tests.support.mail import PASSWORD, Post, PostOffice
from tests.support.processes import Running, within
from webapp import mailing, posting, smtp
from webapp.db import db, transaction
from webapp.domain.calendar import month_of, months_on
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.invoice import Invoice
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind, LetterState, LOST
from webapp.domain.mail_settings import MailSecurity
from webapp.domain.reminder import Reminder
from webapp.domain.user import User
from webapp.domain.wanted_letter import LEFT, MOST_ATTEMPTS, MOST_IN_ONE, WantedLetter
from webapp.mailing import ask_for_letters, write_what_is_wanted
from webapp.posting import post_letters, send_what_is_due
from webapp.queries.letter_batch import batch, letters_of
from webapp.settings import Settings
from webapp.smtp import Dialogue, Known, Server
from webapp.web.clock import now

LONG_AGO = timedelta(hours=1)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    office = PostOffice()
    office.start()
    yield office
    office.close()


@pytest.fixture
def post(office: PostOffice, cast: Cast) -> Post:
    """The server's side, with the company's e-mail set up to use it."""
    company = cast.company
    company.mail_host, company.mail_port, company.mail_from = "127.0.0.1", office.port, "office@baton.test"
    company.mail_security = MailSecurity.NONE
    return office.post


@pytest.fixture
def letter(session: Session, cast: Cast, post: Post) -> Letter:
    client = make_client(session, cast.clerk)
    file = StoredFile.store(session, b"%PDF-1.7 invoice", "application/pdf")
    return make_letter(
        session,
        client,
        contact=make_contact(session, client),
        subject="Счёт № 17/2026",
        body=".Здравствуйте!\n",
        attachments=[(file, "Счёт 17.pdf")],
        at=now(),
    )


@pytest.fixture
def work(world: World, session: Session) -> Callable[[Callable[[], None]], None]:
    """Does what a worker does, once."""

    def run(job: Callable[[], None] = post_letters) -> None:
        session.commit()
        with world.app.app_context():
            job()
            db.session.remove()
        session.expire_all()

    return run


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Event.kind).where(Event.kind.like("letter:%")).order_by(Event.id)))


def due_again(session: Session, letter: Letter) -> None:
    letter.next_attempt_at = now()
    session.commit()


def test_a_letter_arrives_as_it_was_written(session, cast: Cast, letter: Letter, post: Post, work) -> None:
    work()
    ((sender, to, _),) = post.taken
    (read,) = post.letters
    assert (sender, to) == ("office@baton.test", ["ivan@client.test"])
    assert (read["Message-ID"], read["Subject"]) == (letter.message_id, "Счёт № 17/2026")
    assert read["From"].addresses[0].display_name == cast.company.name
    assert read["Reply-To"] == cast.clerk.email
    assert read.get_body(("plain",)).get_content().strip() == ".Здравствуйте!"
    (file,) = read.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Счёт 17.pdf", b"%PDF-1.7 invoice")
    assert (letter.state, letter.answer) == (LetterState.SENT, "250 OK")
    assert kinds(session) == ["letter:queued", "letter:sending", "letter:sent"]


def test_a_round_sends_everything_that_is_due_and_nothing_twice(session, letter: Letter, post: Post, work) -> None:
    for _ in range(4):
        make_letter(session, letter.client, at=now())
    make_letter(session, letter.client, at=now() + LONG_AGO)
    work()
    work()
    assert len(post.taken) == 5
    assert len({read["Message-ID"] for read in post.letters}) == 5


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_a_temporary_refusal_is_tried_again_later(session, letter: Letter, post: Post, work, step: str) -> None:
    post.answers = {step: "451 4.7.1 <ivan@client.test> greylisted"}
    work()
    assert (letter.state, letter.attempts) == (LetterState.WAITING, 1)
    assert letter.next_attempt_at > now()
    assert letter.answer == "451 4.7.1 <…> greylisted"
    work()
    assert post.tried == 1
    post.answers = {}
    due_again(session, letter)
    work()
    assert (letter.state, letter.attempts, len(post.taken)) == (LetterState.SENT, 2, 1)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_a_final_refusal_is_not_repeated(session, letter: Letter, post: Post, work, step: str) -> None:
    post.answers = {step: "550 5.1.1 no such user"}
    work()
    work(send_what_is_due)
    assert (letter.state, letter.troubled, letter.answer) == (LetterState.FAILED, True, "550 5.1.1 no such user")
    assert post.tried == 1
    told = session.scalars(select(Event).where(Event.kind == "letter:failed")).one()
    assert (told.client_id, told.details["reason"]) == (letter.client_id, "550 5.1.1 no such user")


def test_a_connection_lost_before_the_text_is_tried_again(letter: Letter, post: Post, work) -> None:
    post.drops = {"rcpt"}
    work()
    assert (letter.state, letter.attempts) == (LetterState.WAITING, 1)


@pytest.mark.parametrize("step", ["data", "taken"])
def test_a_connection_lost_after_the_text_leaves_a_doubt(letter: Letter, post: Post, work, step: str) -> None:
    post.drops = {step}
    work()
    assert (letter.state, letter.troubled) == (LetterState.UNSURE, True)
    post.drops = set()
    work()
    work(send_what_is_due)
    assert post.tried == 1


@pytest.mark.parametrize(("step", "after"), [("rcpt", LetterState.WAITING), ("taken", LetterState.UNSURE)])
def test_a_server_that_is_too_slow_is_left(
    letter: Letter, post: Post, work, monkeypatch, step: str, after: LetterState
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT", 0.3)
    post.waits = {step}
    work()
    assert letter.state is after


def test_a_server_that_is_away_ends_the_round(session, cast: Cast, letter: Letter, office, work) -> None:
    other = make_letter(session, letter.client, at=now())
    office.close()
    work()
    assert (letter.state, letter.attempts, other.attempts) == (LetterState.WAITING, 1, 0)
    assert "ConnectionRefused" in letter.answer


def test_nothing_is_done_while_e_mail_is_not_set_up(session, cast: Cast, letter: Letter, post: Post, work) -> None:
    cast.company.mail_host = ""
    work()
    assert (letter.state, post.tried) == (LetterState.WAITING, 0)


def test_a_damaged_file_is_not_sent(session, letter: Letter, post: Post, work) -> None:
    letter.attachments[0].file = StoredFile(sha256="0" * 64, media_type="application/pdf", content=b"%PDF-1.7 forged")
    work()
    assert (letter.state, post.tried) == (LetterState.FAILED, 0)


def test_the_sweep_begins_a_round(session, letter: Letter, post: Post, work) -> None:
    work(send_what_is_due)
    assert len(post.taken) == 1


def test_a_bounce_that_is_faster_than_our_own_note_counts(session, world: World, letter: Letter, post, work) -> None:
    letter_id = letter.id

    def come_back() -> None:
        with Session(world.engine) as other:
            found = other.get_one(Letter, letter_id)
            other.add(found.bounce("550 no such user", by=None, at=now()))
            other.commit()

    post.on_taken = come_back
    work()
    assert letter.state is LetterState.BOUNCED


def test_a_round_that_is_interrupted_before_the_text_lets_the_letter_wait(
    letter: Letter, post, work, monkeypatch
) -> None:
    def interrupt(*args) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Dialogue, "_offer", interrupt)
    with pytest.raises(KeyboardInterrupt):
        work()
    monkeypatch.undo()
    work(lambda: None)
    assert (letter.state, letter.attempts) == (LetterState.WAITING, 1)


@pytest.mark.parametrize("heard", [False, True], ids=["before it hears of it", "before it is written down"])
def test_a_worker_killed_after_the_server_took_the_letter_sends_it_once(
    session, world: World, letter: Letter, post: Post, work, tmp_path: Path, heard: bool
) -> None:
    """The letter is in the client's hands, and our database does not say so: nobody but a person sends it again."""
    session.commit()
    accepted = Signal()
    block = Session(world.engine)

    def taken() -> None:
        if heard:  # the worker gets its 250, says goodbye, and cannot commit while somebody else holds the letter
            block.connection(execution_options={"writes": True})
            block.execute(select(Letter.id).with_for_update())
            accepted.set()
        else:
            accepted.set()
            worker.wait(20)

    post.on_taken = taken
    worker = Running(within(post_letters), Settings(database_url=world.database.url, instance=tmp_path))
    assert accepted.wait(30)
    if heard:
        assert post.left.wait(20)
    worker.kill()
    block.rollback()
    block.close()

    session.expire_all()
    assert (letter.state, len(post.taken)) == (LetterState.SENDING, 1)
    post.on_taken = None
    work()
    work(send_what_is_due)
    assert letter.state is LetterState.SENDING
    letter.tried_at -= LOST
    work(send_what_is_due)
    work()
    assert (letter.state, letter.troubled, len(post.taken)) == (LetterState.UNSURE, True, 1)
    assert kinds(session)[-1] == "letter:unsure"


def certificate(folder: Path) -> tuple[Path, Path]:
    made, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


@pytest.mark.one_database
def test_a_password_goes_only_through_a_trusted_tls(tmp_path: Path, monkeypatch) -> None:
    import ssl

    made, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    office = PostOffice(tls=context, password=True)
    office.start()
    try:
        server = Server("127.0.0.1", office.port, MailSecurity.STARTTLS, "office", PASSWORD)
        untrusted = Dialogue(server).hold("a@b.test", "c@d.test", b"x")
        assert (untrusted.known, untrusted.reached) == (Known.LATER, False)
        assert "CERTIFICATE_VERIFY_FAILED" in untrusted.text
        monkeypatch.setenv("SSL_CERT_FILE", str(made))
        assert Dialogue(server).hold("a@b.test", "c@d.test", b"x").known is Known.TAKEN
        wrong = Server("127.0.0.1", office.port, MailSecurity.STARTTLS, "office", "wrong")
        refused = Dialogue(wrong).hold("a@b.test", "c@d.test", b"x")
        assert (refused.known, refused.reached) == (Known.LATER, False)
        assert refused.text.startswith("535")
        assert len(office.post.taken) == 1
    finally:
        office.close()
    assert PASSWORD not in repr(server)


def test_many_invoices_are_printed_and_sent_once_and_the_others_left_out(session, cast: Cast, post, work) -> None:
    reachable, silent = make_client(session, cast.clerk), make_client(session, cast.clerk)
    make_contact(session, reachable)
    invoices = [make_invoice(session, client, on=TODAY) for client in (reachable, reachable, silent)]
    disputed = make_invoice(session, reachable)
    session.add(disputed.dispute("sum", "", by=cast.clerk, at=now()))
    session.flush()
    ids = [invoice.id for invoice in (*invoices, disputed)]
    clerk_id = cast.clerk.id
    for _ in range(2):
        work(lambda: ask_for_letters(LetterKind.REMINDER, [*ids, ids[0]], clerk_id))
    assert len(post.taken) == 1
    assert set(session.scalars(select(Reminder.invoice_id))) == set(ids[:2])
    work(lambda: ask_for_letters(LetterKind.INVOICE, ids, None))
    assert len(post.taken) == 4
    assert session.scalars(select(WantedLetter)).all() == []


def test_a_client_gets_one_reminder_of_all_that_is_chosen(session, cast: Cast, post, work) -> None:
    client, clerk_id = make_client(session, cast.clerk), cast.clerk.id
    contact = make_contact(session, client)
    day = cast.company.today(now())
    newer, older = (make_invoice(session, client, 100_00, day - timedelta(days=ago)) for ago in (20, 50))
    dollars = make_invoice(session, client, 7_00, day - timedelta(days=30), currency="USD")
    make_invoice(session, client, 900_00, day - timedelta(days=40))
    ids = [invoice.id for invoice in (newer, older, dollars)]
    work(lambda: ask_for_letters(LetterKind.REMINDER, ids, clerk_id))
    (read,) = post.letters
    assert read["Subject"] == f"Reminder: invoices {older.label}, {dollars.label}, {newer.label}"
    text = read.get_body(("plain",)).get_content().replace("\N{NO-BREAK SPACE}", " ")
    assert text.startswith(f"Dear {contact.name},")
    lines = [line for line in text.splitlines() if line.endswith(" is open")]
    assert [line.split()[0] for line in lines] == [older.label, dollars.label, newer.label]
    assert "Still open in all: 200.00 RUB; $7.00." in text
    assert text.rstrip().endswith("Clara Clerk\r\nBaton Ltd")
    assert len([*read.iter_attachments()]) == 3
    work(lambda: ask_for_letters(LetterKind.REMINDER, ids[:1], clerk_id))
    assert len(post.taken) == 1, "once in a month, alone or with others"
    letter = session.scalars(select(Letter)).one()
    letter.purpose, month = "reminder:last:month", months_on(month_of(day), -1)
    for each in session.scalars(select(Reminder)):
        each.month = month
    work(lambda: ask_for_letters(LetterKind.REMINDER, ids[:2], clerk_id))
    (_, second) = post.letters
    assert second["Subject"] == f"Second reminder: invoices {older.label}, {newer.label} are not paid"
    assert "was due 50 days ago" in second.get_body(("plain",)).get_content()


def test_what_was_never_reminded_of_is_not_spoken_of_in_firmer_words(session, cast: Cast, post, work) -> None:
    client, clerk_id = make_client(session, cast.clerk), cast.clerk.id
    make_contact(session, client)
    ids = [make_invoice(session, client, on=TODAY).id for _ in range(7)]
    before = make_letter(session, client, kind=LetterKind.REMINDER)
    Reminder.note(session, before, ids[:1], months_on(month_of(cast.company.today(now())), -1))
    work(lambda: ask_for_letters(LetterKind.REMINDER, ids, clerk_id))
    _, subject = session.scalars(select(Letter.subject).order_by(Letter.id))
    assert subject == "Reminder: invoices 1/2026, 2/2026, 3/2026, 4/2026, 5/2026 …"


def test_many_invoices_of_a_client_go_in_letters_that_a_server_takes(session, cast: Cast, post, work) -> None:
    client, clerk_id = make_client(session, cast.clerk), cast.clerk.id
    make_contact(session, client)
    file = StoredFile.store(session, b"%PDF-1.7", "application/pdf")
    invoices = [make_invoice(session, client, on=TODAY) for _ in range(MOST_IN_ONE + 1)]
    for invoice in invoices:
        invoice.file = file
    rows = batch(session, cast.clerk.actor, [each.id for each in invoices], remind=True, at=now())
    assert [len(letter.labels) for letter in letters_of(rows, remind=True)] == [MOST_IN_ONE, 1]
    ids = [invoice.id for invoice in invoices]
    work(lambda: ask_for_letters(LetterKind.REMINDER, ids, clerk_id))
    assert [len([*read.iter_attachments()]) for read in post.letters] == [MOST_IN_ONE, 1]


def test_of_two_workers_one_takes_all_that_is_a_clients(
    session, cast: Cast, world, database, post, monkeypatch
) -> None:
    client = make_client(session, cast.clerk)
    WantedLetter.ask(session, LetterKind.REMINDER, [make_invoice(session, client).id for _ in range(3)], None)
    session.commit()
    taken, chosen = [], WantedLetter._with

    def take() -> None:
        with world.app.app_context():
            with transaction() as own:
                taken.append(len(WantedLetter.take(own, at=now())))
            db.session.remove()

    def just_after_another(*asked: object) -> object:
        monkeypatch.undo()
        other = Thread(target=take)
        other.start()
        other.join()
        return chosen(*asked)

    if database == "postgresql":  # on SQLite nobody begins while another writes
        monkeypatch.setattr(WantedLetter, "_with", staticmethod(just_after_another))
        take()
    else:
        take(), take()
    assert taken == [3, 0]


@pytest.mark.parametrize("fate", ["disputed", "damaged"])
def test_one_that_falls_out_while_others_are_printed_leaves_one_letter_about_the_rest(
    session, cast: Cast, post, work, monkeypatch, fate: str
) -> None:
    client, clerk_id = make_client(session, cast.clerk), cast.clerk.id
    make_contact(session, client)
    ids, printed = [make_invoice(session, client, on=TODAY).id for _ in range(4)], mailing.stored_pdf

    def meanwhile(invoice: Invoice) -> StoredFile:
        if invoice.id == ids[1] and fate == "damaged":
            raise ValueError("no such font")
        if invoice.id == ids[2] and fate == "disputed":
            with transaction() as other:
                other.add(other.get_one(Invoice, ids[1]).dispute("sum", "", by=other.get_one(User, clerk_id), at=now()))
        return printed(invoice)

    monkeypatch.setattr(mailing, "stored_pdf", meanwhile)
    work(lambda: ask_for_letters(LetterKind.REMINDER, ids, clerk_id))
    assert [len([*read.iter_attachments()]) for read in post.letters] == [3]
    assert set(session.scalars(select(Reminder.invoice_id))) == {ids[0], *ids[2:]}
    assert len(session.scalars(select(WantedLetter)).all()) == (1 if fate == "damaged" else 0)


def test_a_colleague_who_was_faster_with_one_invoice_keeps_nobody_from_the_others(
    session, cast: Cast, post, work, monkeypatch
) -> None:
    client, clerk_id = make_client(session, cast.clerk), cast.clerk.id
    make_contact(session, client)
    ids = [make_invoice(session, client, on=TODAY).id for _ in range(3)]
    month = month_of(cast.company.today(now()))
    Reminder.note(session, make_letter(session, client), ids[1:2], month)
    monkeypatch.setattr(Reminder, "noted", lambda *asked: set())  # as it was when this worker looked
    work(lambda: ask_for_letters(LetterKind.REMINDER, ids, clerk_id))
    assert sorted(session.scalars(select(Reminder.invoice_id))) == ids
    assert [len([*read.iter_attachments()]) for read in post.letters] == [0, 1, 1]
    assert session.scalars(select(WantedLetter)).all() == []


def test_a_worker_killed_among_many_invoices_loses_none_and_repeats_none(
    session, cast: Cast, post, work, monkeypatch
) -> None:
    clients = [make_client(session, cast.clerk) for _ in range(3)]
    for client in clients:
        make_contact(session, client)
    ids = [make_invoice(session, client, on=TODAY).id for client in (*clients, clients[1])]
    clerk_id, printed = cast.clerk.id, mailing.stored_pdf

    def killed(invoice: Invoice) -> StoredFile:
        if invoice.id == ids[3]:
            raise KeyboardInterrupt
        return printed(invoice)

    monkeypatch.setattr(mailing, "stored_pdf", killed)
    work(lambda: ask_for_letters(LetterKind.REMINDER, ids, clerk_id))
    assert len(session.scalars(select(Letter)).all()) == 2
    monkeypatch.setattr(mailing, "stored_pdf", printed)
    work(lambda: ask_for_letters(LetterKind.REMINDER, ids, clerk_id))
    assert len(post.taken) == 2
    left = session.scalars(select(WantedLetter).order_by(WantedLetter.id)).all()
    assert [(each.invoice_id, each.attempts) for each in left] == [(ids[1], 1), (ids[3], 1)]
    work(write_what_is_wanted)
    assert len(post.taken) == 2
    for each in left:
        each.tried_at = now() - LEFT - timedelta(minutes=1)
    work(write_what_is_wanted)
    assert sorted(session.scalars(select(Reminder.invoice_id))) == ids
    assert (len(post.taken), session.scalars(select(WantedLetter)).all()) == (3, [])
    WantedLetter.ask(session, LetterKind.INVOICE, ids[:1], None)
    session.scalars(select(WantedLetter)).one().attempts = MOST_ATTEMPTS
    work(write_what_is_wanted)
    assert (len(post.taken), session.scalars(select(WantedLetter)).all()) == (3, [])


def test_what_cannot_be_printed_keeps_the_clients_other_invoices_from_no_reminder(
    session, cast: Cast, post, work, monkeypatch
) -> None:
    client, clerk_id = make_client(session, cast.clerk), cast.clerk.id
    make_contact(session, client)
    ids = [make_invoice(session, client, on=TODAY).id for _ in range(3)]
    printed = mailing.stored_pdf

    def broken(invoice: Invoice) -> StoredFile:
        if invoice.id == ids[1]:
            raise KeyboardInterrupt
        return printed(invoice)

    monkeypatch.setattr(mailing, "stored_pdf", broken)
    work(lambda: ask_for_letters(LetterKind.REMINDER, ids, clerk_id))
    for _ in range(MOST_ATTEMPTS + 2):
        session.execute(update(WantedLetter).values(tried_at=now() - LEFT - timedelta(minutes=1)))
        work(write_what_is_wanted)
    assert set(session.scalars(select(Reminder.invoice_id))) == {ids[0], ids[2]}
    assert session.scalars(select(WantedLetter)).all() == []


@pytest.mark.parametrize(("host", "said"), [("127.0.0.1", PASSWORD), ("evil.test", ""), ("", "")])
def test_the_password_goes_to_the_server_it_is_for_only(
    session, cast: Cast, world: World, sign_in, monkeypatch, host: str, said: str
) -> None:
    given = {"SMTP_HOST": host, "SMTP_PASSWORD": PASSWORD}
    monkeypatch.setitem(world.app.config, "BATON", replace(Settings.from_environment(given), testing=True))
    company = cast.company
    company.mail_host, company.mail_from, company.mail_user = "127.0.0.1", "office@baton.test", "office"
    session.commit()
    with world.app.app_context():
        assert posting.server_of(company).password == said
    text = sign_in(cast.administrator).get("/settings").text
    assert ("for another server" in text, PASSWORD in text) == (not said, False)
