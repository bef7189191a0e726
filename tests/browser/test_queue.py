"""A clerk works the queue in a real browser, without touching the mouse."""

import re
from datetime import datetime, UTC

from playwright.sync_api import expect, Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.engagement import Engagement
from webapp.domain.operation import Operation
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
            page.keyboard.type("100")  # who owes nothing yet may promise something
        page.keyboard.press("Enter")
        expect(page.locator("[data-queue-title]")).not_to_have_text(name)
        expect(page.locator("[data-queue-title]")).to_be_focused()
        expect(page.locator("#announce")).to_contain_text(re.compile(re.escape(shown(page))))
    assert len(set(seen)) == len(KEYS)
    session.rollback()
    outcomes = session.scalars(select(Operation.outcome).where(Operation.id > before).order_by(Operation.id)).all()
    assert outcomes == [MEANT[key] for key in KEYS]


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
