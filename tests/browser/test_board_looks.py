"""The board as everybody can see and hear it: light and dark, on a desk and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import (
    engagement_of,
    line,
    make_client,
    make_contact,
    make_deal,
    make_engagement,
    make_offer,
    make_task,
)
from tests.proposals import make_answer, make_link, make_proposal
from webapp.domain.proposal_answer import AnswerKind
from webapp.domain.words import Department
from webapp.web.clock import now

pytestmark = pytest.mark.fresh


@pytest.mark.parametrize("width", [1280, 360])
def test_everybody_can_use_the_board(page_for, session, cast, axe, fits, width) -> None:
    acme = make_client(session, cast.hunter, name="Acme")
    make_contact(session, acme)
    make_task(session, acme)
    make_deal(session, acme, line(100_000_00))
    make_offer(session, make_client(session, cast.hunter, name="Offered", stage=1), Department.CLIENT)
    make_proposal(session, make_deal(session, acme), at=now(), days=2)
    told = make_client(session, cast.hunter, name="Told")
    make_answer(session, make_proposal(session, make_deal(session, told), at=now()), AnswerKind.ACCEPTED, at=now())
    session.commit()
    page = page_for(cast.hunter, width=width)

    page.goto("/board")
    axe(page)
    fits(page)
    page.get_by_role("link", name="Move: Acme").click()
    expect(page.get_by_role("dialog", name="Move Acme")).to_be_visible()
    axe(page)
    page.goto(f"/engagements/{engagement_of(acme).id}/stage")
    axe(page)
    fits(page)


def test_a_phone_shows_one_column_at_a_time_and_a_list_of_them_all(page_for, session, cast) -> None:
    make_client(session, cast.hunter, name="Acme", stage=3)
    session.commit()
    page = page_for(cast.hunter, width=360, height=740)
    page.goto("/board")
    expect(page.get_by_role("article", name="Acme")).not_to_be_in_viewport()

    page.get_by_role("combobox", name="Stage").select_option("Got our proposal · 1")

    expect(page.get_by_role("article", name="Acme")).to_be_in_viewport()


def test_a_reading_of_a_proposal_appears_on_the_cards_of_all_lanes_without_reload(page_for, session, cast) -> None:
    client = make_client(session, cast.hunter, name="Acme")
    make_engagement(session, client, cast.vip)
    version = make_proposal(session, make_deal(session, client, department=Department.SALES), at=now())
    link = make_link(session, version, at=now())
    session.commit()
    page = page_for(cast.clerk)
    page.goto("/board")
    cards = page.get_by_role("article", name="Acme")
    expect(cards.get_by_role("link", name="Proposal: Sent")).to_have_count(2)
    page.evaluate("() => { window.untouched = true }")

    session.add(link.open(at=now()))
    session.commit()

    badges = cards.get_by_role("link", name="Proposal: Opened by the client")
    expect(badges).to_have_count(2, timeout=4000)
    assert page.evaluate("() => window.untouched")
    expect(badges.first).to_have_attribute("href", f"/proposals/{version.proposal_id}")


def test_a_card_is_dragged_by_its_badge_too(page_for, session, cast) -> None:
    client = make_client(session, cast.hunter, name="Acme")
    make_contact(session, client)
    make_proposal(session, make_deal(session, client), at=now())
    session.commit()
    page = page_for(cast.hunter)
    page.goto("/board")
    start = page.get_by_role("link", name="Proposal: Sent").bounding_box()
    end = page.get_by_role("region", name="Talked to us", exact=True).bounding_box()

    page.mouse.move(start["x"] + 20, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 20, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 90, steps=8)
    page.mouse.up()

    expect(page.locator(".toast")).to_contain_text("Acme: Talked to us")
    expect(page).to_have_url(re.compile("/board$"))
