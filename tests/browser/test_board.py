"""The board in people's hands: drag, keyboard, menu, and what a second person sees of it."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import func, select

from tests.cast import stages
from tests.factories import engagement_of, line, make_client, make_contact, make_deal, make_task
from webapp.domain.engagement import Engagement
from webapp.domain.event import Event
from webapp.domain.words import Department
from webapp.web.clock import now

pytestmark = pytest.mark.fresh

SALES, CLIENT, VIP = Department


@pytest.fixture
def acme(session, cast) -> Engagement:
    """A client of Harry's in the first stage, which it may leave."""
    client = make_client(session, cast.hunter, name="Acme")
    make_contact(session, client)
    session.commit()
    return engagement_of(client)


def column(page: Page, stage: str):
    return page.get_by_role("region", name=stage, exact=True)


def card(page: Page, name: str):
    return page.get_by_role("article", name=name, exact=True)


def stands_in(page: Page, name: str, stage: str, **options) -> None:
    expect(column(page, stage).get_by_role("article", name=name, exact=True)).to_be_visible(**options)


def drag(page: Page, name: str, stage: str) -> None:
    """By the mouse, in steps, as a hand does it."""
    card(page, name).scroll_into_view_if_needed()
    start, end = card(page, name).bounding_box(), column(page, stage).bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + 40)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 50, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 90, steps=8)
    page.mouse.up()


def stage_of(session, engagement) -> str:
    session.rollback()
    return session.get_one(Engagement, engagement.id).stage.name


def test_a_card_is_dragged_and_both_heads_count_anew(page_for, session, cast, acme) -> None:
    make_deal(session, acme.client, line(5000_00))
    session.commit()
    page = page_for(cast.hunter)
    page.goto("/board")

    drag(page, "Acme", "Talked to us")

    stands_in(page, "Acme", "Talked to us")
    expect(page.locator(".toast")).to_contain_text("Acme: Talked to us")
    expect(column(page, "Was found").locator(".count")).to_have_text("0")
    expect(column(page, "Talked to us").locator(".count")).to_have_text("1")
    expect(column(page, "Talked to us").locator(".column-money")).to_contain_text("5,000")
    assert stage_of(session, acme) == "Talked to us"


def test_a_card_is_moved_by_the_keyboard_and_each_step_is_announced(page_for, session, cast, acme) -> None:
    page = page_for(cast.hunter)
    page.goto("/board")
    said = page.locator("#announce")

    card(page, "Acme").focus()
    page.keyboard.press("Space")
    expect(said).to_contain_text("Acme picked up from Was found")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("Over Talked to us")
    page.keyboard.press("Space")
    expect(said).to_contain_text("Acme moves to Talked to us")

    expect(page.locator(".toast")).to_contain_text("Acme: Talked to us")
    expect(card(page, "Acme")).to_be_focused()
    assert stage_of(session, acme) == "Talked to us"


def test_escape_puts_a_card_back_that_the_keyboard_carries(page_for, session, cast, acme) -> None:
    page = page_for(cast.hunter)
    page.goto("/board")

    card(page, "Acme").focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "Escape"):
        page.keyboard.press(key)

    stands_in(page, "Acme", "Was found")
    expect(page.locator("#announce")).to_contain_text("Acme stays in Was found")
    assert stage_of(session, acme) == "Was found"


@pytest.mark.parametrize("width", [1280, 360])
def test_a_card_is_moved_by_its_menu(page_for, session, cast, acme, width) -> None:
    page = page_for(cast.hunter, width=width)
    page.goto("/board")

    card(page, "Acme").get_by_role("link", name="Move: Acme").click()
    page.get_by_role("dialog", name="Move Acme").get_by_role("button", name="Talked to us").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Acme: Talked to us")
    expect(column(page, "Talked to us").locator(".card-name")).to_have_text("Acme")
    assert stage_of(session, acme) == "Talked to us"


def test_a_refused_move_says_what_is_missing_and_the_card_goes_back(page_for, session, cast) -> None:
    engagement = engagement_of(make_client(session, cast.hunter, name="Acme"))
    session.commit()
    page = page_for(cast.hunter)
    page.goto("/board")

    drag(page, "Acme", "Talked to us")

    expect(page.locator(".toast")).to_contain_text("there must be: A contact at the client")
    stands_in(page, "Acme", "Was found")
    expect(column(page, "Talked to us").locator(".board-card")).to_have_count(0)
    assert stage_of(session, engagement) == "Was found"

    card(page, "Acme").get_by_role("link", name="Move: Acme").click()
    dialog = page.get_by_role("dialog", name="Move Acme")
    dialog.get_by_role("button", name="Talked to us").click()
    expect(dialog.get_by_role("alert")).to_contain_text("A contact at the client")


@pytest.mark.both_databases
def test_somebody_elses_move_appears_without_reload_within_three_seconds(page_for, session, cast, acme) -> None:
    page, other = page_for(cast.hunter), page_for(cast.clerk)
    page.goto("/board")
    other.goto("/board")
    other.evaluate("() => { window.untouched = true }")

    drag(page, "Acme", "Talked to us")

    stands_in(page, "Acme", "Talked to us")
    stands_in(other, "Acme", "Talked to us", timeout=3000)
    expect(column(other, "Was found").locator(".board-card")).to_have_count(0)
    expect(other.locator("#announce")).to_contain_text("Acme is now in Talked to us")
    assert other.evaluate("() => window.untouched")


