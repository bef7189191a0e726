"""What a head looks at: late hand-offs, load per person, blind spots. A director sees all departments side by side."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.money import Money
from webapp.domain.stage import Stage
from webapp.domain.user import Actor, User
from webapp.domain.words import Department
from webapp.queries.handoffs import past_due, Row
from webapp.queries.load import Load, loads, open_deals

SHOWN = 20
"""The most clients named in one list; the count beside it is of all."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A client that stands out: too long in its stage, or without a next touch."""

    client_id: int
    client: str
    department: Department
    stage: str
    owner: str
    since: datetime
    limit_days: int | None


@dataclass(frozen=True, slots=True)
class DepartmentView:
    """One department's figures. ``waiting`` counts offers to it, ``past`` those of them past their time."""

    department: Department
    clients: int
    late: int
    untouched: int
    overstaying: int
    waiting: int
    past: int
    one_off: tuple[Money, ...]
    monthly: tuple[Money, ...]
    people: tuple[Load, ...]


@dataclass(frozen=True, slots=True)
class HeadsPage:
    past: tuple[Row, ...]
    departments: tuple[DepartmentView, ...]
    untouched: tuple[Spot, ...]
    overstaying: tuple[Spot, ...]


def heads_page(session: Session, actor: Actor, at: datetime) -> HeadsPage:
    """A head's own department, or all of them for a director. Fourteen statements."""
    departments = [actor.department] if actor.department is not None else list(Department)
    today = actor.today(at)
    people = loads(session, departments, today)
    over = _over_limit(session, departments, today, ZoneInfo(actor.timezone))
    counts = _counts(session, departments, today, over)
    offers = _offers(session, departments, at)
    one_off, monthly = open_deals(session, Engagement.department, Engagement.department.in_(departments))
    untouched = Engagement.next_touch_on.is_(None)
    return HeadsPage(
        past_due(session, departments, at),
        tuple(
            DepartmentView(
                department,
                *counts.get(department, (0, 0, 0, 0)),
                *offers.get(department, (0, 0)),
                tuple(one_off.get(department, ())),
                tuple(monthly.get(department, ())),
                tuple(person for person in people if person.department is department),
            )
            for department in departments
        ),
        _spots(session, departments, untouched),
        _spots(session, departments, over),
    )


def _over_limit(
    session: Session, departments: Collection[Department], today: date, zone: ZoneInfo
) -> ColumnElement[bool]:
    """Longer in the stage than its limit, in days of the reader's calendar, as the board counts."""
    limits = session.execute(
        select(Stage.id, Stage.limit_days).where(Stage.department.in_(departments), Stage.limit_days.is_not(None))
    )
    late = [
        and_(
            Engagement.stage_id == stage_id,
            Engagement.stage_since < datetime.combine(today - timedelta(days=limit or 0), time(), zone),
        )
        for stage_id, limit in limits
    ]
    return or_(false(), *late)


def _counts(
    session: Session, departments: Collection[Department], today: date, over: ColumnElement[bool]
) -> dict[Department, tuple[int, int, int, int]]:
    found = session.execute(
        select(
            Engagement.department,
            func.count(),
            func.count().filter(Engagement.next_touch_on < today),
            func.count().filter(Engagement.next_touch_on.is_(None)),
            func.count().filter(over),
        )
        .where(Engagement.closed_at.is_(None), Engagement.department.in_(departments))
        .group_by(Engagement.department)
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in found}


def _offers(session: Session, departments: Collection[Department], at: datetime) -> dict[Department, tuple[int, int]]:
    found = session.execute(
        select(HandOff.receiver, func.count(), func.count().filter(HandOff.due_at < at))
        .where(HandOff.state == HandOffState.OFFERED, HandOff.receiver.in_(departments))
        .group_by(HandOff.receiver)
    )
    return {row[0]: (row[1], row[2]) for row in found}


def _spots(session: Session, departments: Collection[Department], which: ColumnElement[bool]) -> tuple[Spot, ...]:
    """Those who stand in their stage longest, first."""
    found = session.execute(
        select(
            Client.id,
            Client.name,
            Engagement.department,
            Stage.name,
            User.name,
            Engagement.stage_since,
            Stage.limit_days,
        )
        .join(Client, Client.id == Engagement.client_id)
        .join(Stage, Stage.id == Engagement.stage_id)
        .join(User, User.id == Engagement.owner_id)
        .where(Engagement.closed_at.is_(None), Engagement.department.in_(departments), which)
        .order_by(Engagement.stage_since, Engagement.id)
        .limit(SHOWN)
    )
    return tuple(Spot(*row) for row in found)
