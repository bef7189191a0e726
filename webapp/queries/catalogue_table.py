"""The catalogue as a file holds it: products with their prices by lists, parts, changes of VAT, and whom they suit."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.price_list import PriceEntry, PriceList
from webapp.domain.product import Billing, BundlePart, Product
from webapp.domain.product_family import family_names, ProductFamily
from webapp.domain.user import Actor


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """What a unit costs by a list, from so many thousandths on."""

    name: str
    currency: str
    starts_on: date
    ends_on: date | None
    from_quantity: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    """``parts``: names and thousandths; ``tax_changes`` and ``eligibility`` as the product keeps them."""

    id: int
    name: str
    family: str
    unit: str
    billing: Billing
    price_minor: int
    currency: str
    tax: str
    retired: bool
    description: str
    bundle_off: int | None
    tax_changes: list[list[str]]
    eligibility: dict[str, Any]
    prices: tuple[ListedPrice, ...]
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything, families in their order; ``families``: their names by number."""

    products: tuple[CatalogueProduct, ...]
    families: Mapping[int, str]


def whole(session: Session, actor: Actor) -> Catalogue:
    """Four statements."""
    prices: defaultdict[int, list[ListedPrice]] = defaultdict(list)
    columns = PriceList.name, PriceList.currency, PriceList.starts_on, PriceList.ends_on
    listed = select(PriceEntry.product_id, *columns, PriceEntry.from_quantity, PriceEntry.price_minor).join(PriceList)
    for row in session.execute(listed.order_by(PriceList.starts_on, PriceList.id, PriceEntry.from_quantity)):
        prices[row.product_id].append(ListedPrice(*row[1:]))
    parts: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    held = select(BundlePart.bundle_id, Product.name, BundlePart.quantity)
    held = held.join(Product, Product.id == BundlePart.product_id).order_by(BundlePart.position)
    for bundle_id, name, quantity in session.execute(held):
        parts[bundle_id].append((name, quantity))
    order = ProductFamily.position.is_(None), ProductFamily.position, Product.name_key, Product.id
    rows = session.execute(select(Product, ProductFamily.name).outerjoin(Product.family).order_by(*order))
    return Catalogue(
        tuple(
            CatalogueProduct(
                each.id, each.name, family or "", each.unit, each.billing, each.price_minor, each.currency, each.tax,
                each.retired_at is not None, each.description, each.bundle_off, each.tax_changes, each.eligibility,
                tuple(prices[each.id]), tuple(parts[each.id]),
            )
            for each, family in rows
        ),
        family_names(session),
    )  # fmt: skip
