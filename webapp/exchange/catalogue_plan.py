"""What a file of the catalogue would change: nothing where it says what stands there already."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import aliased, selectinload, Session

from webapp.domain.company import Company
from webapp.domain.price_list import PriceEntry, PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Billing, BundlePart, Product
from webapp.domain.product_family import family_names
from webapp.domain.words import N_
from webapp.exchange.catalogue_planned import CataloguePlan, Change, Prices
from webapp.exchange.catalogue_rows import Beside, families_of, faults, stand, taxed
from webapp.exchange.catalogue_suits import Names, OWNED
from webapp.exchange.catalogue_told import Fault, Told, ToldList, ToldProduct


def plan_catalogue(session: Session, told: Told) -> CataloguePlan:
    """Compare the file with the catalogue. Writes nothing; a fixed number of statements."""
    plan = CataloguePlan(faults=list(told.faults))
    currency, names = session.get_one(Company, 1).currency, names_of(session)
    products, families = products_of(session, told), families_of(told)
    new = {"products": [*products, *told.products], "families": [*names["families"].values(), *families]}
    numbers = {kind: {name: place for place, name in enumerate(known)} for kind, known in new.items()}
    beside = Beside(told, products, _bundled(session, told), names, numbers)
    for product in told.products.values():
        change = _product_change(plan, product, beside, currency)
        if change is not None:
            plan.products.append(change)
        plan.faults += faults(product, beside)
    plan.faults += _alike(told, products, names["products"].values())
    plan.families += [family for family in families if family not in names["families"].values()]
    lists = lists_of(session, told)
    for listed in told.lists.values():
        _plan_list(plan, listed, lists.get(listed.name))
    touched = {change.name for change in plan.products} | {each.product for each in plan.prices}
    plan.same = len(told.products) - len(touched & set(told.products))
    plan.faults.sort(key=lambda fault: fault.line)
    return plan


def _alike(told: Told, known: Container[str], listed: Iterable[str]) -> Iterator[Fault]:
    """New products whose names differ from others only in capitals."""
    count = Counter(name.casefold() for name in {*listed, *told.products})
    for name, product in told.products.items():
        if name not in known and count[name.casefold()] > 1:
            yield Fault(product.line, "name", N_("Another product has this name but for its capitals"))


def _product_change(plan: CataloguePlan, told: ToldProduct, beside: Beside, currency: str) -> Change | None:
    values, known = dict(told.values), beside.products.get(told.name)
    if "tax_changes" in values and all(starts for starts, _key in values["tax_changes"]):
        values["tax_changes"] = taxed(told, known)
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
        **stand(known, beside.names),
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


def names_of(session: Session) -> Names:
    """All products and families by number. Two statements."""
    products = session.execute(select(Product.id, Product.name)).all()
    return {"products": {row.id: row.name for row in products}, "families": family_names(session)}


def products_of(session: Session, told: Told) -> dict[str, Product]:
    """The products of the catalogue that the file names anywhere, by name."""
    named = set(told.products)
    for product in told.products.values():
        named |= {name for name, _quantity in product.values.get("parts", ())}
        for said in product.values.get("suits", ()):
            named |= {word for name, kind in OWNED.items() if kind == "products" for word in said.get(name, ())}
    parts = selectinload(Product.parts).selectinload(BundlePart.product)
    asked = select(Product).where(Product.name.in_(named)).options(selectinload(Product.family), parts)
    return {product.name: product for product in session.scalars(asked)}


def _bundled(session: Session, told: Told) -> frozenset[str]:
    """The names of what bundles hold after the import: those of the file, and those of which it says no parts."""
    bundle, said = aliased(Product), [name for name, each in told.products.items() if "parts" in each.values]
    held = select(Product.name).join(BundlePart, BundlePart.product_id == Product.id)
    others = held.join(bundle, bundle.id == BundlePart.bundle_id).where(bundle.name.not_in(said))
    of_file = (name for each in told.products.values() for name, _quantity in each.values.get("parts", ()))
    return frozenset(session.scalars(others)) | frozenset(of_file)


def lists_of(session: Session, told: Told) -> dict[str, PriceList]:
    """The price lists that the file names, by name, with their prices."""
    entries = selectinload(PriceList.entries).selectinload(PriceEntry.product)
    asked = select(PriceList).where(PriceList.name.in_(told.lists)).options(entries)
    return {each.name: each for each in session.scalars(asked)}
