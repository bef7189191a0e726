"""A clerk works the queue in a real browser, without touching the mouse."""

import re
from datetime import datetime, UTC

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.engagement import Engagement
from webapp.domain.event import Event
from webapp.domain.operation import Operation
from webapp.domain.queue import Outcome
from webapp.domain.queue_keeping import everybody, keep
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.words import Department, Role

KEYS = "dnldpdndld"
MEANT = {"d": "done", "n": "noanswer", "l": "postponed", "p": "promised"}


def busiest(session: Session) -> User:
    """The clerk of the demo company with the most clients; the director asks for a dozen calls, whatever day it is."""
    at, lanes = datetime.now(UTC), (Engagement.department == Department.CLIENT, Engagement.closed_at.is_(None))
    owners = select(Engagement.owner_id).where(*lanes).group_by(Engagement.owner_id).order_by(func.count().desc())
    user = session.get_one(User, session.scalars(owners.limit(1)).one())
    director = session.scalars(select(User).where(User.role == Role.DIRECTOR)).first()
    served = select(Engagement).where(*lanes, Engagement.owner_id == user.id).order_by(Engagement.id)
    for lane in session.scalars(served.limit(12)).all():
        Task.plan(session, lane, TaskKind.CALL, "Call them", at.date(), by=director, at=at)
    keep(session, everybody(session), at=at)
    session.commit()
    session.refresh(user)
    session.expunge(user)
    session.rollback()
    return user


def shown(page: Page) -> str:
    return page.locator("[data-queue-title]").inner_text()


@pytest.mark.both_databases
def test_a_clerk_works_ten_items_by_keyboard_only(page_for, session) -> None:
    clerk = busiest(session)
    before = session.scalar(select(func.max(Operation.id))) or 0
    session.rollback()
    page = page_for(clerk)
    page.goto("/queue")
    expect(page.locator("[data-queue-title]")).to_be_focused()
    seen = []
    for key in KEYS:
        while not page.locator('[data-key="N"]').count():  # an offered client is answered on its own page
            name = shown(page)
            page.keyboard.press("j")
            expect(page.locator("[data-queue-title]")).not_to_have_text(name)
        name = shown(page)
        seen.append(name)
        page.keyboard.press(key)
        expect(page.locator("details.outcome[open]")).to_have_count(1)
        if key == "p" and not page.locator("details.outcome[open] [name=amount_minor]").input_value():
            page.keyboard.type("1")  # nothing is due yet: any sum may be promised that is not more than they owe
        page.keyboard.press("Enter")
        expect(page.locator("[data-queue-title]")).not_to_have_text(name)
        expect(page.locator("[data-queue-title]")).to_be_focused()
        expect(page.locator("#announce")).to_contain_text(re.compile(re.escape(shown(page))))
    assert len(set(seen)) == len(KEYS)
    session.rollback()
    outcomes = session.scalars(select(Operation.outcome).where(Operation.id > before).order_by(Operation.id)).all()
    assert outcomes == [MEANT[key] for key in KEYS]


def on_to(page: Page, key: str) -> str:
    """By J to the first item that knows this outcome; its client's name."""
    expect(page.locator("[data-queue-title]")).to_be_focused()
    while not page.locator(f'[data-key="{key}"]').count():
        name = shown(page)
        page.keyboard.press("j")
        expect(page.locator("[data-queue-title]")).not_to_have_text(name)
    return shown(page)


def test_an_item_goes_to_a_colleague_in_two_keys(page_for, session, axe, fits) -> None:
    clerk = busiest(session)
    page = page_for(clerk)
    page.goto("/queue")
    name = on_to(page, "H")
    page.keyboard.press("h")
    expect(page.locator("#colleague")).to_be_focused()
    first = page.locator("#colleague option:checked").inner_text()
    assert first != clerk.name
    page.keyboard.press("Enter")
    expect(page.locator("[data-queue-title]")).not_to_have_text(name)
    expect(page.locator("[data-queue-title]")).to_be_focused()
    assert last_given(session, clerk) == (name, first, "Has more room now", f"Given to {first}. Has more room now")

    name = on_to(page, "H")
    page.keyboard.press("h")
    axe(page, within="#queue-card")
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("2")
    second = page.locator("#colleague option").nth(1).inner_text()
    expect(page.locator("#colleague option:checked")).to_have_text(second)
    page.keyboard.press("Tab")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("[data-queue-title]")).not_to_have_text(name)
    assert last_given(session, clerk) == (name, second, "Knows the client", f"Given to {second}. Knows the client")
    page.goto("/queue")
    name = on_to(page, "H")
    page.keyboard.press("h")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Her 3 cousins")
    page.keyboard.press("Enter")
    expect(page.locator("[data-queue-title]")).not_to_have_text(name)
    assert last_given(session, clerk)[2] == "Her 3 cousins"


