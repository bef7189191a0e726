"""The board's cursor: nothing is told twice for nothing, and nothing is ever lost."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, stages
from tests.factories import engagement_of, make_client, make_contact
from tests.support.apps import World
from webapp.domain.event import Event, event
from webapp.domain.words import Department
from webapp.queries import board_changes
from webapp.queries.board_changes import Changes, changes, cursor, MANY, WINDOW


def tell(session: Session, kind: str = "task:added", *stage_ids: int, id: int | None = None) -> Event:  # noqa: A002
    """An event that changes these columns, committed."""
    told = event(kind, by=None, at=AT, stages=stage_ids)
    told.id = id
    session.add(told)
    session.commit()
    return told


def test_nothing_happened(session: Session) -> None:
    since = cursor(session)
    assert changes(session, since) is None

    tell(session, "task:added", 3)
    since = cursor(session)
    assert changes(session, since) is None


def test_the_columns_of_what_happened_since_are_sent_and_no_others(session: Session) -> None:
    tell(session, "task:added", 1)
    since = cursor(session)
    tell(session, "engagement:moved", 3, 4)
    tell(session, "user:entered")
    tell(session, "task:done", 4)

    found = changes(session, since)

    assert found is not None
    assert found.stage_ids == {3, 4}
    assert changes(session, found.cursor) is None


def test_a_move_is_told_with_both_of_its_columns(session: Session, cast: Cast) -> None:
    engagement = engagement_of(make_client(session, cast.hunter))
    make_contact(session, engagement.client)
    left, entered, *_ = stages(session, Department.SALES)
    session.commit()
    since = cursor(session)

    session.add(engagement.move_to(entered, by=cast.hunter, at=AT, seen=engagement.version))
    session.commit()

    assert changes(session, since) == Changes(cursor(session), frozenset({left.id, entered.id}))


def test_an_event_with_a_smaller_id_that_becomes_visible_later_is_told(session: Session) -> None:
    base = tell(session, "task:added", 1).id
    tell(session, "task:added", 2, id=base + 10)
    since = cursor(session)

    tell(session, "task:added", 7, id=base + 5)

    found = changes(session, since)
    assert found is not None
    assert found.stage_ids == {1, 2, 7}
    assert changes(session, found.cursor) is None


def test_a_late_event_is_told_beside_a_newer_one(session: Session) -> None:
    base = tell(session, "task:added", 1).id
    tell(session, "task:added", 2, id=base + WINDOW - 1)
    since = cursor(session)

    tell(session, "task:added", 8, id=base + WINDOW)
    tell(session, "task:added", 7, id=base + 1)

    found = changes(session, since)
    assert found is not None
    assert {7, 8} <= (found.stage_ids or set())
    assert changes(session, found.cursor) is None


def test_two_changes_at_once_are_both_told_whichever_is_committed_first(
    world: World, session: Session, database: str
) -> None:
    """PostgreSQL gives the first its id before the second, and lets the second finish before it."""
    tell(session)
    with Session(world.engine) as first, Session(world.engine) as second:
        first.add(event("task:added", by=None, at=AT, stages=(1,)))
        first.flush()
        if database == "sqlite":
            second.execute(text("PRAGMA busy_timeout=20"))
        second.add(event("task:added", by=None, at=AT, stages=(2,)))
        if database == "sqlite":  # one writes at a time, so that events become visible in the order of their ids
            with pytest.raises(OperationalError, match="locked"):
                second.flush()
            second.rollback()
            second.execute(text("PRAGMA busy_timeout=10000"))
            second.rollback()
            return
        second.commit()
        since = cursor(session)
        assert (changes(session, since), seen_by(session)) == (None, [2])
        session.rollback()

        first.commit()

        found = changes(session, since)
        assert found is not None
        assert found.stage_ids == {1, 2}
        assert changes(session, found.cursor) is None


def seen_by(session: Session) -> list[int]:
    return [id_ for ids in session.query(Event.stage_ids).order_by(Event.id) if ids[0] for id_ in ids[0]]


@pytest.mark.parametrize("kind", sorted(board_changes.EVERYWHERE))
def test_an_import_and_a_renamed_owner_may_change_every_column(session: Session, kind: str) -> None:
    since = cursor(session)
    tell(session, kind)

    assert changes(session, since) == Changes(cursor(session), None)


@pytest.mark.parametrize("kind", sorted(board_changes.REBUILDS))
def test_other_stages_are_another_board(session: Session, kind: str) -> None:
    since = cursor(session)
    tell(session, kind, 1)

    assert changes(session, since) == Changes(cursor(session), rebuilt=True)


@pytest.mark.parametrize("since", ["", "-", "x", "1", "1-x", "-1-1", "9" * 30 + "-1", "1-" + "9" * 30, "٣-٤", "²-1"])
def test_who_holds_no_readable_cursor_gets_everything(session: Session, since: str) -> None:
    tell(session, "task:added", 1)

    assert changes(session, since) == Changes(cursor(session), None)


def test_a_cursor_from_before_the_database_was_put_back_gets_everything(session: Session) -> None:
    tell(session, "task:added", 1)

    assert changes(session, "9000-200") == Changes(cursor(session), None)


def test_who_slept_through_a_lot_gets_everything(session: Session) -> None:
    tell(session, "task:added", 1)
    since = cursor(session)
    session.add_all([event("task:added", by=None, at=AT, stages=(2,)) for _ in range(MANY)])
    session.commit()

    assert changes(session, since) == Changes(cursor(session), None)


def test_asking_when_nothing_changed_costs_one_statement(session: Session, statements: Callable) -> None:
    tell(session, "task:added", 1)
    since = cursor(session)
    with statements() as seen:
        changes(session, since)

    assert len(seen) == 1
