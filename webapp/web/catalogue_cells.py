"""The catalogue in cells: a file's rows in the reader's words, and what a preview of an import says."""

from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.domain.product import Billing
from webapp.domain.words import Department, N_
from webapp.exchange.catalogue_suits import named, NamedSet
from webapp.exchange.catalogue_told import COLUMNS, OF_SET
from webapp.exchange.sheets import Cell
from webapp.queries.catalogue_table import Catalogue, CatalogueProduct, ListedPrice
from webapp.web.i18n import day
from webapp.web.product_form import tax_words
from webapp.web.quantities import quantity_text

YES, NO = N_("yes"), N_("no")


def table(catalogue: Catalogue) -> Iterator[list[Cell]]:
    """What belongs to a product stands in its first row only, so that it is changed in one place."""
    names = {"products": {each.id: each.name for each in catalogue.products}, "families": catalogue.families}
    for product in catalogue.products:
        own = _own(product)
        sets = named(product.eligibility, names)
        for listed, part, change, said in zip_longest(product.prices, product.parts, product.tax_changes, sets):
            cells = {"name": product.name, **own, **_priced(listed), **_suits(said or {})}
            if part is not None:
                cells |= {"part": part[0], "part_quantity": _sign(quantity_text(part[1]))}
            if change is not None:
                cells |= {"tax_from": change[0], "tax_then": change[1]}
            yield [cells.get(column, "") for column in COLUMNS]
            own = {}
        if own:
            yield [({"name": product.name} | own).get(column, "") for column in COLUMNS]


def _own(product: CatalogueProduct) -> dict[str, Cell]:
    return {
        "family": product.family,
        "unit": product.unit,
        "billing": _(product.billing.label),
        "price": _number(product.price_minor),
        "currency": product.currency,
        "tax": product.tax,
        "retired": _yes(product.retired),
        "description": product.description,
        "bundle_off": "" if product.bundle_off is None else _number(product.bundle_off),
    }


def _priced(listed: ListedPrice | None) -> dict[str, Cell]:
    if listed is None:
        return {}
    return {
        "list": listed.name,
        "list_currency": listed.currency,
        "starts_on": listed.starts_on.isoformat(),
        "ends_on": listed.ends_on.isoformat() if listed.ends_on else "",
        "from_quantity": _sign(quantity_text(listed.from_quantity)),
        "list_price": _number(listed.price_minor),
    }


def _suits(said: NamedSet) -> dict[str, Cell]:
    return {f"suits_{name}": _condition(name, value) for name, value in said.items()}


def _condition(name: str, value: Any) -> str:
    """A condition in one cell; words that hold a semicolon stand in quotes."""
    if name.startswith("monthly_"):
        return _number(value)
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, list):
        words = [_(Department(word).label) if name == "lanes" else word for word in value]
        return "; ".join(_quoted(word) for word in words)
    return str(value)


def _quoted(word: str) -> str:
    doubled = word.replace('"', '""')
    return f'"{doubled}"' if ";" in word or '"' in word else word


def shown_value(name: str, value: Any) -> str:
    """A value of a product or list as the preview shows it."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return _yes(value)
    if name in ("price", "bundle_off"):
        return _number(value)
    if name == "billing":
        return _(Billing(value).label)
    if name == "parts":
        return ", ".join(f"{part} × {_sign(quantity_text(quantity))}" for part, quantity in value)
    if name == "tax_changes":
        return ", ".join(f"{day(date.fromisoformat(starts))}: {tax_words(key)}" for starts, key in value)
    if name == "tax":
        return tax_words(value)
    if name == "suits":
        return " / ".join("; ".join(_told(said)) for said in value)
    return str(value)


def _told(said: NamedSet) -> Iterator[str]:
    cells = _suits(said)
    return (f"{_(COLUMNS[column])}: {cells[column]}" for column in OF_SET if column in cells)


def _yes(value: bool) -> str:
    return _(YES) if value else _(NO)


def _number(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 100)
    return _sign(f"{whole}.{rest:02d}")


def _sign(text: str) -> str:
    return text.replace(".", ",") if str(get_locale()) == "ru" else text
