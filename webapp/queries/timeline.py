"""A client's timeline: its events, newest first, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.domain.event import Event, EVENT_KINDS
from webapp.domain.user import Actor, User
from webapp.domain.words import N_

PAGE = 30
NEWEST = 2**62

GROUPS: dict[str, tuple[str, frozenset[str]]] = {
    "touches": (N_("Touches"), frozenset({"attack", "interaction", "letter", "operation", "promise", "task"})),
    "deals": (N_("Deals"), frozenset({"deal", "proposal"})),
    "money": (N_("Money"), frozenset({"contract", "invoice", "payer", "payment", "promisetopay"})),
    "handoffs": (N_("Hand-offs"), frozenset({"handoff", "engagement"})),
    "data": (N_("Data"), frozenset({"client", "contact", "import"})),
}
"""What a reader can narrow the timeline to: the label, and the subjects of the events."""

KINDS = {
    group: sorted(kind for kind in EVENT_KINDS if kind.partition(":")[0] in subjects)
    for group, (_, subjects) in GROUPS.items()
}

_ROWS = (
    select(Event.id, Event.kind, Event.at, Event.subject_id, Event.details, User.name)
    .outerjoin(User, User.id == Event.actor_id)
    .where(Event.client_id == bindparam("client"), Event.id < bindparam("before"))
    .order_by(Event.id.desc())
    .limit(PAGE + 1)
)
_ROWS_OF_GROUP = {group: _ROWS.where(Event.kind.in_(kinds)) for group, kinds in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of the timeline; ``actor`` is None where the system itself acted."""

    id: int
    kind: str
    at: datetime
    subject_id: int | None
    details: Mapping[str, Any]
    actor: str | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of entries, newest first; ``earlier`` is the cursor of the next page, None at the end."""

    client_id: int
    group: str
    entries: tuple[Entry, ...]
    earlier: int | None


def timeline(session: Session, actor: Actor, client_id: int, *, group: str = "", before: int = NEWEST) -> Timeline:
    """A page of a client's timeline. Every department reads all of it; an unknown group means everything."""
    rows = session.execute(_ROWS_OF_GROUP.get(group, _ROWS), {"client": client_id, "before": before}).all()
    entries = tuple(Entry(*row) for row in rows[:PAGE])
    return Timeline(client_id, group if group in GROUPS else "", entries, entries[-1].id if len(rows) > PAGE else None)
