"""A client goes through the quarterly review into the VIP programme, in four people's browsers."""

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import select

from tests.factories import engagement_of
from tests.vip import make_tiers, paying
from webapp.domain.vip_place import VipPlace
from webapp.domain.words import Department
from webapp.web.clock import now


@pytest.mark.fresh
def test_a_client_goes_through_the_review_into_the_programme(session, cast, page_for, axe, fits) -> None:
    make_tiers(session, cast)
    today = now().date()
    client = paying(session, cast.clerk, 9000, on=today, before=1000, name="Северсталь-Снаб")
    for number in range(9):
        paying(session, cast.clerk, 100, on=today, name=f"Small {number}")
    session.commit()

    head: Page = page_for(cast.head_of_vip)
    head.goto("/vip")
    head.get_by_role("link", name="Quarterly reviews").click()
    head.get_by_role("button", name="Open this quarter's review").click()
    expect(head.get_by_role("main")).to_contain_text("Mono-dependence")
    expect(head.get_by_role("main")).to_contain_text("1 proposed change is not decided yet")
    head.get_by_role("link", name="Decide Северсталь-Снаб").click()
    dialog = head.get_by_role("dialog")
    expect(dialog.get_by_label("Tier")).to_have_value("1")
    dialog.get_by_label("Why").fill("The largest of all, and it grows")
    dialog.get_by_role("button", name="Save").click()
    expect(head.get_by_role("row", name="Северсталь-Снаб")).to_contain_text("The largest of all, and it grows")
    head.evaluate("() => scrollTo(0, 0)")  # it came to the client's row: a button half under the bar is no fault
    axe(head)
    head.get_by_role("button", name="Hand to the director").click()
    expect(head.get_by_role("main")).to_contain_text("The list waits for the director.")

    director: Page = page_for(cast.director)
    director.goto("/vip/reviews")
    director.get_by_role("rowheader").get_by_role("link").click()
    director.get_by_role("button", name="Approve").click()
    director.get_by_role("alertdialog").get_by_role("button", name="Approve").click()
    expect(director.get_by_role("main")).to_contain_text("hand-off: Drafted")
    director.set_viewport_size({"width": 360, "height": 800})
    fits(director)
    axe(director)

    clerk: Page = page_for(cast.clerk)
    clerk.goto("/handoffs")
    clerk.get_by_role("link", name="Северсталь-Снаб").first.click()
    expect(clerk.get_by_label("Why personal visits")).to_have_value("The largest of all, and it grows")
    for line in ("Who decides", "What they use", "How they pay", "Promises outside the contract", "Open problems"):
        clerk.get_by_label(line).fill("none")
    clerk.get_by_role("button", name="Offer to").click()
    expect(clerk.get_by_text("stays responsible until the client is accepted")).to_be_visible()

    vip: Page = page_for(cast.vip)
    vip.goto("/handoffs")
    vip.get_by_role("link", name="Answer the hand-off of Северсталь-Снаб").click()
    vip.get_by_label(cast.vip.name).check()
    vip.get_by_role("button", name="Accept the client").click()
    expect(vip.get_by_role("heading", name="Северсталь-Снаб")).to_be_visible()
    vip.goto("/vip")
    expect(vip.get_by_role("row", name="Северсталь-Снаб")).to_contain_text("Gold")
    expect(vip.locator("#team")).to_contain_text("Gold: 1 of at most 12")

    session.rollback()
    place = session.scalars(select(VipPlace)).one()
    assert (place.client_id, place.entered_because) == (client.id, "The largest of all, and it grows")
    assert engagement_of(place.client, Department.CLIENT).owner_id == cast.clerk.id
