"""The week of one person's visits: what is planned by day, what is overdue, who is due by the norm, whom to call ahead.

A fixed number of statements whatever stands in the week.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, bindparam, Date, exists, func, Integer, null, or_, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.engagement import Engagement
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import Actor
from webapp.domain.visit import Visit
from webapp.domain.visit_contact import VisitContact
from webapp.domain.visit_state import Purpose, VisitState
from webapp.queries.visits_due import ATTACKED, by_district, due_clients, DueClient, named, TO_TELL

MOST_PLANNED = 200
PERSON, MONDAY, SUNDAY = (
    bindparam("person", type_=Integer),
    bindparam("monday", type_=Date),
    bindparam("sunday", type_=Date),
)
PLACE = (Client.id, Client.name, Client.city, Client.district)
TO_COME = (
    select(Task.id, Visit.id, *PLACE, Task.due_on, Task.due_time, Visit.purpose, Visit.state, ATTACKED, TO_TELL)
    .join(Visit, Visit.task_id == Task.id)
    .join(Client, Client.id == Task.client_id)
    .where(Task.owner_id == PERSON, Task.kind == TaskKind.MEETING, Task.due_on <= SUNDAY)
    .where(or_(Task.closed_at.is_(None), and_(Visit.state == VisitState.UNTOLD, Task.due_on >= MONDAY)))
    .order_by(Task.due_on.desc(), Task.due_time.is_(None), Task.due_time, Client.district, Task.id)
    .limit(MOST_PLANNED)
)
HELD = (
    select(Visit.task_id, Visit.id, *PLACE, Visit.held_on, Task.due_time, Visit.purpose, Visit.state, ATTACKED, null())
    .outerjoin(Task, Task.id == Visit.task_id)
    .join(Client, Client.id == Visit.client_id)
    .where(Visit.held_by_id == PERSON, Visit.held_on >= MONDAY, Visit.held_on <= SUNDAY)
    .order_by(Visit.held_at)
    .limit(MOST_PLANNED)
)
"""Written once: writing a statement takes longer than the database takes to answer it."""


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit with its day; ``state`` is held or not held for one of the past days."""

    task_id: int | None
    visit_id: int
    client_id: int
    client: str
    city: str
    district: str
    due_on: date
    due_time: time | None
    purpose: Purpose | None
    state: VisitState
    attacked: bool
    to_tell: str | None

    @property
    def tell(self) -> tuple[str, ...]:
        """The new products that launches ask to tell of there."""
        return named(self.to_tell)


@dataclass(frozen=True, slots=True)
class CallAhead:
    """Whom to call before the next working day's visit; ``phone`` is empty where the reader may not see it."""

    task_id: int
    client_id: int
    client: str
    due_time: time | None
    person: str
    phone: str


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    days: tuple[tuple[date, tuple[PlannedVisit, ...]], ...]
    overdue: tuple[PlannedVisit, ...]
    due: tuple[tuple[str, tuple[DueClient, ...]], ...]
    """By district, the one with the most urgent client first; clients under attack lead all."""
    due_count: int
    calls_on: date
    calls: tuple[CallAhead, ...]

    @property
    def before(self) -> date:
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        return self.monday + timedelta(days=7)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)


def week(session: Session, actor: Actor, person_id: int, monday: date, at: datetime) -> Week:
    """Five statements."""
    company = session.get_one(Company, 1)
    today = company.today(at)
    planned = _planned(session, person_id, monday, today)
    due, count = due_clients(session, person_id, company, today)
    tomorrow = company.hours.first_day(today + timedelta(days=1))
    return Week(
        monday,
        tuple(_by_day(planned, monday, company)),
        tuple(visit for visit in planned if visit.due_on < min(monday, today)),
        by_district(due),
        count,
        tomorrow,
        _calls(session, actor, person_id, tomorrow, company),
    )


def opening_monday(session: Session, person_id: int, today: date) -> date:
    """The Monday of the week that opens by itself: this one while a working day or a visit is left in it, else that of
    the next working day."""
    monday = monday_of(today)
    coming = monday_of(session.get_one(Company, 1).hours.first_day(today))
    if coming == monday:
        return monday
    mine = (Task.owner_id == person_id, Task.kind == TaskKind.MEETING, Task.closed_at.is_(None))
    left = exists().where(*mine, Task.due_on >= today, Task.due_on < monday + timedelta(days=7))
    return monday if session.scalar(select(left)) else coming


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _planned(session: Session, person_id: int, monday: date, today: date) -> list[PlannedVisit]:
    """What is open up to the week's end, and what was told of in the week."""
    whose = {"person": person_id, "monday": monday, "sunday": monday + timedelta(days=6)}
    found = [PlannedVisit(*row) for row in (*session.execute(HELD, whose), *session.execute(TO_COME, whose))]
    return [visit for visit in found if visit.due_on >= monday or monday <= today]


def _by_day(
    planned: Iterable[PlannedVisit], monday: date, company: Company
) -> Iterable[tuple[date, tuple[PlannedVisit, ...]]]:
    """The working days, and others on which something stands."""
    for number in range(7):
        day = monday + timedelta(days=number)
        visits = tuple(visit for visit in planned if visit.due_on == day)
        if visits or day.isoweekday() in company.workdays:
            yield day, visits


def _calls(session: Session, actor: Actor, person_id: int, on: date, company: Company) -> tuple[CallAhead, ...]:
    """Visits of the day that nobody called ahead of, with the first person to meet."""
    ours = exists().where(
        Engagement.client_id == Client.id, Engagement.department == actor.department, Engagement.closed_at.is_(None)
    )
    first = (
        select(func.min(VisitContact.contact_id))
        .where(VisitContact.visit_id == Visit.id)
        .correlate(Visit)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Task.id, Client.id, Client.name, Task.due_time, Contact.name, Contact.phone, ours)
        .join(Visit, Visit.task_id == Task.id)
        .join(Client, Client.id == Task.client_id)
        .outerjoin(Contact, (Contact.id == first) & Contact.removed_at.is_(None))
        .where(Task.owner_id == person_id, Task.kind == TaskKind.MEETING, Task.closed_at.is_(None))
        .where(Task.due_on == on, Visit.state == VisitState.PLANNED)
        .order_by(Task.due_time.is_(None), Task.due_time, Task.id)
        .limit(MOST_PLANNED)
    )
    seen = not company.mask_contacts or actor.is_head or actor.is_director
    return tuple(CallAhead(*row[:4], row[4] or "", (row[5] or "") if seen or row[6] else "") for row in rows)
