"""What matching has to know of many payments at once, in a fixed number of statements."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.domain.client import Client, name_key
from webapp.domain.invoice import Invoice
from webapp.domain.matching import Match, numbers_in, Owed, Payers, Received, suggestions
from webapp.domain.payer import Payer
from webapp.domain.payment import Payment

AT_ONCE = 600
"""Payments matched in one go: with their numbers and clients well below what a statement may name."""

MOST_NUMBERS = 20
"""Numbers looked for of one purpose."""


def match_all(
    session: Session, payments: Sequence[Payment], *, shared: dict[int, Owed] | None = None
) -> list[list[Match]]:
    """The suggestions for each payment, in order: what is certain for one is not owed for the next.

    ``shared`` keeps what is owed over several calls.
    """
    numbers = [sorted(numbers_in(payment.purpose))[:MOST_NUMBERS] for payment in payments]
    payers = _payers(session, payments)
    clients = {client for each in payers for client in (*each.own, *each.third, *each.named)}
    wanted = {number for some in numbers for number in some}
    owed = {} if shared is None else shared
    for invoice in [*owed_by(session, Invoice.client_id, clients), *owed_by(session, Invoice.number, wanted)]:
        owed.setdefault(invoice.id, invoice)
    by_client: dict[int, list[Owed]] = {}
    by_number: dict[int, list[Owed]] = {}
    for invoice in owed.values():
        by_client.setdefault(invoice.client_id, []).append(invoice)
        by_number.setdefault(invoice.number, []).append(invoice)
    found = []
    for payment, some, whose in zip(payments, numbers, payers, strict=True):
        theirs = {
            invoice.id: invoice
            for invoices in (
                *(by_number.get(number, ()) for number in some),
                *(by_client.get(client, ()) for client in (*whose.own, *whose.third, *whose.named)),
            )
            for invoice in invoices
        }
        received = Received(payment.free_minor, payment.currency, payment.received_on, payment.purpose)
        matches = suggestions(received, whose, list(theirs.values()))
        if matches and matches[0].certain:
            for invoice_id, minor in matches[0].parts:
                owed[invoice_id].outstanding -= minor
        found.append(matches)
    return found


def owed_by(session: Session, column: InstrumentedAttribute[int], values: Collection[int]) -> list[Owed]:
    """What is owed on the invoices whose client, or number, is one of the values."""
    if not values:
        return []
    rows = session.execute(
        select(
            Invoice.id,
            Invoice.client_id,
            Invoice.number,
            Invoice.issued_on,
            Invoice.due_on,
            Invoice.currency,
            Invoice.outstanding_minor,
        ).where(column.in_(values), Invoice.outstanding_minor > 0)
    )
    return [Owed(*row) for row in rows]


def _payers(session: Session, payments: Sequence[Payment]) -> list[Payers]:
    inns = {payment.payer_inn for payment in payments if payment.payer_inn}
    accounts = {payment.payer_account for payment in payments if payment.payer_account and not payment.payer_inn}
    keys = {name_key(payment.payer_name) for payment in payments if payment.payer_name} - {""}
    own = dict(session.execute(select(Client.inn, Client.id).where(Client.inn.in_(inns))).all())
    third: dict[tuple[str, str], set[int]] = {}
    known = select(Payer.inn, Payer.account, Payer.client_id)
    for query in (known.where(Payer.inn.in_(inns)), known.where(Payer.inn == "", Payer.account.in_(accounts))):
        for inn, number, client in session.execute(query):
            third.setdefault((inn, number), set()).add(client)
    named: dict[str, set[int]] = {}
    for key, client in session.execute(select(Client.name_key, Client.id).where(Client.name_key.in_(keys))):
        named.setdefault(key, set()).add(client)
    return [
        Payers(
            frozenset({own[payment.payer_inn]} if payment.payer_inn in own else ()),
            frozenset(third.get((payment.payer_inn, "" if payment.payer_inn else payment.payer_account), ())),
            frozenset(named.get(name_key(payment.payer_name), ()) if payment.payer_name else ()),
        )
        for payment in payments
    ]
