"""The load of the people who can answer for a department's clients: what each has to carry already."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.domain.calendar import month_of
from webapp.domain.collection_month import CollectionMonth
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.money import Money
from webapp.domain.queue import RESTS
from webapp.domain.queue_item import QueueItem
from webapp.domain.task import Task
from webapp.domain.user import User
from webapp.domain.words import Department, Role
from webapp.queries.vip_load import Carried, carried_by_owner

K = TypeVar("K", int, Department)


@dataclass(frozen=True, slots=True)
class Load:
    """One possible owner. ``due`` counts open tasks up to the end of this week, ``overdue`` those before today.

    ``late`` counts clients whose next touch is overdue, ``untouched`` those without one, as the board does.
    """

    user_id: int
    name: str
    role: Role
    department: Department
    clients: int
    due: int
    overdue: int
    late: int
    untouched: int
    one_off: tuple[Money, ...]
    monthly: tuple[Money, ...]
    operations: int = 0
    """What stands in the clerk's queue now; only the Client department has one."""
    expected: tuple[Money, ...] = ()
    """What the clerk's clients are due to pay this month."""
    carried: tuple[Carried, ...] = ()
    """Clients of the VIP programme, by tier, against what one owner can carry; only the VIP department has them."""


def week_end(today: date) -> date:
    """The Sunday of this week."""
    return today + timedelta(days=7 - today.isoweekday())


def open_deals(
    session: Session, per: InstrumentedAttribute[K], which: ColumnElement[bool]
) -> tuple[dict[K, list[Money]], dict[K, list[Money]]]:
    """What these open deals come to once and each month, per owner or department, by currency."""
    one_off: dict[K, list[Money]] = {}
    monthly: dict[K, list[Money]] = {}
    for whose, currency, once, each_month in session.execute(
        select(per, Deal.currency, func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
        .join(Engagement, Engagement.id == Deal.engagement_id)
        .where(Deal.status == DealStatus.OPEN, which)
        .group_by(per, Deal.currency)
        .order_by(Deal.currency)
    ):
        if once:
            one_off.setdefault(whose, []).append(Money(int(once), currency))
        if each_month:
            monthly.setdefault(whose, []).append(Money(int(each_month), currency))
    return one_off, monthly


def loads(session: Session, departments: Collection[Department], today: date) -> tuple[Load, ...]:
    """Everybody who can own in these departments, by department and name, with all that they carry: an import makes
    hunters answer in the Client lane too. Four statements, two more for the clerks, one more for the VIP department."""
    owners = select(User.id).where(User.department.in_(departments), User.deactivated_at.is_(None))
    engaged = {
        row.owner_id: row
        for row in session.execute(
            select(
                Engagement.owner_id,
                func.count().label("clients"),
                func.count().filter(Engagement.next_touch_on < today).label("late"),
                func.count().filter(Engagement.next_touch_on.is_(None)).label("untouched"),
            )
            .where(Engagement.closed_at.is_(None), Engagement.owner_id.in_(owners))
            .group_by(Engagement.owner_id)
        )
    }
    tasks = {
        row.owner_id: row
        for row in session.execute(
            select(Task.owner_id, func.count().label("due"), func.count().filter(Task.due_on < today).label("overdue"))
            .where(Task.closed_at.is_(None), Task.due_on <= week_end(today))
            .group_by(Task.owner_id)
        )
    }
    one_off, monthly = open_deals(session, Deal.owner_id, Deal.owner_id.in_(owners))
    operations, expected = _collecting(session, today) if Department.CLIENT in departments else ({}, {})
    carried = carried_by_owner(session) if Department.VIP in departments else {}
    people = session.execute(
        select(User.id, User.name, User.role, User.department)
        .where(User.department.in_(departments), User.deactivated_at.is_(None))
        .order_by(User.department, User.name)
    )
    return tuple(
        Load(
            person.id,
            person.name,
            person.role,
            person.department,
            engaged[person.id].clients if person.id in engaged else 0,
            tasks[person.id].due if person.id in tasks else 0,
            tasks[person.id].overdue if person.id in tasks else 0,
            engaged[person.id].late if person.id in engaged else 0,
            engaged[person.id].untouched if person.id in engaged else 0,
            tuple(one_off.get(person.id, ())),
            tuple(monthly.get(person.id, ())),
            operations.get(person.id, 0),
            tuple(expected.get(person.id, ())),
            carried.get(person.id, ()),
        )
        for person in people
    )


def _collecting(session: Session, today: date) -> tuple[dict[int, int], dict[int, list[Money]]]:
    """What each clerk has in the queue, and what is expected this month."""
    items = session.execute(
        select(QueueItem.clerk_id, func.count())
        .where(QueueItem.rank < RESTS, QueueItem.clerk_id.is_not(None))
        .group_by(QueueItem.clerk_id)
    )
    operations = {clerk: count for clerk, count in items if clerk is not None}
    expected: dict[int, list[Money]] = {}
    for clerk, currency, minor in session.execute(
        select(CollectionMonth.clerk_id, CollectionMonth.currency, CollectionMonth.expected_minor)
        .where(CollectionMonth.month == month_of(today), CollectionMonth.expected_minor > 0)
        .order_by(CollectionMonth.currency)
    ):
        expected.setdefault(clerk, []).append(Money(minor, currency))
    return operations, expected


def least_loaded(people: Collection[Load]) -> Load | None:
    """Who has most room: members before heads, then fewest clients, then fewest tasks due this week."""
    return min(people, key=lambda load: (load.role is Role.HEAD, load.clients, load.due, load.name), default=None)
