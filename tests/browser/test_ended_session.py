"""A session that ended while somebody was typing: they hear it, and what they sent stands in its form again."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import func, select

from tests.cast import PASSWORD, seat_day
from tests.factories import make_client, make_contact, make_invoice, make_task
from webapp.domain.deal import Deal
from webapp.domain.interaction import Interaction
from webapp.domain.operation import Operation
from webapp.domain.queue_keeping import everybody, keep
from webapp.domain.task import TaskKind
from webapp.domain.visit_state import Purpose
from webapp.web.clock import now

pytestmark = pytest.mark.fresh


@pytest.fixture
def client(session, cast):
    client = make_client(session, cast.hunter, name="Acme", at=now())
    session.commit()
    return client


def end_sessions(session, user) -> None:
    session.commit()
    user.epoch += 1
    session.commit()


def log_in_again(page: Page, user, axe) -> None:
    expect(page).to_have_url(re.compile(r"/login\?.*ended=1"))
    expect(page.get_by_text("Your session had ended")).to_be_visible()
    axe(page)
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def ask_for_the_counts(page: Page) -> None:
    """What the menu asks by itself from time to time, and when its tab is looked at again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_deal_with_its_lines_comes_back_to_its_form(page_for, session, cast, client, axe) -> None:
    page = page_for(cast.hunter)
    page.goto(f"/clients/{client.id}/deals/new")
    page.get_by_label("What they may buy").fill("Internet")
    page.locator("[data-line-add]").click()
    for number, name in enumerate(("Router", "Care")):
        page.locator(f"#lines-{number}-name").fill(name)
        page.locator(f"#lines-{number}-price").fill("100")
    end_sessions(session, cast.hunter)
    page.get_by_role("button", name="Save").last.click()
    log_in_again(page, cast.hunter, axe)

    expect(page.get_by_text("What you had typed is here again")).to_be_visible()
    expect(page.get_by_label("What they may buy")).to_have_value("Internet")
    expect(page.locator("#lines-1-name")).to_have_value("Care")
    assert session.scalar(select(func.count(Deal.id))) == 0
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", name="Internet")).to_be_visible()
    session.rollback()
    assert [line.name for line in session.scalars(select(Deal)).one().lines] == ["Router", "Care"]


def test_what_was_told_in_a_dialog_comes_back_to_the_dialog_of_its_writer_alone(
    page_for, session, cast, client, axe
) -> None:
    page = page_for(cast.hunter)
    page.goto(f"/clients/{client.id}")
    page.locator("#add-interaction").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").first.fill("They want a second line")
    end_sessions(session, cast.hunter)
    dialog.get_by_role("button", name="Save").click()
    log_in_again(page, cast.hunter, axe)
    expect(page.get_by_role("dialog").locator("textarea").first).to_have_value("They want a second line")
    assert session.scalar(select(func.count(Interaction.id))) == 0

    end_sessions(session, cast.hunter)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    log_in_again(page, cast.clerk, axe)
    expect(page.get_by_role("heading", name="Acme")).to_be_visible()
    expect(page.get_by_text("What you had typed is here again")).to_have_count(0)
    assert page.evaluate("sessionStorage.getItem('baton:sent')") is None


def test_what_the_page_asks_by_itself_takes_away_nothing_that_is_typed(page_for, session, cast, client, axe) -> None:
    page = page_for(cast.hunter)
    page.goto(f"/clients/{client.id}")
    page.wait_for_load_state("networkidle")
    page.locator("#add-interaction").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").first.fill("They want a second line")
    end_sessions(session, cast.hunter)
    ask_for_the_counts(page)
    expect(page.get_by_text("Your session has ended. Save as usual")).to_be_visible()
    axe(page)
    dialog.get_by_role("button", name="Save").click()
    log_in_again(page, cast.hunter, axe)
    expect(page.get_by_role("dialog").locator("textarea").first).to_have_value("They want a second line")


