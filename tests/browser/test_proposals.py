"""A hunter makes a proposal from a deal, looks at it, sends it and downloads what was stored."""

from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import line, make_client, make_contact, make_deal
from webapp.domain.deal import Deal
from webapp.domain.product import Billing
from webapp.domain.proposal import Proposal
from webapp.printing import print_version
from webapp.web.clock import now

pytestmark = pytest.mark.fresh


@pytest.fixture
def deal(session: Session, cast: Cast) -> Deal:
    client = make_client(session, cast.hunter, name="Ромашка", inn="7707083893", city="Москва")
    make_contact(session, client, "Irina Boss", position="director")
    lines = (line(1_220_00, quantity=2, name="Set-up"), line(300_00, name="Care", billing=Billing.MONTHLY))
    deal = make_deal(session, client, *lines, name="Connect the office")
    session.commit()
    return deal


def drafted(session: Session, cast: Cast, deal: Deal) -> Proposal:
    proposal = Proposal.draft(session, deal, by=cast.hunter, at=now())
    session.commit()
    return proposal


def test_the_whole_way_from_a_draft_to_the_stored_pdf(session, cast, deal, page_for, tmp_path: Path) -> None:
    page: Page = page_for(cast.hunter)
    page.goto(f"/deals/{deal.id}")
    page.get_by_role("button", name="Make a proposal").click()
    totals = page.locator("#totals")
    expect(totals).to_contain_text("2,440.00")

    page.get_by_label("Quantity", exact=True).first.fill("3")
    expect(totals).to_contain_text("3,660.00")
    page.get_by_label("Discount, %").first.fill("10")
    expect(totals).to_contain_text("3,294.00")
    page.get_by_role("button", name="Add a line").click()
    expect(page.get_by_label("Item", exact=True).nth(2)).to_be_focused()
    page.get_by_label("Item", exact=True).nth(2).fill("Router")
    page.get_by_label("Price", exact=True).nth(2).fill("1 000,50")
    expect(totals).to_contain_text("4,294.50")
    page.get_by_role("button", name="Remove the line").nth(1).click()
    expect(totals).not_to_contain_text("Total per month")
    page.get_by_label("The task, in the client's words").fill("You asked to **connect** the office.")
    page.get_by_role("button", name="Save and look").click()

    document = page.frame_locator("iframe.document")
    expect(document.get_by_role("heading", name="Connect the office")).to_be_visible()
    expect(document.locator("strong")).to_have_text("connect")
    expect(document.get_by_text("4,294.50").first).to_be_visible()

    page.get_by_role("button", name="Send").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Send").click()
    link = page.get_by_role("link", name="Download PDF")
    expect(link).to_be_visible()
    with page.expect_download() as got:
        link.click()
    assert got.value.suggested_filename == f"P-{now().year}-1 v1 Ромашка.pdf"
    got.value.save_as(tmp_path / "proposal.pdf")
    shown = page.locator("#sha256").inner_text()
    assert sha256((tmp_path / "proposal.pdf").read_bytes()).hexdigest() == shown

    page.get_by_role("button", name="Next version").click()
    expect(page.get_by_text("Version 2, draft")).to_be_visible()
    expect(page.get_by_label("Item", exact=True).nth(1)).to_have_value("Router")


def test_the_page_follows_the_print_by_itself(session, cast, deal, page_for, app, monkeypatch) -> None:
    monkeypatch.setattr("webapp.web.proposals.later", lambda job, version_id: None)  # the worker is busy
    proposal = drafted(session, cast, deal)
    version_id = proposal.last.id
    page = page_for(cast.hunter)
    page.goto(f"/proposals/{proposal.id}")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Send").click()
    expect(page.get_by_text("The PDF is being printed")).to_be_visible()
    expect(page.get_by_role("link", name="Download PDF")).to_be_hidden()
    with app.app_context():
        print_version(version_id)
    expect(page.get_by_role("link", name="Download PDF")).to_be_visible()
    expect(page.get_by_text("The PDF is being printed")).to_be_hidden()


def test_lines_are_written_without_javascript(session, cast, deal, page_for) -> None:
    proposal = drafted(session, cast, deal)
    page = page_for(cast.hunter, scripts=False)
    page.goto(f"/proposals/versions/{proposal.last.id}/edit")
    page.get_by_role("button", name="Save and add a line").click()
    page.get_by_label("Item", exact=True).nth(2).fill("Router")
    page.get_by_label("Price", exact=True).nth(2).fill("10")
    page.get_by_role("button", name="Save and look").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("link", name="Download PDF")).to_be_visible()


def test_the_screens_are_accessible_and_fit(session, cast, deal, page_for, look) -> None:
    proposal = drafted(session, cast, deal)
    page = page_for(cast.hunter)
    for path in (
        f"/proposals/versions/{proposal.last.id}/edit",
        f"/proposals/{proposal.id}",
        f"/proposals/versions/{proposal.last.id}/preview",
    ):
        page.goto(path)
        look(page, last=True)
