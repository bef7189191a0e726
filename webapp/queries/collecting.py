"""The plan of collecting as it is read: what a clerk is to collect in a month, what came, and where the month leads."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, BindParameter, ColumnElement, func, Select, select
from sqlalchemy.orm import Session

from webapp.domain.allocation import Allocation
from webapp.domain.among import among
from webapp.domain.calendar import last_day, month_of, months_on
from webapp.domain.collection_month import CollectionMonth
from webapp.domain.collection_plan import CollectionPlan
from webapp.domain.company import Company
from webapp.domain.engagement import Engagement
from webapp.domain.forecast import forecast, MONTHS, ratio, UNKNOWN
from webapp.domain.money import WHOLE
from webapp.domain.promise_to_pay import PromiseToPay, PromiseToPayState
from webapp.domain.words import Department
from webapp.queries.together import Together


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


_WITHIN: tuple[BindParameter[Any], BindParameter[Any]] = (bindparam("month"), bindparam("last"))


def _of(clerk: Any, one: bool) -> ColumnElement[bool]:
    """PostgreSQL keeps the plan of a statement about one; of one about several it makes another each time."""
    return clerk == bindparam("clerk") if one else among(clerk, "clerks")


def _plans(one: bool) -> Select[*tuple[Any, ...]]:
    """The plans as they were set: the last one counts."""
    return (
        select(CollectionPlan.clerk_id, CollectionPlan.currency, CollectionPlan.amount_minor)
        .where(CollectionPlan.month == bindparam("month"), _of(CollectionPlan.clerk_id, one))
        .order_by(CollectionPlan.id)
    )


def _figures(one: bool) -> Select[*tuple[Any, ...]]:
    return select(
        CollectionMonth.clerk_id,
        CollectionMonth.currency,
        CollectionMonth.expected_minor,
        CollectionMonth.carried_minor,
        CollectionMonth.received_minor,
        CollectionMonth.unpaid_minor,
        CollectionMonth.overdue,
        CollectionMonth.reckoned_at,
    ).where(CollectionMonth.month == bindparam("month"), _of(CollectionMonth.clerk_id, one))


def _kept(one: bool) -> Select[*tuple[Any, ...]]:
    kept = func.count().filter(PromiseToPay.state == PromiseToPayState.KEPT)
    return select(kept.label("kept"), func.count()).where(
        PromiseToPay.state != PromiseToPayState.OPEN,
        PromiseToPay.due_on >= bindparam("before"),
        _of(PromiseToPay.taken_by_id, one),
    )


def _rates_of(one: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(
            CollectionMonth.clerk_id,
            CollectionMonth.currency,
            func.sum(CollectionMonth.received_minor),
            func.sum(CollectionMonth.expected_minor + CollectionMonth.carried_minor),
        )
        .where(CollectionMonth.month >= bindparam("before"), CollectionMonth.month < bindparam("month"))
        .where(_of(CollectionMonth.clerk_id, one))
        .group_by(CollectionMonth.clerk_id, CollectionMonth.currency)
    )


_CAME = (
    select(Allocation.collected_by_id, Allocation.currency, func.sum(Allocation.amount_minor))
    .where(_of(Allocation.collected_by_id, True), Allocation.entered_on.between(*_WITHIN))
    .group_by(Allocation.collected_by_id, Allocation.currency)
)
"""What came to one of them, read from the entries themselves."""
_OWNER = (
    select(Engagement.owner_id)
    .where(Engagement.client_id == PromiseToPay.client_id, Engagement.department == Department.CLIENT)
    .where(Engagement.closed_at.is_(None))
    .scalar_subquery()
)
_PROMISED = select(_OWNER.label("owner_id"), PromiseToPay.currency, PromiseToPay.amount_minor).where(
    PromiseToPay.state == PromiseToPayState.OPEN, PromiseToPay.due_on.between(*_WITHIN)
)
"""Open promises to pay with a day in the month, for whoever answers for the client now."""
LINE = (_plans(True), _CAME)
"""What stands above a clerk's queue, with the parameters of ``asked_of`` of one clerk; ``plan_line`` reads the rows."""
_ALL = Together(_plans(False), _figures(False), _PROMISED, _kept(False), _rates_of(False))
_OWN = Together(_plans(True), _figures(True), _PROMISED, _kept(True), _rates_of(True), _CAME)


