"""The facts that the commission of a month is worked out from, read from the database for all hunters or for some."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, Select, select
from sqlalchemy.orm import aliased, Session

from webapp.domain.allocation import Allocation
from webapp.domain.attraction import Attraction, Period, Place
from webapp.domain.awareness import Awareness
from webapp.domain.calendar import month_of, months_on
from webapp.domain.client import Client
from webapp.domain.commission import AttractionPeriod, CommissionEntry
from webapp.domain.commission_entered import Hunters, of
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.commission_terms import Payee
from webapp.domain.commission_world import Entered, InForce, Line, Telling, World
from webapp.domain.company import Company
from webapp.domain.contract import Contract
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.invoice import Invoice
from webapp.domain.payment import Payment
from webapp.domain.product import Product
from webapp.domain.sold_part import SoldPart
from webapp.domain.words import Department

AT_ONCE = 1_000
"""Clients, or allocations, that one statement names."""


def settings(session: Session) -> tuple[Attraction, dict[int, Attraction]]:
    """The period of initial attraction: the company's, and those of products that have their own."""
    company = session.get_one(Company, 1)
    own = select(Product.id, Product.attraction_kind, Product.attraction_size, Product.currency).where(
        Product.attraction_kind.is_not(None)
    )
    return company.attraction, {
        row[0]: Attraction(row[1], row[2] or 0, row[3]) for row in session.execute(own) if row[1] is not None
    }


def in_force(session: Session) -> tuple[InForce, ...]:
    rules = session.scalars(select(CommissionRule).order_by(CommissionRule.id))
    return tuple(version for rule in rules for version in rule.in_force())


def world(
    session: Session, entered: list[Entered], hunters: Hunters, through: date | None, versions: tuple[InForce, ...]
) -> World:
    """Everything else that these allocations are judged by. Seven statements, and where a teller earns some more."""
    usual, own = settings(session)
    periods = _periods(session, hunters, usual, own)
    first: dict[int, date] = {}
    for (client, _), known in periods.items():
        if known.started_on is not None:
            first[client] = min(first.get(client, known.started_on), known.started_on)
    return World(
        versions,
        periods,
        frozenset(own),
        accepted(session, hunters),
        paying(session, {month_of(entry.received_on) for entry in entered}, hunters),
        first,
        earlier(session, entered, through),
        tellings(session, entered) if any(one.terms.payee is Payee.TELLER for one in versions) else {},
    )


def _periods(
    session: Session, hunters: Hunters, usual: Attraction, own: Mapping[int, Attraction]
) -> dict[tuple[int, int], Period]:
    found = session.execute(
        select(
            AttractionPeriod.client_id,
            AttractionPeriod.product,
            AttractionPeriod.started_on,
            AttractionPeriod.ended_on,
            AttractionPeriod.last_on,
            AttractionPeriod.last_payment,
            AttractionPeriod.last_allocation,
            AttractionPeriod.last_minor,
        )
        .join(Client, Client.id == AttractionPeriod.client_id)
        .where(of(hunters))
    )
    return {(row[0], row[1]): read_period(own.get(row[1], usual), *row[2:]) for row in found}


def read_period(setting: Attraction, started: date, ended: date | None, *last: Any) -> Period:
    place = None if last[0] is None else Place(last[0], last[1], last[2])
    return Period(setting, started, ended, place, last[3])


def accepted(session: Session, hunters: Hunters) -> dict[int, date]:
    """Per client, the day at the company's seat on which the Client department first accepted it."""
    zone = ZoneInfo(session.get_one(Company, 1).timezone)
    first: Select[int, datetime | None] = (
        select(HandOff.client_id, func.min(HandOff.decided_at, type_=HandOff.decided_at.type))
        .join(Client, Client.id == HandOff.client_id)
        .where(
            of(hunters),
            HandOff.receiver == Department.CLIENT,
            HandOff.state.in_((HandOffState.ACCEPTED, HandOffState.INTRODUCED)),
        )
        .group_by(HandOff.client_id)
    )
    return {client: at.astimezone(zone).date() for client, at in session.execute(first) if at is not None}


