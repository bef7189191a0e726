"""The company that runs Baton: its requisites, its settings, its working hours."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.base import Base
from webapp.domain.words import Department


class Company(Base):
    """One row. Requisites stand on proposals; the rest are settings, each with its meaning beside it."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"), {"sqlite_autoincrement": True})

    name: Mapped[str] = mapped_column(String(200))
    legal_name: Mapped[str] = mapped_column(String(300), default="")
    inn: Mapped[str] = mapped_column(String(12), default="")
    kpp: Mapped[str] = mapped_column(String(9), default="")
    ogrn: Mapped[str] = mapped_column(String(15), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    bank_name: Mapped[str] = mapped_column(String(200), default="")
    bank_bic: Mapped[str] = mapped_column(String(9), default="")
    bank_account: Mapped[str] = mapped_column(String(34), default="")
    correspondent_account: Mapped[str] = mapped_column(String(20), default="")

    currency: Mapped[str] = mapped_column(String(3), default="RUB")
    language: Mapped[str] = mapped_column(String(5), default="ru")
    timezone: Mapped[str] = mapped_column(String(64), default="Europe/Moscow")

    workday_starts: Mapped[time] = mapped_column(default=time(9))
    workday_ends: Mapped[time] = mapped_column(default=time(18))
    workdays: Mapped[list[int]] = mapped_column(JSON, default=lambda: [1, 2, 3, 4, 5])
    """ISO weekdays that are worked."""
    holidays: Mapped[list[str]] = mapped_column(JSON, default=list)
    """ISO dates that are not worked."""

    handoff_hours: Mapped[dict[str, int]] = mapped_column(
        JSON, default=lambda: {Department.SALES: 8, Department.CLIENT: 8, Department.VIP: 16}
    )
    """Working hours in which the receiving department answers an offered hand-off (usual in the trade: one day)."""
    mask_contacts: Mapped[bool] = mapped_column(default=True)
    """Phones and e-mails are masked outside the owner's department."""
    second_factor_roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Roles that must use a second factor."""

    @property
    def hours(self) -> "WorkingHours":
        return WorkingHours(
            self.workday_starts,
            self.workday_ends,
            frozenset(self.workdays),
            frozenset(date.fromisoformat(day) for day in self.holidays),
            ZoneInfo(self.timezone),
        )


class WorkingHours:
    """When the company works. The SLA clock runs only then."""

    def __init__(
        self, starts: time, ends: time, weekdays: frozenset[int], holidays: frozenset[date], zone: ZoneInfo
    ) -> None:
        if not weekdays or starts >= ends:
            raise ValueError("a week needs a working hour")
        self.starts, self.ends, self.weekdays, self.holidays, self.zone = starts, ends, weekdays, holidays, zone

    def works_on(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.holidays

    def after(self, moment: datetime, worked: timedelta) -> datetime:
        """The moment by which ``worked`` working time has passed since ``moment``."""
        left = worked
        day = moment.astimezone(self.zone).date()
        while True:
            start, end = self._span(day, moment)
            if end - start >= left:
                return start + left
            left -= max(end - start, timedelta())
            day += timedelta(days=1)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from ``start`` to ``end``; negative when ``end`` is earlier."""
        if end < start:
            return -self.between(end, start)
        total = timedelta()
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            opens, closes = self._span(day, start)
            total += max(min(closes, end) - opens, timedelta())
            day += timedelta(days=1)
        return total

    def _span(self, day: date, not_before: datetime) -> tuple[datetime, datetime]:
        """The working time of a day from ``not_before`` on, empty (start == end) where there is none."""
        opens = datetime.combine(day, self.starts, self.zone).astimezone(not_before.tzinfo)
        closes = datetime.combine(day, self.ends, self.zone).astimezone(not_before.tzinfo)
        if not self.works_on(day):
            return closes, closes
        return min(max(opens, not_before), closes), closes
