"""One product: its prices, its parts, and where it is used."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.contract import Contract
from webapp.domain.deal import Deal, DealLine, DealStatus
from webapp.domain.giving import GIVEN
from webapp.domain.pricing import Listed
from webapp.domain.product import BundlePart, Product
from webapp.domain.user import Actor
from webapp.queries.prices import lists_of


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of a bundle, or a bundle of which it is a part."""

    id: int
    name: str
    unit: str
    quantity: int
    retired: bool


@dataclass(frozen=True, slots=True)
class Used:
    """Where a product stands. ``clients`` have it by ``contracts`` in force, also by a bundle's."""

    open_deals: int
    deals: int
    contracts: int
    clients: int


@dataclass(frozen=True, slots=True)
class ProductPage:
    lists: tuple[Listed, ...]
    parts: tuple[PartRow, ...]
    bundles: tuple[PartRow, ...]
    used: Used


def product_page(session: Session, actor: Actor, product_id: int, today: date) -> ProductPage:
    """Five statements."""
    columns = Product.id, Product.name, Product.unit, BundlePart.quantity, Product.retired_at.is_not(None)
    parts = select(*columns).join(BundlePart, BundlePart.product_id == Product.id).order_by(BundlePart.position)
    bundles = select(*columns).join(BundlePart, BundlePart.bundle_id == Product.id).order_by(Product.name_key)
    return ProductPage(
        lists_of(session, product_id),
        tuple(PartRow(*row) for row in session.execute(parts.where(BundlePart.bundle_id == product_id))),
        tuple(PartRow(*row) for row in session.execute(bundles.where(BundlePart.product_id == product_id))),
        _used(session, product_id, today),
    )


def _used(session: Session, product_id: int, today: date) -> Used:
    line, is_open = DealLine.product_id == product_id, Deal.status == DealStatus.OPEN
    deals = session.execute(
        select(func.count(Deal.id.distinct()).filter(is_open), func.count(Deal.id.distinct()))
        .join(DealLine, DealLine.deal_id == Deal.id)
        .where(line)
    ).one()
    contracts = session.execute(
        select(func.count(), func.count(Contract.client_id.distinct()))
        .join(GIVEN, GIVEN.c.contract_id == Contract.id)
        .where(GIVEN.c.product_id == product_id, Contract.in_force(today))
    ).one()
    return Used(*deals, *contracts)
