"""A client passes from hand to hand in two people's browsers."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests.factories import engagement_of, make_client, make_contact, make_offer, make_task
from webapp.domain.contact import DecisionRole
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.words import Department
from webapp.web.clock import now

CLIENT = Department.CLIENT


@pytest.mark.fresh
@pytest.mark.both_databases
def test_a_hunter_offers_and_a_clerk_accepts(page_for, session, cast) -> None:
    client = make_client(session, cast.hunter, name="Acme", at=now())
    make_contact(session, client, "Anna Orlova", decision_role=DecisionRole.DECIDES)
    make_task(session, client, subject="Call on Monday")
    session.commit()
    hunter, clerk = page_for(cast.hunter), page_for(cast.clerk)
    clerk.goto("/handoffs")
    expect(clerk.get_by_text("Nothing waits for you")).to_be_visible()

    hunter.goto(f"/clients/{client.id}")
    hunter.get_by_role("button", name="Hand off").first.click()
    expect(hunter.get_by_label("Who decides")).to_have_value("Anna Orlova, decides")
    hunter.get_by_label("Why they bought").fill("One invoice instead of four")
    hunter.get_by_label("Promises outside the contract").fill("none")
    hunter.get_by_label("Payment terms").fill("14 days")
    expect(hunter.locator("#said-promises")).to_have_text("Saved")
    hunter.get_by_role("button", name="Offer to").click()
    expect(hunter.get_by_role("alert")).to_contain_text("Open problems")
    expect(hunter.get_by_label("Payment terms")).to_have_value("14 days")
    hunter.get_by_label("Open problems").fill("none")
    hunter.get_by_role("button", name="Offer to").click()
    expect(hunter.get_by_text("stays responsible until the client is accepted")).to_be_visible()

    clerk.goto("/handoffs")
    expect(clerk.locator("#waiting-rail")).to_contain_text("1")
    clerk.get_by_role("link", name="Answer the hand-off of Acme").click()
    expect(clerk.locator("#along")).to_contain_text("Call on Monday")
    clerk.get_by_label(cast.other_clerk.name).check()
    clerk.get_by_role("button", name="Accept the client").click()
    expect(clerk.get_by_role("heading", name="Acme")).to_be_visible()

    session.rollback()
    taken = session.scalars(select(Engagement).where(Engagement.closed_at.is_(None))).one()
    assert (taken.department, taken.owner_id) == (CLIENT, cast.other_clerk.id)
    hunter.reload()
    hunter.get_by_role("button", name="Yes, introduced").click()
    expect(hunter.get_by_text(f"introduced by {cast.hunter.name}")).to_be_visible()


@pytest.mark.fresh
def test_quick_typing_in_several_lines_loses_none(page_for, session, cast) -> None:
    client = make_client(session, cast.hunter, name="Acme")
    handoff = HandOff.draft(session, engagement_of(client), CLIENT, by=cast.hunter, at=now())
    session.commit()
    page = page_for(cast.hunter)
    page.goto(f"/handoffs/{handoff.id}")
    texts = {item.key: f"About {item.label}" for item in handoff.route.checklist}
    layout = """() => [document.documentElement.scrollHeight,
        document.querySelector("button[formaction]").getBoundingClientRect().top + scrollY]"""
    before = page.evaluate(layout)
    for key, text in texts.items():
        page.locator(f"#{key}").fill(text)
    page.locator(f"#{key}").blur()
    for key in texts:
        expect(page.locator(f"#said-{key}")).to_have_text("Saved")
    expect(page.locator("#needed").get_by_label("missing")).to_have_count(0)
    assert page.evaluate(layout) == before, "nothing moves under the pointer while lines are saved"
    page.reload()
    for key, text in texts.items():
        expect(page.locator(f"#{key}")).to_have_value(text)


@pytest.mark.fresh
def test_it_works_without_scripts(page_for, session, cast) -> None:
    handoff = make_offer(session, make_client(session, cast.hunter, name="Acme"), CLIENT, at=now())
    session.commit()
    page = page_for(cast.clerk, scripts=False)
    page.goto(f"/handoffs/{handoff.id}")
    page.get_by_label("What the giver should find out").fill("Who signs?")
    page.get_by_role("button", name="Return to the giver").click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    session.rollback()
    assert session.get_one(HandOff, handoff.id).state is HandOffState.RETURNED


def test_hand_offs_in_every_state_look_right(page_for, session, look) -> None:
    pages = ["/handoffs", "/departments"]
    pages += [
        f"/handoffs/{session.scalars(select(HandOff.id).where(HandOff.state == state)).first()}"
        for state in HandOffState
    ]
    page = page_for("director@harbour.example")
    for path in pages:
        page.goto(path)
        look(page, last=True)
