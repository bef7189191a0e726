"""Payments that look like a known one which the bank corrected. They are left to a person: money must not count twice
by itself."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, or_, select, true
from sqlalchemy.orm import Session

from webapp.domain.payment import Payment

NEAR = timedelta(days=7)
"""So far apart may the days of a document be whose day was corrected. Monthly payments are further apart."""


def resembling(
    session: Session, payments: Sequence[Payment], statement_id: int | None = None
) -> list[tuple[Payment, Payment]]:
    """Payments with the known one that each resembles: one payer, and all but the sum, the day or the number the same.
    Payments of the statement named are no known ones, nor are those that came later. One statement of SQL."""
    if not payments:
        return []
    days = [payment.received_on for payment in payments]
    alike = select(Payment).where(
        Payment.received_on.between(min(days) - NEAR, max(days) + NEAR),
        or_(
            Payment.document_number.in_({payment.document_number for payment in payments} - {""}),
            Payment.amount_minor.in_({payment.amount_minor for payment in payments}),
        ),
        or_(
            Payment.payer_inn.in_({payment.payer_inn for payment in payments} - {""}),
            Payment.payer_account.in_({payment.payer_account for payment in payments} - {""}),
            and_(Payment.payer_inn == "", Payment.payer_name.in_({payment.payer_name for payment in payments})),
        ),
        Payment.returned_minor < Payment.amount_minor,
        Payment.statement_id.is_distinct_from(statement_id) if statement_id else true(),
    )
    seen: dict[tuple[Any, ...], list[Payment]] = {}
    for old in session.scalars(alike.order_by(Payment.id)):
        for looks in _looks(old):
            seen.setdefault(looks, []).append(old)
    found = ((new, next(_before(new, seen), None)) for new in payments)
    return [(new, old) for new, old in found if old is not None]


def _before(new: Payment, seen: dict[tuple[Any, ...], list[Payment]]) -> Iterator[Payment]:
    for looks in _looks(new):
        for old in seen.get(looks, ()):
            earlier = new.id is None or old.id < new.id
            together = old.statement_id is not None and old.statement_id == new.statement_id
            near = abs(old.received_on - new.received_on) <= NEAR
            if earlier and near and not (together and looks[0] != "sum"):
                yield old


def _looks(payment: Payment) -> Iterator[tuple[Any, ...]]:
    """What stays the same when the sum, the day or the number is corrected."""
    payer = payment.payer_inn or payment.payer_account or payment.payer_name
    number, day, purpose = payment.document_number, payment.received_on, payment.purpose.casefold()
    if number:
        yield "sum", payer, payment.currency, number, day
        yield "day", payer, payment.currency, number, payment.amount_minor, purpose
    yield "number", payer, payment.currency, day, payment.amount_minor, purpose