def plan_line(given: Iterable[Iterable[Any]], company: Company, today: date) -> PlanLines:
    """Plan against fact of the running month, from the rows of ``LINE``."""
    month, (plans, came) = month_of(today), map(_by_clerk, given)
    keys = sorted({*plans, *came}, key=lambda key: (key[1] != company.currency, key[1]))
    return PlanLines(
        month,
        even_share(company, month, today),
        tuple(PlanLine(key[1], plans.get(key), came.get(key, 0)) for key in keys),
    )


def asked_of(clerks: list[int], month: date) -> dict[str, Any]:
    whose = {"clerk": clerks[0]} if len(clerks) == 1 else {"clerks": clerks}
    return whose | {"month": month, "last": last_day(month), "before": months_on(month, -MONTHS)}


def _by_clerk(rows: Iterable[Any]) -> dict[tuple[int, str], int]:
    """Sums by clerk and currency; of several the last."""
    return {(clerk, currency): int(minor) for clerk, currency, minor in rows}


def even_share(company: Company, month: date, today: date) -> int:
    """What of the month's working days is over by the evening of today, in basis points, rounded down."""
    hours, last = company.hours, last_day(month)
    days = [month + timedelta(days=number) for number in range(last.day)]
    worked = [day for day in days if hours.works_on(day)]
    return WHOLE * sum(day <= today for day in worked) // len(worked) if worked else WHOLE


@dataclass(frozen=True, slots=True)
class Row:
    """One clerk's month in one currency. Sums in minor units, shares in basis points."""

    clerk_id: int
    clerk: str
    currency: str
    planned_minor: int | None
    expected_minor: int
    carried_minor: int
    received_minor: int
    promised_minor: int
    """Open promises to pay with a day in the month."""
    unpaid_minor: int
    overdue: dict[str, int]
    forecast_minor: int
    rate: int | None
    """Of the last three months; None while none is known."""

    @property
    def reached(self) -> int | None:
        return ratio(self.received_minor, self.planned_minor or 0)


@dataclass(frozen=True, slots=True)
class PlanPage:
    month: date
    running: bool
    even: int
    kept: int | None
    """The share of promises to pay that were kept in the last three months."""
    rows: tuple[Row, ...]
    reckoned_at: datetime | None


def plan_page(session: Session, clerks: dict[int, str], month: date, company: Company, at: datetime) -> PlanPage:
    """A month of some clerks. One statement."""
    today = company.today(at)
    ids, even = list(clerks), even_share(company, month, today)
    alone = len(ids) == 1
    given = (_OWN if alone else _ALL).read(session.connection(), asked_of(ids, month))
    plans, figures = _by_clerk(given[0]), {(row.clerk_id, row.currency): row for row in given[1]}
    promised = _promised(given[2], ids)
    kept = ratio(given[3][0][0], given[3][0][1])
    rates = _rates(given[4])
    kept_sums = {key: row.received_minor for key, row in figures.items()}
    came = _by_clerk(given[5]) if alone else kept_sums  # of one's own, to the minute
    running = month == month_of(today)
    rows = []
    for clerk, currency in sorted({*figures, *plans, *came}, key=lambda key: (clerks[key[0]], key[1])):
        row, key = figures.get((clerk, currency)), (clerk, currency)
        fact, unpaid, rate = came.get(key, 0), row.unpaid_minor if row else 0, rates.get(key)
        end = forecast(
            fact,
            promised.get(key, 0),
            unpaid,
            kept=UNKNOWN if kept is None else kept,
            rate=UNKNOWN if rate is None else rate,
            left=WHOLE - even,
        )
        rows.append(
            Row(
                clerk,
                clerks[clerk],
                currency,
                plans.get(key),
                row.expected_minor if row else 0,
                row.carried_minor if row else 0,
                fact,
                promised.get(key, 0),
                unpaid,
                row.overdue if row else {},
                end if running else fact,
                rate,
            )
        )
    reckoned = max((row.reckoned_at for row in figures.values()), default=None)
    return PlanPage(month, running, even, kept, tuple(rows), reckoned)


def _promised(rows: Iterable[Any], clerks: Collection[int]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for clerk, currency, minor in rows:
        if clerk in clerks:
            found[clerk, currency] = found.get((clerk, currency), 0) + minor
    return found


def _rates(rows: Iterable[Any]) -> dict[tuple[int, str], int]:
    """The collection rate of the last months: what came, of what was due and owed from before."""
    found = {(clerk, currency): ratio(int(came), int(due)) for clerk, currency, came, due in rows}
    return {key: rate for key, rate in found.items() if rate is not None}
