"""Which allocations a month of commission is about, for all hunters or for some."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, func, Select, select
from sqlalchemy.orm import Session

from webapp.domain.allocation import Allocation
from webapp.domain.calendar import months_on
from webapp.domain.client import Client
from webapp.domain.commission import CommissionEntry, CommissionMonth
from webapp.domain.commission_world import Entered, Held
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal
from webapp.domain.invoice import Invoice
from webapp.domain.payment import Payment
from webapp.domain.product import Product
from webapp.domain.sold_part import SoldPart

Hunters = Collection[int] | None
"""Whose clients; None for everybody's."""


def of(hunters: Hunters) -> ColumnElement[bool]:
    """The clients whom they attracted."""
    return Client.attracted_by_id.is_not(None) if hunters is None else Client.attracted_by_id.in_(hunters)


def entered_in(session: Session, month: date, closed: CommissionMonth | None, hunters: Hunters) -> list[Entered]:
    """The month's allocations, and, in the first open month, what closed ones lack: what was entered for them after
    they closed, and what a client paid before anybody was known to have attracted it."""
    own = (Allocation.entered_on >= month) & (Allocation.entered_on < months_on(month, 1))
    if closed is not None and month == months_on(closed.month, 1):
        own |= (Allocation.id > closed.last_allocation_id) & (Allocation.entered_on < month)
    rows = list(session.execute(_entered().where(of(hunters), own)))
    if closed is not None and month == months_on(closed.month, 1):
        rows += _missed(session, closed, hunters)
    parts = _parts(session, hunters)
    return [replace(Entered(*row), parts=parts.get(contract_id, ())) for contract_id, *row in rows]


def _parts(session: Session, hunters: Hunters) -> dict[int, tuple[Held, ...]]:
    """By contract over a bundle, what that held when it was sold."""
    sold = (
        select(SoldPart.contract_id, Product.id, Product.family_id, Product.name, SoldPart.weight)
        .join(Product, Product.id == SoldPart.product_id)
        .join(Contract, Contract.id == SoldPart.contract_id)
        .join(Client, Client.id == Contract.client_id)
        .where(of(hunters))
        .order_by(SoldPart.contract_id, Product.id)
    )
    found: dict[int, tuple[Held, ...]] = {}
    rows: Iterable[Any] = session.execute(sold)
    for contract_id, *part in rows:
        found[contract_id] = (*found.get(contract_id, ()), Held(*part))
    return found


def _missed(session: Session, closed: CommissionMonth, hunters: Hunters) -> list[Any]:
    """What was entered for closed months while nobody had attracted the client: it stands in no line of theirs.

    A client is never left without who attracted it again, so that the first allocation tells whether there are such."""
    begins = session.scalar(select(func.min(CommissionMonth.month)))
    first = (
        select(Allocation.id)
        .where(Allocation.client_id == Client.id, Allocation.entered_on >= begins)
        .order_by(Allocation.entered_on, Allocation.id)
        .limit(1)
        .correlate(Client)
        .scalar_subquery()
    )
    said = CommissionEntry.month <= closed.month
    missed = select(Client.id).where(of(hunters), ~exists().where(CommissionEntry.allocation_id == first, said))
    rows = _entered().where(
        Allocation.client_id.in_(missed),
        Allocation.entered_on >= begins,
        Allocation.entered_on < months_on(closed.month, 1),
        Allocation.id <= closed.last_allocation_id,
        ~exists().where(CommissionEntry.allocation_id == Allocation.id, said),
    )
    return list(session.execute(rows))


def _entered() -> Select[*tuple[Any, ...]]:
    """The contract, and the facts in the order of ``Entered``."""
    return (
        select(
            Contract.id,
            Allocation.id,
            Allocation.client_id,
            Allocation.payment_id,
            Payment.received_on,
            Allocation.entered_on,
            Allocation.amount_minor,
            Allocation.currency,
            Allocation.reverses_id,
            Contract.product_id,
            Product.family_id,
            Deal.owner_id,
            Client.attracted_by_id,
            func.coalesce(Deal.closed_on, Contract.starts_on),
        )
        .join(Client, Client.id == Allocation.client_id)
        .join(Payment, Payment.id == Allocation.payment_id)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .join(Contract, Contract.id == Invoice.contract_id)
        .outerjoin(Product, Product.id == Contract.product_id)
        .outerjoin(Deal, Deal.id == Contract.deal_id)
    )
