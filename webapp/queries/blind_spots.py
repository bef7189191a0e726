"""Whom too few of ours know, by what they pay. Five statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.coverage import BlindSpot
from webapp.domain.engagement import Engagement
from webapp.domain.money import Money
from webapp.domain.thread import Thread
from webapp.domain.user import Actor, User
from webapp.domain.words import Department

SHOWN = 20
"""The most clients named, for the company's currency and for the others together; the count is of all."""


@dataclass(frozen=True, slots=True)
class BlindRow:
    """``known_by``: those of ours who are in live contact."""

    client_id: int
    client: str
    key: bool
    monthly: Money
    ours: int
    needed: int
    lacks_head: bool
    known_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BlindSpots:
    """Those that pay most first: in the company's currency, then in each of the others. ``count`` is of clients."""

    rows: tuple[BlindRow, ...]
    count: int


def blind_spots(session: Session, actor: Actor, today: date) -> BlindSpots:
    """Those whom the head's department works with; all for a director."""
    departments = [actor.department] if actor.department is not None else list(Department)
    currency = session.get_one(Company, 1).currency
    mine = exists().where(
        Engagement.client_id == BlindSpot.client_id,
        Engagement.closed_at.is_(None),
        Engagement.department.in_(departments),
    )
    found = [
        *_found(session, mine, BlindSpot.currency == currency),
        *_found(session, mine, BlindSpot.currency != currency),
    ]
    known = _known_by(session, {spot.client_id for spot, _, _ in found}, today)
    rows = tuple(
        BlindRow(
            spot.client_id,
            name,
            key,
            Money(spot.monthly_minor, spot.currency),
            spot.ours,
            spot.needed,
            spot.lacks_head,
            tuple(known.get(spot.client_id, ())),
        )
        for spot, name, key in found
    )
    count = session.scalar(select(func.count(BlindSpot.client_id.distinct())).where(mine))
    return BlindSpots(rows, count or 0)


def _found(
    session: Session, mine: ColumnElement[bool], paid: ColumnElement[bool]
) -> Sequence[tuple[BlindSpot, str, bool]]:
    rows = session.execute(
        select(BlindSpot, Client.name, Client.key)
        .join(Client, Client.id == BlindSpot.client_id)
        .where(mine, paid)
        .order_by(BlindSpot.currency.desc(), BlindSpot.monthly_minor.desc(), BlindSpot.client_id.desc())
        .limit(SHOWN)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _known_by(session: Session, clients: Collection[int], today: date) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for client, name in session.execute(
        select(Thread.client_id, User.name)
        .distinct()
        .join(User, User.id == Thread.user_id)
        .where(Thread.client_id.in_(clients), Thread.live_until >= today, User.deactivated_at.is_(None))
        .order_by(Thread.client_id, User.name)
    ):
        found.setdefault(client, []).append(name)
    return found
