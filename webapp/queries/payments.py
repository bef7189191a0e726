"""Payments: the queue of those nobody has claimed, credits, what is set aside, and a client's. Each is a range of an
index."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, func, literal_column, Select, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.event import Event
from webapp.domain.invoice import Invoice
from webapp.domain.payment import Payment
from webapp.domain.user import Actor
from webapp.domain.words import N_

PAGE = 50
IN_HAND = 20
"""Unclaimed payments of a page: each is shown with its suggestions."""

MANY = 1000
"""Counted no further."""

WAITS = (Payment.client_id.is_(None), Payment.set_aside_at.is_(None), Payment.free_minor > literal_column("0"))
"""What the partial index of unclaimed payments holds: said in the same words, or it is not used."""

SHOWN: dict[str, str] = {
    "unclaimed": N_("Unclaimed"),
    "credits": N_("Credits"),
    "aside": N_("Set aside"),
    "all": N_("All"),
}


@dataclass(frozen=True, slots=True)
class WantedPayments:
    """What the list is narrowed to. ``after`` is the cursor of the page: a day, or a client's id, and an id."""

    shown: str = "unclaimed"
    client_id: int | None = None
    after: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class PaymentRow:
    id: int
    version: int
    received_on: date
    amount_minor: int
    free_minor: int
    returned_minor: int
    currency: str
    payer: str
    payer_inn: str
    purpose: str
    document_number: str
    client_id: int | None
    client: str | None
    set_aside_reason: str
    known: bool
    """Whether the payer could be remembered: it has an ИНН or an account."""
    owes: bool = False
    """Whether the client owes something that this could cover."""


@dataclass(frozen=True, slots=True)
class FoundPayments:
    rows: tuple[PaymentRow, ...]
    after: tuple[str, int] | None
    payments: tuple[Payment, ...]
    """The same ones as entities, for what is suggested for them."""


def list_payments(session: Session, actor: Actor, wanted: WantedPayments) -> FoundPayments:
    """A page of payments: the unclaimed ones oldest first, credits by client, the rest newest first."""
    size = IN_HAND if wanted.shown == "unclaimed" and wanted.client_id is None else PAGE
    found = session.execute(_page(wanted).limit(size + 1)).all()
    more, found = len(found) > size, found[:size]
    after = _place(wanted, found[-1]) if more else None
    rows = tuple(_row(payment, client, owes) for payment, client, owes, *_ in found)
    return FoundPayments(rows, after, tuple(payment for payment, *_ in found))


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many wait to be claimed, and how many credits there are; at most MANY."""
    unclaimed = _unclaimed().subquery()
    credit = select(Payment.id).where(Payment.free_minor > 0, Payment.client_id.is_not(None)).limit(MANY).subquery()
    both = session.execute(
        select(
            select(func.count()).select_from(unclaimed).scalar_subquery(),
            select(func.count()).select_from(credit).scalar_subquery(),
        )
    ).one()
    return {"unclaimed": both[0], "credits": both[1]}


def waiting(session: Session, actor: Actor) -> int:
    """How many payments nobody has claimed; at most MANY."""
    unclaimed = _unclaimed().subquery()
    return session.scalar(select(func.count()).select_from(unclaimed)) or 0


def _unclaimed() -> Select[int]:
    return select(Payment.id).where(*WAITS).limit(MANY)


def _page(wanted: WantedPayments) -> Select[*tuple[Any, ...]]:
    owes = exists().where(
        Invoice.client_id == Payment.client_id,
        Invoice.outstanding_minor > 0,
        Invoice.currency == Payment.currency,
        Invoice.disputed_at.is_(None),
    )
    page: Select[*tuple[Any, ...]] = select(Payment, Client.name, (Payment.free_minor > 0) & owes)
    page = page.outerjoin(Client, Client.id == Payment.client_id)
    day, number = wanted.after or ("", 0)
    if wanted.client_id is not None:
        page = page.where(Payment.client_id == wanted.client_id)
        return _newest_first(page, wanted)
    if wanted.shown == "unclaimed":
        page = page.where(*WAITS).order_by(Payment.received_on, Payment.id)
        place = tuple_(Payment.received_on, Payment.id)
        return page.where(place > (date.fromisoformat(day), number)) if wanted.after else page
    if wanted.shown == "credits":
        page = page.where(Payment.free_minor > 0, Payment.client_id.is_not(None))
        page = page.order_by(Payment.client_id, Payment.id)
        return page.where(tuple_(Payment.client_id, Payment.id) > (int(day), number)) if wanted.after else page
    if wanted.shown == "aside":
        told = (Event.subject_id == Payment.id) & (Event.at == Payment.set_aside_at)
        page = page.add_columns(Event.id).join(Event, told).where(Event.kind == "payment:setaside")
        page = page.order_by(Event.id.desc())
        return page.where(Event.id < number) if wanted.after else page
    return _newest_first(page, wanted)


def _newest_first(page: Select[*tuple[Any, ...]], wanted: WantedPayments) -> Select[*tuple[Any, ...]]:
    page = page.order_by(Payment.received_on.desc(), Payment.id.desc())
    if wanted.after is None:
        return page
    day, number = wanted.after
    return page.where(tuple_(Payment.received_on, Payment.id) < (date.fromisoformat(day), number))


def _place(wanted: WantedPayments, last: Any) -> tuple[str, int]:
    payment: Payment = last[0]
    if wanted.client_id is None and wanted.shown == "aside":
        return "0", last[3]
    if wanted.client_id is None and wanted.shown == "credits":
        return str(payment.client_id), payment.id
    return payment.received_on.isoformat(), payment.id


def _row(payment: Payment, client: str | None, owes: bool) -> PaymentRow:
    return PaymentRow(
        payment.id,
        payment.version,
        payment.received_on,
        payment.amount_minor,
        payment.free_minor,
        payment.returned_minor,
        payment.currency,
        payment.payer_name,
        payment.payer_inn,
        payment.purpose,
        payment.document_number,
        payment.client_id,
        client,
        payment.set_aside_reason,
        bool(payment.payer_inn or payment.payer_account),
        bool(owes),
    )
