"""The first page: what this person does next. A fixed number of statements for each role."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.discount import DiscountApproval
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState, PENDING
from webapp.domain.promise import Promise
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_answer import ProposalAnswer
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import Actor
from webapp.domain.words import Department

AHEAD = timedelta(days=7)
SHOWN = 50
FEW = 10


@dataclass(frozen=True, slots=True)
class Touch:
    """A task of mine that is overdue, due today or in the next days."""

    id: int
    kind: TaskKind
    subject: str
    due_on: date
    due_time: time | None
    client_id: int
    client: str
    proposal_id: int | None
    """The proposal that it is about, where a client answered or a discount is decided on."""


@dataclass(frozen=True, slots=True)
class OwnPromise:
    id: int
    text: str
    due_on: date
    client_id: int
    client: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hand-off that waits: for me, or for the other side."""

    id: int
    giver: Department
    receiver: Department
    state: HandOffState
    due_at: datetime | None
    client: str


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A client of mine without a next touch."""

    client_id: int
    client: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Expected:
    id: int
    name: str
    currency: str
    one_off_minor: int
    monthly_minor: int
    expected_on: date | None
    client: str


@dataclass(frozen=True, slots=True)
class Brought:
    """A client that I attracted, and what it bought in one currency."""

    client_id: int
    client: str
    currency: str
    one_off_minor: int
    monthly_minor: int


@dataclass(frozen=True, slots=True)
class Own:
    """What one person has to do."""

    touches: tuple[Touch, ...]
    promises: tuple[OwnPromise, ...]
    incoming: tuple[Waiting, ...]
    outgoing: tuple[Waiting, ...]
    unplanned: tuple[Unplanned, ...]
    unplanned_count: int
    clients: int


@dataclass(frozen=True, slots=True)
class Selling:
    """What a hunter sells, and what the clients he brought have bought."""

    expected: tuple[Expected, ...]
    brought: tuple[Brought, ...]
    brought_count: int
    won: tuple[tuple[str, int, int], ...]
    """Per currency: one-off and monthly minor units of all deals won with them."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One department in numbers."""

    department: Department
    clients: int
    overdue: int
    unplanned: int
    waiting: int
    late: int
    """Hand-offs offered to it that wait for its answer, and those past their time."""


def own_work(session: Session, actor: Actor, today: date) -> Own:
    """What is due for the actor up to a week ahead, the oldest first."""
    mine = (Engagement.owner_id == actor.id) & Engagement.closed_at.is_(None)
    unplanned = session.execute(
        select(Client.id, Client.name, Engagement.stage_since)
        .join(Engagement)
        .where(mine, Engagement.next_touch_on.is_(None))
        .order_by(Engagement.stage_since, Engagement.id)
        .limit(FEW)
    )
    counts = session.execute(
        select(func.count(), func.count().filter(Engagement.next_touch_on.is_(None))).where(mine)
    ).one()
    incoming, outgoing = _handoffs(session, actor)
    return Own(
        _touches(session, actor, today),
        _promises(session, actor, today),
        incoming,
        outgoing,
        tuple(Unplanned(*row) for row in unplanned),
        counts[1],
        counts[0],
    )


def _touches(session: Session, actor: Actor, today: date) -> tuple[Touch, ...]:
    about = func.coalesce(ProposalAnswer.proposal_id, ProposalVersion.proposal_id)
    wanted = (
        select(*(Task.id, Task.kind, Task.subject, Task.due_on, Task.due_time, Client.id, Client.name), about)
        .join(Client, Client.id == Task.client_id)
        .outerjoin(ProposalAnswer, ProposalAnswer.task_id == Task.id)
        .outerjoin(DiscountApproval, DiscountApproval.task_id == Task.id)
        .outerjoin(ProposalVersion, ProposalVersion.id == DiscountApproval.version_id)
        .where(Task.owner_id == actor.id, Task.closed_at.is_(None), Task.due_on <= today + AHEAD)
        .order_by(Task.due_on, Task.due_time.is_(None), Task.due_time, Task.id)
        .limit(SHOWN)
    )
    return tuple(Touch(*row) for row in session.execute(wanted))


