"""When an item that was dealt with comes back: reckoned by the policy in ``queue``, in the company's working time."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, UTC
from zoneinfo import ZoneInfo

from webapp.domain.company import Company
from webapp.domain.queue import NO_ANSWER_HOURS, RANK_OF, Reason


def morning(company: Company, day: date) -> datetime:
    """The beginning of a day at the company's seat."""
    return datetime.combine(day, time(), ZoneInfo(company.timezone)).astimezone(UTC)


def after_working_days(company: Company, today: date, count: int) -> date:
    """The day that is worked, so many working days after today."""
    day, hours = today, company.hours
    while count:
        day += timedelta(days=1)
        count -= hours.works_on(day)
    return day


def back_when_done(company: Company, reasons: Sequence[Reason], at: datetime) -> datetime | None:
    """When what still stands then is spoken about again: the strongest reason says after how long."""
    if not reasons:
        return None
    return morning(company, after_working_days(company, company.today(at), RANK_OF[reasons[0]].returns))


def back_without_answer(company: Company, vain: int, at: datetime) -> datetime:
    """When to try again, after ``vain`` calls before this one that nobody answered."""
    hours = NO_ANSWER_HOURS[min(vain, len(NO_ANSWER_HOURS) - 1)]
    return company.hours.after(at, timedelta(hours=hours))
