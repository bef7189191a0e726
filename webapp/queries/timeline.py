"""A client's timeline: its events, newest first, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from webapp.domain.contact import Contact
from webapp.domain.event import Event, EVENT_KINDS
from webapp.domain.interaction import Interaction
from webapp.domain.letter import Letter
from webapp.domain.task import Task
from webapp.domain.user import Actor, User
from webapp.domain.words import N_

PAGE = 30
NEWEST = 2**62

GROUPS: dict[str, tuple[str, frozenset[str]]] = {
    "touches": (N_("Touches"), frozenset("attack interaction letter operation promise task visit".split())),
    "deals": (N_("Deals"), frozenset({"awareness", "deal", "discount", "proposal", "rivalsupply"})),
    "money": (N_("Money"), frozenset({"contract", "invoice", "payer", "payment", "promisetopay"})),
    "handoffs": (N_("Hand-offs"), frozenset({"handoff", "engagement", "vip", "vipreview"})),
    "data": (N_("Data"), frozenset({"client", "contact", "health", "import"})),
}
"""What a reader can narrow the timeline to: the label, and the subjects of the events."""

KINDS = {
    group: sorted(kind for kind in EVENT_KINDS if kind.partition(":")[0] in subjects)
    for group, (_, subjects) in GROUPS.items()
}

_SOMEBODY_ERASED = exists().where(Contact.client_id == bindparam("client"), Contact.erased_at.is_not(None))
_ROWS = (
    select(Event.id, Event.kind, Event.at, Event.subject_id, Event.details, User.name, _SOMEBODY_ERASED)
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
    """A page of a client's timeline. Every department reads all of it; an unknown group means everything.

    One statement, and four more where somebody at the client was erased: events never change, so what they tell of
    such a person is left out here."""
    rows = session.execute(_ROWS_OF_GROUP.get(group, _ROWS), {"client": client_id, "before": before}).all()
    entries = tuple(Entry(*row[:6]) for row in rows[:PAGE])
    if rows and rows[0][6]:
        entries = _struck(session, client_id, entries)
    return Timeline(client_id, group if group in GROUPS else "", entries, entries[-1].id if len(rows) > PAGE else None)


def _struck(session: Session, client_id: int, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries without the people who were erased: what interactions, tasks and letters say now, where the names are
    struck out, in place of what they said then. Four statements."""
    gone = select(Contact.id, Contact.name).where(Contact.client_id == client_id, Contact.erased_at.is_not(None))
    people: dict[int, str] = {row[0]: row[1] for row in session.execute(gone)}
    talks = select(Interaction.id, Interaction.contact_id, Interaction.outcome)
    work, post = select(Task.id, Task.subject), select(Letter.id, Letter.subject)
    said = {row[0]: row for row in session.execute(talks.where(Interaction.id.in_(_ids(entries, "interaction"))))}
    subjects = {
        "task": {row[0]: row[1] for row in session.execute(work.where(Task.id.in_(_ids(entries, "task"))))},
        "letter": {row[0]: row[1] for row in session.execute(post.where(Letter.id.in_(_ids(entries, "letter"))))},
    }

    def strike(entry: Entry) -> Entry:
        subject, key, told = entry.kind.partition(":")[0], entry.subject_id or 0, dict(entry.details)
        if subject == "contact" and key in people:
            told = {"name": people[key]}
        elif subject == "interaction" and key in said:
            told |= {"outcome": said[key][2][:500], "contact": people.get(said[key][1] or 0, told.get("contact"))}
        elif key in subjects.get(subject, {}):
            told["subject"] = subjects[subject][key]
        elif subject == "visit":
            told["met"] = ""
        elif subject == "awareness":
            told["reason"] = ""
        elif subject == "proposal":
            told |= {"who": "", "words": ""}
        return replace(entry, details=told)

    return tuple(strike(entry) for entry in entries)


def _ids(entries: Sequence[Entry], subject: str) -> list[int]:
    return [entry.subject_id or 0 for entry in entries if entry.kind.partition(":")[0] == subject]