def tellings(session: Session, entered: Iterable[Entered]) -> dict[tuple[int, int], Telling]:
    """Per client and product that was sold and is paid for here, by itself or in a bundle, who first told it of that in
    person, and the day at the company's seat. A statement for each thousand clients."""
    zone = ZoneInfo(session.get_one(Company, 1).timezone)
    sold: set[tuple[int, int]] = set()
    for entry in entered:
        if entry.sold_on is not None:
            sold |= {(entry.client_id, each) for each in (entry.product_id or 0, *(p.product_id for p in entry.parts))}
    clients, found = sorted({client for client, _ in sold}), dict[tuple[int, int], Telling]()
    told = (
        select(Awareness.client_id, Awareness.product_id, Awareness.told_by_id, Awareness.told_at)
        .where(Awareness.told_by_id.is_not(None))
        .order_by(Awareness.told_at, Awareness.id)
    )
    for start in range(0, len(clients), AT_ONCE):
        mine = Awareness.client_id.in_(clients[start : start + AT_ONCE])
        for order, (client, product, person, at) in enumerate(session.execute(told.where(mine))):
            if (client, product) in sold and person is not None and at is not None:
                found[client, product] = Telling(person, at.astimezone(zone).date(), order)
    return found


def paying(session: Session, months: Collection[date], hunters: Hunters) -> dict[tuple[int, date], int]:
    """Per hunter and month, how many of his clients have payments that came in it and stand."""
    counted: dict[tuple[int, date], int] = {}
    for month in months:
        clients = (
            select(Client.attracted_by_id.label("hunter"), Client.id)
            .join(Payment, Payment.client_id == Client.id)
            .where(
                of(hunters),
                Payment.received_on >= month,
                Payment.received_on < months_on(month, 1),
                Payment.allocated_minor > 0,
            )
            .group_by(Client.attracted_by_id, Client.id)
            .subquery()
        )
        for hunter, count in session.execute(select(clients.c.hunter, func.count()).group_by(clients.c.hunter)):
            counted[hunter, month] = count
    return counted


def earlier(session: Session, entered: list[Entered], closed_through: date | None) -> dict[int, tuple[Line, ...]]:
    """The kept lines of allocations that are undone in this month and were entered in another."""
    here = {entry.id for entry in entered}
    wanted = sorted({entry.reverses_id for entry in entered if entry.reverses_id and entry.reverses_id not in here})
    found: dict[int, list[Line]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        lines = session.scalars(
            select(CommissionEntry)
            .where(CommissionEntry.allocation_id.in_(wanted[start : start + AT_ONCE]))
            .order_by(CommissionEntry.id)
        )
        for entry in lines:
            is_closed = closed_through is not None and entry.month <= closed_through
            found.setdefault(entry.allocation_id, []).append(line_of(entry, entry.month if is_closed else None))
    return {allocation: tuple(lines) for allocation, lines in found.items()}


def line_of(entry: CommissionEntry, corrects: date | None) -> Line:
    return Line(
        entry.allocation_id,
        entry.client_id,
        entry.person_id,
        entry.portion,
        entry.version_id,
        entry.base_minor,
        entry.basis_points,
        entry.amount_minor,
        entry.currency,
        entry.received_on,
        corrects,
        tuple(sorted(entry.told.items())),
    )


def payments_of(clients: Collection[int]) -> Select[*tuple[Any, ...]]:
    """Contract, client, product, and what the period of initial attraction counts, of every allocation above zero."""
    undoing = aliased(Allocation)
    return (
        select(
            Contract.id,
            Allocation.client_id,
            Contract.product_id,
            Payment.received_on,
            Allocation.payment_id,
            Allocation.id,
            Allocation.amount_minor,
            Allocation.currency,
            undoing.id.is_(None),
        )
        .join(Payment, Payment.id == Allocation.payment_id)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .join(Contract, Contract.id == Invoice.contract_id)
        .outerjoin(undoing, undoing.reverses_id == Allocation.id)
        .where(Allocation.amount_minor > 0, Allocation.client_id.in_(clients))
    )


def weights_of(session: Session, clients: Collection[int], own: Collection[int]) -> dict[int, dict[int, int]]:
    """By contract over a bundle, of which a part has a period of its own: what each part weighs in its price."""
    asked = select(SoldPart.contract_id).where(SoldPart.product_id.in_(own))
    sold = (
        select(SoldPart.contract_id, SoldPart.product_id, SoldPart.weight)
        .join(Contract, Contract.id == SoldPart.contract_id)
        .where(Contract.client_id.in_(clients), Contract.id.in_(asked))
        .order_by(SoldPart.contract_id, SoldPart.product_id)
    )
    found: dict[int, dict[int, int]] = {}
    for contract, product, weight in session.execute(sold) if own else ():
        found.setdefault(contract or 0, {})[product] = weight
    return found
