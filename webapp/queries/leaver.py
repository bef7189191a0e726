"""What hangs on one person: clients whom nobody else of ours knows, and those who could take them over."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased, Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.coverage import BlindSpot
from webapp.domain.engagement import Engagement
from webapp.domain.money import Money
from webapp.domain.thread import Thread
from webapp.domain.user import Actor, User
from webapp.domain.words import Role

SHOWN = 200
"""The most clients in one go; the count is of all."""


@dataclass(frozen=True, slots=True)
class HangingRow:
    """``monthly``: in the company's currency. ``owned``: the leaver answers for the client."""

    client_id: int
    client: str
    key: bool
    monthly: Money | None
    owned: bool


@dataclass(frozen=True, slots=True)
class Leaver:
    rows: tuple[HangingRow, ...]
    count: int
    colleagues: tuple[tuple[int, str], ...]


def leaver(session: Session, actor: Actor, user: User, today: date) -> Leaver:
    """Those that pay most first. Four statements."""
    currency = session.get_one(Company, 1).currency
    mine, other = aliased(Thread), aliased(Thread)
    own = exists().where(mine.client_id == Client.id, mine.user_id == user.id, mine.live_until >= today)
    anybody_else = (
        exists()
        .where(other.client_id == Client.id, other.user_id != user.id, other.live_until >= today)
        .where(User.id == other.user_id, User.deactivated_at.is_(None))
    )
    owned = exists().where(
        Engagement.client_id == Client.id, Engagement.owner_id == user.id, Engagement.closed_at.is_(None)
    )
    found = session.execute(
        select(Client.id, Client.name, Client.key, BlindSpot.monthly_minor, owned, func.count().over())
        .outerjoin(BlindSpot, (BlindSpot.client_id == Client.id) & (BlindSpot.currency == currency))
        .where(own, ~anybody_else)
        .order_by(func.coalesce(BlindSpot.monthly_minor, 0).desc(), Client.id)
        .limit(SHOWN)
    ).all()
    colleagues = session.execute(
        select(User.id, User.name)
        .where(User.department == user.department, User.id != user.id, User.deactivated_at.is_(None))
        .where(User.role.in_([Role.MEMBER, Role.HEAD]))
        .order_by(User.name)
    )
    return Leaver(
        tuple(
            HangingRow(row[0], row[1], row[2], Money(row[3], currency) if row[3] else None, bool(row[4]))
            for row in found
        ),
        found[0][5] if found else 0,
        tuple((row.id, row.name) for row in colleagues),
    )
