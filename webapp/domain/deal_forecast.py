"""What the open deals promised for a month when it began: kept once, never changed, so that it can be judged."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import CheckConstraint, func, select, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base, Choice
from webapp.domain.calendar import last_day, month_of
from webapp.domain.company import Company
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.stage_outcome import chances
from webapp.domain.words import Department


class DealForecast(Base):
    """One month, department and currency. Append-only: a database trigger refuses update and delete.

    It names nobody: it is a kept sum, of which no event but the night's own tells.
    """

    __tablename__ = "deal_forecast"
    __table_args__ = (
        UniqueConstraint("month", "department", "currency"),
        CheckConstraint("kept_on >= month", name="kept_when_it_began"),
        {"sqlite_autoincrement": True},
    )

    month: Mapped[date]
    department: Mapped[Department] = mapped_column(Choice(Department))
    currency: Mapped[str] = mapped_column(String(3))
    deals: Mapped[int]
    """Open ones that were expected to close in the month."""
    one_off_minor: Mapped[int]
    monthly_minor: Mapped[int]
    weighted_one_off_minor: Mapped[int]
    weighted_monthly_minor: Mapped[int]
    kept_on: Mapped[date]
    """The month's first day, or a later one where the machine slept."""


@dataclass
class Expected:
    """Deals of one department and currency, in minor units, as they stand and weighed."""

    deals: int = 0
    one_off: int = 0
    monthly: int = 0
    weighted_one_off: int = 0
    weighted_monthly: int = 0


def keep_forecast(session: Session, day: date) -> int:
    """Write down what is expected of the day's month, unless it was; how many rows. Three statements.

    Each department has a row in the company's own currency, be it of nothing: that nothing was expected is a forecast.
    """
    month = month_of(day)
    if session.scalar(select(DealForecast.id).where(DealForecast.month == month).limit(1)) is not None:
        return 0
    found = expected_in(session, month)
    own = {(department, session.get_one(Company, 1).currency): Expected() for department in Department}
    rows = [
        DealForecast(
            month=month,
            department=department,
            currency=currency,
            deals=of.deals,
            one_off_minor=of.one_off,
            monthly_minor=of.monthly,
            weighted_one_off_minor=of.weighted_one_off,
            weighted_monthly_minor=of.weighted_monthly,
            kept_on=day,
        )
        for (department, currency), of in (own | found).items()
    ]
    session.add_all(rows)
    session.flush()
    return len(rows)


def expected_in(session: Session, month: date) -> dict[tuple[Department, str], Expected]:
    """Open deals of running work whose expected day lies in the month. One whose day is past is expected no more: its
    owner names another day, or closes it."""
    by_stage, found = chances(session), defaultdict[tuple[Department, str], Expected](Expected)
    for department, stage, currency, count, one_off, monthly in session.execute(
        select(
            Engagement.department,
            Engagement.stage_id,
            Deal.currency,
            func.count(),
            func.sum(Deal.one_off_minor),
            func.sum(Deal.monthly_minor),
        )
        .join(Engagement, Engagement.id == Deal.engagement_id)
        .where(
            Deal.status == DealStatus.OPEN,
            Deal.expected_on.between(month, last_day(month)),
            Engagement.closed_at.is_(None),
        )
        .group_by(Engagement.department, Engagement.stage_id, Deal.currency)
    ):
        of, chance = found[department, currency], by_stage[stage]
        of.deals += count
        of.one_off += int(one_off)
        of.monthly += int(monthly)
        of.weighted_one_off += chance.of(int(one_off))
        of.weighted_monthly += chance.of(int(monthly))
    return dict(found)
