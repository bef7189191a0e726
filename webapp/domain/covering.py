"""Covering invoices with a payment as a person says it: as it was suggested, over several, or the oldest first."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.errors import Refused, Stale
from webapp.domain.invoice import Invoice
from webapp.domain.matching import Match, Payers, Received, suggestions
from webapp.domain.matching_facts import match_all, owed_by
from webapp.domain.payment import Payment
from webapp.domain.user import User
from webapp.domain.words import N_

MOST = 100
"""Invoices of one client that one payment is spread over."""

STRANGERS = frozenset({"number_sum", "number", "name"})
"""The reasons where nobody has said yet that this payer pays for the client."""


def hold(session: Session, payment_id: int, seen: int) -> Payment:
    """The payment, nobody else's until the transaction ends, or Stale where it is not the version that was seen."""
    payment = session.get_one(Payment, payment_id, with_for_update=True)
    if payment.version != seen:
        raise Stale
    return payment


def assign(
    session: Session,
    payment: Payment,
    client: Client,
    parts: Sequence[tuple[int, int]],
    *,
    by: User,
    at: datetime,
    reason: str = "",
) -> None:
    """The payment is this client's, and covers its invoices: pairs of an id and minor units. None: a credit."""
    if sum(minor for _, minor in parts) > payment.free_minor:
        raise Refused(N_("The payment has not so much left"), field="amount_minor")
    if not parts and payment.client_id == client.id:
        raise Refused(N_("Write beside an invoice how much of the payment covers it"))
    if payment.client_id != client.id or payment.set_aside_at is not None:
        session.add(payment.claim(client, by=by, at=at))
        session.flush()
    wanted = select(Invoice).where(Invoice.id.in_([number for number, _ in parts]), Invoice.client_id == client.id)
    invoices = {invoice.id: invoice for invoice in session.scalars(wanted.order_by(Invoice.id).with_for_update())}
    for number, minor in parts:
        if number not in invoices:
            raise Refused(N_("This payment belongs to another client"))
        payment.allocate(session, invoices[number], minor, by=by, at=at, reason=reason)


def use_credit(session: Session, payment: Payment, *, by: User, at: datetime) -> int:
    """What is free of the payment covers what its client owes, the oldest first, without disputed invoices.

    The answer is how much it covers now, in minor units.
    """
    if payment.client is None:
        raise Refused(N_("Say first whose payment it is"))
    owed = select(Invoice.id, Invoice.outstanding_minor).where(
        Invoice.client_id == payment.client_id,
        Invoice.outstanding_minor > 0,
        Invoice.currency == payment.currency,
        Invoice.disputed_at.is_(None),
    )
    rows = session.execute(owed.order_by(Invoice.due_on, Invoice.id).limit(MOST))
    parts = spread(payment.free_minor, ((number, outstanding) for number, outstanding in rows))
    if not parts:
        raise Refused(N_("The client owes nothing that this payment could cover"))
    assign(session, payment, payment.client, parts, by=by, at=at)
    return sum(minor for _, minor in parts)


def spread(minor: int, owed: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sum over the invoices (id, what is owed) in their order, until nothing is left of it."""
    parts = []
    for number, outstanding in owed:
        part = min(minor, outstanding)
        if part:
            parts.append((number, part))
        minor -= part
    return parts


def suggested(session: Session, payments: Sequence[Payment]) -> list[list[Match]]:
    """What each payment may cover, in order. Where the client is known, only its own invoices are asked for."""
    unknown = [payment for payment in payments if payment.client_id is None]
    found = dict(zip((payment.id for payment in unknown), match_all(session, unknown), strict=True)) if unknown else {}
    known = {payment.client_id for payment in payments if payment.client_id is not None}
    owed = owed_by(session, Invoice.client_id, known)
    for payment in payments:
        if payment.client_id is not None:
            received = Received(payment.free_minor, payment.currency, payment.received_on, payment.purpose)
            mine = [invoice for invoice in owed if invoice.client_id == payment.client_id]
            found[payment.id] = suggestions(received, Payers(own=frozenset({payment.client_id})), mine)
    return [found[payment.id] for payment in payments]
