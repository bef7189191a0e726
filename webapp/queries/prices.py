"""The price lists, what they say of a product, and what a client buys in."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.company import Company
from webapp.domain.contract import Contract
from webapp.domain.price_book import entries, listed_by_product
from webapp.domain.price_list import PriceEntry, PriceList
from webapp.domain.pricing import Break, Listed
from webapp.domain.product import Product
from webapp.domain.user import Actor


@dataclass(frozen=True, slots=True)
class ListRow:
    """A price list; ``products`` counts those that it names. ``holds``: today."""

    id: int
    name: str
    currency: str
    starts_on: date
    ends_on: date | None
    version: int
    products: int
    holds: bool


@dataclass(frozen=True, slots=True)
class PricedRow:
    """A product of a list with its breaks."""

    product_id: int
    name: str
    unit: str
    retired: bool
    breaks: tuple[Break, ...]


def currency_of(session: Session, client_id: int) -> str:
    """What a client buys in: the currency of its newest contract; before the first, the company's."""
    newest = select(Contract.currency).where(Contract.client_id == client_id).order_by(Contract.id.desc()).limit(1)
    return session.scalar(newest) or session.get_one(Company, 1).currency


def lists_of(session: Session, product_id: int) -> tuple[Listed, ...]:
    """Everything that lists say of one product, the newest list first."""
    asked = entries().where(PriceEntry.product_id == product_id)
    rows = session.execute(asked.order_by(PriceList.id, PriceEntry.from_quantity)).all()
    found = listed_by_product(rows).get(product_id, [])
    return tuple(sorted(found, key=lambda each: (each.starts_on, each.list_id), reverse=True))


def lists(session: Session, actor: Actor, today: date) -> list[ListRow]:
    """Every price list, the newest first."""
    counted = (
        select(PriceEntry.price_list_id, func.count(PriceEntry.product_id.distinct()).label("products"))
        .group_by(PriceEntry.price_list_id)
        .subquery()
    )
    wanted = (
        select(PriceList, func.coalesce(counted.c.products, 0))
        .outerjoin(counted, counted.c.price_list_id == PriceList.id)
        .order_by(PriceList.starts_on.desc(), PriceList.id.desc())
    )
    return [
        ListRow(
            each.id, each.name, each.currency, each.starts_on, each.ends_on, each.version, count,
            each.starts_on <= today and (each.ends_on is None or today <= each.ends_on),
        )
        for each, count in session.execute(wanted)
    ]  # fmt: skip


def priced(session: Session, actor: Actor, list_id: int) -> list[PricedRow]:
    """The products that a list names, by name."""
    wanted = (
        select(
            Product.id, Product.name, Product.unit, Product.retired_at, PriceEntry.from_quantity, PriceEntry.price_minor
        )
        .join(PriceEntry, PriceEntry.product_id == Product.id)
        .where(PriceEntry.price_list_id == list_id)
        .order_by(Product.name_key, Product.id, PriceEntry.from_quantity)
    )
    found: dict[int, tuple[Any, list[Break]]] = {}
    for row in session.execute(wanted):
        found.setdefault(row.id, (row, []))[1].append(Break(row.from_quantity, row.price_minor))
    return [
        PricedRow(row.id, row.name, row.unit, row.retired_at is not None, tuple(breaks))
        for row, breaks in found.values()
    ]
