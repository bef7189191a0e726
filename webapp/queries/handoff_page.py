"""One hand-off's page: its checklist, what comes along, who could take it over, what happened. Fixed statements."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.event import Event, EVENT_KINDS
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.permissions import allows, Permission
from webapp.domain.promise import Promise
from webapp.domain.route import Item
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import Actor, User
from webapp.queries.handoffs import working_time_left
from webapp.queries.load import least_loaded, Load, loads
from webapp.queries.timeline import Entry

KINDS = [kind for kind in EVENT_KINDS if kind.startswith("handoff:")]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist as it is written down."""

    item: Item
    answer: str
    gap: bool
    """The receiver found it wanting."""

    @property
    def missing(self) -> bool:
        return self.item.required and not self.answer


@dataclass(frozen=True, slots=True)
class DealAlong:
    id: int
    name: str
    currency: str
    one_off_minor: int
    monthly_minor: int
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class TaskAlong:
    kind: TaskKind
    subject: str
    due_on: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class PromiseAlong:
    text: str
    due_on: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class HandOffPage:
    lines: tuple[Line, ...]
    left: timedelta | None
    deals: tuple[DealAlong, ...]
    tasks: tuple[TaskAlong, ...]
    promises: tuple[PromiseAlong, ...]
    people: tuple[Load, ...]
    """Possible owners with their load; empty for those who do not answer this offer."""
    suggested: int | None
    """Id of the owner to propose: who serves the client there already, else the least loaded."""
    history: tuple[Entry, ...]
    may_write: bool
    may_withdraw: bool
    may_answer: bool
    may_introduce: bool


def handoff_page(session: Session, actor: Actor, handoff: HandOff, at: datetime) -> HandOffPage:
    """The page of a hand-off that the actor may read."""
    today, state = actor.today(at), handoff.state
    gives, answers = allows(actor, Permission.HANDOFF_OFFER, handoff), allows(actor, Permission.HANDOFF_ANSWER, handoff)
    may_answer = answers and state is HandOffState.OFFERED
    people = loads(session, [handoff.receiver], today) if may_answer else ()
    return HandOffPage(
        lines=tuple(
            Line(item, handoff.answers.get(item.key, ""), item.key in handoff.gaps) for item in handoff.route.checklist
        ),
        left=working_time_left(handoff, session.get_one(Company, 1), at),
        deals=_deals(session, handoff) if handoff.is_pending else (),
        tasks=_tasks(session, handoff, today) if handoff.is_pending else (),
        promises=_promises(session, handoff, today) if handoff.is_pending else (),
        people=people,
        suggested=_suggested(session, handoff, people),
        history=_history(session, handoff),
        may_write=gives and state in (HandOffState.DRAFTED, HandOffState.RETURNED),
        may_withdraw=gives and handoff.is_pending,
        may_answer=may_answer,
        may_introduce=(gives or answers) and state is HandOffState.ACCEPTED,
    )


def _suggested(session: Session, handoff: HandOff, people: tuple[Load, ...]) -> int | None:
    if not people:
        return None
    serving = session.scalar(
        select(Engagement.owner_id).where(
            Engagement.client_id == handoff.client_id,
            Engagement.department == handoff.receiver,
            Engagement.closed_at.is_(None),
        )
    )
    room = least_loaded(people)
    known = {person.user_id for person in people}
    return serving if serving in known else room.user_id if room else None


def _deals(session: Session, handoff: HandOff) -> tuple[DealAlong, ...]:
    found = session.execute(
        select(Deal.id, Deal.name, Deal.currency, Deal.one_off_minor, Deal.monthly_minor, Deal.expected_on)
        .where(Deal.engagement_id == handoff.engagement_id, Deal.status == DealStatus.OPEN)
        .order_by(Deal.id)
        .limit(100)
    )
    return tuple(DealAlong(*row) for row in found)


def _tasks(session: Session, handoff: HandOff, today: date) -> tuple[TaskAlong, ...]:
    found = session.execute(
        select(Task.kind, Task.subject, Task.due_on)
        .where(Task.engagement_id == handoff.engagement_id, Task.closed_at.is_(None))
        .where(Task.kind.in_(handoff.route.tasks))
        .order_by(Task.due_on, Task.id)
        .limit(100)
    )
    return tuple(TaskAlong(row.kind, row.subject, row.due_on, row.due_on < today) for row in found)


def _promises(session: Session, handoff: HandOff, today: date) -> tuple[PromiseAlong, ...]:
    elsewhere = select(Engagement.owner_id).where(
        Engagement.client_id == handoff.client_id,
        Engagement.closed_at.is_(None),
        Engagement.department.not_in([handoff.giver, handoff.receiver]),
    )
    found = session.scalars(
        select(Promise)
        .where(Promise.client_id == handoff.client_id, Promise.kept_at.is_(None), Promise.broken_at.is_(None))
        .where(Promise.owner_id.not_in(elsewhere))
        .order_by(Promise.due_on, Promise.id)
        .limit(100)
    )
    return tuple(PromiseAlong(promise.text, promise.due_on, promise.overdue(today)) for promise in found)


def _history(session: Session, handoff: HandOff) -> tuple[Entry, ...]:
    found = session.execute(
        select(Event.id, Event.kind, Event.at, Event.subject_id, Event.details, User.name)
        .outerjoin(User, User.id == Event.actor_id)
        .where(Event.client_id == handoff.client_id, Event.subject_id == handoff.id, Event.kind.in_(KINDS))
        .order_by(Event.id.desc())
        .limit(100)
    )
    return tuple(Entry(*row) for row in found)


def names(session: Session, handoff: HandOff) -> dict[str, str]:
    """Names that the page's head tells: the client, who answers for it, who took it over. One statement."""
    owner = select(User.name).join(Engagement, Engagement.owner_id == User.id)
    giver = owner.where(Engagement.id == handoff.engagement_id).scalar_subquery()
    taker = select(User.name).where(User.id == handoff.owner_id).scalar_subquery()
    who = select(User.name).where(User.id == handoff.introduced_by_id).scalar_subquery()
    row = session.execute(select(Client.name, giver, taker, who).where(Client.id == handoff.client_id)).one()
    return dict(zip(("client", "giver", "taker", "introduced_by"), (value or "" for value in row), strict=True))
