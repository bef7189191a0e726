"""Whose clients they are: what a head looks at before clients are spread over the clerks."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from webapp.domain.absence import lent
from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import PENDING
from webapp.domain.levelling import Held
from webapp.domain.promise import Promise
from webapp.domain.promise_to_pay import PromiseToPay, PromiseToPayState
from webapp.domain.queue import RANKS, RESTS
from webapp.domain.queue_item import QueueItem
from webapp.domain.words import Department

LISTED = 500
"""Clients of one clerk that can be chosen at once."""


@dataclass(frozen=True, slots=True)
class Served:
    """A client of a clerk's: why it stands in the queue, and whether it is in the middle of something."""

    engagement_id: int
    client_id: int
    client: str
    label: str
    pinned: bool


def served(session: Session, clerk_id: int) -> tuple[Served, ...]:
    """A clerk's clients by name. One statement."""
    rows = session.execute(
        select(Engagement.id, Client.id, Client.name, QueueItem.rank, _pinned())
        .join(Client, Client.id == Engagement.client_id)
        .outerjoin(QueueItem, QueueItem.client_id == Engagement.client_id)
        .where(Engagement.owner_id == clerk_id, Engagement.department == Department.CLIENT)
        .where(Engagement.closed_at.is_(None))
        .order_by(Client.name, Client.id)
        .limit(LISTED)
    )
    return tuple(
        Served(number, client, name, RANKS[rank].label if rank is not None and rank < RESTS else "", bool(pinned))
        for number, client, name, rank, pinned in rows
    )


def held(session: Session, clerks: Collection[int]) -> dict[int, list[Held]]:
    """All clients of these clerks, for levelling; whoever is lent to them stays too. Two statements."""
    away = lent(session)
    found: dict[int, list[Held]] = {clerk: [] for clerk in clerks}
    rows = session.execute(
        select(Engagement.owner_id, Engagement.id, Client.name, _pinned(), QueueItem.rank)
        .join(Client, Client.id == Engagement.client_id)
        .outerjoin(QueueItem, QueueItem.client_id == Engagement.client_id)
        .where(Engagement.owner_id.in_(clerks), Engagement.department == Department.CLIENT)
        .where(Engagement.closed_at.is_(None))
    )
    for owner, number, name, pinned, rank in rows:
        found[owner].append(Held(number, name, bool(pinned) or number in away, rank is not None and rank < RESTS))
    return found


def _pinned() -> ColumnElement[bool]:
    pays = exists().where(PromiseToPay.client_id == Engagement.client_id, PromiseToPay.state == PromiseToPayState.OPEN)
    ours = exists().where(
        Promise.client_id == Engagement.client_id, Promise.kept_at.is_(None), Promise.broken_at.is_(None)
    )
    passing = exists().where(HandOff.client_id == Engagement.client_id, HandOff.state.in_(PENDING))
    return or_(pays, ours, passing)
