"""One invoice's page: what was paid of it, by which payments, and what was taken back. A fixed number of statements."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.allocation import Allocation
from webapp.domain.client import Client
from webapp.domain.contract import Contract
from webapp.domain.engagement import Engagement
from webapp.domain.invoice import CreditNote, Invoice
from webapp.domain.payment import Payment
from webapp.domain.user import Actor, User
from webapp.domain.words import Department

MOST = 100


@dataclass(frozen=True, slots=True)
class Covered:
    """An entry: so much of a payment covers the invoice; less than zero takes an earlier one back."""

    id: int
    payment_id: int
    amount_minor: int
    entered_on: date
    at: datetime
    by: str | None
    payer: str
    purpose: str
    document_number: str
    payment_minor: int


@dataclass(frozen=True, slots=True)
class Credit:
    id: int
    label: str
    amount_minor: int
    reason: str
    issued_on: date
    by: str


@dataclass(frozen=True, slots=True)
class InvoicePage:
    client: str
    contract: str
    contract_number: str
    clerk: str | None
    """Who services the client and answers for the invoice."""
    covered: tuple[Covered, ...]
    credits: tuple[Credit, ...]


def invoice_page(session: Session, actor: Actor, invoice: Invoice) -> InvoicePage:
    """The page of an invoice that the actor may read."""
    clerk = (
        select(User.name)
        .join(Engagement, Engagement.owner_id == User.id)
        .where(
            Engagement.client_id == invoice.client_id,
            Engagement.department == Department.CLIENT,
            Engagement.closed_at.is_(None),
        )
        .scalar_subquery()
    )
    client, contract, number, name = session.execute(
        select(Client.name, Contract.name, Contract.number, clerk)
        .select_from(Client)
        .join(Contract, Contract.id == invoice.contract_id)
        .where(Client.id == invoice.client_id)
    ).one()
    covered, taken = _covered(session, invoice.id), _credits(session, invoice.id)
    return InvoicePage(client, contract, number, name, covered, taken)


def _covered(session: Session, invoice_id: int) -> tuple[Covered, ...]:
    rows = session.execute(
        select(
            Allocation.id,
            Allocation.payment_id,
            Allocation.amount_minor,
            Allocation.entered_on,
            Allocation.at,
            User.name.label("by"),
            Payment.payer_name.label("payer"),
            Payment.purpose,
            Payment.document_number,
            Payment.amount_minor.label("payment_minor"),
        )
        .join(Payment, Payment.id == Allocation.payment_id)
        .outerjoin(User, User.id == Allocation.by_id)
        .where(Allocation.invoice_id == invoice_id)
        .order_by(Allocation.id)
        .limit(MOST)
    )
    return tuple(Covered(**row._mapping) for row in rows)


def _credits(session: Session, invoice_id: int) -> tuple[Credit, ...]:
    rows = session.execute(
        select(CreditNote, User.name)
        .join(User, User.id == CreditNote.by_id)
        .where(CreditNote.invoice_id == invoice_id)
        .order_by(CreditNote.id)
        .limit(MOST)
    )
    return tuple(Credit(n.id, n.label, n.amount_minor, n.reason, n.issued_on, by) for n, by in rows)
