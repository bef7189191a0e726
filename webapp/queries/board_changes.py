"""What changed on the board since somebody last looked: which columns to send again, at the price of one statement.

A browser keeps a cursor ``seen-within``: the highest event id it was told of, and how many events it knew among the
WINDOW ids up to that one. Ids are given before the commit. On PostgreSQL an event with a smaller id may therefore
become visible after one with a larger id, and a cursor that held the highest id alone would never tell of it. Here
the late event raises the number within the window, the cursor no longer matches, and the columns of the whole window
are sent: most of them for nothing, which is harmless, because a browser morphs them into what already stands there.
Without a late event only the columns of events above ``seen`` are sent.

Not covered is an event that is WINDOW ids late, which means a transaction that stayed open while WINDOW other events
were written. Only imports do that: the event that ends one makes the whole board be sent.

The cursor is read before the columns. What is committed in between is sent twice, never not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, BindParameter, func, Row, select
from sqlalchemy.orm import Session

from webapp.domain.model import Event

WINDOW = 200
"""Ids by which an event may be late. One statement reads so many rows of the primary key: about 20 microseconds."""

MANY = 1000
"""Events after which the whole board is sent rather than looked through: the browser slept."""

EVENT = Event.__table__.c
SEEN: BindParameter[int] = bindparam("seen")
LATEST = select(func.max(EVENT.id))
SINCE = select(func.max(EVENT.id), func.count().filter(EVENT.id <= SEEN)).where(EVENT.id > SEEN - WINDOW)
TOLD = (
    select(EVENT.id, EVENT.kind, EVENT.stage_ids)
    .where(EVENT.id > SEEN - WINDOW)
    .order_by(EVENT.id)
    .limit(WINDOW + MANY)
)

EVERYWHERE = frozenset({"import:applied", "import:undone", "import:completed", "user:changed"})
"""Kinds that may change any card."""

REBUILDS = frozenset({"stage:added", "stage:changed", "stage:removed"})
"""Kinds that change which columns there are."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened, and the cursor to ask with next time."""

    cursor: str
    stage_ids: frozenset[int] | None = None
    """The columns that may look different; None means all of them."""
    rebuilt: bool = False
    """There are other columns than before: the page must be loaded again."""


def cursor(session: Session) -> str:
    """Where a reader stands who reads the board after this."""
    seen = session.connection().execute(LATEST).scalar() or 0
    within = session.connection().execute(SINCE, {"seen": seen}).one()[1]
    return f"{seen}-{within}"


def changes(session: Session, since: str, newest: int | None = None) -> Changes | None:
    """What happened since a cursor; None when nothing did. An unreadable cursor means that nothing is known.

    ``newest`` is the newest event's id, where the asker knows it already: SQLite commits in the order of ids, and has
    nothing else to tell then.
    """
    seen, within = _parse(since)
    if newest is not None and newest == seen and session.get_bind().dialect.name == "sqlite":
        return None
    if seen is None:
        return Changes(cursor(session))
    latest, known = session.connection().execute(SINCE, {"seen": seen}).one()
    if (latest or 0, known) == (seen, within):
        return None
    if latest is None or latest < seen or latest - seen >= MANY:
        return Changes(cursor(session))
    return _told(session.connection().execute(TOLD, {"seen": seen}).all(), seen, within)


def _told(events: Sequence[Row[*tuple[Any, ...]]], seen: int, within: int) -> Changes:
    late = sum(event.id <= seen for event in events) != within
    told = [event for event in events if late or event.id > seen]
    latest = events[-1].id
    reached = f"{latest}-{sum(event.id > latest - WINDOW for event in events)}"
    if any(event.kind in REBUILDS for event in told):
        return Changes(reached, rebuilt=True)
    if any(event.kind in EVERYWHERE for event in told):
        return Changes(reached)
    return Changes(reached, frozenset(stage_id for event in told for stage_id in event.stage_ids or ()))


def _parse(since: str) -> tuple[int | None, int]:
    seen, _, within = since.partition("-")
    if seen.isdecimal() and within.isdecimal() and len(seen) < 19 and len(within) < 10:
        return int(seen), int(within)
    return None, 0
