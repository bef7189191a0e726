"""What a payment covers, and what of it went back: entries that never change."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.base import Base, Choice
from webapp.domain.invoice import Invoice
from webapp.domain.user import User
from webapp.domain.words import Department, N_

if TYPE_CHECKING:
    from webapp.domain.payment import Payment


class ReturnKind(StrEnum):
    """Why money that was received is not ours: it went back, or it was written down by mistake."""

    RETURNED = "returned"
    MISTAKE = "mistake"

    @property
    def label(self) -> str:
        return {"returned": N_("Returned to the payer"), "mistake": N_("Written down by mistake")}[self.value]


class Allocation(Base):
    """So much of a payment covers so much of an invoice; less than zero undoes another entry.

    Never changed: a database trigger refuses it. ``entered_on`` is the day the money came, or that of the undoing:
    the day by which the month's plan and the hunter's percent count it.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        Index("ix_allocation_collected", "collected_by_id", "entered_on", "currency", "amount_minor"),
        Index("ix_allocation_client_id_entered_on", "client_id", "entered_on", "id"),
        Index("ix_allocation_entered_on", "entered_on", "id"),
        CheckConstraint(
            "(amount_minor > 0) = (reverses_id is null) and amount_minor <> 0", name="less_than_zero_undoes"
        ),
        {"sqlite_autoincrement": True},
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    entered_on: Mapped[date]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    collected_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """The clerk who serviced the client when the entry was made; the plan counts it for them."""
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("allocation.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(40), default="")
    """How the payment was matched: a key of the matching rules; empty where a person did it."""

    payment: Mapped["Payment"] = relationship(back_populates="allocations")
    invoice: Mapped[Invoice] = relationship(back_populates="allocations")

    @classmethod
    def of(
        cls,
        payment: "Payment",
        invoice: Invoice,
        minor: int,
        on: date,
        *,
        by: User | None,
        at: datetime,
        reason: str = "",
        reverses: "Allocation | None" = None,
    ) -> "Allocation":
        """An entry that is not saved yet, for the clerk who services the client now; an undoing for whom it undoes."""
        clerk = invoice.client.open_engagement(Department.CLIENT)
        return cls(
            payment=payment,
            invoice=invoice,
            client_id=invoice.client_id,
            amount_minor=minor,
            currency=payment.currency,
            entered_on=on,
            at=at,
            by_id=None if by is None else by.id,
            collected_by_id=reverses.collected_by_id if reverses else clerk and clerk.owner_id,
            reverses_id=reverses and reverses.id,
            reason=reason,
        )


class PaymentReturn(Base):
    """Money of a payment that is not ours any more. Never changed: a database trigger refuses it."""

    __tablename__ = "payment_return"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"), {"sqlite_autoincrement": True})

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    amount_minor: Mapped[int]
    kind: Mapped[ReturnKind] = mapped_column(Choice(ReturnKind))
    reason: Mapped[str] = mapped_column(String(300))
    returned_on: Mapped[date] = mapped_column(index=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    payment: Mapped["Payment"] = relationship(back_populates="returns")
