"""How a clerk's skill grows: collection rate, operations a day and time per operation, month by month."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased, Session

from webapp.domain.calendar import month_of, months_on
from webapp.domain.collection_month import CollectionMonth
from webapp.domain.collection_plan import CollectionPlan
from webapp.domain.forecast import ratio
from webapp.domain.operation import Operation
from webapp.domain.user import User
from webapp.queries.together import Together

MONTHS_SHOWN = 6
HISTORY_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Month:
    """One month. ``rate`` in basis points of what was to be collected, ``seconds`` on the average per operation."""

    month: date
    rate: int | None
    operations: int
    days: int
    seconds: int | None

    @property
    def a_day(self) -> int | None:
        """Operations on a day on which there were any, in tenths."""
        return self.operations * 10 // self.days if self.days else None


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a plan."""

    month: date
    amount_minor: int
    currency: str
    reason: str
    who: str
    at: datetime


_SETTER = aliased(User)
_RATES = select(
    CollectionMonth.month,
    CollectionMonth.received_minor,
    (CollectionMonth.expected_minor + CollectionMonth.carried_minor).label("due_minor"),
).where(
    CollectionMonth.clerk_id == bindparam("clerk"),
    CollectionMonth.currency == bindparam("currency"),
    CollectionMonth.month.between(bindparam("first"), bindparam("month")),
)
_WORKED = (
    select(Operation.done_on, func.count(), func.sum(Operation.seconds))
    .where(Operation.user_id == bindparam("clerk"), Operation.done_on >= bindparam("first"))
    .group_by(Operation.done_on)
)
_SETTINGS = (
    select(
        *(CollectionPlan.month, CollectionPlan.amount_minor, CollectionPlan.currency, CollectionPlan.reason),
        *(_SETTER.name, CollectionPlan.set_at),
    )
    .join(_SETTER, _SETTER.id == CollectionPlan.set_by_id)
    .where(CollectionPlan.clerk_id == bindparam("clerk"))
    .order_by(CollectionPlan.id.desc())
    .limit(HISTORY_SHOWN)
)
_PROGRESS = Together(_RATES, _WORKED, _SETTINGS)


def progress(
    session: Session, clerk_id: int, currency: str, month: date
) -> tuple[tuple[Month, ...], tuple[Setting, ...]]:
    """The last months up to this one, the oldest first; and how the clerk's plans were set, the latest first. One
    statement."""
    first = months_on(month, 1 - MONTHS_SHOWN)
    asked = {"clerk": clerk_id, "currency": currency, "first": first, "month": month}
    figures, operations, settings = _PROGRESS.read(session.connection(), asked)
    rates = {row[0]: ratio(row[1], row[2]) for row in figures}
    worked: dict[date, list[tuple[int, int]]] = {}
    for day, count, seconds in operations:
        worked.setdefault(month_of(day), []).append((count, int(seconds)))
    months = (months_on(first, number) for number in range(MONTHS_SHOWN))
    return tuple(_month(each, rates, worked) for each in months), tuple(Setting(*row) for row in settings)


def _month(month: date, rates: dict[date, int | None], worked: dict[date, list[tuple[int, int]]]) -> Month:
    days = worked.get(month, [])
    operations = sum(count for count, _ in days)
    seconds = sum(seconds for _, seconds in days) // operations if operations else None
    return Month(month, rates.get(month), operations, len(days), seconds)
