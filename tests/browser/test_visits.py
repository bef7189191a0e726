"""Visits: a week is planned, and on a phone they are told in taps, also where there is no connection."""

from datetime import datetime, timedelta, UTC
from itertools import pairwise

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast, seat_day
from tests.factories import make_client, make_contact, make_task
from webapp.domain.interaction import Interaction
from webapp.domain.task import Task, TaskKind
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose

LOST = "No connection. What you typed is kept on this phone"
TWO_DAYS_AGO = """() => {
  const [key] = Object.keys(localStorage).filter((each) => each.startsWith("baton:draft:"));
  const draft = JSON.parse(localStorage.getItem(key));
  localStorage.setItem(key, JSON.stringify({ ...draft, pressed: draft.pressed - 2 * 24 * 3600 * 1000 }));
}"""
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('baton:draft:')).length"


def planned(session: Session, cast: Cast, name: str) -> Task:
    client = make_client(session, cast.vip, name=name, city="Москва", district="Хамовники")
    make_contact(session, client, "Иван Петров", position="директор")
    today = seat_day()
    return make_task(session, client, today, kind=TaskKind.MEETING, purpose=Purpose.REVIEW)


def fill(page: Page, task: Task, words: str) -> None:
    page.goto(f"/tasks/{task.id}/visit")
    page.get_by_label("Agreed on something").tap()
    page.get_by_label("Иван Петров, директор").tap()
    page.get_by_role("group", name="Did it reach its purpose?").get_by_label("Yes").tap()
    page.get_by_role("button", name="In a month").first.tap()
    page.get_by_label("In your words").fill(words)


def save(page: Page) -> None:
    page.get_by_role("button", name="Held: save").tap()


def forgive(troubles: list[str]) -> None:
    """What a browser complains of without a connection."""
    provoked = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    troubles[:] = [trouble for trouble in troubles if not any(words in trouble for words in provoked)]


