"""Letters about many invoices that were asked for and are not written yet: kept, so that a crash loses none."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, or_, Select, select, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base, Choice
from webapp.domain.invoice import Invoice
from webapp.domain.letter_state import LetterKind

LEFT = timedelta(minutes=10)
"""Work begun so long ago was left by a crash; it takes a few seconds."""

MOST_IN_ONE = 20
"""Invoices of which one letter reminds: the server takes it with their PDFs, and others have their turn soon."""

MOST_ATTEMPTS = 3


class WantedLetter(Base):
    """An invoice to write about. It goes in the transaction in which the letter is written, whose event tells of it."""

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
    def take(cls, session: Session, *, at: datetime) -> list["WantedLetter"]:
        """What the next letter is about, taken by this worker alone; empty when there is no work. It is the first that
        waits, or that a crash left. A reminder takes with it what else the client is to be reminded of, but at its last
        attempt stands alone: what ends the worker each time keeps the others from nobody for good."""
        waits = select(cls).where(or_(cls.tried_at.is_(None), cls.tried_at < at - LEFT)).order_by(cls.attempts, cls.id)
        while (first := session.scalars(waits.limit(1)).one_or_none()) is not None:
            # Another worker may be taking the same: this one waits, finds them taken, and chooses again.
            locked = cls._with(waits, first).with_for_update(of=cls).execution_options(populate_existing=True)
            found = session.scalars(locked).all()
            for each in found:
                each.attempts, each.tried_at = each.attempts + 1, at
            if found:
                return list(found)
        return []

    @classmethod
    def _with(cls, waits: Select["WantedLetter"], first: "WantedLetter") -> Select["WantedLetter"]:
        """Of those that wait, what one letter is about."""
        if first.kind is not LetterKind.REMINDER or first.attempts >= MOST_ATTEMPTS - 1:
            return waits.where(cls.id == first.id)
        client = select(Invoice.client_id).where(Invoice.id == first.invoice_id).scalar_subquery()
        return (
            waits.join(Invoice, Invoice.id == cls.invoice_id)
            .where(Invoice.client_id == client, cls.kind == first.kind, cls.attempts < MOST_ATTEMPTS - 1)
            .where(cls.user_id.is_not_distinct_from(first.user_id))
            .limit(MOST_IN_ONE)
        )
