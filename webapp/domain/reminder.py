"""Which letter reminded of which overdue invoice. An invoice is reminded of once in a month, alone or with others."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ForeignKey, select, UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base
from webapp.domain.errors import Refused
from webapp.domain.letter import ALREADY, Letter


class Reminder(Base):
    """One invoice that a letter reminded of. ``month`` is the month's first day."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("invoice_id", "month"), {"sqlite_autoincrement": True})

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    month: Mapped[date]
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)

    @classmethod
    def note(cls, session: Session, letter: Letter, invoices: Iterable[int], month: date) -> None:
        """The letter reminds of these invoices. Refused where one of them was reminded of in this month."""
        try:
            with session.begin_nested():
                session.add_all(cls(invoice_id=number, month=month, letter_id=letter.id) for number in invoices)
                session.flush()
        except IntegrityError:
            raise Refused(ALREADY) from None

    @staticmethod
    def noted(session: Session, invoices: Sequence[int], month: date) -> set[int]:
        """Which of these invoices were reminded of in the month."""
        found = select(Reminder.invoice_id).where(Reminder.invoice_id.in_(invoices), Reminder.month == month)
        return set(session.scalars(found))

    @staticmethod
    def before(session: Session, invoices: Sequence[int], month: date) -> set[int]:
        """Which of these invoices were reminded of in an earlier month."""
        found = select(Reminder.invoice_id).where(Reminder.invoice_id.in_(invoices), Reminder.month < month)
        return set(session.scalars(found))
