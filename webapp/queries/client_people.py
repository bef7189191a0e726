"""The people at a client, who of ours knows them how well, and which rivals talk to them. Five statements."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased, Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.coverage import AFTER_HANDOFF, cover, Coverage
from webapp.domain.engagement import Engagement
from webapp.domain.permissions import allows, Permission
from webapp.domain.rival_thread import RivalThread
from webapp.domain.standing import Attitude, Influence
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
    influence: Influence
    attitude: Attitude
    reports_to_id: int | None
    reports_to: str
    left: bool
    birthday: date | None
    """None, with an empty note, where the asker may not see what is personal."""
    personal_note: str
    threads: tuple[ThreadRow, ...]
    rivals: tuple[tuple[int, str], ...] = ()
    """Competitors who talk to them: id and name."""


@dataclass(frozen=True, slots=True)
class ClientPeople:
    """``coverage`` is None before the hand-off: the rule of two contacts does not hold yet."""

    people: tuple[PersonRow, ...]
    may_edit: bool
    may_see_personal: bool
    coverage: Coverage | None
    ours: tuple[str, ...]
    """Names of ours in live contact."""


_BOSS = aliased(Contact)
_ENGAGEMENTS = select(Engagement).where(Engagement.client_id == bindparam("client")).order_by(Engagement.id)
_CONTACTS = (
    select(Contact, _BOSS.name)
    .outerjoin(_BOSS, _BOSS.id == Contact.reports_to_id)
    .where(Contact.client_id == bindparam("client"), Contact.removed_at.is_(None))
    .order_by(Contact.left_at.is_not(None), Contact.id)
    .limit(SHOWN)
)
_THREADS = (
    select(Thread, User.name, User.department, User.role)
    .join(User, User.id == Thread.user_id)
    .where(Thread.client_id == bindparam("client"), User.deactivated_at.is_(None))
    .order_by(Thread.strength.desc(), User.name, Thread.id)
)
_RIVALS = (
    select(RivalThread.contact_id, Competitor.id, Competitor.name)
    .join(Competitor, Competitor.id == RivalThread.competitor_id)
    .where(RivalThread.client_id == bindparam("client"), RivalThread.ended_at.is_(None))
    .order_by(Competitor.name_key)
)


def client_people(session: Session, actor: Actor, client: Client, today: date) -> ClientPeople:
    """Phones and e-mails are not among it; what is personal only for whom it is."""
    asked = {"client": client.id}
    set_committed_value(client, "engagements", session.scalars(_ENGAGEMENTS, asked).all())
    personal = allows(actor, Permission.CONTACT_PERSONAL, client)
    threads: dict[int, list[ThreadRow]] = {}
    live: dict[int, tuple[str, bool]] = {}
    for contact, row, role in _threads(session, client.id, today):
        threads.setdefault(contact, []).append(row)
        if row.live:
            live[row.user_id] = (row.user, role is Role.HEAD)
    rivals, contacts = _rivals(session, client.id), session.execute(_CONTACTS, asked)
    people = tuple(_person(contact, above, threads, rivals, personal=personal) for contact, above in contacts)
    return ClientPeople(
        people,
        allows(actor, Permission.CLIENT_EDIT, client),
        personal,
        _coverage(client, live),
        tuple(sorted(name for name, _ in live.values())),
    )


def _person(
    contact: Contact,
    above: str | None,
    threads: dict[int, list[ThreadRow]],
    rivals: dict[int, list[tuple[int, str]]],
    *,
    personal: bool,
) -> PersonRow:
    return PersonRow(
        contact.id,
        contact.name,
        contact.position,
        contact.decision_role.label if contact.decision_role is not DecisionRole.UNKNOWN else "",
        contact.influence,
        contact.attitude,
        contact.reports_to_id,
        above or "",
        contact.left_at is not None,
        contact.birthday if personal else None,
        contact.personal_note if personal else "",
        tuple(threads.get(contact.id, ())),
        tuple(rivals.get(contact.id, ())),
    )


def _threads(session: Session, client_id: int, today: date) -> list[tuple[int, ThreadRow, Role]]:
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
        for thread, name, department, role in session.execute(_THREADS, {"client": client_id})
    ]


def _rivals(session: Session, client_id: int) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = {}
    for contact, rival, name in session.execute(_RIVALS, {"client": client_id}):
        found.setdefault(contact, []).append((rival, name))
    return found


def _coverage(client: Client, live: dict[int, tuple[str, bool]]) -> Coverage | None:
    if not any(engagement.department in AFTER_HANDOFF for engagement in client.open_engagements):
        return None
    return cover([(user, head) for user, (_, head) in live.items()], key=client.key)
