"""Letters about many invoices that were asked for and are not written yet: kept, so that a crash loses none."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, or_, select, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base, Choice
from webapp.domain.letter_state import LetterKind

LEFT = timedelta(minutes=10)
"""Work begun so long ago was left by a crash; it takes a second."""

MOST_ATTEMPTS = 3


class WantedLetter(Base):
    """One letter to write. It goes in the transaction in which the letter is written, whose event tells of it."""

    __tablename__ = "wanted_letter"
    __table_args__ = (UniqueConstraint("invoice_id", "kind"), {"sqlite_autoincrement": True})

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    kind: Mapped[LetterKind] = mapped_column(Choice(LetterKind))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Who asked for it."""
    attempts: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    """When a worker took it; None while it waits."""

    @classmethod
    def ask(cls, session: Session, kind: LetterKind, invoices: Iterable[int], user_id: int | None) -> None:
        """Ask for a letter about each invoice; for those already asked for once."""
        ids = list(invoices)
        asked = set(session.scalars(select(cls.invoice_id).where(cls.kind == kind, cls.invoice_id.in_(ids))))
        new = [number for number in dict.fromkeys(ids) if number not in asked]
        session.add_all(cls(kind=kind, invoice_id=number, user_id=user_id, attempts=0) for number in new)
        session.flush()

    @classmethod
    def take(cls, session: Session, *, at: datetime) -> "WantedLetter | None":
        """The first that waits, or that a crash left, taken by this worker alone. None when there is no work."""
        free = or_(cls.tried_at.is_(None), cls.tried_at < at - LEFT)
        first = select(cls).where(free).order_by(cls.attempts, cls.id).limit(1).with_for_update(skip_locked=True)
        found = session.scalars(first).one_or_none()
        if found is not None:
            found.attempts, found.tried_at = found.attempts + 1, at
        return found
