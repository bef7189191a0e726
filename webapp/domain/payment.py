"""Payments: money received, and which invoices it covers. Everything is undone by a new entry, nothing is deleted."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.allocation import Allocation, PaymentReturn, ReturnKind
from webapp.domain.base import Base
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.invoice import Invoice
from webapp.domain.money import LARGEST
from webapp.domain.statement import Statement
from webapp.domain.user import User
from webapp.domain.words import N_

UNCLAIMED = text("client_id IS NULL AND set_aside_at IS NULL AND free_minor > 0")
CREDIT = text("free_minor > 0 AND client_id IS NOT NULL")
CLAIMED = text("client_id IS NOT NULL")
"""Without it SQLite looks for the unclaimed in here, and passes over all that were set aside."""
KNOWN = text("fingerprint IS NOT NULL")


class Payment(Base):
    """Money received. ``free`` is what covers no invoice yet: a client's credit, or, without a client, a question."""

    __tablename__ = "payment"
    __table_args__ = (
        Index("uq_payment_fingerprint", "fingerprint", unique=True, sqlite_where=KNOWN, postgresql_where=KNOWN),
        Index("ix_payment_unclaimed", "received_on", "id", sqlite_where=UNCLAIMED, postgresql_where=UNCLAIMED),
        Index("ix_payment_credit", "client_id", "id", sqlite_where=CREDIT, postgresql_where=CREDIT),
        Index(
            "ix_payment_client_id_received_on",
            "client_id",
            "received_on",
            "id",
            sqlite_where=CLAIMED,
            postgresql_where=CLAIMED,
        ),
        Index("ix_payment_received_on", "received_on", "id"),
        CheckConstraint("amount_minor > 0 and allocated_minor >= 0 and returned_minor >= 0", name="sums_positive"),
        CheckConstraint(
            "free_minor = amount_minor - allocated_minor - returned_minor and free_minor >= 0",
            name="never_beyond_amount",
        ),
        CheckConstraint("allocated_minor = 0 or client_id is not null", name="allocated_has_client"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"))
    """Whose money it is, as far as it is known; a third party may have sent it."""
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("statement.id"), index=True)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    """What makes a document of a bank statement the same one; None for what was entered by hand."""
    document_number: Mapped[str] = mapped_column(String(40), default="")
    received_on: Mapped[date]
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    payer_name: Mapped[str] = mapped_column(String(300), default="")
    payer_inn: Mapped[str] = mapped_column(String(12), default="")
    payer_account: Mapped[str] = mapped_column(String(34), default="")
    purpose: Mapped[str] = mapped_column(Text, default="")
    allocated_minor: Mapped[int] = mapped_column(default=0)
    returned_minor: Mapped[int] = mapped_column(default=0)
    free_minor: Mapped[int]
    set_aside_at: Mapped[datetime | None]
    set_aside_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client | None] = relationship()
    statement: Mapped[Statement | None] = relationship()
    allocations: Mapped[list[Allocation]] = relationship(back_populates="payment", order_by="Allocation.id")
    returns: Mapped[list[PaymentReturn]] = relationship(back_populates="payment", order_by="PaymentReturn.id")

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def receive(
        cls,
        session: Session,
        amount_minor: int,
        currency: str,
        received_on: date,
        *,
        by: User | None,
        at: datetime,
        client: Client | None = None,
        **fields: object,
    ) -> "Payment":
        """Money came in."""
        payment = cls.begin(amount_minor, currency, received_on, client=client, **fields)
        session.add(payment)
        session.flush()
        session.add(payment.received(by=by, at=at))
        return payment

    @classmethod
    def begin(
        cls, amount_minor: int, currency: str, received_on: date, *, client: Client | None = None, **fields: object
    ) -> "Payment":
        """A payment that is not saved yet: with many of them, the database writes them in one go."""
        if not 0 < amount_minor <= LARGEST:
            raise Refused(N_("A payment is more than zero"), field="amount_minor")
        return cls(
            client=client,
            amount_minor=amount_minor,
            currency=currency,
            received_on=received_on,
            allocated_minor=0,
            returned_minor=0,
            free_minor=amount_minor,
            **fields,
        )

    def received(self, *, by: User | None, at: datetime) -> Event:
        """The event of its coming, once the database has given it an id."""
        return self._event("payment:received", by=by, at=at)

    def claim(self, client: Client, *, by: User | None, at: datetime) -> Event:
        """Say whose money this is. What is allocated already must be freed before."""
        if self.allocated_minor and client.id != self.client_id:
            raise Refused(N_("This payment covers another client's invoices: free it before"))
        self.client, self.set_aside_at, self.set_aside_reason = client, None, ""
        return self._event("payment:claimed", by=by, at=at)

    def set_aside(self, reason: str, *, by: User, at: datetime) -> Event:
        """It is not a client's payment (our own transfer, a bank's interest): nobody is asked again."""
        if self.allocated_minor:
            raise Refused(N_("This payment covers invoices: free it before"))
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        self.client, self.set_aside_at, self.set_aside_reason = None, at, reason.strip()
        return self._event("payment:setaside", by=by, at=at, reason=self.set_aside_reason)

    def reopen(self, *, by: User, at: datetime) -> Event:
        """Ask again whose money it is: it was set aside, or called a client's, and was not."""
        if self.allocated_minor:
            raise Refused(N_("This payment covers invoices: free it before"))
        told = self._event("payment:reopened", by=by, at=at)
        self.client, self.set_aside_at, self.set_aside_reason = None, None, ""
        return told

    def allocate(
        self,
        session: Session,
        invoice: Invoice,
        minor: int | None = None,
        *,
        by: User | None,
        at: datetime,
        reason: str = "",
    ) -> Allocation:
        """Cover an invoice with this payment: so much, or as much as both allow. ``reason`` says how it was matched."""
        return self._enter(session, self.cover(invoice, minor, by=by, at=at, reason=reason), by=by, at=at)

    def cover(
        self, invoice: Invoice, minor: int | None = None, *, by: User | None, at: datetime, reason: str = ""
    ) -> Allocation:
        """The same, not saved yet; ``told`` gives its event."""
        wanted = min(self.free_minor, invoice.outstanding_minor) if minor is None else minor
        if self.currency != invoice.currency:
            raise Refused(N_("The payment and the invoice are in different currencies"))
        if self.set_aside_at is not None:
            raise Refused(N_("This payment is set aside"))
        if self.client_id is not None and self.client_id != invoice.client_id:
            raise Refused(N_("This payment belongs to another client"))
        if not 0 < wanted <= self.free_minor:
            raise Refused(N_("The payment has not so much left"), field="amount_minor")
        if self.client_id is None:
            self.client = invoice.client
        return self._entry(invoice, wanted, self.received_on, by=by, at=at, reason=reason)

    def told(self, entry: Allocation, *, by: User | None, at: datetime) -> Event:
        """The event of an entry."""
        kind, label = ("payment:allocated" if entry.amount_minor > 0 else "payment:freed"), entry.invoice.label
        return self._event(kind, by=by, at=at, invoice=label, sum_minor=abs(entry.amount_minor), matched=entry.reason)

    def free(self, session: Session, allocation: Allocation, *, by: User | None, at: datetime, on: date) -> Allocation:
        """Undo an allocation by a new entry of the same sum, less than zero, dated ``on``."""
        if allocation.payment_id != self.id:
            raise ValueError("an allocation of another payment")
        if allocation.amount_minor < 0 or any(entry.reverses_id == allocation.id for entry in self.allocations):
            raise Refused(N_("This allocation is undone already"))
        entry = self._entry(allocation.invoice, -allocation.amount_minor, on, by=by, at=at, reverses=allocation)
        return self._enter(session, entry, by=by, at=at)

    def give_back(
        self, session: Session, minor: int, kind: ReturnKind, reason: str, *, by: User | None, at: datetime, on: date
    ) -> PaymentReturn:
        """Money went back to the payer, or was never there. What covers no invoice goes first; then the newest
        allocations are undone, and what the return leaves of them is allocated again."""
        if not 0 < minor <= self.amount_minor - self.returned_minor:
            raise Refused(N_("No more can go back than came"), field="amount_minor")
        if not (reason := reason.strip()):
            raise Refused(N_("Say why"), field="reason")
        for allocation in reversed(self.standing):
            if self.free_minor >= minor:
                break
            self.free(session, allocation, by=by, at=at, on=on)
            rest = min(self.free_minor - minor, allocation.amount_minor)
            if rest > 0:
                entry = self._entry(allocation.invoice, rest, on, by=by, at=at, reason=allocation.reason)
                self._enter(session, entry, by=by, at=at)
        gone = PaymentReturn(
            payment=self, amount_minor=minor, kind=kind, reason=reason, returned_on=on, at=at, by_id=by and by.id
        )
        self.returned_minor += minor
        self.free_minor -= minor
        if kind is ReturnKind.MISTAKE and self.returned_minor == self.amount_minor:
            self.fingerprint = None  # the same document may be imported again
        session.add(gone)
        session.flush()
        session.add(self._event("payment:returned", by=by, at=at, sum_minor=minor, cause=kind, reason=gone.reason))
        return gone

    @property
    def standing(self) -> list[Allocation]:
        """The allocations that were not undone, oldest first."""
        undone = {entry.reverses_id for entry in self.allocations}
        return [entry for entry in self.allocations if entry.amount_minor > 0 and entry.id not in undone]

    def _enter(self, session: Session, entry: Allocation, *, by: User | None, at: datetime) -> Allocation:
        session.add(entry)
        session.flush()
        session.add(self.told(entry, by=by, at=at))
        return entry

    def _entry(self, invoice: Invoice, minor: int, on: date, **said: Any) -> Allocation:
        invoice.settle(minor)
        self.allocated_minor += minor
        self.free_minor -= minor
        return Allocation.of(self, invoice, minor, on, **said)

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: object) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client.id if self.client is not None else self.client_id,
            subject_id=self.id,
            details={
                "amount_minor": self.amount_minor,
                "currency": self.currency,
                "received": self.received_on.isoformat(),
                **details,
            },
        )
