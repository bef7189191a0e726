"""Reading the price book: the catalogue and what lists say of it, as pricing sees them."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from webapp.domain.bundling import Part
from webapp.domain.price_list import PriceEntry, PriceList
from webapp.domain.pricing import Break, Good, Listed, PriceBook
from webapp.domain.product import BundlePart, Product


def price_book(session: Session, day: date | None, only: Collection[int] | None = None) -> PriceBook:
    """The whole catalogue, or those products only, with the lists in force on a day; with all lists where no day is
    said. Three statements."""
    held = select(BundlePart.bundle_id, BundlePart.product_id, BundlePart.quantity).order_by(BundlePart.position)
    if only is not None:
        held = held.where(BundlePart.bundle_id.in_(only))
    parts: dict[int, list[Part]] = {}
    for bundle, product, quantity in session.execute(held):
        parts.setdefault(bundle, []).append(Part(product, quantity))
    columns = (
        Product.id,
        Product.name,
        Product.unit,
        Product.billing,
        Product.price_minor,
        Product.currency,
        Product.tax,
        Product.tax_changes,
        Product.bundle_off,
    )
    known = select(*columns)
    asked = entries().order_by(PriceEntry.product_id, PriceList.id, PriceEntry.from_quantity)
    if only is not None:
        known, asked = known.where(Product.id.in_(only)), asked.where(PriceEntry.product_id.in_(only))
    goods = {
        row.id: Good(*row[:-1], parts=tuple(parts.get(row.id, ())), bundle_off=row.bundle_off)
        for row in session.execute(known)
    }
    if day is not None:
        asked = asked.where(PriceList.starts_on <= day, PriceList.ends_on.is_(None) | (PriceList.ends_on >= day))
    return PriceBook(goods, listed_by_product(session.execute(asked).all()))


def with_kin(session: Session, products: Collection[int]) -> set[int]:
    """These products, the bundles that hold them, and what those and they themselves hold: all that says what they
    cost. Two statements."""
    holding = set(session.scalars(select(BundlePart.bundle_id).where(BundlePart.product_id.in_(products))))
    bundles = holding | set(products)
    return bundles | set(session.scalars(select(BundlePart.product_id).where(BundlePart.bundle_id.in_(bundles))))


def entries() -> Select[*tuple[Any, ...]]:
    """What lists say: product, the list, and each of its breaks."""
    return select(
        PriceEntry.product_id,
        PriceList.id,
        PriceList.name,
        PriceList.currency,
        PriceList.starts_on,
        PriceList.ends_on,
        PriceEntry.from_quantity,
        PriceEntry.price_minor,
    ).join(PriceList, PriceList.id == PriceEntry.price_list_id)


def listed_by_product(rows: Iterable[Any]) -> dict[int, list[Listed]]:
    """The rows of a list and product together; they come one after the other."""
    breaks: dict[tuple[Any, ...], list[Break]] = {}
    for *of_list, from_quantity, price_minor in rows:
        breaks.setdefault(tuple(of_list), []).append(Break(from_quantity, price_minor))
    found: dict[int, list[Listed]] = {}
    for (product, list_id, name, currency, starts_on, ends_on), own in breaks.items():
        listed = Listed(list_id, name, currency, starts_on, ends_on, tuple(own))
        found.setdefault(product, []).append(listed)
    return found
