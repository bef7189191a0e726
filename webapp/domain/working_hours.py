"""Working hours: reckoning with the time in which the company works."""

from datetime import date, datetime, time, timedelta, UTC
from zoneinfo import ZoneInfo


class WorkingHours:
    """When the company works. The SLA clock runs only then.

    Reckoned in UTC, so that a working day in which the clocks change is as long as it really was.
    """

    def __init__(
        self, starts: time, ends: time, weekdays: frozenset[int], holidays: frozenset[date], zone: ZoneInfo
    ) -> None:
        if not weekdays or starts >= ends:
            raise ValueError("a week needs a working hour")
        self.starts, self.ends, self.weekdays, self.holidays, self.zone = starts, ends, weekdays, holidays, zone

    def works_on(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.holidays

    def first_day(self, day: date) -> date:
        """The first working day from this day on."""
        while not self.works_on(day):
            day += timedelta(days=1)
        return day

    def after(self, moment: datetime, worked: timedelta) -> datetime:
        """The moment by which ``worked`` working time has passed since ``moment``, in UTC."""
        moment, left = moment.astimezone(UTC), worked
        day = moment.astimezone(self.zone).date()
        while True:
            start, end = self._span(day, moment)
            if start < end and end - start >= left:
                return start + left
            left -= end - start
            day += timedelta(days=1)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from ``start`` to ``end``; negative when ``end`` is earlier."""
        if end < start:
            return -self.between(end, start)
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        total = timedelta()
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            opens, closes = self._span(day, start)
            total += max(min(closes, end) - opens, timedelta())
            day += timedelta(days=1)
        return total

    def _span(self, day: date, not_before: datetime) -> tuple[datetime, datetime]:
        """The working time of a day from ``not_before`` on, empty (start == end) where there is none."""
        opens = datetime.combine(day, self.starts, self.zone).astimezone(UTC)
        closes = datetime.combine(day, self.ends, self.zone).astimezone(UTC)
        if not self.works_on(day):
            return closes, closes
        return min(max(opens, not_before), closes), closes
