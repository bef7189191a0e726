"""Operations: what a clerk did with an item of the queue, how long it took, and when it comes back."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, select, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.event import Event, event
from webapp.domain.interaction import Interaction
from webapp.domain.queue import LONGEST_OPERATION, Outcome, Reason
from webapp.domain.user import User


class Operation(Base):
    """One item dealt with. Its reasons rest until ``back_at``; what made them may be gone by then."""

    __tablename__ = "operation"
    __table_args__ = (
        Index("ix_operation_user_id_done_on", "user_id", "done_on"),
        Index("ix_operation_client_id_back_at", "client_id", "back_at"),
        CheckConstraint("seconds >= 0", name="seconds_positive"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    interaction_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id", ondelete="SET NULL"), index=True)
    outcome: Mapped[Outcome] = mapped_column(Choice(Outcome))
    reasons: Mapped[list[str]] = mapped_column(JSON)
    """Those of Reason that were dealt with, the strongest first."""
    at: Mapped[datetime]
    done_on: Mapped[date]
    seconds: Mapped[int]
    """From opening the item to its outcome, at most LONGEST_OPERATION."""
    back_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(500), default="")

    client: Mapped[Client] = relationship()
    user: Mapped[User] = relationship()
    interaction: Mapped[Interaction | None] = relationship()

    @classmethod
    def record(
        cls,
        session: Session,
        client: Client,
        outcome: Outcome,
        reasons: Sequence[Reason],
        *,
        by: User,
        at: datetime,
        on: date,
        opened_at: datetime | None = None,
        back_at: datetime | None = None,
        interaction: Interaction | None = None,
        note: str = "",
    ) -> Event:
        """The outcome of an item, counted for ``by`` on the company's day ``on``."""
        seconds = 0 if opened_at is None else int((at - opened_at).total_seconds())
        operation = cls(
            client=client,
            user=by,
            interaction=interaction,
            outcome=outcome,
            reasons=list(reasons),
            at=at,
            done_on=on,
            seconds=min(max(seconds, 0), LONGEST_OPERATION),
            back_at=back_at,
            note=note.strip(),
        )
        session.add(operation)
        session.flush()
        details = {"outcome": outcome, "reasons": list(reasons), "note": operation.note, "back": _iso(back_at)}
        return event("operation:done", by=by, at=at, client_id=client.id, subject_id=operation.id, details=details)

    @classmethod
    def vain(cls, session: Session, client: Client, since: datetime) -> int:
        """How often nobody answered since then, up to the last time that somebody did."""
        lately = (
            select(cls.outcome)
            .where(cls.client_id == client.id, cls.at >= since)
            .order_by(cls.at.desc(), cls.id.desc())
            .limit(20)
        )
        count = 0
        for outcome in session.scalars(lately):
            if outcome is Outcome.POSTPONED:
                continue
            if outcome is not Outcome.NO_ANSWER:
                break
            count += 1
        return count


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
