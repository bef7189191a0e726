"""Keeping white space: everybody is compared with those who are like it, each night. Ownership follows contracts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.orm import Session

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal
from webapp.domain.giving import GIVEN
from webapp.domain.likeness import Crowd, Likes, revenue_class, Trait
from webapp.domain.product import Product
from webapp.domain.vip_figures import classes
from webapp.domain.white_space import family_states, kept, mark_of, SHUT, WhiteSpace

AT_ONCE = 400
"""Clients in a transaction."""

NO_CLASS = "none"
"""The class of those who paid nothing within the year: they are alike in that."""


def everybody(session: Session, day: date) -> list[Likes]:
    """Every client that is ours, as it is compared. Four statements."""
    company = session.get_one(Company, 1)
    families, pays = _owned(session), _paid(session, day)
    by_sales = classes(session, day, company.vip_rules)
    known = session.execute(
        select(Client.id, Client.sector, Client.revenue_minor, Client.revenue_currency)
        .where(Client.lost_at.is_(None))
        .order_by(Client.id)
    )
    return [
        Likes(
            number,
            {
                Trait.SECTOR: sector.strip().casefold(),
                Trait.REVENUE: revenue_class(minor, currency),
                Trait.SALES: by_sales.get(number, NO_CLASS),
            },
            frozenset(families[number] | {family for family, _ in pays[number]}),
            pays[number],
        )
        for number, sector, minor, currency in known
    ]


def keep(session: Session, clients: Collection[Likes], crowd: Crowd, sold: Mapping[int, int]) -> int:
    """Write these clients' prizes, where they are others than before; how many were. Five statements."""
    currency = session.get_one(Company, 1).currency
    numbers = [client.client_id for client in clients]
    states = family_states(session, numbers, sold)
    kept_before = select(WhiteSpace.client_id, WhiteSpace.score, WhiteSpace.prizes, WhiteSpace.marks)
    before = {
        row.client_id: row._asdict() for row in session.execute(kept_before.where(WhiteSpace.client_id.in_(numbers)))
    }
    rows = []
    for client in clients:
        prizes, known = crowd.prizes(client, sold), states[client.client_id]
        open_ones = [each.score for each in prizes if known.get(each.family_id) not in SHUT]
        best = max(open_ones, default=0) if client.families else 0
        marks = {str(each.family_id): mark_of(each, currency) for each in prizes}
        row = {"client_id": client.client_id, "score": best, "prizes": kept(prizes), "marks": marks}
        if before.get(client.client_id) != row:
            rows.append(row)
    if rows:
        session.execute(delete(WhiteSpace).where(WhiteSpace.client_id.in_([row["client_id"] for row in rows])))
        session.execute(insert(WhiteSpace), rows)
    return len(rows)


def begin_ownership(session: Session, day: date, *, at: datetime, most: int) -> int:
    """Whom a contract that is not over gives a product owns it, also where nobody noted that: since it was sold, by
    the end of that day, however late that is found."""
    known = (Awareness.client_id == Contract.client_id, Awareness.product_id == GIVEN.c.product_id)
    sold_on = func.min(func.coalesce(Deal.closed_on, Contract.starts_on))
    begun = (
        select(Contract.client_id, GIVEN.c.product_id, sold_on)
        .join(GIVEN, GIVEN.c.contract_id == Contract.id)
        .outerjoin(Deal, Deal.id == Contract.deal_id)
        .where(Contract.lasting(day), ~exists().where(*known, Awareness.state == AwarenessState.OWNED))
        .group_by(Contract.client_id, GIVEN.c.product_id)
        .order_by(Contract.client_id, GIVEN.c.product_id)
        .limit(most)
    )
    found, company = session.execute(begun).all(), session.get_one(Company, 1)
    for client_id, product_id, sold in found:
        since = min(company.end_of(sold), at)
        Awareness.note_all(session, client_id, [product_id], "buy", by=None, at=at, since=since)
    return len(found)


def end_ownership(session: Session, day: date, *, at: datetime, most: int) -> int:
    """Whom no contract gives a product any more, as the last monthly one is over, owns it no more. What was bought
    once stays the client's."""
    gives = select(Contract.id).join(GIVEN, GIVEN.c.contract_id == Contract.id)
    same = gives.where(Contract.client_id == Awareness.client_id, GIVEN.c.product_id == Awareness.product_id)
    over = (
        select(Awareness)
        .where(Awareness.state == AwarenessState.OWNED, ~same.where(Contract.lasting(day)).exists())
        .order_by(Awareness.client_id, Awareness.product_id)
        .limit(most)
        .with_for_update()
    )
    found = session.scalars(over).all()
    session.add_all(event for event in (each.end(at=at) for each in found) if event is not None)
    return len(found)


def _owned(session: Session) -> defaultdict[int, set[int]]:
    families: defaultdict[int, set[int]] = defaultdict(set)
    owned = (
        select(Awareness.client_id, Product.family_id)
        .join(Product, Product.id == Awareness.product_id)
        .where(Awareness.state == AwarenessState.OWNED)
    )
    for client_id, family_id in session.execute(owned):
        if family_id is not None:
            families[client_id].add(family_id)
    return families


def _paid(session: Session, day: date) -> defaultdict[int, dict[tuple[int, str], int]]:
    """What running contracts cost a month, by client, family and currency."""
    pays: defaultdict[int, dict[tuple[int, str], int]] = defaultdict(dict)
    running = (
        select(Contract.client_id, Product.family_id, Contract.currency, func.sum(Contract.amount_minor))
        .join(Product, Product.id == Contract.product_id)
        .where(Contract.paid_monthly(day))
        .group_by(Contract.client_id, Product.family_id, Contract.currency)
    )
    for client_id, family_id, currency, minor in session.execute(running):
        if family_id is not None:
            pays[client_id][family_id, currency] = int(minor)
    return pays
