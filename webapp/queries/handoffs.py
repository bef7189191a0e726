"""The inbox of hand-offs: what waits for my department, what came back to me, what I began, what was decided."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, SQLColumnExpression, true
from sqlalchemy.orm import aliased, Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState, PENDING
from webapp.domain.money import Money
from webapp.domain.user import Actor, User
from webapp.domain.words import Department

SHOWN = 200
"""The most rows of one list."""
DECIDED_DAYS = 30

Sums = dict[int | None, tuple[Money, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One hand-off. ``left`` is working time until the answer is due, negative when past, None when not offered."""

    id: int
    client_id: int
    client: str
    giver: Department
    receiver: Department
    state: HandOffState
    owner_id: int
    owner: str
    """Who answers for the client now (until acceptance the giver's owner), or who took it over."""
    since: datetime
    """When it came into its state."""
    due_at: datetime | None
    left: timedelta | None
    gaps: tuple[str, ...]
    because: str
    one_off: tuple[Money, ...]
    monthly: tuple[Money, ...]
    decided_by: str | None

    @property
    def past(self) -> bool:
        return self.left is not None and self.left < timedelta()


@dataclass(frozen=True, slots=True)
class Inbox:
    waiting: tuple[Row, ...]
    """Offered to me (to my department; for a director to any): the earliest due first."""
    returned: tuple[Row, ...]
    """Came back to me with gaps."""
    drafts: tuple[Row, ...]
    offered: tuple[Row, ...]
    """Offered by me, and not answered yet."""
    decided: tuple[Row, ...]


def inbox(session: Session, actor: Actor, at: datetime) -> Inbox:
    """Everything about hand-offs that concerns the actor. Five statements."""
    company = session.get_one(Company, 1)
    pending = _rows(session, HandOff.state.in_(PENDING) & _concerns(actor), HandOff.due_at, company, at)
    decided = _rows(
        session,
        HandOff.state.not_in(PENDING) & _concerns(actor) & (HandOff.decided_at > at - timedelta(days=DECIDED_DAYS)),
        HandOff.decided_at.desc(),
        company,
        at,
        30,
    )
    gives = _gives(actor)
    receives = actor.is_director or actor.department is not None
    waiting = [
        row
        for row in pending
        if row.state is HandOffState.OFFERED and receives and (actor.is_director or row.receiver is actor.department)
    ]
    mine = [row for row in pending if gives(row)]
    return Inbox(
        tuple(waiting),
        tuple(row for row in mine if row.state is HandOffState.RETURNED),
        tuple(row for row in mine if row.state is HandOffState.DRAFTED),
        tuple(row for row in mine if row.state is HandOffState.OFFERED and row not in waiting),
        tuple(decided),
    )


def waiting(session: Session, actor: Actor, at: datetime) -> int:
    """How many hand-offs ask something of the actor now: the number beside the word in the menu. One statement.

    For a director, those past their time.
    """
    offered = select(func.count()).where(HandOff.state == HandOffState.OFFERED)
    if actor.is_director:
        return session.scalar(offered.where(HandOff.due_at < at)) or 0
    if actor.department is None:
        return 0
    returned = (
        select(func.count())
        .select_from(HandOff)
        .join(Engagement, Engagement.id == HandOff.engagement_id)
        .where(HandOff.giver == actor.department, HandOff.state == HandOffState.RETURNED)
        .where(Engagement.owner_id == actor.id)
    )
    answers = offered.where(HandOff.receiver == actor.department).scalar_subquery()
    return session.scalar(select(answers + returned.scalar_subquery())) or 0


def past_due(session: Session, departments: Collection[Department], at: datetime) -> tuple[Row, ...]:
    """Offers that nobody answered in time, to or from these departments: the oldest first. Three statements."""
    company = session.get_one(Company, 1)
    late = (HandOff.state == HandOffState.OFFERED) & (HandOff.due_at < at)
    among = or_(HandOff.receiver.in_(departments), HandOff.giver.in_(departments))
    return _rows(session, late & among, HandOff.due_at, company, at)


def sums_of(session: Session, engagements: Collection[int]) -> tuple[Sums, Sums]:
    """One-off and monthly sums of the open deals of each engagement, per currency. One statement."""
    one_off: dict[int | None, list[Money]] = {}
    monthly: dict[int | None, list[Money]] = {}
    for engagement, currency, once, each_month in session.execute(
        select(Deal.engagement_id, Deal.currency, func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
        .where(Deal.engagement_id.in_(engagements), Deal.status == DealStatus.OPEN)
        .group_by(Deal.engagement_id, Deal.currency)
        .order_by(Deal.currency)
    ):
        if once:
            one_off.setdefault(engagement, []).append(Money(int(once), currency))
        if each_month:
            monthly.setdefault(engagement, []).append(Money(int(each_month), currency))
    return {key: tuple(sums) for key, sums in one_off.items()}, {key: tuple(sums) for key, sums in monthly.items()}


def _concerns(actor: Actor) -> ColumnElement[bool]:
    if actor.is_director:
        return true()
    return or_(HandOff.receiver == actor.department, HandOff.giver == actor.department)


def _gives(actor: Actor) -> Callable[[Row], bool]:
    """Whether a hand-off is the actor's to pass on: a member's own clients, a head's department, all for a director."""
    if actor.is_director:
        return lambda row: True
    if actor.is_head:
        return lambda row: row.giver is actor.department
    return lambda row: row.giver is actor.department and row.owner_id == actor.id


def _rows(
    session: Session,
    which: ColumnElement[bool],
    order: SQLColumnExpression[Any],
    company: Company,
    at: datetime,
    most: int = SHOWN,
) -> tuple[Row, ...]:
    giver, taker, decider = aliased(User), aliased(User), aliased(User)
    found = session.execute(
        select(HandOff, Client.name, giver.id, giver.name, taker.id, taker.name, decider.name)
        .join(Client, Client.id == HandOff.client_id)
        .join(Engagement, Engagement.id == HandOff.engagement_id)
        .join(giver, giver.id == Engagement.owner_id)
        .outerjoin(taker, taker.id == HandOff.owner_id)
        .outerjoin(decider, decider.id == HandOff.decided_by_id)
        .where(which)
        .order_by(order, HandOff.id)
        .limit(most)
    ).all()
    one_off, monthly = sums_of(session, [handoff.engagement_id for handoff, *_ in found])
    return tuple(
        Row(
            handoff.id,
            handoff.client_id,
            client,
            handoff.giver,
            handoff.receiver,
            handoff.state,
            taker_id or giver_id,
            taker_name or giver_name,
            _since(handoff),
            handoff.due_at,
            working_time_left(handoff, company, at),
            tuple(item.label for item in handoff.route.checklist if item.key in handoff.gaps),
            handoff.returned_because,
            one_off.get(handoff.engagement_id, ()),
            monthly.get(handoff.engagement_id, ()),
            decider_name,
        )
        for handoff, client, giver_id, giver_name, taker_id, taker_name, decider_name in found
    )


def working_time_left(handoff: HandOff, company: Company, at: datetime) -> timedelta | None:
    """Working time until an offer is to be answered, negative when it is past; None when it is not offered."""
    if handoff.state is not HandOffState.OFFERED or handoff.due_at is None:
        return None
    return company.hours.between(at, handoff.due_at)


def _since(handoff: HandOff) -> datetime:
    if handoff.state is HandOffState.OFFERED and handoff.offered_at is not None:
        return handoff.offered_at
    return handoff.introduced_at or handoff.decided_at or handoff.drafted_at
