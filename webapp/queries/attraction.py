"""Clients whose period of initial attraction is over and whom the Client department does not serve yet."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, true
from sqlalchemy.orm import aliased, Session

from webapp.domain.client import Client
from webapp.domain.commission import AttractionPeriod
from webapp.domain.engagement import Engagement
from webapp.domain.user import Actor
from webapp.domain.words import Department

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Ready:
    """A client to hand off, and since when."""

    client_id: int
    client: str
    ended_on: date


def ready(session: Session, actor: Actor, today: date) -> tuple[Ready, ...]:
    """The hunter's own; everybody's for heads and directors. Those who wait longest first."""
    serving = aliased(Engagement)
    first = func.min(AttractionPeriod.ended_on)
    found = session.execute(
        select(Client.id, Client.name, first)
        .join(AttractionPeriod, AttractionPeriod.client_id == Client.id)
        .join(Engagement, (Engagement.client_id == Client.id) & (Engagement.department == Department.SALES))
        .where(
            AttractionPeriod.ended_on <= today,
            Engagement.closed_at.is_(None),
            Engagement.owner_id == actor.id if actor.is_member else true(),
            ~select(serving.id)
            .where(serving.client_id == Client.id, serving.department == Department.CLIENT, serving.closed_at.is_(None))
            .exists(),
        )
        .group_by(Client.id, Client.name)
        .order_by(first, Client.id)
        .limit(SHOWN)
    )
    return tuple(Ready(row[0], row[1], row[2] or today) for row in found)
