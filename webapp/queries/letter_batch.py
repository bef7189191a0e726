"""Letters about many invoices before they are written: to whom each goes, or why it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.invoice import Invoice
from webapp.domain.letter import ALREADY, Letter
from webapp.domain.letter_state import LetterKind
from webapp.domain.promise_to_pay import PromiseToPay, PromiseToPayState
from webapp.domain.user import Actor
from webapp.domain.words import N_
from webapp.exchange.letters import addressee, check_invoice, purpose_of

MOST = 200
"""Invoices chosen at once."""

PROMISED = N_("The client promised to pay: no reminder before that day is over")


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One invoice; ``obstacle`` is a sentence of the domain, empty where the letter can be written."""

    id: int
    label: str
    client: str
    contact: str
    outstanding_minor: int
    currency: str
    obstacle: str


def owing(session: Session, clients: Sequence[int], kind: LetterKind, at: datetime) -> list[tuple[int, int]]:
    """The invoices of these clients that such letters would be about, each with its client: what is unpaid, and for a
    reminder overdue. One statement; one more than MOST where there are too many."""
    wanted = select(Invoice.id, Invoice.client_id).where(Invoice.client_id.in_(clients), Invoice.outstanding_minor > 0)
    if kind is LetterKind.REMINDER:
        wanted = wanted.where(Invoice.due_on < session.get_one(Company, 1).today(at))
    return [(row.id, row.client_id) for row in session.execute(wanted.order_by(Invoice.id).limit(MOST + 1))]


def batch(session: Session, actor: Actor, ids: Sequence[int], *, remind: bool, at: datetime) -> tuple[BatchRow, ...]:
    """The chosen invoices in the order of their clients. Five statements, however many."""
    day = session.get_one(Company, 1).today(at)
    invoices = session.scalars(
        select(Invoice)
        .join(Client, Client.id == Invoice.client_id)
        .where(Invoice.id.in_(list(ids)[:MOST]))
        .options(joinedload(Invoice.client).selectinload(Client.contacts))
        .order_by(Client.name, Invoice.id)
    ).all()
    purposes = {invoice.id: purpose_of(invoice, day, remind=remind) for invoice in invoices}
    written = Letter.queued(session, purposes.values())
    promised = _promised(session, invoices) if remind else set()
    obstacles = {each.id: PROMISED for each in invoices if (each.client_id, each.currency) in promised}
    obstacles |= {each.id: ALREADY for each in invoices if purposes[each.id] in written}
    return tuple(_row(session, invoice, obstacles.get(invoice.id, ""), remind=remind, at=at) for invoice in invoices)


def _promised(session: Session, invoices: Sequence[Invoice]) -> set[tuple[int, str]]:
    """Clients with an open promise to pay, each with its currency."""
    clients = {invoice.client_id for invoice in invoices}
    found = select(PromiseToPay.client_id, PromiseToPay.currency).where(
        PromiseToPay.client_id.in_(clients), PromiseToPay.state == PromiseToPayState.OPEN
    )
    return {(client, currency) for client, currency in session.execute(found)}


def _row(session: Session, invoice: Invoice, obstacle: str, *, remind: bool, at: datetime) -> BatchRow:
    try:
        check_invoice(session, invoice, remind=remind, at=at)
    except Refused as refusal:
        obstacle = refusal.message
    contact = addressee(invoice.client)
    return BatchRow(
        invoice.id,
        invoice.label,
        invoice.client.name,
        contact.name if contact is not None else "",
        invoice.outstanding_minor,
        invoice.currency,
        obstacle,
    )