@pytest.mark.fresh
def test_a_week_is_planned_by_drag_by_keyboard_and_by_menu(session: Session, cast: Cast, page_for, axe, fits) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=300)
    for name in ("Ромашка", "Василёк", "Лютик"):
        make_client(session, cast.vip, name=name, city="Москва", district="Хамовники", at=long_ago)
    session.commit()
    page: Page = page_for(cast.vip)
    monday = seat_day() + timedelta(days=7 - seat_day().weekday())
    tuesday, wednesday = monday + timedelta(days=1), monday + timedelta(days=2)
    page.goto(f"/visits?week={monday}")
    due = page.get_by_role("region", name="To plan by the norm")
    expect(due.get_by_role("listitem")).to_have_count(3)

    page.get_by_role("link", name="Ромашка", exact=True).hover()
    page.mouse.down()
    page.locator(f"[data-day='{tuesday}']").hover()
    page.locator(f"[data-day='{tuesday}'] h3").hover()
    page.mouse.up()
    expect(page.locator(f"[data-day='{tuesday}']").get_by_text("Ромашка")).to_be_visible()
    expect(due.get_by_role("listitem")).to_have_count(2)

    due.get_by_role("listitem").filter(has_text="Василёк").focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "Space"):
        page.keyboard.press(key)
    moved = page.locator(f"[data-day='{tuesday}'] [data-task]").filter(has_text="Василёк")
    expect(moved).to_be_focused()
    for key in ("Space", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    expect(page.locator("#announce")).to_contain_text("Василёк stays where it was")
    page.route("**/visits/place", lambda route: None)  # not answered until it is let go
    for key in ("Space", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(f"[data-day='{monday}'] .card-saving").filter(has_text="Василёк")).to_be_visible()
    page.get_by_role("link", name="Choose a day: Лютик").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.unroute("**/visits/place")
    expect(
        page.locator(f"[data-day='{monday}'] [data-task]:not(.card-saving)").filter(has_text="Василёк")
    ).to_be_attached()
    page.get_by_role("dialog").locator(f"button[value='{wednesday}']").click()
    expect(page.locator(f"[data-day='{wednesday}']").get_by_text("Лютик")).to_be_visible()
    expect(due).to_contain_text("Everybody is visited or planned")
    session.rollback()
    planned = session.scalars(select(Task).where(Task.kind == TaskKind.MEETING).order_by(Task.id)).all()
    assert [task.due_on for task in planned] == [tuesday, monday, wednesday]
    assert all(task.visit.purpose is Purpose.INTRODUCTION and task.owner_id == cast.vip.id for task in planned)
    for width, scheme in ((1280, "light"), (360, "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        for address in (
            f"/visits?week={monday}",
            f"/visits?week={monday}&view=list",
            f"/visits/place?task={planned[0].id}",
        ):
            page.goto(address)
            axe(page)
            fits(page)


@pytest.mark.fresh
def test_a_visit_is_told_on_a_phone_that_loses_its_connection(
    session: Session, cast: Cast, phone_for, troubles, axe, fits
) -> None:
    tasks = [planned(session, cast, name) for name in ("Ромашка", "Василёк", "Лютик")]
    session.commit()
    page: Page = phone_for(cast.vip)
    fill(page, tasks[0], "They buy a second line")
    axe(page)
    fits(page)
    page.context.set_offline(True)
    save(page)
    expect(page.get_by_text(LOST)).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Held")).to_be_visible()
    expect(page.get_by_text("They buy a second line")).to_be_visible()
    axe(page)
    fits(page)
    assert page.evaluate(KEPT) == 0

    fill(page, tasks[1], "Sent by another page")
    page.context.set_offline(True)
    save(page)
    expect(page.get_by_text(LOST)).to_be_visible()
    later = page.context.new_page()
    page.evaluate(TWO_DAYS_AGO)
    page.close()
    page.context.set_offline(False)
    later.goto("/clients")
    expect(later.locator("#toasts")).to_contain_text("Sent by itself: Василёк")

    fill(later, tasks[2], "Typed, not sent")
    later.reload()
    expect(later.get_by_label("In your words")).to_have_value("Typed, not sent")
    expect(later.get_by_label("Agreed on something")).to_be_checked()
    later.get_by_role("button", name="Discard it").tap()
    expect(later.get_by_label("In your words")).to_have_value("")
    fill(later, tasks[2], "Nobody else reads this")
    later.locator(".bar-user").tap()
    later.get_by_role("button", name="Log out").tap()
    expect(later.get_by_label("Password")).to_be_visible()
    assert later.evaluate(KEPT) == 0

    session.rollback()
    held = session.scalars(select(Visit).where(Visit.held_at.is_not(None)).order_by(Visit.task_id)).all()
    assert [visit.task_id for visit in held] == [task.id for task in tasks[:2]]
    assert session.scalar(select(func.count()).select_from(Interaction)) == 2
    assert all(visit.counts and visit.purpose_reached for visit in held)
    assert [visit.held_on for visit in held] == [seat_day(), seat_day() - timedelta(days=2)]
    forgive(troubles)


@pytest.mark.fresh
def test_that_a_visit_was_not_held_is_said_where_there_is_no_connection(
    session: Session, cast: Cast, phone_for, troubles
) -> None:
    task = planned(session, cast, "Ромашка")
    session.commit()
    page: Page = phone_for(cast.vip)
    page.goto(f"/tasks/{task.id}/visit")
    page.get_by_text("It was not held").tap()
    missed = page.locator("#missed-form")
    missed.get_by_label("Road or weather").tap()
    missed.get_by_role("button", name="In two weeks").tap()
    page.context.set_offline(True)
    missed.get_by_role("button", name="Not held: plan it anew").tap()
    expect(page.get_by_text(LOST)).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#toasts")).to_contain_text("Ромашка")
    assert page.evaluate(KEPT) == 0
    session.rollback()
    visit = session.scalars(select(Visit).where(Visit.task_id == task.id)).one()
    assert (visit.reason, visit.next_task.due_on) == ("road", seat_day() + timedelta(days=14))
    forgive(troubles)


@pytest.mark.fresh
def test_a_week_as_a_list_is_planned_by_drag_and_by_keyboard(session: Session, cast: Cast, page_for, axe, fits) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=300)
    first, second = (make_client(session, cast.vip, name=name, at=long_ago) for name in ("Ромашка", "Василёк"))
    session.commit()
    page: Page = page_for(cast.vip)
    monday = seat_day() + timedelta(days=7 - seat_day().weekday())
    tuesday, thursday = monday + timedelta(days=1), monday + timedelta(days=3)
    page.goto(f"/visits?week={monday}")
    page.get_by_role("group", name="View").get_by_role("link", name="List").click()
    expect(page.locator("#week.planner-list")).to_be_visible()
    assert stacked(page)

    page.locator(f"#due-{first.id}").hover()
    page.mouse.down()
    page.locator(f"[data-day='{tuesday}']").hover()
    page.locator(f"[data-day='{tuesday}'] h3").hover()
    page.mouse.up()
    dropped = page.locator(f"[data-day='{tuesday}'] [data-task][data-client='{first.id}']:not(.card-saving)")
    expect(dropped).to_be_visible()

    page.locator(f"#due-{second.id}").focus()
    for key in ("Space", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(page.locator(f"[data-day='{tuesday}'] [data-task][data-client='{second.id}']")).to_be_focused()
    for key in ("Space", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    moved = page.locator(f"[data-day='{thursday}'] [data-task][data-client='{second.id}']:not(.card-saving)")
    expect(moved).to_be_focused()
    expect(page.locator("#week.planner-list")).to_be_visible()  # the week that came back is a list too
    assert stacked(page)
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page)
    session.rollback()
    planned = session.scalars(select(Task).where(Task.kind == TaskKind.MEETING).order_by(Task.id)).all()
    assert [(task.client_id, task.due_on) for task in planned] == [(first.id, tuesday), (second.id, thursday)]


def stacked(page: Page) -> bool:
    """Whether the days stand below each other."""
    boxes = [day.bounding_box() for day in page.locator(".planner-day").all()]
    return all(one["y"] + one["height"] <= other["y"] + 1 for one, other in pairwise(boxes))
