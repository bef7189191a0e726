"""Months: a month is known by its first day."""

from calendar import monthrange
from datetime import date, timedelta


def month_of(day: date) -> date:
    """The month that a day lies in."""
    return day.replace(day=1)


def months_on(month: date, count: int) -> date:
    """The month that lies ``count`` months after a month; before it, where negative."""
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


def last_day(month: date) -> date:
    return months_on(month, 1) - timedelta(days=1)


def gone(day: date) -> int:
    """What part of its month is over with a day, in basis points."""
    return 10_000 * day.day // last_day(month_of(day)).day


def in_month(month: date, day: int) -> date:
    """That day of the month, or its last day where the month is shorter."""
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))


def years_on(day: date, count: int = 1) -> date:
    """The same day ``count`` years later; 28 February for the 29th."""
    return in_month(date(day.year + count, day.month, 1), day.day)


def quarter_of(day: date) -> date:
    """The first day of the quarter that a day lies in."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
