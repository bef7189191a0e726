"""What a file of the catalogue would change, and changing it: all of it, or nothing. A file that says what stands
there already changes nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload, Session

from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.price_list import PriceEntry, PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.user import User
from webapp.domain.words import N_
from webapp.exchange.catalogue_told import Fault, Told, ToldList, ToldProduct


@dataclass(frozen=True, slots=True)
class Change:
    """A product or a list: new, or with the fields that become another value (was, now)."""

    name: str
    is_new: bool
    fields: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Prices:
    """A product's prices in a list, as they were and as they become."""

    price_list: str
    product: str
    currency: str
    was: tuple[Break, ...]
    now: tuple[Break, ...]


@dataclass(slots=True)
class CataloguePlan:
    """Everything that would be written. ``same`` counts products of the file of which nothing changes."""

    families: list[str] = field(default_factory=list)
    products: list[Change] = field(default_factory=list)
    lists: list[Change] = field(default_factory=list)
    prices: list[Prices] = field(default_factory=list)
    same: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        return bool(self.families or self.products or self.lists or self.prices)

    @property
    def digest(self) -> str:
        """Another one where another thing would be written than what somebody saw."""
        said = [self.families, *(repr(each) for each in (self.products, self.lists, self.prices))]
        return sha256(json.dumps(said).encode()).hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        new = sum(change.is_new for change in self.products)
        return {
            "added": new,
            "changed": len(self.products) - new,
            "lists": sum(change.is_new for change in self.lists),
            "prices": len(self.prices),
        }


class Stopped(Refused):
    """The domain refused what a file says of one thing."""

    def __init__(self, name: str, refusal: Refused) -> None:
        super().__init__(refusal.message, field=refusal.field, **refusal.values)
        self.name = name


def plan_catalogue(session: Session, told: Told) -> CataloguePlan:
    """Compare the file with the catalogue. Writes nothing; five statements."""
    plan = CataloguePlan(faults=list(told.faults))
    currency = session.get_one(Company, 1).currency
    families = set(session.scalars(select(ProductFamily.name)))
    products = _products(session, told)
    for product in told.products.values():
        change = _product_change(plan, product, products.get(product.name), currency)
        if change is not None:
            plan.products.append(change)
        family = product.values.get("family")
        if family and family not in families:
            families.add(family)
            plan.families.append(family)
    lists = _lists(session, told)
    for listed in told.lists.values():
        _plan_list(plan, listed, lists.get(listed.name))
    touched = {change.name for change in plan.products} | {each.product for each in plan.prices}
    plan.same = len(told.products) - len(touched & set(told.products))
    return plan


def apply_catalogue(session: Session, plan: CataloguePlan, told: Told, *, by: User, at: datetime) -> Event:
    """Write the plan, each thing by its own verb; its event is returned. Stopped where the domain refuses something."""
    if plan.faults:
        raise Refused(N_("Something in the file is wrong: nothing is imported"))
    families = {name: ProductFamily.named(session, name, by=by, at=at).id for name in _families(told)}
    products = _products(session, told)
    for change in plan.products:
        with _naming(change.name):
            fields = _columns(change, families, products.get(change.name), at)
            _write_product(session, products, change, fields, by, at)
    lists = _lists(session, told)
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


def _product_change(plan: CataloguePlan, told: ToldProduct, known: Product | None, currency: str) -> Change | None:
    values = dict(told.values)
    for name in ("price", "currency", "billing"):
        if values.get(name) is None:
            values.pop(name, None)
    if known is None:
        if "price" not in values:
            plan.faults.append(Fault(told.line, "price", N_("A new product needs a price")))
        usual = {"currency": currency, "billing": Billing.ONE_OFF.value}
        return Change(told.name, True, {name: (None, value) for name, value in (usual | values).items()})
    stands = {
        "family": known.family.name if known.family else "",
        "unit": known.unit,
        "billing": known.billing.value,
        "price": known.price_minor,
        "currency": known.currency,
        "tax": known.tax or None,
        "retired": known.retired_at is not None,
        "description": known.description,
    }
    fields = {name: (stands[name], value) for name, value in values.items() if stands[name] != value}
    return Change(told.name, False, fields) if fields else None


def _plan_list(plan: CataloguePlan, told: ToldList, known: PriceList | None) -> None:
    currency, starts_on = told.values.get("list_currency"), told.values.get("starts_on")
    if known is None:
        for column, value in (("list_currency", currency), ("starts_on", starts_on)):
            if value is None:
                plan.faults.append(Fault(told.line, column, N_("A new price list needs this")))
        said = {"currency": currency, "starts_on": starts_on, "ends_on": told.values.get("ends_on")}
        plan.lists.append(Change(told.name, True, {name: (None, value) for name, value in said.items()}))
    else:
        if currency is not None and currency != known.currency:
            plan.faults.append(
                Fault(told.line, "list_currency", N_("This list is in %(currency)s"), {"currency": known.currency})
            )
        said = {name: value for name, value in told.values.items() if name == "ends_on" or value is not None}
        said.pop("list_currency", None)
        fields = {name: (getattr(known, name), value) for name, value in said.items() if getattr(known, name) != value}
        if fields:
            plan.lists.append(Change(told.name, False, fields))
    for product, breaks in told.prices.items():
        was = tuple(_breaks(known, product)) if known is not None else ()
        if was != tuple(breaks):
            spoken = known.currency if known is not None else currency or ""
            plan.prices.append(Prices(told.name, product, spoken, was, tuple(breaks)))


def _breaks(price_list: PriceList, product: str) -> Iterator[Break]:
    for entry in price_list.entries:
        if entry.product.name == product:
            yield Break(entry.from_quantity, entry.price_minor)


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
    else:
        known = products[change.name]
        session.add(known.change(by=by, at=at, seen=known.version, **fields))
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


def _families(told: Told) -> list[str]:
    return list(dict.fromkeys(filter(None, (each.values.get("family") for each in told.products.values()))))


def _products(session: Session, told: Told) -> dict[str, Product]:
    asked = select(Product).where(Product.name.in_(told.products)).options(selectinload(Product.family))
    return {product.name: product for product in session.scalars(asked)}


def _lists(session: Session, told: Told) -> dict[str, PriceList]:
    entries = selectinload(PriceList.entries).selectinload(PriceEntry.product)
    asked = select(PriceList).where(PriceList.name.in_(told.lists)).options(entries)
    return {each.name: each for each in session.scalars(asked)}
