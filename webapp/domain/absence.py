"""Absences: while a clerk is away a colleague answers for chosen clients, and they come back on the day of return."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, JSON, select, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload, Session

from webapp.domain.base import Base
from webapp.domain.engagement import can_own, Engagement
from webapp.domain.errors import Refused
from webapp.domain.event import event
from webapp.domain.user import User
from webapp.domain.words import N_

RUNNING = text("ended_at IS NULL")
BACK = N_("Back from absence")


class Absence(Base):
    """Who stands in for whom, with which clients, until when. What the colleague hands on meanwhile stays there."""

    __tablename__ = "absence"
    __table_args__ = (
        Index("ix_absence_returns_on", "returns_on", "id", sqlite_where=RUNNING, postgresql_where=RUNNING),
        {"sqlite_autoincrement": True},
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    colleague_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    set_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(String(300))
    began_at: Mapped[datetime]
    returns_on: Mapped[date]
    ended_at: Mapped[datetime | None]
    engagements: Mapped[list[int]] = mapped_column(JSON)
    """Ids of what the colleague answers for meanwhile."""

    user: Mapped[User] = relationship(foreign_keys=user_id)
    colleague: Mapped[User] = relationship(foreign_keys=colleague_id)

    @classmethod
    def begin(
        cls,
        session: Session,
        user: User,
        colleague: User,
        engagements: Sequence[Engagement],
        returns_on: date,
        reason: str,
        *,
        by: User,
        at: datetime,
    ) -> "Absence":
        """Give these clients of the user's to the colleague; every one is a reassignment with the reason (rule 4)."""
        if not engagements:
            raise Refused(N_("Choose at least one client"))
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        if returns_on <= by.today(at):
            raise Refused(N_("The day of return is to come"), field="returns_on")
        absence = cls(
            user=user,
            colleague=colleague,
            set_by_id=by.id,
            reason=reason.strip(),
            began_at=at,
            returns_on=returns_on,
            engagements=[engagement.id for engagement in engagements],
        )
        session.add(absence)
        session.flush()
        for engagement in engagements:
            if engagement.owner_id != user.id:
                raise Refused(N_("%(name)s does not answer for all of these clients any more"), name=user.name)
            session.add(engagement.reassign(colleague, by=by, at=at, reason=reason, seen=engagement.version))
        details = {"from": user.name, "to": colleague.name, "back": returns_on.isoformat(), "count": len(engagements)}
        session.flush()
        session.add(event("absence:began", by=by, at=at, subject_id=absence.id, details=details))
        return absence

    def end(self, session: Session, *, by: User | None, at: datetime) -> int:
        """The user is back: what the colleague still answers for goes back. How many clients that were."""
        if self.ended_at is not None:
            raise Refused(N_("This absence is over already"))
        self.ended_at = at
        back = 0
        lent = (
            select(Engagement)
            .where(Engagement.id.in_(self.engagements), Engagement.closed_at.is_(None))
            .where(Engagement.owner_id == self.colleague_id)
            .options(selectinload(Engagement.tasks), selectinload(Engagement.deals))
            .order_by(Engagement.id)
        )
        for engagement in session.scalars(lent).all():
            if can_own(self.user, engagement.department):
                session.add(engagement.reassign(self.user, by=by, at=at, reason=BACK, seen=engagement.version))
                back += 1
        details = {"from": self.colleague.name, "to": self.user.name, "count": back}
        session.flush()
        session.add(event("absence:ended", by=by, at=at, subject_id=self.id, details=details))
        return back


def lent(session: Session) -> set[int]:
    """The engagements that come back to somebody by themselves."""
    running = select(Absence.engagements).where(Absence.ended_at.is_(None))
    return {number for numbers in session.scalars(running) for number in numbers}


def end_due(session: Session, today: date, *, at: datetime) -> int:
    """End the absences whose day of return has come; how many clients went back."""
    over = select(Absence).where(Absence.returns_on <= today, Absence.ended_at.is_(None)).order_by(Absence.id)
    return sum(absence.end(session, by=None, at=at) for absence in session.scalars(over.with_for_update()).all())
