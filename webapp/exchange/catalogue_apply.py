"""Writing what a file of the catalogue changes: all of it, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.bundling import Part
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.price_list import PriceList
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.tax import own_tax
from webapp.domain.user import User
from webapp.domain.words import N_
from webapp.exchange.catalogue_plan import lists_of, names_of, products_of
from webapp.exchange.catalogue_planned import CataloguePlan, Change
from webapp.exchange.catalogue_rows import families_of
from webapp.exchange.catalogue_suits import numbered
from webapp.exchange.catalogue_told import Told


class Stopped(Refused):
    """The domain refused what a file says of one thing."""

    def __init__(self, name: str, refusal: Refused) -> None:
        super().__init__(refusal.message, field=refusal.field, **refusal.values)
        self.name = name


def apply_catalogue(session: Session, plan: CataloguePlan, told: Told, *, by: User, at: datetime) -> Event:
    """Write the plan, each thing by its own verb; its event is returned. Stopped where the domain refuses something."""
    if plan.faults:
        raise Refused(N_("Something in the file is wrong: nothing is imported"))
    families = {name: ProductFamily.named(session, name, by=by, at=at).id for name in families_of(told)}
    products = products_of(session, told)
    for change in plan.products:
        with _naming(change.name):
            fields = _columns(change, families, products.get(change.name), at)
            _write_product(session, products, change, fields, by, at)
    _write_rows(session, plan, products, by, at)
    lists = lists_of(session, told)
    for change in plan.lists:
        with _naming(change.name):
            _write_list(session, lists, change, by, at)
    for prices in plan.prices:
        with _naming(prices.product):
            held = lists[prices.price_list]
            session.add(held.price(products[prices.product], prices.now, by=by, at=at, seen=held.version))
            session.flush()
    return event("catalogue:imported", by=by, at=at, details=plan.counts)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Say of what a refusal is."""
    try:
        yield
    except Refused as refusal:
        raise Stopped(name, refusal) from refusal


def _columns(change: Change, families: dict[str, int], known: Product | None, at: datetime) -> dict[str, Any]:
    """What the product's verbs take."""
    now = {name: value for name, (_was, value) in change.fields.items()}
    columns: dict[str, Any] = {name: now[name] for name in ("unit", "currency", "description") if name in now}
    if "family" in now:
        columns["family_id"] = families.get(now["family"])
    if "billing" in now:
        columns["billing"] = Billing(now["billing"])
    if "price" in now:
        columns["price_minor"] = now["price"]
    if "tax" in now:
        columns["tax"] = now["tax"] or ""
    if "retired" in now:
        columns["retired_at"] = at if now["retired"] else None
    return columns


def _write_product(
    session: Session, products: dict[str, Product], change: Change, fields: dict[str, Any], by: User, at: datetime
) -> None:
    if change.is_new:
        price, currency = fields.pop("price_minor"), fields.pop("currency")
        products[change.name] = Product.add(session, change.name, price, currency, by=by, at=at, **fields)
    elif fields:
        known = products[change.name]
        session.add(known.change(by=by, at=at, seen=known.version, **fields))
        session.flush()


def _write_rows(session: Session, plan: CataloguePlan, products: dict[str, Product], by: User, at: datetime) -> None:
    """What rows say of a product together, once every product that they name is there."""
    numbers = {kind: {name: number for number, name in known.items()} for kind, known in names_of(session).items()}
    for change in plan.products:
        product = products[change.name]
        now = {name: value for name, (_was, value) in change.fields.items()}
        with _naming(change.name):
            if "parts" in now or (product.parts and "bundle_off" in now):
                held = [(part.product.name, part.quantity) for part in product.parts]
                parts = [Part(products[name].id, quantity) for name, quantity in now.get("parts", held)]
                off = now.get("bundle_off", product.bundle_off)
                session.add(product.bundle(session, parts, off, by=by, at=at, seen=product.version))
                session.flush()
            if "tax_changes" in now:
                _write_taxes(session, product, now["tax_changes"], by, at)
            if "suits" in now:
                rule = numbered(now["suits"], numbers)
                session.add(product.suit(rule, by=by, at=at, seen=product.version))
                session.flush()


def _write_taxes(session: Session, product: Product, changes: list[list[str]], by: User, at: datetime) -> None:
    """Each day on which another rate begins than what stands, in order; one that is taken back is such a day too."""
    for starts in sorted({day for day, _key in (*product.tax_changes, *changes)}):
        day = date.fromisoformat(starts)
        key = own_tax(product.tax, changes, day)
        if product.tax_on(day) != key:
            session.add(product.tax_from(key, day, by=by, at=at, seen=product.version))
            session.flush()


def _write_list(session: Session, lists: dict[str, PriceList], change: Change, by: User, at: datetime) -> None:
    now = {name: value for name, (_was, value) in change.fields.items()}
    if change.is_new:
        said = now["currency"], now["starts_on"], now["ends_on"]
        lists[change.name] = PriceList.add(session, change.name, *said, by=by, at=at)
    else:
        known = lists[change.name]
        days: list[date | None] = [now.get(name, getattr(known, name)) for name in ("starts_on", "ends_on")]
        session.add(known.change(session, known.name, *days, by=by, at=at, seen=known.version))  # type: ignore[arg-type]
        session.flush()
