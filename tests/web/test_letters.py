"""Letters on the screen: written from a proposal or an invoice, followed, and decided about."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast, seat_day, TODAY
from tests.factories import line, make_client, make_contact, make_deal, make_invoice, make_letter
from tests.support.client import soup, StrictClient
from tests.support.mail import Post, PostOffice
from webapp.domain.client import Client
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.invoice import Invoice
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind, LetterState
from webapp.domain.letter_text import LetterText, TextKind
from webapp.domain.mail_settings import MailSecurity
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_content import content
from webapp.domain.reminder import Reminder
from webapp.domain.share_link import ShareLink
from webapp.web.clock import now

SignIn = Callable[..., StrictClient]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    office = PostOffice()
    office.start()
    yield office
    office.close()


@pytest.fixture
def post(office: PostOffice, cast: Cast) -> Post:
    company = cast.company
    company.mail_host, company.mail_port, company.mail_from = "127.0.0.1", office.port, "office@baton.test"
    company.mail_security = MailSecurity.NONE
    return office.post


@pytest.fixture
def firm(session: Session, cast: Cast) -> Client:
    client = make_client(session, cast.clerk, name="Romashka")
    make_contact(session, client, "Ulyana User", email="ulyana@client.test")
    make_contact(session, client, "Paul Payer", email="paul@client.test", decision_role=DecisionRole.PAYS)
    return client


@pytest.fixture
def invoice(session: Session, firm: Client) -> Invoice:
    invoice = make_invoice(session, firm, 12_345_00)
    invoice.file = StoredFile.store(session, b"%PDF-1.7 invoice", "application/pdf")
    return invoice


def proposal_of(session: Session, cast: Cast, *, ago: timedelta = timedelta()) -> ProposalVersion:
    client = make_client(session, cast.hunter, name="Romashka")
    make_contact(session, client, "Dora Decider", email="dora@client.test", decision_role=DecisionRole.DECIDES)
    deal = make_deal(session, client, line(), name="Connect the office")
    at = now() - ago
    version = Proposal.draft(session, deal, by=cast.hunter, at=at).last
    shown = content(version, cast.company, author=cast.hunter, at=at)
    session.add(version.send(shown, by=cast.hunter, at=at, seen=version.version))
    session.add(version.store(StoredFile.store(session, b"%PDF-1.7 proposal", "application/pdf"), at=at))
    session.flush()
    return version


def the_letter(session: Session) -> Letter:
    return session.scalars(select(Letter)).one()


def test_a_proposal_goes_out_with_its_stored_pdf(session, cast: Cast, post: Post, sign_in: SignIn) -> None:
    version = proposal_of(session, cast)
    hunter = sign_in(cast.hunter)
    page = hunter.get(f"/proposals/versions/{version.id}/letter")
    assert "Connect the office" in soup(page).select_one("#body").get_text()
    answer = hunter.submit(page, "#form-part form", subject="Our proposal", body="Dear {contact},\n\nhere it is.\n")
    assert answer.status_code == 303
    ((sender, to, _),), (read,) = post.taken, post.letters
    assert (sender, to, read["Subject"]) == ("office@baton.test", ["dora@client.test"], "Our proposal")
    assert read.get_body(("plain",)).get_content().startswith("Dear Dora Decider,")
    (file,) = read.iter_attachments()
    assert file.get_content() == b"%PDF-1.7 proposal"
    assert file.get_filename() == f"{version.proposal.label} v1 Romashka.pdf"
    assert the_letter(session).state is LetterState.SENT
    assert "Our proposal" in hunter.get(f"/clients/{version.proposal.deal.client_id}").text
    assert session.scalars(select(ShareLink)).all() == []


def test_a_proposals_letter_names_the_page_on_which_it_is_accepted(session, cast, post, sign_in, client) -> None:
    version = proposal_of(session, cast)
    hunter = sign_in(cast.hunter)
    page = hunter.get(f"/proposals/versions/{version.id}/letter")
    assert session.scalars(select(ShareLink)).all() == []  # what nobody got opens nothing
    for _ in range(2):
        hunter.submit(page, "#form-part form")
        assert hunter.submit(hunter.get(page.request.path), "#form-part form").status_code == 422
    (read,) = post.letters
    address = re.search(r"here: http://localhost(/p/(\S+))", read.get_body(("plain",)).get_content())
    assert "Connect the office" in client.get(address[1]).text
    (link,) = session.scalars(select(ShareLink))
    assert (link.shared, link.made_by, link.openings) == (version, cast.hunter, 1)
    assert address[2] not in hunter.get(f"/letters/{the_letter(session).id}").text


@pytest.mark.parametrize("over", ["expired", "won"])
def test_a_letter_names_no_page_where_nothing_can_be_accepted_any_more(session, cast, post, sign_in, over) -> None:
    version = proposal_of(session, cast, ago=timedelta(days=90 if over == "expired" else 0))
    assert (version.valid_until < seat_day()) is (over == "expired")
    deal = version.proposal.deal
    if over == "won":
        session.add(deal.win(by=cast.hunter, at=now(), seen=deal.version))
    hunter = sign_in(cast.hunter)
    page = hunter.get(f"/proposals/versions/{version.id}/letter")
    body = soup(page).select_one("#body").get_text()
    assert "Connect the office" in body
    assert "here:" not in body
    answer = hunter.submit(page, "#form-part form", body="Accept it here: {link}")  # it could have been on the screen
    assert (answer.status_code, "Nothing fills {link}" in answer.text) == (422, True)
    assert post.taken == []


def test_the_key_of_a_proposals_page_stands_in_no_subject(session, cast, post, sign_in) -> None:
    """Colleagues read all subjects."""
    version, hunter = proposal_of(session, cast), sign_in(cast.hunter)
    page = hunter.get(f"/proposals/versions/{version.id}/letter")
    answer = hunter.submit(page, "#form-part form", subject="Ours: {link}")
    assert (answer.status_code, "{link} may stand in the text only" in answer.text) == (422, True)
    assert session.scalars(select(ShareLink)).all() == []
    office = sign_in(cast.administrator)
    for kind in ("proposal", "launch"):
        text = office.get(f"/settings/letters/{kind}/en")
        refused = office.submit(text, "main form.stack", subject="See {link}")
        assert (refused.status_code, "{link} may stand in the text only" in refused.text) == (422, True)


def test_the_same_form_twice_sends_one_letter(session, cast: Cast, post: Post, sign_in: SignIn) -> None:
    version = proposal_of(session, cast)
    hunter = sign_in(cast.hunter)
    page = hunter.get(f"/proposals/versions/{version.id}/letter")
    for _ in range(2):
        assert hunter.submit(page, "#form-part form").status_code == 303
    again = hunter.submit(hunter.get(f"/proposals/versions/{version.id}/letter"), "#form-part form")
    assert again.status_code == 422
    assert "written already" in again.text
    assert len(post.taken) == 1


def test_an_invoice_goes_to_who_pays_in_the_companys_words(session, cast: Cast, invoice, post, sign_in) -> None:
    words = "{contact}: {sum} until {due}. {author}, {company}"
    LetterText.keep(session, TextKind.INVOICE, "en", "Pay {number}", words, by=cast.director, at=now())
    clerk = sign_in(cast.clerk)
    clerk.submit(clerk.get(f"/invoices/{invoice.id}/letter"), "#form-part form")
    (read,) = post.letters
    assert (read["To"], read["Subject"]) == ("paul@client.test", f"Pay {invoice.label}")
    text = read.get_body(("plain",)).get_content().strip()
    assert text == "Paul Payer: 12,345.00\N{NO-BREAK SPACE}RUB until March 2, 2026. Clara Clerk, Baton Ltd"
    assert [part.get_filename() for part in read.iter_attachments()] == [f"Invoice {invoice.number}-2026.pdf"]


def test_nobody_writes_to_a_contact_who_left(session, cast: Cast, firm: Client, invoice, post, sign_in) -> None:
    clerk, payer = sign_in(cast.clerk), firm.contacts[1]
    written = clerk.get(f"/invoices/{invoice.id}/letter")
    session.add(payer.leave(by=cast.clerk, at=now()))
    assert clerk.submit(written, "#form-part form").status_code == 422
    asked = clerk.get(f"/invoices/{invoice.id}/letter")
    assert [option.text for option in soup(asked).select("#contact_id option")] == ["Ulyana User"]
    assert clerk.submit(asked, "#form-part form").status_code == 303
    assert the_letter(session).address == "ulyana@client.test"
    session.add(firm.contacts[0].leave(by=cast.clerk, at=now()))
    clerk.get(f"/invoices/{invoice.id}/reminder")
    assert "No contact of this client has an e-mail address" in clerk.get(f"/invoices/{invoice.id}").text
    deal = make_deal(session, firm, line())
    version = Proposal.draft(session, deal, by=cast.clerk, at=now()).last
    assert version.contact is None
    assert "Payer" not in clerk.get(f"/proposals/versions/{version.id}/edit").text


def test_reminders_grow_firmer_and_come_once_a_month(session, cast: Cast, invoice, post, sign_in) -> None:
    clerk = sign_in(cast.clerk)
    first = clerk.get(f"/invoices/{invoice.id}/reminder")
    assert soup(first).select_one("#subject")["value"] == f"Reminder: invoice {invoice.label}"
    clerk.submit(first, "#form-part form")
    assert clerk.submit(first, "#form-part form").status_code == 303, "the same once more leads to the same page"
    again = clerk.submit(first, "#form-part form", once="another", body="My own words")
    assert (again.status_code, "written already" in again.text, "My own words" in again.text) == (422, True, True)
    letter = the_letter(session)
    assert letter.kind is LetterKind.REMINDER
    letter.purpose = f"reminder:{invoice.id}:2026-03"
    session.scalars(select(Reminder)).one().month = date(2026, 3, 1)
    second = clerk.get(f"/invoices/{invoice.id}/reminder")
    assert soup(second).select_one("#subject")["value"] == f"Second reminder: invoice {invoice.label} is not paid"
    assert len(post.taken) == 1


def test_a_disputed_invoice_gets_no_reminder(session, cast: Cast, invoice: Invoice, post: Post, sign_in) -> None:
    session.add(invoice.dispute("sum", "", by=cast.clerk, at=now()))
    clerk = sign_in(cast.clerk)
    page = clerk.get(f"/invoices/{invoice.id}/reminder", follow_redirects=True)
    assert "disputes this invoice" in page.text
    assert session.scalars(select(Letter)).all() == []


def test_an_invoice_that_nobody_printed_is_printed_for_its_letter(session, cast, invoice, post, sign_in) -> None:
    invoice.file = None
    clerk = sign_in(cast.clerk)
    clerk.submit(clerk.get(f"/invoices/{invoice.id}/letter"), "#form-part form")
    (file,) = post.letters[0].iter_attachments()
    assert file.get_content().startswith(b"%PDF-1.7")
    assert len(file.get_content()) > 5000


@pytest.mark.parametrize("lack", ["server", "address", "payment"])
def test_before_anybody_types_it_is_said_what_is_missing(session, cast, invoice, post, sign_in, lack: str) -> None:
    if lack == "server":
        cast.company.mail_host = ""
    elif lack == "address":
        for contact in session.scalars(select(Contact)):
            contact.email = ""
    else:
        session.add(invoice.credit(session, 12_345_00, "x", by=cast.clerk, at=now(), on=TODAY, seen=invoice.version))
    expected = {"server": "not set up", "address": "No contact", "payment": "Nothing is owed"}[lack]
    page = sign_in(cast.clerk).get(f"/invoices/{invoice.id}/letter", follow_redirects=True)
    assert expected in page.text


def test_a_letter_that_was_refused_is_seen_on_the_client_and_sent_to_a_better_address(
    session, cast: Cast, invoice: Invoice, post: Post, sign_in: SignIn
) -> None:
    post.answers = {"rcpt": "550 5.1.1 <paul@client.test> no such user"}
    clerk = sign_in(cast.clerk)
    clerk.submit(clerk.get(f"/invoices/{invoice.id}/letter"), "#form-part form")
    letter = the_letter(session)
    page = clerk.get(f"/clients/{invoice.client_id}")
    notice = soup(page).select_one(".notice-bad").get_text()
    assert "550 5.1.1 <…> no such user" in notice
    assert "Could not send a letter" in soup(page).select_one("#timeline").get_text()
    post.answers = {}
    form = clerk.get(f"/letters/{letter.id}/again")
    assert clerk.submit(form, "#form-part form", address="new@client.test").status_code == 303
    assert (letter.state, post.taken[0][1]) == (LetterState.SENT, ["new@client.test"])
    assert soup(clerk.get(f"/clients/{invoice.client_id}")).select_one(".notice-bad") is None


def test_a_doubtful_letter_waits_for_a_decision(session, cast: Cast, invoice, post, sign_in) -> None:
    post.drops = {"taken"}
    clerk = sign_in(cast.clerk)
    clerk.submit(clerk.get(f"/invoices/{invoice.id}/letter"), "#form-part form")
    letter = the_letter(session)
    assert letter.state is LetterState.UNSURE
    assert "Perhaps sent" in soup(clerk.get(f"/clients/{invoice.client_id}")).select_one(".notice-warn").get_text()
    clerk.submit(clerk.get(f"/letters/{letter.id}"), "#arrived")
    assert letter.state is LetterState.SENT
    assert clerk.post(f"/letters/{letter.id}/arrival").status_code == 409


def test_a_person_records_that_a_letter_came_back(session, cast: Cast, invoice, post, sign_in) -> None:
    clerk = sign_in(cast.clerk)
    clerk.submit(clerk.get(f"/invoices/{invoice.id}/letter"), "#form-part form")
    letter = the_letter(session)
    form = clerk.get(f"/letters/{letter.id}/return")
    clerk.submit(form, "#form-part form", reason="Mailbox of paul@client.test is full")
    assert (letter.state, letter.answer) == (LetterState.BOUNCED, "Mailbox of … is full")
    clerk.submit(clerk.get(f"/letters/{letter.id}"), "#cancel")
    assert letter.state is LetterState.CANCELLED


def test_the_mail_server_hands_over_what_came_back(session, cast: Cast, invoice, post, sign_in, app) -> None:
    clerk = sign_in(cast.clerk)
    clerk.submit(clerk.get(f"/invoices/{invoice.id}/letter"), "#form-part form")
    letter = the_letter(session)
    session.commit()
    raw = (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n"
        "Final-Recipient: rfc822; paul@client.test\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        "Diagnostic-Code: smtp; 552 mailbox full\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {letter.message_id}\r\n\r\n--b--\r\n"
    ).encode()
    run = app.test_cli_runner().invoke
    assert run(args=["bounce"], input=raw).output == "Noted\n"
    assert run(args=["bounce"], input=raw).output.startswith("No letter of ours")
    assert run(args=["bounce"], input=b"Subject: Thanks\r\n\r\nHello").exit_code == 0
    session.rollback()
    assert (letter.state, letter.answer) == (LetterState.BOUNCED, "5.2.2 smtp; 552 mailbox full")
    told = session.scalars(select(Event).where(Event.kind == "letter:bounced")).one()
    assert (told.actor_id, told.client_id) == (None, invoice.client_id)


def test_addresses_are_masked_outside_the_department(session, cast: Cast, firm: Client, sign_in: SignIn) -> None:
    letter = make_letter(session, firm, address="secret@client.test")
    assert "secret@client.test" in sign_in(cast.clerk).get(f"/letters/{letter.id}").text
    for path in (f"/letters/{letter.id}", "/letters", f"/clients/{firm.id}"):
        assert "secret@client.test" not in sign_in(cast.hunter).get(path).text


def test_who_does_not_answer_for_the_client_decides_nothing(session, cast: Cast, firm: Client, sign_in) -> None:
    letter = make_letter(session, firm)
    hunter = sign_in(cast.hunter)
    for action in ("again", "return", "arrival", "cancel"):
        assert hunter.post(f"/letters/{letter.id}/{action}").status_code == 403
    assert sign_in(cast.administrator).get(f"/letters/{letter.id}").status_code == 403
    assert letter.state is LetterState.WAITING


def test_the_list_shows_trouble_first_and_costs_the_same_for_many(session, cast, firm, sign_in, statements) -> None:
    letters = [make_letter(session, firm, subject=f"Letter {number}") for number in range(3)]
    letters[0].state = LetterState.BOUNCED
    clerk = sign_in(cast.clerk)
    session.commit()
    with statements() as few:
        page = clerk.get("/letters")
    assert [row.get_text() for row in soup(page).select("tbody th a")] == ["Letter 0", "Letter 2", "Letter 1"]
    assert "1 letter needs a decision" in page.text
    for number in range(3, 60):
        make_letter(session, firm, subject=f"Letter {number}")
    session.commit()
    with statements() as many:
        page = clerk.get("/letters")
    assert len(few) == len(many)
    rows = soup(page).select("tbody tr")
    assert len(rows) == 50
    following = clerk.get(soup(page).select_one('a[rel="next"]')["href"])
    assert [row.get_text() for row in soup(following).select("tbody th a")] == [f"Letter {n}" for n in range(10, 0, -1)]
    assert len(soup(clerk.get("/letters?state=bounced")).select("tbody tr")) == 1
    for odd in ("state=x", "after=x", "after=1-999999999999999999999", "client=-1"):
        assert clerk.get(f"/letters?{odd}").status_code == 200


def test_an_administrator_sets_e_mail_up_and_tries_it(session, cast: Cast, office: PostOffice, sign_in) -> None:
    admin = sign_in(cast.administrator)
    answer = admin.submit(
        admin.get("/settings"), "#mail-form", mail_host="127.0.0.1", mail_port=str(office.port), mail_security="none",
        mail_from="Office@Baton.Test",
    )  # fmt: skip
    assert answer.status_code == 303
    tried = admin.submit(admin.get("/settings"), "#mail-test", address="me@baton.test")
    assert "The server took the test message: 250 OK" in admin.get(tried.location).text
    assert office.post.taken[0][:2] == ("office@baton.test", ["me@baton.test"])
    office.post.answers = {"rcpt": "550 relaying denied"}
    tried = admin.submit(admin.get("/settings"), "#mail-test", address="me@baton.test")
    assert "550 relaying denied" in admin.get(tried.location).text
    office.close()
    tried = admin.submit(admin.get("/settings"), "#mail-test", address="me@baton.test")
    assert "ConnectionRefusedError" in admin.get(tried.location).text


def test_a_server_that_cannot_work_is_refused_at_its_field(cast: Cast, sign_in: SignIn) -> None:
    admin = sign_in(cast.administrator)
    answer = admin.submit(admin.get("/settings"), "#mail-form", mail_host="smtp.example.com", mail_from="")
    assert answer.status_code == 422
    assert soup(answer).select_one("#mail_from")["aria-invalid"] == "true"


def test_heads_write_the_companys_words(session, cast: Cast, sign_in: SignIn) -> None:
    head = sign_in(cast.head_of_client)
    page = head.get("/settings/letters/invoice/ru")
    assert "Направляем счёт" in soup(page).select_one("#body").get_text()
    looked = head.submit(page, "#words", subject="Счёт {number}", body="Заплатите {sum}", then="look")
    assert "Заплатите 100" in soup(looked).select_one("#preview").get_text()
    assert session.scalars(select(LetterText)).all() == []
    wrong = head.submit(page, "#words", body="Заплатите {summa}")
    assert wrong.status_code == 422
    assert "{summa}" in soup(wrong).select_one("#body-field .field-error").get_text()
    head.submit(page, "#words", subject="Счёт {number}", body="<b>bold</b> & {client}")
    kept = session.scalars(select(LetterText)).one()
    assert kept.body == "<b>bold</b> & {client}"
    assert "your own words" in head.get("/settings/letters").text
    head.submit(head.get("/settings/letters/invoice/ru"), "#shipped")
    session.expire_all()
    assert session.scalars(select(LetterText)).all() == []


def test_a_removed_contacts_address_is_forgotten_and_nothing_more_goes_there(session, cast, firm, sign_in) -> None:
    paul = next(contact for contact in firm.contacts if contact.name == "Paul Payer")
    sent, waiting = (make_letter(session, firm, contact=paul, address=paul.email) for _ in range(2))
    sent.state = LetterState.SENT
    clerk = sign_in(cast.clerk)
    assert clerk.post(f"/contacts/{paul.id}/remove").status_code == 303
    assert (sent.address, waiting.address) == ("", "")
    assert (sent.state, waiting.state) == (LetterState.SENT, LetterState.CANCELLED)
    assert clerk.get(f"/letters/{waiting.id}").status_code == 200
    refused = clerk.submit(clerk.get(f"/letters/{waiting.id}/again"), "#form-part form", address="")
    assert refused.status_code == 422


def test_chosen_invoices_go_out_after_a_preview_that_says_what_is_left_out(
    session, cast: Cast, firm: Client, invoice: Invoice, post: Post, sign_in: SignIn, statements
) -> None:
    second, disputed = make_invoice(session, firm), make_invoice(session, firm)
    silent = make_invoice(session, make_client(session, cast.clerk, name="Silent"))
    session.add(disputed.dispute("sum", "", by=cast.clerk, at=now()))
    session.flush()
    ids = [one.id for one in (invoice, second, disputed, silent)]
    clerk = sign_in(cast.clerk)
    assert len(soup(clerk.get("/invoices")).select('input[form="batch"]')) == 4
    page = clerk.post("/invoices/letters/preview", data={"kind": "reminder", "invoice": ids})
    (letter,) = soup(page).select("#good li")
    assert letter.select_one("small").text == f"Invoices {invoice.label}, {second.label} · Paul Payer"
    left_out = soup(page).select_one("#left-out").get_text()
    assert "disputes this invoice" in left_out
    assert "No contact" in left_out
    assert post.taken == []
    for _ in range(2):
        clerk.post("/invoices/letters", data={"kind": "reminder", "invoice": ids})
    assert [len([*read.iter_attachments()]) for read in post.letters] == [2]
    again = clerk.post("/invoices/letters/preview", data={"kind": "reminder", "invoice": ids})
    assert "written already" in soup(again).select_one("#left-out").get_text()
    counts = []
    for some in (ids[:1], ids):
        session.commit()
        with statements() as seen:
            clerk.post("/invoices/letters/preview", data={"kind": "invoice", "invoice": some})
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert clerk.post("/invoices/letters/preview", data={"kind": "invoice", "invoice": ["x", "-1"]}).status_code == 303
    assert clerk.post("/invoices/letters", data={"kind": "proposal"}).status_code == 400
    assert sign_in(cast.hunter).post("/invoices/letters", data={"kind": "invoice"}).status_code == 403


@pytest.mark.parametrize("part", ["clerk", "hunter", "vip"])
def test_members_do_not(cast: Cast, sign_in: SignIn, part: str) -> None:
    assert sign_in(getattr(cast, part)).get("/settings/letters").status_code == 403
