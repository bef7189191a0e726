"""A clerk works the queue in a real browser, without touching the mouse."""

import re
from datetime import datetime, UTC

from playwright.sync_api import expect, Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.operation import Operation
from webapp.domain.queue import RESTS
from webapp.domain.queue_item import QueueItem
from webapp.domain.queue_keeping import everybody, keep
from webapp.domain.user import User

KEYS = "dnldpdndld"
MEANT = {"d": "done", "n": "noanswer", "l": "postponed", "p": "promised"}


def busiest(session: Session) -> User:
    """The clerk of the demo company who has most to do."""
    keep(session, everybody(session), at=datetime.now(UTC))
    session.commit()
    most = (
        select(QueueItem.clerk_id)
        .where(QueueItem.rank < RESTS, QueueItem.clerk_id.is_not(None))
        .group_by(QueueItem.clerk_id)
        .order_by(func.count().desc())
        .limit(1)
    )
    user = session.get_one(User, session.scalars(most).one())
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
        if page.locator(f'[data-key="{key.upper()}"]').evaluate("each => each.tagName") == "A":
            page.keyboard.press("j")  # an offered client is answered on its own page
        name = shown(page)
        seen.append(name)
        page.keyboard.press(key)
        expect(page.locator("details.outcome[open]")).to_have_count(1)
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
