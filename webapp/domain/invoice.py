"""Invoices: money owed. Nothing is deleted: what should not be owed is credited."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, func, Index, select, String, text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contract import Contract
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.file import StoredFile
from webapp.domain.invoice_state import DISPUTE_REASONS, InvoiceState, state_of, TRANSITIONS
from webapp.domain.user import User
from webapp.domain.words import N_

if TYPE_CHECKING:
    from webapp.domain.allocation import Allocation

OWED = text("outstanding_minor > 0")


class Invoice(Base):
    """One month of a contract, or a one-off sale. ``settled`` is paid, ``credited`` is taken back, the rest is owed."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        UniqueConstraint("contract_id", "period"),
        Index("ix_invoice_owed_by_client", "client_id", "due_on", "id", sqlite_where=OWED, postgresql_where=OWED),
        Index("ix_invoice_owed_by_due", "due_on", "id", sqlite_where=OWED, postgresql_where=OWED),
        Index("ix_invoice_owed_by_number", "number", "id", sqlite_where=OWED, postgresql_where=OWED),
        Index("ix_invoice_due_on_client_id", "due_on", "client_id"),
        Index("ix_invoice_client_id_issued_on", "client_id", "issued_on", "id"),
        CheckConstraint("total_minor > 0 and settled_minor >= 0 and credited_minor >= 0", name="sums_positive"),
        CheckConstraint(
            "outstanding_minor = total_minor - settled_minor - credited_minor and outstanding_minor >= 0",
            name="never_beyond_total",
        ),
        CheckConstraint("(disputed_at is null) = (dispute_reason = '')", name="dispute_has_reason"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    year: Mapped[int]
    number: Mapped[int]
    """Without gaps within a year of the company's calendar."""
    state: Mapped[InvoiceState] = mapped_column(Choice(InvoiceState), default=InvoiceState.ISSUED)
    period: Mapped[date]
    """The month that is paid for, by its first day."""
    issued_on: Mapped[date]
    due_on: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int]
    tax_minor: Mapped[int] = mapped_column(default=0)
    """The tax that the total holds."""
    settled_minor: Mapped[int] = mapped_column(default=0)
    credited_minor: Mapped[int] = mapped_column(default=0)
    outstanding_minor: Mapped[int]
    disputed_at: Mapped[datetime | None]
    dispute_reason: Mapped[str] = mapped_column(String(20), default="")
    dispute_note: Mapped[str] = mapped_column(String(500), default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    """The PDF, once it was printed."""
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship()
    contract: Mapped[Contract] = relationship(back_populates="invoices")
    file: Mapped[StoredFile | None] = relationship()
    credits: Mapped[list["CreditNote"]] = relationship(back_populates="invoice", order_by="CreditNote.id")
    allocations: Mapped[list["Allocation"]] = relationship(back_populates="invoice", order_by="Allocation.id")

    __mapper_args__ = {"version_id_col": version}

    @staticmethod
    def next_number(session: Session, year: int) -> int:
        """The first free number of a year. Nobody else takes one until this transaction ends."""
        session.scalars(select(Company).with_for_update()).one()
        return 1 + (session.scalar(select(func.max(Invoice.number)).where(Invoice.year == year)) or 0)

    @classmethod
    def issue(
        cls, session: Session, contract: Contract, month: date, number: int, *, by: User | None, at: datetime, on: date
    ) -> "Invoice":
        """The contract's invoice for a month, written on a day. The contract then waits for the following month.

        ``number`` is that of ``next_number``; the caller flushes, so that a batch is written in one go.
        """
        total = contract.period_amount(month)
        invoice = cls(
            client_id=contract.client_id,
            contract=contract,
            year=on.year,
            number=number,
            period=month,
            issued_on=on,
            due_on=contract.due_on(month, on),
            currency=contract.currency,
            total_minor=total,
            tax_minor=contract.tax_inside(total, on),
            outstanding_minor=total,
            settled_minor=0,
            credited_minor=0,
        )
        session.add(invoice)
        contract.written_through(month)
        return invoice

    @property
    def label(self) -> str:
        """The number that stands on the document: ``17/2026``."""
        return f"{self.number}/{self.year}"

    @property
    def is_owed(self) -> bool:
        return self.outstanding_minor > 0

    def issued(self, *, by: User | None, at: datetime) -> Event:
        """The event of its issue, once the database has given it an id."""
        contract, due = self.contract, self.due_on.isoformat()
        tax = contract.tax_on(self.issued_on)
        return self._event("invoice:issued", by=by, at=at, due=due, name=contract.name, tax=tax)

    def printed(self, file: StoredFile, *, at: datetime) -> Event:
        """The event of its PDF; the caller keeps the file with the invoice."""
        return self._event("invoice:printed", by=None, at=at, sha256=file.sha256)

    def days_late(self, day: date) -> int:
        """Days past the due day; 0 while it is not due."""
        return max(0, (day - self.due_on).days) if self.is_owed else 0

    def settle(self, minor: int) -> None:
        """Count a payment's share (or, negative, take it back). Only an allocation does this."""
        if self.state is InvoiceState.CREDITED:
            raise Refused(N_("Invoice %(number)s is credited"), number=self.label)
        if not 0 <= self.settled_minor + minor <= self.total_minor - self.credited_minor:
            raise Refused(N_("Invoice %(number)s is not owed so much"), number=self.label)
        self.settled_minor += minor
        self._count()

    def credit(
        self, session: Session, minor: int, reason: str, *, by: User, at: datetime, on: date, seen: int
    ) -> "CreditNote":
        """Take back a part of what is owed, or all of it, with a credit note. What is paid is freed before."""
        if seen != self.version:
            raise Stale
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        if not 0 < minor <= self.outstanding_minor:
            raise Refused(N_("Only what is still owed can be credited: free the payment before"), field="amount_minor")
        note = CreditNote.write(session, self, minor, reason.strip(), by=by, at=at, on=on)
        self.credited_minor += minor
        self._count()
        session.add(
            self._event("invoice:credited", by=by, at=at, credit=note.number, sum_minor=minor, reason=note.reason)
        )
        return note

    def dispute(self, reason: str, note: str, *, by: User, at: datetime) -> Event:
        """The client does not accept the invoice: no reminder goes out until that is settled."""
        if reason not in DISPUTE_REASONS:
            raise Refused(N_("Choose why the client disputes it"), field="reason")
        if not self.is_owed:
            raise Refused(N_("Nothing is owed on this invoice"))
        if self.disputed_at is not None:
            raise Refused(N_("This invoice is disputed already"))
        self.disputed_at, self.dispute_reason, self.dispute_note = at, reason, note.strip()
        return self._event("invoice:disputed", by=by, at=at, reason=reason, note=self.dispute_note)

    def agree(self, *, by: User, at: datetime, note: str = "") -> Event:
        """The dispute is settled."""
        if self.disputed_at is None:
            raise Refused(N_("This invoice is not disputed"))
        self.disputed_at, self.dispute_reason, self.dispute_note = None, "", ""
        return self._event("invoice:agreed", by=by, at=at, note=note.strip())

    def _count(self) -> None:
        self.outstanding_minor = self.total_minor - self.settled_minor - self.credited_minor
        became = state_of(self.total_minor, self.settled_minor, self.credited_minor)
        if became is not self.state and became not in TRANSITIONS[self.state]:
            raise Refused(N_("An invoice cannot become “%(state)s” from here"), state=became.label)
        self.state = became
        if not self.is_owed:
            self.disputed_at, self.dispute_reason, self.dispute_note = None, "", ""

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: object) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            details={
                "number": self.label,
                "period": self.period.isoformat(),
                "amount_minor": self.total_minor,
                "currency": self.currency,
                **details,
            },
        )


class CreditNote(Base):
    """What was taken back of an invoice, and why. Never changed: a database trigger refuses it."""

    __tablename__ = "credit_note"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        {"sqlite_autoincrement": True},
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    year: Mapped[int]
    number: Mapped[int]
    amount_minor: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300))
    issued_on: Mapped[date]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    invoice: Mapped[Invoice] = relationship(back_populates="credits")

    @property
    def label(self) -> str:
        return f"{self.number}/{self.year}"

    @classmethod
    def write(
        cls, session: Session, invoice: Invoice, minor: int, reason: str, *, by: User, at: datetime, on: date
    ) -> "CreditNote":
        session.scalars(select(Company).with_for_update()).one()  # one number at a time
        taken = session.scalar(select(func.max(cls.number)).where(cls.year == on.year)) or 0
        note = cls(
            invoice=invoice,
            year=on.year,
            number=taken + 1,
            amount_minor=minor,
            reason=reason,
            issued_on=on,
            by_id=by.id,
        )
        session.add(note)
        session.flush()
        return note
