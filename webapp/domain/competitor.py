"""Competitors: the registry of rivals, so that the same rival has one name everywhere."""

from datetime import datetime

from sqlalchemy import CheckConstraint, select, String, Text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base
from webapp.domain.client import KEY, name_key
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.words import N_


class Competitor(Base):
    """A rival. One that is retired is offered no more; what was said of it stays."""

    __tablename__ = "competitor"
    __table_args__ = (CheckConstraint("name <> ''", name="named"), {"sqlite_autoincrement": True})

    name: Mapped[str] = mapped_column(String(160))
    name_key: Mapped[str] = mapped_column(KEY, unique=True)
    note: Mapped[str] = mapped_column(Text, default="")
    """What they sell, where they are strong, what we answer."""
    added_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def add(cls, session: Session, name: str, note: str = "", *, by: User | None, at: datetime) -> "Competitor":
        """A new rival. ``ООО «Ромашка»`` and ``Ромашка`` are the same one: the second is refused."""
        key = _checked_key(session, name)
        competitor = cls(name=name.strip(), name_key=key, note=note.strip(), added_at=at)
        session.add(competitor)
        try:
            session.flush()
        except IntegrityError as error:
            raise Refused(N_("Somebody added this competitor just now"), field="name") from error
        session.add(competitor._event("competitor:added", by=by, at=at))
        return competitor

    @classmethod
    def named(cls, session: Session, name: str, *, by: User, at: datetime) -> "Competitor":
        """The rival of that name; one that nobody knew yet comes into the registry."""
        known = session.scalar(select(cls).where(cls.name_key == name_key(name)))
        return known if known is not None else cls.add(session, name, by=by, at=at)

    def change(self, session: Session, name: str, note: str, *, by: User, at: datetime, seen: int) -> Event:
        self._check_seen(seen)
        key = _checked_key(session, name, besides=self.id)
        self.name, self.name_key, self.note = name.strip(), key, note.strip()
        return self._event("competitor:changed", by=by, at=at)

    def retire(self, *, by: User, at: datetime, seen: int) -> Event:
        """It is no rival any more."""
        self._check_seen(seen)
        if self.retired_at is not None:
            raise Refused(N_("This competitor is retired already"))
        self.retired_at = at
        return self._event("competitor:retired", by=by, at=at)

    def restore(self, *, by: User, at: datetime, seen: int) -> Event:
        """It is back."""
        self._check_seen(seen)
        if self.retired_at is None:
            raise Refused(N_("This competitor is in the registry already"))
        self.retired_at = None
        return self._event("competitor:restored", by=by, at=at)

    def _check_seen(self, seen: int) -> None:
        if seen != self.version:
            raise Stale

    def _event(self, kind: str, *, by: User | None, at: datetime) -> Event:
        return event(kind, by=by, at=at, subject_id=self.id, details={"name": self.name})


def _checked_key(session: Session, name: str, besides: int = 0) -> str:
    key = name_key(name)
    if not key:
        raise Refused(N_("Please fill this in"), field="name")
    with session.no_autoflush:
        known = session.scalar(select(Competitor.name).where(Competitor.name_key == key, Competitor.id != besides))
    if known is not None:
        raise Refused(N_("%(name)s is in the registry already"), field="name", name=known)
    return key