def last_given(session: Session, clerk: User) -> tuple[str, str, str, str]:
    """Of what the clerk gave away last: the client, its owner now, the reason of the event, and the timeline's note."""
    session.rollback()
    mine = (Operation.user_id == clerk.id, Operation.outcome == Outcome.HANDED)
    operation = session.scalars(select(Operation).where(*mine).order_by(Operation.id.desc()).limit(1)).one()
    moved = (Event.kind == "engagement:reassigned", Event.client_id == operation.client_id)
    reason = session.scalars(select(Event.details).where(*moved).order_by(Event.id.desc()).limit(1)).one()["reason"]
    owner = operation.client.open_engagement(Department.CLIENT).owner.name
    return operation.client.name, owner, reason, operation.interaction.outcome


def test_a_dispute_is_written_by_keyboard_only(page_for, session) -> None:
    clerk = busiest(session)
    page = page_for(clerk)
    page.goto("/queue")
    name = on_to(page, "X")
    page.keyboard.press("x")
    expect(page.locator("#dispute")).to_be_focused()
    page.keyboard.press("3")
    expect(page.locator("#dispute option:checked")).to_have_text("Invoiced twice")
    page.keyboard.press("Tab")
    boxes = page.locator("details[open] input[name=invoice]")
    expect(boxes.first).to_be_focused()
    if not boxes.first.is_checked():
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("[data-queue-title]")).not_to_have_text(name)
    expect(page.locator("[data-queue-title]")).to_be_focused()
    session.rollback()
    newest = select(Event).where(Event.kind == "invoice:disputed").order_by(Event.id.desc()).limit(1)
    told = session.scalars(newest).one()
    assert (told.details["reason"], told.actor_id) == ("twice", clerk.id)
    operation = session.scalars(select(Operation).order_by(Operation.id.desc()).limit(1)).one()
    assert (operation.outcome, operation.client.name) == (Outcome.DISPUTED, name)
    assert operation.interaction.outcome.startswith("Disputed: ")


def test_keys_type_where_one_types_and_escape_closes(page_for, session) -> None:
    page = page_for(busiest(session))
    page.goto("/queue")
    name = shown(page)
    page.keyboard.press("d")
    page.locator("#note-done").fill("")
    page.locator("#note-done").press_sequentially("npd jk")
    expect(page.locator("#note-done")).to_have_value("npd jk")
    page.keyboard.press("Escape")
    expect(page.locator("details.outcome[open]")).to_have_count(0)
    page.keyboard.press("j")
    expect(page.locator("[data-queue-title]")).not_to_have_text(name)
    expect(page.locator("[data-queue-title]")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("[data-queue-title]")).to_have_text(name)
    page.locator("#search").focus()
    page.keyboard.type("d")
    expect(page.locator("details.outcome[open]")).to_have_count(0)


def test_the_queue_works_without_scripts(page_for, session) -> None:
    page = page_for(busiest(session), scripts=False)
    page.goto("/queue")
    name = shown(page)
    page.locator("summary", has_text="No answer").click()
    page.get_by_role("button", name="No answer").click()
    expect(page.locator("[data-queue-title]")).not_to_have_text(name)


def test_all_clients_of_a_clerk_are_chosen_at_once(page_for, session) -> None:
    page = page_for(busiest(session))
    page.goto("/queue/several")
    every, boxes = page.get_by_label("Choose all"), page.locator("[name=engagement]")
    chosen = page.locator("[name=engagement]:checked")
    every.check()
    expect(chosen).to_have_count(boxes.count())
    boxes.first.uncheck()
    expect(every).not_to_be_checked()
    every.check()
    every.uncheck()
    expect(chosen).to_have_count(0)
