"""Studies: long looks at the company's own history, done in the background; what was found is kept with its day."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, JSON, select, String
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base, Choice
from webapp.domain.user import User


class StudyKind(StrEnum):
    BACKTEST = "backtest"
    COHORTS = "cohorts"


class Study(Base):
    """One study: asked for, and done or failed. Only the newest of a kind are of use."""

    __tablename__ = "study"
    __table_args__ = (Index("ix_study_kind_id", "kind", "id"),)

    kind: Mapped[StudyKind] = mapped_column(Choice(StudyKind))
    day: Mapped[date]
    """The company's day up to which history is looked at."""
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """None: the night asked."""
    done_at: Mapped[datetime | None]
    failed: Mapped[str] = mapped_column(String(300), default="")
    found: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @classmethod
    def ask(cls, session: Session, kind: StudyKind, day: date, *, by: User | None, at: datetime) -> "Study":
        study = cls(kind=kind, day=day, asked_at=at, asked_by_id=by.id if by is not None else None, found={})
        session.add(study)
        session.flush()
        return study

    @classmethod
    def newest(cls, session: Session, kind: StudyKind) -> "Study | None":
        """The one that was asked for last, done or not."""
        return session.scalar(select(cls).where(cls.kind == kind).order_by(cls.id.desc()).limit(1))

    @classmethod
    def last_done(cls, session: Session, kind: StudyKind) -> "Study | None":
        """The last one that found something."""
        done = select(cls).where(cls.kind == kind, cls.done_at.is_not(None), cls.failed == "")
        return session.scalar(done.order_by(cls.id.desc()).limit(1))

    def end(self, found: dict[str, Any], *, at: datetime) -> None:
        self.found, self.done_at = found, at

    def fail(self, why: str, *, at: datetime) -> None:
        self.failed, self.done_at = why[:300], at
