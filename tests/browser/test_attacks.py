"""Attacks in the browser: a clerk raises the alarm in three clicks, the VIP member sees it at once and defends."""

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.attacks import make_attack, make_competitor
from tests.cast import Cast
from tests.factories import make_client, make_contact, make_engagement
from webapp.domain.attack import Attack
from webapp.domain.attack_state import AttackState
from webapp.web.clock import now

pytestmark = pytest.mark.fresh


def test_a_clerk_raises_the_alarm_in_three_clicks_and_the_vip_member_defends(
    session: Session, cast: Cast, page_for
) -> None:
    client = make_client(session, cast.clerk, name="Ромашка")
    make_engagement(session, client, cast.vip)
    make_contact(session, client, "Ivan Petrov")
    make_competitor(session, cast.director, "Север")
    session.commit()
    vip: Page = page_for(cast.vip)
    vip.clock.install()
    vip.goto("/board")
    alarm = vip.locator("#alarms-rail")
    expect(alarm).to_have_text("")

    clerk: Page = page_for(cast.clerk)
    clerk.goto(f"/clients/{client.id}")
    clerk.get_by_role("link", name="A competitor is after it").click()
    dialog = clerk.get_by_role("dialog")
    dialog.get_by_label("Competitor", exact=True).select_option("Север")
    dialog.get_by_label("With whom they talk").select_option("Ivan Petrov")
    dialog.get_by_label("What was seen or heard").fill("Their offer lies on the director's table")
    dialog.get_by_role("button", name="Raise the alarm").click()
    expect(clerk.locator("#toasts")).to_contain_text("Victor Vip knows of it")
    expect(clerk.locator("#client")).to_contain_text("Север is after this client")
    badge = vip.locator(".board-card").filter(has_text="Ромашка").get_by_text("Under attack")
    expect(badge.first).to_be_visible()  # the open board shows it by itself

    vip.clock.fast_forward("00:25")
    expect(alarm).to_contain_text("1")  # nobody loaded the page anew
    vip.get_by_role("navigation", name="Main").get_by_role("link", name="Attacks").click()
    vip.get_by_role("link", name="Ромашка").click()
    vip.get_by_role("button", name="I am on it").click()
    expect(vip.locator("main")).to_contain_text("Being defended")
    vip.get_by_role("link", name="Record the visit").click()
    vip.get_by_label("Agreed on something").check()
    vip.get_by_role("button", name="In two weeks").first.click()
    vip.get_by_label("In your words").fill("They stay if we fix the line")
    vip.get_by_role("button", name="Held: save").click()
    expect(vip.locator("#toasts")).not_to_be_empty()
    vip.goto("/attacks")
    vip.get_by_role("link", name="Ромашка").click()
    expect(vip.get_by_text("Not yet")).to_have_count(0)
    vip.get_by_role("link", name="Defended").click()
    vip.get_by_role("dialog").get_by_label("What happened").fill("We fixed the line the same day")
    vip.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(vip.locator("main")).to_contain_text("We fixed the line the same day")
    vip.goto(f"/clients/{client.id}/people")
    expect(vip.locator(".map-rival")).to_have_text("Север")
    vip.locator(".map-person").focus()
    vip.keyboard.press("Enter")
    vip.get_by_role("dialog").get_by_label("Север").focus()
    vip.keyboard.press("Space")
    vip.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(vip.locator(".map-rival")).to_have_count(0)  # they talk to nobody there any more
    head: Page = page_for(cast.head_of_vip)
    head.goto("/attacks")
    head.get_by_role("link", name="Attack report").click()
    expect(head.locator("#rivals")).to_contain_text("1 of 1")
    session.rollback()
    (attack,) = session.scalars(select(Attack))
    assert attack.state is AttackState.DEFENDED
    assert attack.visit is not None
    assert not attack.visit.is_open


def test_an_attacks_pages_are_accessible_and_fit(session: Session, cast: Cast, page_for, look) -> None:
    client = make_client(session, cast.vip, name="Закрытое акционерное общество «Волжский завод металлоконструкций»")
    rival = make_competitor(session, cast.director, "Северо-Западная телекоммуникационная компания")
    attack = make_attack(session, client, cast, rival, at=now())
    session.commit()
    page: Page = page_for(cast.director)
    for address in (
        f"/attacks/{attack.id}",
        f"/attacks/{attack.id}/defended",
        f"/attacks/{attack.id}/lost",
        f"/attacks/{attack.id}/false-alarm",
        f"/competitors/{rival.id}/edit",
        "/attacks",
        "/competitors",
        f"/clients/{client.id}",
    ):
        page.goto(address)
        look(page, last=True)
