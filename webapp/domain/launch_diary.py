"""The diary in which launches find room: no client is contacted more often in a week than the company allows, and
nobody of ours is given more than can be done."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from webapp.domain.launch_state import Channel

A_WEEK = timedelta(days=7)


def monday(day: date) -> date:
    """The first day of the week, which names it."""
    return day - timedelta(days=day.weekday())


def weeks(first: date, last: date) -> tuple[date, ...]:
    """The Mondays of the weeks that these days touch."""
    begin = monday(first)
    return tuple(begin + A_WEEK * number for number in range((monday(last) - begin).days // 7 + 1))


@dataclass
class Diary:
    """``cap`` contacts of one client in a week; ``contacts`` and ``work`` are what stands in it already: by client and
    week, and by person, channel and week."""

    cap: int
    weeks: tuple[date, ...]
    contacts: dict[tuple[int, date], int] = field(default_factory=dict)
    work: dict[tuple[int, Channel, date], int] = field(default_factory=dict)

    def place(self, client: int, channel: Channel, person: int | None, a_week: int) -> tuple[date | None, bool]:
        """The first week with room for both, taken; and whether the client's cap made it wait. None: no week is left.

        ``a_week``: how many of the channel the person does in a week, 0 for any number.
        """
        late = False
        for week in self.weeks:
            busy = bool(a_week) and person is not None and self.work.get((person, channel, week), 0) >= a_week
            if self.contacts.get((client, week), 0) >= self.cap:
                late = late or not busy
                continue
            if busy:
                continue
            self.add(client, week)
            if person is not None:
                self.work[person, channel, week] = self.work.get((person, channel, week), 0) + 1
            return week, late
        return None, late

    def add(self, client: int, week: date, count: int = 1) -> None:
        """Contacts of a client in a week, whoever planned them."""
        self.contacts[client, week] = self.contacts.get((client, week), 0) + count


def day_for(week: date, today: date, turn: int, worked: Iterable[int]) -> date:
    """The day of the week on which the work of that ``turn`` is due: spread evenly over what is left of its working
    days (ISO weekdays ``worked``)."""
    days = [week + timedelta(days=number - 1) for number in sorted(worked)]
    left = [day for day in days if day >= today] or [max(today, week)]
    return left[turn % len(left)]
