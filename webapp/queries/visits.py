"""Visits against the norm: how many the tiers of a person's clients ask for in a month, and how many count as held."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import bindparam, Date, func, select
from sqlalchemy.orm import Session

from webapp.domain.among import among
from webapp.domain.calendar import last_day, month_of
from webapp.domain.company import Company
from webapp.domain.engagement import Engagement
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import Actor, User
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import VipTier
from webapp.domain.visit import Visit
from webapp.domain.visit_state import VisitState
from webapp.domain.words import Department
from webapp.queries.together import Together
from webapp.queries.visits_due import NORM_DAYS

MONTH, END = bindparam("month", type_=Date), bindparam("end", type_=Date)
NORMS = (
    select(Engagement.owner_id, NORM_DAYS, func.count())
    .outerjoin(VipPlace, (VipPlace.client_id == Engagement.client_id) & VipPlace.until.is_(None))
    .outerjoin(VipTier, VipTier.id == VipPlace.tier_id)
    .where(
        among(Engagement.owner_id, "people"), Engagement.department == Department.VIP, Engagement.closed_at.is_(None)
    )
    .group_by(Engagement.owner_id, VipTier.norm_kind, VipTier.norm_size)
)
"""Clients of each person by the days between two visits; None where no tier says them."""
TOLD = (
    select(
        Visit.held_by_id,
        func.count().filter(Visit.purpose.is_not(None)),
        func.count().filter(Visit.purpose.is_not(None), Visit.purpose_reached.is_(True)),
        func.count().filter(Visit.purpose.is_(None)),
    )
    .where(among(Visit.held_by_id, "people"), Visit.held_on >= MONTH, Visit.held_on <= END)
    .group_by(Visit.held_by_id)
)
PLANNED = (
    select(
        Task.owner_id,
        func.count().filter(Visit.state == VisitState.UNTOLD),
        func.count().filter(Visit.state == VisitState.NOT_HELD),
        func.count().filter(Task.closed_at.is_(None)),
    )
    .join(Visit, Visit.task_id == Task.id)
    .where(among(Task.owner_id, "people"), Task.kind == TaskKind.MEETING, Task.due_on >= MONTH, Task.due_on <= END)
    .group_by(Task.owner_id)
)
MONTHS = Together(NORMS, TOLD, PLANNED)


@dataclass(frozen=True, slots=True)
class MonthOfVisits:
    """One person's month. ``held``: only visits that were held and had a purpose."""

    user_id: int
    name: str
    clients: int
    norm: int
    held: int
    reached: int
    """Of those held, how many reached their purpose."""
    aimless: int
    """Held without a purpose: they do not count."""
    untold: int
    """Ticked off without a word: they do not count until they are told of."""
    missed: int
    planned: int
    """Still to come in the month."""


def norm_and_fact(session: Session, actor: Actor, month: date) -> tuple[MonthOfVisits, ...]:
    """The people of the VIP department by name, those who left not counted. Two statements.

    The norm goes by the clients and tiers of today, also for a month that is over: nobody keeps what they were then.
    """
    people = session.execute(
        select(User.id, User.name)
        .where(User.department == Department.VIP, User.deactivated_at.is_(None))
        .order_by(User.name, User.id)
    ).all()
    return _months(session, [(row.id, row.name) for row in people], month)


def month_of_person(session: Session, user_id: int, day: date) -> MonthOfVisits:
    """The month of one person that the day lies in. One statement."""
    return _months(session, [(user_id, "")], month_of(day))[0]


def _months(session: Session, people: list[tuple[int, str]], month: date) -> tuple[MonthOfVisits, ...]:
    ids, end = [number for number, name in people], last_day(month)
    usual = session.get_one(Company, 1).visit_days
    norms: dict[int, Fraction] = {}
    clients: dict[int, int] = {}
    whose = {"people": ids, "month": month, "end": end}
    asked, done, coming = MONTHS.read(session.connection(), whose)
    for owner, given, count in asked:
        gap = usual if given is None else given
        share = Fraction(count * monthrange(month.year, month.month)[1], int(gap))
        norms[owner] = norms.get(owner, Fraction()) + share
        clients[owner] = clients.get(owner, 0) + count
    told = {row[0]: row[1:] for row in done}
    planned = {row[0]: row[1:] for row in coming}
    return tuple(
        MonthOfVisits(
            number,
            name,
            clients.get(number, 0),
            int(norms.get(number, Fraction()) + Fraction(1, 2)),
            *told.get(number, (0, 0, 0)),
            *planned.get(number, (0, 0, 0)),
        )
        for number, name in people
    )
