"""Writing a plan: everything in the caller's transaction, in bulk, with the events that tell it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.domain.health_keeping import keep
from webapp.domain.held_row import HeldRow, HeldRowState
from webapp.domain.importing import Import
from webapp.domain.user import User
from webapp.exchange.creating import Creator
from webapp.exchange.incoming import KINDS
from webapp.exchange.planned import New, Plan
from webapp.exchange.updating import update_records
from webapp.exchange.writing import Desk, held_values

Progress = Callable[[int, int], None]
"""Called with how much is done, and of how much."""


def apply_plan(
    session: Session,
    plan: Plan,
    into: Import,
    *,
    by: User | None,
    at: datetime,
    progress: Progress = lambda done, total: None,
) -> Desk:
    """Write everything that the plan says. The desk knows what became of it: ``stages`` of the board, ``ids``.

    The records and events are written past the session's own unit of work: thousands of rows in a few statements. The
    health of the clients whom they concern follows at once; their places in the queue and their threads the night sees.
    """
    into.source = plan.source
    total = sum(len(plan.creations[kind]) + len(plan.updates[kind]) for kind in KINDS) + len(plan.held)
    desk = Desk(session, plan, into.id, by, at, lambda done: progress(done, total))
    creator = Creator(desk)
    creator.users()
    creator.products()
    creator.clients()
    creator.deals()
    update_records(desk)
    for each in plan.recognised:
        desk.remember(each.kind, each.key, each.record_id, each.values, {})
    _hold(desk)
    _release(desk)
    desk.write_down()
    keep(session, desk.concerned, at=at)
    return desk


def _hold(desk: Desk) -> None:
    """Keep the rows that cannot come in; one that changed since it was held back is brought up to date."""
    for row in desk.plan.held:
        values = held_values(row, desk.plan.currency)
        held = desk.plan.knowledge.held.get((row.kind, row.key))
        if held is None:
            values |= {"source": desk.plan.source, "kind": row.kind, "key": row.key, "import_id": desk.import_id}
            desk.put(HeldRow, values)
        else:
            desk.remember("held_row", row.key, held.id, {}, desk.row_of(HeldRow, held.id, values))
            _write_held(desk, held.id, values)
    desk.flush(HeldRow)
    desk.done(len(desk.plan.held))


def _release(desk: Desk) -> None:
    """Rows held back by an earlier import that came in now."""
    for (kind, key), held in desk.plan.released.items():
        values = {"state": HeldRowState.COMPLETED, "record_id": desk.ids[New(kind, key)], "closed_at": desk.at}
        desk.remember("held_row", key, held.id, {}, desk.row_of(HeldRow, held.id, values))
        _write_held(desk, held.id, values)


def _write_held(desk: Desk, number: int, values: dict[str, Any]) -> None:
    desk.session.execute(
        update(HeldRow).where(HeldRow.id == number).values(**values).execution_options(synchronize_session=False)
    )