def test_what_the_page_asks_by_itself_leads_to_the_login_if_nothing_is_typed(page_for, session, cast, client) -> None:
    page = page_for(cast.hunter)
    page.goto(f"/clients/{client.id}")
    page.wait_for_load_state("networkidle")
    end_sessions(session, cast.hunter)
    ask_for_the_counts(page)
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def test_what_was_typed_while_another_tab_logged_out_comes_back(page_for, session, cast, client, axe) -> None:
    page = page_for(cast.hunter)
    page.goto(f"/clients/{client.id}")
    page.locator("#add-interaction").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").first.fill("They want a second line")
    with page.context.new_page() as other:
        other.goto("/profile")
        other.locator(".bar-user").click()
        other.get_by_role("button", name="Log out", exact=True).click()
        expect(other.get_by_label("Password", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    log_in_again(page, cast.hunter, axe)
    expect(page.get_by_role("dialog").locator("textarea").first).to_have_value("They want a second line")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    session.rollback()
    assert session.scalar(select(func.count(Interaction.id))) == 1


def test_a_move_that_was_made_does_not_come_back(page_for, session, cast, client, axe) -> None:
    make_contact(session, client)
    session.commit()
    page = page_for(cast.hunter)
    page.goto("/board")
    card = page.get_by_role("article", name="Acme", exact=True)
    card.get_by_role("link", name="Move: Acme").click()
    page.get_by_role("dialog", name="Move Acme").get_by_role("button", name="Talked to us").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("region", name="Talked to us", exact=True).get_by_text("Acme")).to_be_visible()
    end_sessions(session, cast.hunter)
    card.focus()
    for key in ("Space", "ArrowLeft", "Space"):
        page.keyboard.press(key)
    log_in_again(page, cast.hunter, axe)
    expect(card).to_be_visible()
    expect(page.get_by_text("What you had typed is here again")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("sessionStorage.getItem('baton:sent')") is None


def test_an_outcome_comes_back_to_its_own_form_among_those_of_one_address(page_for, session, cast, axe) -> None:
    late = make_client(session, cast.clerk, name="Late", at=now() - timedelta(days=100))
    make_contact(session, late)
    make_invoice(session, late, 100_000, seat_day() - timedelta(days=20), at=now())
    session.flush()
    keep(session, everybody(session), at=now())
    session.commit()
    page = page_for(cast.clerk)
    page.goto("/queue")
    page.locator("[data-queue-title]").press("l")
    page.locator("#note-postponed").fill("They ring back")
    end_sessions(session, cast.clerk)
    page.keyboard.press("Enter")
    log_in_again(page, cast.clerk, axe)

    expect(page.get_by_text("What you had typed is here again")).to_be_visible()
    expect(page.locator("#note-postponed")).to_be_visible()
    expect(page.locator("#note-postponed")).to_have_value("They ring back")
    page.locator("[data-queue-title]").press("d")
    expect(page.locator("#note-done")).to_have_value("")
    page.keyboard.press("Enter")
    expect(page.locator("[data-queue-title]")).to_have_count(0)
    session.rollback()
    assert session.scalars(select(Operation.outcome)).all() == ["done"]


def test_a_day_chosen_in_a_dialog_fills_no_hidden_form_of_the_same_address(page_for, session, cast, axe) -> None:
    visited = make_client(session, cast.vip, name="Visited", city="Tver", at=now())
    monday = seat_day() + timedelta(days=7 - seat_day().weekday())
    make_task(session, visited, monday, kind=TaskKind.MEETING, purpose=Purpose.REVIEW)
    session.commit()
    page = page_for(cast.vip)
    page.goto(f"/visits?week={monday}")
    page.get_by_role("link", name="Another day: Visited").click()
    day = page.get_by_role("dialog").locator("[name=on]:enabled").first
    expect(day).to_be_visible()
    end_sessions(session, cast.vip)
    day.click()
    log_in_again(page, cast.vip, axe)
    expect(page.get_by_role("dialog").locator("[name=on]:enabled").first).to_be_visible()
    expect(page.get_by_text("What you had typed is here again")).to_be_visible()
    expect(page.locator("#place-form [name=task]")).to_have_value("")
    expect(page.locator("dialog[data-dirty]")).to_have_count(1)
