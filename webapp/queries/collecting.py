"""The plan of collecting as it is read: what a clerk is to collect in a month, what came, and where the month leads."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.allocation import Allocation
from webapp.domain.calendar import last_day, month_of
from webapp.domain.collection_plan import CollectionPlan
from webapp.domain.company import Company
from webapp.domain.money import WHOLE


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One currency of one clerk's month. ``planned`` is None where nobody set a plan."""

    currency: str
    planned_minor: int | None
    received_minor: int

    @property
    def reached(self) -> int | None:
        """Basis points of the plan, rounded down."""
        return self.received_minor * WHOLE // self.planned_minor if self.planned_minor else None


@dataclass(frozen=True, slots=True)
class PlanLines:
    """A clerk's running month. ``even`` is what of the working days is over, in basis points: where an even month
    would stand today."""

    month: date
    even: int
    lines: tuple[PlanLine, ...]


def plan_line(session: Session, clerk_id: int, company: Company, at: datetime) -> PlanLines:
    """Plan against fact of the running month. Two statements."""
    today = company.today(at)
    month = month_of(today)
    plans = plans_of(session, [clerk_id], month)
    came = received(session, [clerk_id], month)
    keys = sorted({*plans, *came}, key=lambda key: (key[1] != company.currency, key[1]))
    return PlanLines(
        month,
        even_share(company, month, today),
        tuple(PlanLine(key[1], plans.get(key), came.get(key, 0)) for key in keys),
    )


def even_share(company: Company, month: date, today: date) -> int:
    """What of the month's working days is over by the evening of today, in basis points, rounded down."""
    hours, last = company.hours, last_day(month)
    days = [month + timedelta(days=number) for number in range(last.day)]
    worked = [day for day in days if hours.works_on(day)]
    return WHOLE * sum(day <= today for day in worked) // len(worked) if worked else WHOLE


def plans_of(session: Session, clerks: Collection[int], month: date) -> dict[tuple[int, str], int]:
    """The plans in force, by clerk and currency: the last one set counts."""
    rows = session.execute(
        select(CollectionPlan.clerk_id, CollectionPlan.currency, CollectionPlan.amount_minor)
        .where(CollectionPlan.month == month, CollectionPlan.clerk_id.in_(clerks))
        .order_by(CollectionPlan.id)
    )
    return {(clerk, currency): minor for clerk, currency, minor in rows}


def received(session: Session, clerks: Collection[int], month: date) -> dict[tuple[int, str], int]:
    """What came in the month for each clerk, by currency: read from the entries themselves."""
    rows = session.execute(
        select(Allocation.collected_by_id, Allocation.currency, func.sum(Allocation.amount_minor))
        .where(Allocation.collected_by_id.in_(clerks), Allocation.entered_on.between(month, last_day(month)))
        .group_by(Allocation.collected_by_id, Allocation.currency)
    )
    return {(clerk, currency): int(minor) for clerk, currency, minor in rows if clerk is not None}
