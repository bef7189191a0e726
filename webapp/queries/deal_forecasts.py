"""Forecast against fact: what each month's open deals promised when it began, and what was won in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.calendar import last_day, month_of, months_on
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.deal_forecast import DealForecast
from webapp.domain.engagement import Engagement
from webapp.domain.money import WHOLE
from webapp.domain.user import Actor
from webapp.domain.words import Department

MONTHS = 12
"""The running one and those before it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was forecast and what was won, in minor units; ``forecast_minor`` is None where nothing was kept."""

    forecast_minor: int | None
    foreseen_minor: int
    """Won from deals that were open already when the month began: what a forecast could know of."""
    new_minor: int
    """Won from deals that were opened in the month."""

    @property
    def won_minor(self) -> int:
        return self.foreseen_minor + self.new_minor

    @property
    def reached(self) -> int | None:
        """What was foreseen, of the forecast, in basis points rounded down; None of no forecast, or one of nothing."""
        return self.foreseen_minor * WHOLE // self.forecast_minor if self.forecast_minor else None


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month in one currency."""

    month: date
    kept_on: date | None
    expected: int | None
    """Deals that were expected to close in it, when it began."""
    won: int
    one_off: Figure
    monthly: Figure


@dataclass(frozen=True, slots=True)
class Forecasts:
    currency: str
    known: tuple[str, ...]
    """The currencies that may be asked for."""
    rows: tuple[MonthRow, ...]
    """The newest first, as far back as anything is known."""


def deal_forecasts(
    session: Session, actor: Actor, today: date, currencies: Sequence[str], department: Department | None = None
) -> Forecasts:
    """A year by month, of one department or of all, in the first of the currencies of which anything is known, else the
    last. Two statements."""
    months = [months_on(month_of(today), -back) for back in range(MONTHS)]
    kept = _kept(session, months[-1], department)
    won = _won(session, months, department)
    known = tuple(sorted({code for _, code in (*kept, *won)}))
    currency = next((code for code in currencies if code in known), currencies[-1])
    rows = [_row(month, kept.get((month, currency)), won.get((month, currency), {})) for month in months]
    while len(rows) > 1 and rows[-1].kept_on is None and not rows[-1].won:
        rows.pop()
    return Forecasts(currency, known, tuple(rows))


Kept = tuple[date, int, int, int]
"""Since when it is kept, deals, and their weighted sums."""

Won = tuple[int, int, int]
"""Deals, and their sums."""


def _kept(session: Session, since: date, department: Department | None) -> dict[tuple[date, str], Kept]:
    rows = select(
        DealForecast.month,
        DealForecast.currency,
        func.max(DealForecast.kept_on),
        func.sum(DealForecast.deals),
        func.sum(DealForecast.weighted_one_off_minor),
        func.sum(DealForecast.weighted_monthly_minor),
    ).where(DealForecast.month >= since)
    if department is not None:
        rows = rows.where(DealForecast.department == department)
    found: dict[tuple[date, str], Kept] = {}
    for month, currency, on, *sums in session.execute(rows.group_by(DealForecast.month, DealForecast.currency)):
        deals, one_off, monthly = map(int, sums)
        found[month, currency] = on, deals, one_off, monthly
    return found


def _won(
    session: Session, months: Sequence[date], department: Department | None
) -> dict[tuple[date, str], dict[bool, Won]]:
    """By month and currency, apart by whether the deals were opened in the month. An imported one, whose first day is
    unknown, was not."""
    month = case(*((Deal.closed_on >= each, back) for back, each in enumerate(months))).label("month")
    new = or_(*(and_(Deal.closed_on.between(each, last_day(each)), Deal.opened_on >= each) for each in months))
    fresh = case((new, 1), else_=0).label("fresh")
    rows = select(
        month, Deal.currency, fresh, func.count(), func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor)
    ).where(
        # Won, but said so that SQLite without statistics takes the index of days.
        Deal.status.not_in((DealStatus.OPEN, DealStatus.LOST)),
        Deal.closed_on.between(months[-1], last_day(months[0])),
    )
    if department is not None:
        rows = rows.join(Engagement, Engagement.id == Deal.engagement_id).where(Engagement.department == department)
    found: dict[tuple[date, str], dict[bool, Won]] = {}
    for back, currency, opened_in_it, *figures in session.execute(rows.group_by(month, Deal.currency, fresh)):
        deals, one_off, monthly = map(int, figures)
        found.setdefault((months[back], currency), {})[bool(opened_in_it)] = deals, one_off, monthly
    return found


def _row(month: date, kept: Kept | None, won: dict[bool, Won]) -> MonthRow:
    on, expected, one_off, monthly = kept or (None, None, None, None)
    foreseen, new = won.get(False, (0, 0, 0)), won.get(True, (0, 0, 0))
    return MonthRow(
        month,
        on,
        expected,
        foreseen[0] + new[0],
        Figure(one_off, foreseen[1], new[1]),
        Figure(monthly, foreseen[2], new[2]),
    )
