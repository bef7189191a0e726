"""Letters in the browser: a proposal goes out, one comes to grief and is put right, the words are the company's own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import line, make_client, make_contact, make_deal, make_invoice, make_letter
from tests.support.mail import Post, PostOffice
from webapp.domain.file import StoredFile
from webapp.domain.invoice import Invoice
from webapp.domain.letter_state import LetterState
from webapp.domain.mail_settings import MailSecurity
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_content import content
from webapp.web.clock import now

pytestmark = pytest.mark.fresh


@pytest.fixture
def post(session: Session, cast: Cast) -> Iterator[Post]:
    office = PostOffice()
    office.start()
    company = cast.company
    company.mail_host, company.mail_port, company.mail_from = "127.0.0.1", office.port, "office@baton.test"
    company.mail_security = MailSecurity.NONE
    session.commit()
    yield office.post
    office.close()


@pytest.fixture
def version(session: Session, cast: Cast) -> ProposalVersion:
    """A proposal that was sent, with its PDF."""
    client = make_client(session, cast.hunter, name="Ромашка")
    make_contact(session, client, "Irina Boss", email="irina@client.test")
    make_contact(session, client, "Pavel Payer", email="pavel@client.test")
    deal, at = make_deal(session, client, line(), name="Connect the office"), now()
    version = Proposal.draft(session, deal, by=cast.hunter, at=at).last
    shown = content(version, cast.company, author=cast.hunter, at=at)
    session.add(version.send(shown, by=cast.hunter, at=at, seen=version.version))
    session.add(version.store(StoredFile.store(session, b"%PDF-1.7 proposal", "application/pdf"), at=at))
    session.commit()
    return version


@pytest.fixture
def invoice(session: Session, cast: Cast) -> Invoice:
    client = make_client(session, cast.clerk, name="Закрытое акционерное общество «Волжский завод металлоконструкций»")
    make_contact(session, client, "Pavel Payer", email="pavel@client.test")
    invoice = make_invoice(session, client)
    invoice.file = StoredFile.store(session, b"%PDF-1.7 invoice", "application/pdf")
    session.commit()
    return invoice


def test_a_proposal_is_mailed_from_its_page(cast: Cast, version, post: Post, page_for) -> None:
    page: Page = page_for(cast.hunter)
    page.goto(f"/proposals/{version.proposal_id}")
    page.get_by_role("link", name="Send by e-mail").click()
    expect(page.get_by_label("Text")).to_contain_text("Connect the office")
    page.get_by_label("To", exact=True).select_option(label="Pavel Payer")
    page.get_by_label("Subject").fill("Ваше подключение")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("The letter goes out now")).to_be_visible()
    ((_, to, _),), (letter,) = post.taken, post.letters
    assert (to, letter["Subject"]) == (["pavel@client.test"], "Ваше подключение")
    page.goto("/letters")
    expect(page.get_by_role("row").filter(has_text="Ваше подключение")).to_contain_text("Sent")


def test_a_letter_that_the_server_refused_is_seen_and_put_right(cast: Cast, invoice, post: Post, page_for) -> None:
    post.answers = {"rcpt": "550 5.1.1 no such user"}
    page: Page = page_for(cast.clerk)
    page.goto(f"/invoices/{invoice.id}")
    page.get_by_role("link", name="Send by e-mail").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("The letter goes out now")).to_be_visible()
    page.goto(f"/clients/{invoice.client_id}")
    expect(page.locator(".notice-bad")).to_contain_text("550 5.1.1 no such user")
    page.get_by_role("link", name="Open the letter").click()
    post.answers = {}
    page.get_by_role("link", name="Send again").click()
    page.get_by_role("dialog").get_by_label("E-mail").fill("buchhaltung@client.test")
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.locator("#state")).to_contain_text("250 OK")
    assert post.taken[0][1] == ["buchhaltung@client.test"]


def test_a_doubtful_letter_is_settled_without_javascript(session, cast: Cast, invoice, post, page_for) -> None:
    letter = make_letter(session, invoice.client)
    session.add_all([letter.begin(at=now()), letter.lose("", at=now())])
    session.commit()
    page: Page = page_for(cast.clerk, scripts=False)
    page.goto(f"/letters/{letter.id}")
    expect(page.locator(".notice-warn")).to_contain_text("it may have arrived")
    page.get_by_role("button", name="It arrived").click()
    expect(page.locator("#state .badge")).to_have_text("Sent")


def test_a_head_tries_the_companys_words_before_saving_them(cast: Cast, post, page_for) -> None:
    page: Page = page_for(cast.head_of_client)
    page.goto("/letters")
    page.get_by_role("link", name="Words of letters").click()
    page.get_by_role("region", name="First reminder", exact=True).get_by_role("link", name="Русский").click()
    page.get_by_label("Subject").fill("Счёт {number} не оплачен")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Счёт 17/2026 не оплачен")
    page.get_by_label("Subject").fill("Счёт {nummer}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#subject-field")).to_contain_text("{nummer}")
    page.get_by_label("Subject").fill("Счёт {number} не оплачен")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("your own words")).to_be_visible()


def test_chosen_invoices_are_reminded_of_after_a_preview(session, cast: Cast, invoice, post, page_for, look) -> None:
    silent = make_invoice(session, make_client(session, cast.clerk, name="Silent"))
    session.commit()
    page: Page = page_for(cast.clerk)
    page.goto("/invoices")
    for each in (invoice, silent):
        page.get_by_label(f"Choose invoice {each.label}").check()
    look(page)
    page.get_by_role("button", name="Remind").click()
    expect(page.locator("#left-out")).to_contain_text("No contact of this client")
    look(page)
    assert post.taken == []
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("1 letter goes out now.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("row").filter(has_text=invoice.label)).to_contain_text("Sent")
    assert len(post.taken) == 1


def test_the_screens_are_accessible_and_fit(session, cast: Cast, invoice, version, post, page_for, look) -> None:
    """In Russian, whose words are the longer ones."""
    cast.director.language = "ru"
    letters = [make_letter(session, invoice.client, subject="Счёт № 17/2026 " + "длинный " * 12) for _ in LetterState]
    answer = "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table"
    for letter, state in zip(letters, LetterState, strict=True):
        letter.state, letter.answer = state, answer if letter.troubled else ""
    session.commit()
    page = page_for(cast.director)
    paths = [
        "/letters",
        f"/clients/{invoice.client_id}",
        f"/invoices/{invoice.id}/letter",
        f"/invoices/{invoice.id}/reminder",
        f"/proposals/versions/{version.id}/letter",
        f"/letters/{letters[0].id}/again",
        f"/letters/{letters[0].id}/return",
        "/settings/letters/last_reminder/ru",
        "/settings",
        *(f"/letters/{letter.id}" for letter in letters),
    ]
    for path in paths:
        page.goto(path)
        look(page, last=True)