@pytest.mark.both_databases
def test_several_quick_drags_lose_nothing(page_for, session, cast) -> None:
    first, second, *_ = stages(session, SALES)
    first.criteria = second.criteria = []
    engagements = [engagement_of(make_client(session, cast.hunter, name=name)) for name in ("Acme", "Beta", "Gamma")]
    session.commit()
    page = page_for(cast.hunter)
    page.goto("/board")

    drag(page, "Acme", "Talked to us")
    drag(page, "Acme", "Named the need")
    drag(page, "Beta", "Named the need")
    drag(page, "Gamma", "Talked to us")

    for name, stage in (("Acme", "Named the need"), ("Beta", "Named the need"), ("Gamma", "Talked to us")):
        stands_in(page, name, stage)
    expect(page.locator(".card-saving")).to_have_count(0)
    found = [stage_of(session, engagement) for engagement in engagements]
    assert found == ["Named the need", "Named the need", "Talked to us"]
    assert session.scalar(select(func.count()).where(Event.kind == "engagement:moved")) == 4


def test_a_card_that_was_moved_meanwhile_shows_where_it_went(page_for, session, cast, acme) -> None:
    page = page_for(cast.hunter)
    page.goto("/board")
    page.locator("#board-live").evaluate("element => element.remove()")  # a board that has fallen asleep
    talked = stages(session, SALES)[1]
    session.add(acme.move_to(talked, by=cast.head_of_sales, at=now(), seen=acme.version))
    session.commit()

    drag(page, "Acme", "Named the need")

    expect(page.locator(".toast")).to_contain_text("Somebody changed this a moment ago")
    expect(card(page, "Acme")).to_have_count(1)
    expect(column(page, "Named the need").locator(".board-card")).to_have_count(0)
    assert stage_of(session, acme) == "Talked to us"


def test_a_card_of_somebody_else_cannot_be_dragged(page_for, session, cast, acme) -> None:
    page = page_for(cast.other_hunter)
    page.goto("/board")

    drag(page, "Acme", "Talked to us")

    stands_in(page, "Acme", "Was found")
    expect(card(page, "Acme").get_by_role("link", name="Move: Acme")).to_have_count(0)


@pytest.mark.both_databases
def test_filters_change_the_board_and_the_address(page_for, session, cast, acme) -> None:
    make_client(session, cast.other_hunter, name="Umbrella")
    session.commit()
    page = page_for(cast.hunter)
    page.goto("/board")

    page.get_by_role("searchbox", name="Client name").fill("umb")
    expect(page.locator(".card-name")).to_have_text(["Umbrella"])
    page.get_by_role("searchbox", name="Client name").fill("")
    expect(page.locator(".card-name")).to_have_count(2)
    page.get_by_role("combobox", name="Owner").select_option("Mine")
    expect(page.locator(".card-name")).to_have_text(["Acme"])
    assert "owner=mine" in page.url
    page.reload()
    expect(page.get_by_role("combobox", name="Owner")).to_have_value("mine")
    page.get_by_role("combobox", name="Lane").select_option("Sales")
    expect(page.locator(".board-lane")).to_have_count(1)

    drag(page, "Acme", "Talked to us")
    stands_in(page, "Acme", "Talked to us")


@pytest.mark.parametrize("way", ["drag", "menu", "keyboard"])
def test_a_moved_card_stands_at_its_place_at_once_and_keeps_the_focus(page_for, session, cast, way) -> None:
    stages(session, SALES)[0].criteria = []
    for name, stage in (("Due", 1), ("Later", 1), ("Moving", 0), ("Staying", 0)):
        client = make_client(session, cast.hunter, name=name, stage=stage)
        if stage:
            days = 9 if name == "Later" else 0
            make_task(session, client, cast.hunter.today(now()) + timedelta(days=days))
    session.commit()
    page = page_for(cast.hunter)
    page.goto("/board")
    page.locator("#board-live").evaluate("element => element.remove()")  # nothing but the answer puts it right

    if way == "drag":
        drag(page, "Moving", "Talked to us")
    elif way == "menu":
        card(page, "Moving").get_by_role("link", name="Move: Moving").click()
        page.get_by_role("dialog", name="Move Moving").get_by_role("button", name="Talked to us").click()
    else:
        card(page, "Moving").focus()
        for key in ("Space", "ArrowRight", "Space"):
            page.keyboard.press(key)

    expect(column(page, "Talked to us").locator(".card-name")).to_have_text(["Due", "Moving", "Later"])
    expect(column(page, "Was found").locator(".count")).to_have_text("1")
    expect(column(page, "Talked to us").locator(".count")).to_have_text("3")
    expect(page.locator("[data-place]")).to_have_count(0)
    if way == "keyboard":
        expect(card(page, "Moving")).to_be_focused()


@pytest.mark.both_databases
def test_more_cards_stay_when_somebody_moves_one(page_for, session, cast) -> None:
    stages(session, SALES)[0].criteria = []
    made = [make_client(session, cast.hunter, name=f"Acme {number:02}") for number in range(30)]
    session.commit()
    page = page_for(cast.hunter)
    page.goto("/board")

    column(page, "Was found").get_by_role("link", name="Show more").click()
    expect(column(page, "Was found").locator(".board-card")).to_have_count(30)
    drag(page, "Acme 01", "Talked to us")
    expect(column(page, "Was found").locator(".board-card")).to_have_count(29)
    session.rollback()
    session.connection(execution_options={"writes": True})
    make_task(session, made[5])
    session.commit()
    expect(column(page, "Was found").locator(".card-name").first).to_have_text("Acme 05", timeout=3000)
    expect(column(page, "Was found").locator(".board-card")).to_have_count(29)
