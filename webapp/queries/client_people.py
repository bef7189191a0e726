"""The people at a client, and who of ours knows them how well. A fixed number of statements."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.coverage import AFTER_HANDOFF, cover, Coverage
from webapp.domain.engagement import Engagement
from webapp.domain.thread import Thread
from webapp.domain.thread_strength import PARTS
from webapp.domain.user import Actor, User
from webapp.domain.words import Department, Role

SHOWN = 200
"""The most contacts on one page."""


@dataclass(frozen=True, slots=True)
class PartRow:
    key: str
    label: str
    points: int
    weight: int


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """One of ours who knows the contact, the strongest first."""

    user_id: int
    user: str
    department: Department | None
    strength: int
    live: bool
    last_at: datetime
    parts: tuple[PartRow, ...]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: int
    name: str
    position: str
    role: str
    threads: tuple[ThreadRow, ...]


@dataclass(frozen=True, slots=True)
class ClientPeople:
    """``coverage`` is None before the hand-off: the rule of two contacts does not hold yet."""

    people: tuple[PersonRow, ...]
    coverage: Coverage | None
    ours: tuple[str, ...]
    """Names of ours in live contact."""


def client_people(session: Session, actor: Actor, client: Client, today: date) -> ClientPeople:
    """Three statements. Phones and e-mails are not among it."""
    threads: dict[int, list[ThreadRow]] = {}
    live: dict[int, tuple[str, bool]] = {}
    for contact, row, role in _threads(session, client.id, today):
        threads.setdefault(contact, []).append(row)
        if row.live:
            live[row.user_id] = (row.user, role is Role.HEAD)
    contacts = session.execute(
        select(Contact.id, Contact.name, Contact.position, Contact.decision_role)
        .where(Contact.client_id == client.id, Contact.removed_at.is_(None))
        .order_by(Contact.id)
        .limit(SHOWN)
    )
    people = tuple(
        PersonRow(number, name, position, role.label, tuple(threads.get(number, ())))
        for number, name, position, role in contacts
    )
    return ClientPeople(people, _coverage(session, client, live), tuple(sorted(name for name, _ in live.values())))


def _threads(session: Session, client_id: int, today: date) -> list[tuple[int, ThreadRow, Role]]:
    found = session.execute(
        select(Thread, User.name, User.department, User.role)
        .join(User, User.id == Thread.user_id)
        .where(Thread.client_id == client_id, User.deactivated_at.is_(None))
        .order_by(Thread.strength.desc(), User.name, Thread.id)
    )
    return [
        (
            thread.contact_id,
            ThreadRow(
                thread.user_id,
                name,
                department,
                thread.strength,
                thread.live_until is not None and thread.live_until >= today,
                thread.last_at,
                tuple(PartRow(part.key, part.label, thread.points.get(part.key, 0), part.weight) for part in PARTS),
                thread.facts,
            ),
            role,
        )
        for thread, name, department, role in found
    ]


def _coverage(session: Session, client: Client, live: dict[int, tuple[str, bool]]) -> Coverage | None:
    served = session.scalar(
        select(Engagement.id)
        .where(Engagement.client_id == client.id, Engagement.closed_at.is_(None))
        .where(Engagement.department.in_(AFTER_HANDOFF))
        .limit(1)
    )
    return cover([(user, head) for user, (_, head) in live.items()], key=client.key) if served is not None else None
