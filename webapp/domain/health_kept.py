"""Health that is kept: one row a client as it stands now, one a day on which it changed, and what a person overrode."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, select, String, text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.health_terms import Band
from webapp.domain.user import User
from webapp.domain.words import N_

IN_FORCE = text("ended_at IS NULL")
RECKONED = text("frozen_on IS NULL")
WEEKS = 26
"""Half a year is drawn, a level a week."""

BY_BAND = ("band", "monthly_minor", "client_id")


class KeptHealth(Base):
    """A client's health as it was last reckoned. ``health_keeping`` writes it; nobody enters it."""

    __tablename__ = "health"
    __table_args__ = (
        UniqueConstraint("client_id"),
        Index("ix_health_band", *BY_BAND, sqlite_where=RECKONED, postgresql_where=RECKONED),
        Index("ix_health_owner_id_band", "owner_id", *BY_BAND, sqlite_where=RECKONED, postgresql_where=RECKONED),
        Index("ix_health_trend", "trend", "client_id", sqlite_where=RECKONED, postgresql_where=RECKONED),
        CheckConstraint("level between 0 and 100", name="level"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    level: Mapped[int]
    band: Mapped[Band] = mapped_column(Choice(Band))
    """As people see it: what was reckoned, or what somebody said instead."""
    reckoned: Mapped[Band] = mapped_column(Choice(Band))
    points: Mapped[dict[str, int]] = mapped_column(JSON)
    """By part."""
    trend: Mapped[int]
    """Levels gained within the last four weeks, or lost where below zero."""
    since: Mapped[date]
    """Since when it is in its band."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Who answers for the client, first of all in the VIP department; None of one that is lost."""
    currency: Mapped[str] = mapped_column(String(3))
    monthly_minor: Mapped[int]
    """What the client was invoiced for monthly products in the last 31 days."""
    frozen_on: Mapped[date | None]
    """The client is lost: since then nothing is reckoned."""
    line: Mapped[str] = mapped_column(String(120), default="")
    """How it went: the level of each of the last weeks up to that of ``line_on``, as ``drawn`` reads it."""
    line_on: Mapped[date | None]
    """When the level changed last."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), index=True)
    """What its band asked for last."""
    task_band: Mapped[Band | None] = mapped_column(Choice(Band))

    client: Mapped[Client] = relationship()


def drawn(line: str, on: date | None, today: date) -> list[int]:
    """The level of each week of a kept line, the oldest first and today's last: since ``on`` it is as it was."""
    if on is None:
        return []
    levels = [int(level) for level in line.split(",")]
    weeks = (_monday(today) - _monday(on)).days // 7
    return (levels + levels[-1:] * weeks)[-WEEKS:]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


class HealthDay(Base):
    """A day on which a client's health changed; it held until the next such day.

    Most days change nothing, so that a year takes a dozen rows of a client instead of 365.
    """

    __tablename__ = "health_day"
    __table_args__ = (UniqueConstraint("client_id", "day"), {"sqlite_autoincrement": True})

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    day: Mapped[date]
    level: Mapped[int]
    band: Mapped[Band] = mapped_column(Choice(Band))
    points: Mapped[dict[str, int]] = mapped_column(JSON)


class HealthOverride(Base):
    """Somebody says that a client's band is another one, why, and until when. The level stays what was reckoned."""

    __tablename__ = "health_override"
    __table_args__ = (
        Index("uq_health_override_current", "client_id", unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
        Index("ix_health_override_until", "until", sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
        CheckConstraint("reason <> ''", name="has_reason"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    band: Mapped[Band] = mapped_column(Choice(Band))
    reason: Mapped[str] = mapped_column(String(500))
    until: Mapped[date]
    """The last day on which it holds."""
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    client: Mapped[Client] = relationship()
    by: Mapped[User] = relationship()

    LONGEST = 92
    """Days: a quarter, so that nobody paints a client green for good."""

    @classmethod
    def say(
        cls, session: Session, client: Client, band: Band, reason: str, until: date, *, by: User, at: datetime
    ) -> "HealthOverride":
        """From now on, until the day, the client's band is this. What was said before ends."""
        client.check_ours()
        if band is Band.TOO_EARLY:
            raise Refused(N_("Please choose"), field="band")
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        days = (until - by.today(at)).days
        if not 0 < days <= cls.LONGEST:
            raise Refused(N_("A day within the next %(most)s days"), field="until", most=cls.LONGEST)
        before = cls.current(session, client.id)
        if before is not None:
            before.ended_at = at
            session.flush()
        said = cls(client=client, band=band, reason=reason.strip()[:500], until=until, by=by, at=at)
        session.add(said)
        session.flush()
        details = {"band": band, "until": until.isoformat(), "reason": said.reason}
        session.add(said._event("health:overridden", by=by, at=at, details=details))
        return said

    @classmethod
    def current(cls, session: Session, client_id: int) -> "HealthOverride | None":
        """What holds now, unless its last day is over."""
        return session.scalar(select(cls).where(cls.client_id == client_id, cls.ended_at.is_(None)))

    def end(self, *, by: User | None, at: datetime) -> Event:
        """What was reckoned holds again."""
        if self.ended_at is not None:
            raise Refused(N_("This is over already"))
        self.ended_at = at
        return self._event("health:reckonedagain", by=by, at=at, details={"band": self.band})

    def _event(self, kind: str, *, by: User | None, at: datetime, details: dict[str, str]) -> Event:
        return event(kind, by=by, at=at, client_id=self.client_id, subject_id=self.id, details=details)
