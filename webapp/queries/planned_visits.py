"""A person's visits for their own calendar: those to come, and the last ones with what became of them.

Of the client only the name and where to go: no person at the client, phone or note leaves the house this way.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, UTC

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.event import Event
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import Actor
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose, VisitState

BACK = timedelta(days=60)
AHEAD = timedelta(days=400)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MOST = 500
"""Visits in one calendar, the soonest first."""


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """``changes`` counts what happened to it since it was planned; ``changed_at`` is the last of that."""

    task_id: int
    client_id: int
    client: str
    subject: str
    purpose: Purpose | None
    where: str
    on: date
    at: time | None
    cancelled: bool
    confirmed: bool
    changes: int
    changed_at: datetime


def planned_visits(session: Session, actor: Actor, today: date) -> tuple[PlannedVisit, ...]:
    """One's own visits, two months back and a year ahead. Two statements."""
    found = session.execute(
        select(
            Task.id,
            Task.client_id,
            Client.name,
            Task.subject,
            Visit.purpose,
            Visit.place,
            Client.address,
            Client.city,
            Task.due_on,
            Task.due_time,
            Task.outcome,
            Visit.state,
        )
        .join(Client, Client.id == Task.client_id)
        .outerjoin(Visit, Visit.task_id == Task.id)
        .where(Task.owner_id == actor.id, Task.kind == TaskKind.MEETING)
        .where(Task.due_on.between(today - BACK, today + AHEAD))
        .where(or_(Task.closed_at.is_(None), Task.outcome != ""))
        .order_by(Task.closed_at.is_not(None), Task.due_on, Task.id)
        .limit(MOST)
    ).all()
    told = _told(session, [row.id for row in found], {row.client_id for row in found})
    nothing = (0, LONG_AGO)
    return tuple(
        PlannedVisit(
            row.id,
            row.client_id,
            row.name,
            row.subject,
            row.purpose,
            row.place or ", ".join(part for part in (row.city, row.address) if part),
            row.due_on,
            row.due_time,
            row.outcome == "cancelled" or row.state is VisitState.NOT_HELD,
            row.state is VisitState.CONFIRMED,
            *told.get(row.id, nothing),
        )
        for row in found
    )


def _told(session: Session, tasks: list[int], clients: set[int]) -> dict[int, tuple[int, datetime]]:
    """How often each task changed, and when last."""
    kinds = [f"task:{what}" for what in ("added", "cancelled", "done", "postponed", "reassigned")]
    found = session.execute(
        select(Event.subject_id, func.count(), func.max(Event.at))
        .where(Event.client_id.in_(clients), Event.subject_id.in_(tasks), Event.kind.in_(kinds))
        .group_by(Event.subject_id)
    )
    return {number: (count - 1, last) for number, count, last in found if number is not None}


def founded_at(session: Session) -> datetime | None:
    """When the first thing happened here: what tells this company's visits from another's, for ever."""
    return session.scalar(select(Event.at).order_by(Event.id).limit(1))
