"""One payment's page: what it covers and covered, what went back, where it came from; and where it may go."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased, Session

from webapp.domain.allocation import Allocation, PaymentReturn, ReturnKind
from webapp.domain.client import Client
from webapp.domain.contract import Contract
from webapp.domain.invoice import Invoice
from webapp.domain.payment import Payment
from webapp.domain.statement import Statement
from webapp.domain.user import Actor, User

MOST = 100
"""Entries of one payment, and invoices of one client, that a page shows."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """So much of the payment covers an invoice; less than zero takes an earlier entry back."""

    id: int
    invoice_id: int
    invoice: str
    amount_minor: int
    entered_on: date
    at: datetime
    by: str | None
    reason: str
    undone: bool


@dataclass(frozen=True, slots=True)
class ReturnRow:
    amount_minor: int
    kind: ReturnKind
    reason: str
    returned_on: date
    by: str | None


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice on which something is owed, as one chooses it."""

    id: int
    year: int
    number: int
    client_id: int
    client: str
    name: str
    due_on: date
    outstanding_minor: int
    disputed: bool

    @property
    def label(self) -> str:
        return f"{self.number}/{self.year}"


@dataclass(frozen=True, slots=True)
class PaymentPage:
    client: str | None
    statement: str | None
    """The file's name."""
    entries: tuple[EntryRow, ...]
    returns: tuple[ReturnRow, ...]


def payment_page(session: Session, actor: Actor, payment: Payment) -> PaymentPage:
    """The page of a payment that the actor may read, in a fixed number of statements."""
    client, statement = session.execute(
        select(Client.name, Statement.name)
        .select_from(Payment)
        .outerjoin(Client, Client.id == Payment.client_id)
        .outerjoin(Statement, Statement.id == Payment.statement_id)
        .where(Payment.id == payment.id)
    ).one()
    return PaymentPage(client, statement, _entries(session, payment.id), _returns(session, payment.id))


def open_invoices(session: Session, actor: Actor, client_id: int, currency: str) -> tuple[OpenInvoice, ...]:
    """What a client owes in a currency, the oldest first."""
    return _open(session, Invoice.client_id == client_id, Invoice.currency == currency)


def invoices_numbered(session: Session, actor: Actor, number: str, currency: str) -> tuple[OpenInvoice, ...]:
    """What is owed on invoices of this number (``17``, or ``17/2026``), whoever's they are."""
    plain, _, year = number.partition("/")
    if not plain.isdecimal() or len(plain) > 9 or (year and not (year.isdecimal() and len(year) == 4)):
        return ()
    numbered = Invoice.number == int(plain)
    return _open(session, and_(numbered, Invoice.year == int(year)) if year else numbered, Invoice.currency == currency)


def _open(session: Session, *where: object) -> tuple[OpenInvoice, ...]:
    rows = session.execute(
        select(
            Invoice.id,
            Invoice.year,
            Invoice.number,
            Invoice.client_id,
            Client.name.label("client"),
            Contract.name,
            Invoice.due_on,
            Invoice.outstanding_minor,
            Invoice.disputed_at.is_not(None).label("disputed"),
        )
        .join(Client, Client.id == Invoice.client_id)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(*where, Invoice.outstanding_minor > 0)  # type: ignore[arg-type]
        .order_by(Invoice.due_on, Invoice.id)
        .limit(MOST)
    )
    return tuple(OpenInvoice(**row._mapping) for row in rows)


def _entries(session: Session, payment_id: int) -> tuple[EntryRow, ...]:
    undoing = aliased(Allocation)
    rows = session.execute(
        select(Allocation, Invoice.number, Invoice.year, User.name, undoing.id)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .outerjoin(User, User.id == Allocation.by_id)
        .outerjoin(undoing, undoing.reverses_id == Allocation.id)
        .where(Allocation.payment_id == payment_id)
        .order_by(Allocation.id)
        .limit(MOST)
    )
    return tuple(
        EntryRow(
            entry.id,
            entry.invoice_id,
            f"{number}/{year}",
            entry.amount_minor,
            entry.entered_on,
            entry.at,
            by,
            entry.reason,
            undone is not None or entry.amount_minor < 0,
        )
        for entry, number, year, by, undone in rows
    )


def _returns(session: Session, payment_id: int) -> tuple[ReturnRow, ...]:
    rows = session.execute(
        select(PaymentReturn, User.name)
        .outerjoin(User, User.id == PaymentReturn.by_id)
        .where(PaymentReturn.payment_id == payment_id)
        .order_by(PaymentReturn.id)
        .limit(MOST)
    )
    return tuple(ReturnRow(gone.amount_minor, gone.kind, gone.reason, gone.returned_on, by) for gone, by in rows)