def _promises(session: Session, actor: Actor, today: date) -> tuple[OwnPromise, ...]:
    wanted = (
        select(Promise.id, Promise.text, Promise.due_on, Client.id, Client.name)
        .join(Client, Client.id == Promise.client_id)
        .where(Promise.owner_id == actor.id, Promise.due_on <= today + AHEAD)
        .where(Promise.kept_at.is_(None), Promise.broken_at.is_(None))
        .order_by(Promise.due_on, Promise.id)
        .limit(SHOWN)
    )
    return tuple(OwnPromise(row[0], row[1], row[2] or today, row[3], row[4]) for row in session.execute(wanted))


def _handoffs(session: Session, actor: Actor) -> tuple[tuple[Waiting, ...], tuple[Waiting, ...]]:
    """Those that my department is to answer, and those of my own clients that are on their way."""
    mine = Engagement.owner_id == actor.id
    incoming = (HandOff.receiver == actor.department) & (HandOff.state == HandOffState.OFFERED)
    wanted = (
        select(
            HandOff.id, HandOff.giver, HandOff.receiver, HandOff.state, HandOff.due_at, Client.name, Engagement.owner_id
        )
        .join(Client, Client.id == HandOff.client_id)
        .join(Engagement, Engagement.id == HandOff.engagement_id)
        .where(HandOff.state.in_(PENDING), or_(mine, incoming))
        .order_by(HandOff.due_at.is_(None), HandOff.due_at, HandOff.id)
        .limit(SHOWN)
    )
    rows = [(Waiting(*row[:6]), row[6] == actor.id) for row in session.execute(wanted)]
    return tuple(row for row, own in rows if not own), tuple(row for row, own in rows if own)


def selling(session: Session, actor: Actor) -> Selling:
    """The actor's open deals by expected close, and the clients that he attracted by what they bought."""
    expected = session.execute(
        select(Deal.id, Deal.name, Deal.currency, Deal.one_off_minor, Deal.monthly_minor, Deal.expected_on, Client.name)
        .join(Client, Client.id == Deal.client_id)
        .where(Deal.owner_id == actor.id, Deal.status == DealStatus.OPEN)
        .order_by(Deal.expected_on.is_(None), Deal.expected_on, Deal.id)
        .limit(FEW)
    )
    one_off, monthly = func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor)
    won = (Client.attracted_by_id == actor.id) & (Deal.status == DealStatus.WON)
    sums = select(Deal.currency, one_off, monthly).join(Client, Client.id == Deal.client_id).where(won)
    brought = (
        select(Client.id, Client.name, Deal.currency, one_off, monthly)
        .join(Deal, Deal.client_id == Client.id)
        .where(won)
        .group_by(Client.id, Client.name, Deal.currency)
        .order_by(one_off.desc(), Client.id)
        .limit(FEW)
    )
    return Selling(
        tuple(Expected(*row) for row in expected),
        tuple(Brought(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in session.execute(brought)),
        session.scalar(select(func.count()).where(Client.attracted_by_id == actor.id)) or 0,
        tuple(
            (row[0], int(row[1]), int(row[2]))
            for row in session.execute(sums.group_by(Deal.currency).order_by(Deal.currency))
        ),
    )


def lanes(session: Session, actor: Actor, today: date, at: datetime) -> tuple[Lane, ...]:
    """The three departments side by side."""
    work = select(
        Engagement.department,
        func.count(),
        func.count().filter(Engagement.next_touch_on < today),
        func.count().filter(Engagement.next_touch_on.is_(None)),
    ).where(Engagement.closed_at.is_(None))
    offered = select(HandOff.receiver, func.count(), func.count().filter(HandOff.due_at < at)).where(
        HandOff.state == HandOffState.OFFERED
    )
    counted = {row[0]: (row[1], row[2], row[3]) for row in session.execute(work.group_by(Engagement.department))}
    waiting = {row[0]: (row[1], row[2]) for row in session.execute(offered.group_by(HandOff.receiver))}
    return tuple(
        Lane(department, *counted.get(department, (0, 0, 0)), *waiting.get(department, (0, 0)))
        for department in Department
    )
