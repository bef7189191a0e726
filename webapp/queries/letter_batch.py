"""Letters about many invoices before they are written: to whom each goes, or why it does not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, Session

from webapp.domain.calendar import month_of
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.invoice import Invoice
from webapp.domain.letter import ALREADY, Letter
from webapp.domain.letter_state import LetterKind
from webapp.domain.promise_to_pay import PromiseToPay, PromiseToPayState
from webapp.domain.reminder import Reminder
from webapp.domain.user import Actor
from webapp.domain.wanted_letter import MOST_IN_ONE
from webapp.domain.words import N_
from webapp.exchange.invoice_letters import check_invoice, purpose_of
from webapp.exchange.letters import addressee

MOST = 200
"""Invoices chosen at once."""

PROMISED = N_("The client promised to pay: no reminder before that day is over")


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One invoice; ``obstacle`` is a sentence of the domain, empty where the letter can be written."""

    id: int
    label: str
    client_id: int
    client: str
    contact: str
    outstanding_minor: int
    currency: str
    obstacle: str


@dataclass(frozen=True, slots=True)
class BatchLetter:
    """A letter that would go out. ``sums`` are what is owed, in minor units by currency."""

    client: str
    contact: str
    labels: tuple[str, ...]
    """The invoices that it is about."""
    sums: dict[str, int]


def owing(session: Session, clients: Sequence[int], kind: LetterKind, at: datetime) -> list[tuple[int, int]]:
    """The invoices of these clients that such letters would be about, each with its client: what is unpaid, and for a
    reminder overdue. One statement; one more than MOST where there are too many."""
    wanted = select(Invoice.id, Invoice.client_id).where(Invoice.client_id.in_(clients), Invoice.outstanding_minor > 0)
    if kind is LetterKind.REMINDER:
        wanted = wanted.where(Invoice.due_on < session.get_one(Company, 1).today(at))
    return [(row.id, row.client_id) for row in session.execute(wanted.order_by(Invoice.id).limit(MOST + 1))]


def batch(session: Session, actor: Actor, ids: Sequence[int], *, remind: bool, at: datetime) -> tuple[BatchRow, ...]:
    """The chosen invoices in the order of their clients. Five statements, however many."""
    invoices = session.scalars(
        select(Invoice)
        .join(Client, Client.id == Invoice.client_id)
        .where(Invoice.id.in_(list(ids)[:MOST]))
        .options(joinedload(Invoice.client).selectinload(Client.contacts))
        .order_by(Client.name, Invoice.id)
    ).all()
    if remind:
        promised, month = _promised(session, invoices), month_of(session.get_one(Company, 1).today(at))
        obstacles = {each.id: PROMISED for each in invoices if (each.client_id, each.currency) in promised}
        obstacles |= dict.fromkeys(Reminder.noted(session, [each.id for each in invoices], month), ALREADY)
    else:
        written = Letter.queued(session, map(purpose_of, invoices))
        obstacles = {each.id: ALREADY for each in invoices if purpose_of(each) in written}
    return tuple(_row(session, invoice, obstacles.get(invoice.id, ""), remind=remind, at=at) for invoice in invoices)


def letters_of(rows: Iterable[BatchRow], *, remind: bool) -> tuple[BatchLetter, ...]:
    """The letters about invoices without an obstacle: each brings an invoice, or reminds of all that are a client's."""
    found: dict[int, list[BatchRow]] = {}
    for row in rows:
        found.setdefault(row.client_id if remind else row.id, []).append(row)
    return tuple(
        _letter(about[first : first + MOST_IN_ONE])
        for about in found.values()
        for first in range(0, len(about), MOST_IN_ONE)
    )


def _letter(rows: Sequence[BatchRow]) -> BatchLetter:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + row.outstanding_minor
    return BatchLetter(rows[0].client, rows[0].contact, tuple(row.label for row in rows), sums)


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
        invoice.client_id,
        invoice.client.name,
        contact.name if contact is not None else "",
        invoice.outstanding_minor,
        invoice.currency,
        obstacle,
    )
