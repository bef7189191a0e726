"""The catalogue as one table: a row for each product, and one for each of its prices by a list.

What belongs to the product may be repeated in each of its rows, or left empty after the first. Columns and words are
read in every language of ours; the product's name, and the list's, say which one is meant.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES, LARGEST, parse_minor
from webapp.domain.price_list import LARGEST_FROM, MOST_BREAKS
from webapp.domain.pricing import Break
from webapp.domain.tax import TAX_RATES
from webapp.domain.words import N_
from webapp.exchange.catalogue_told import (
    Fault,
    LONGEST,
    MOST_PRODUCTS,
    OF_LIST,
    OF_PRODUCT,
    Told,
    ToldList,
    ToldProduct,
    Words,
)
from webapp.exchange.incoming import day_of
from webapp.exchange.sheets import FORMULA
from webapp.exchange.tables import Table


def read_catalogue(tables: Sequence[Table], words: Words) -> Told:
    """Everything that the tables tell. Refused where no table has a column for the product."""
    told, found = Told(), False
    for table in tables:
        columns = {words.columns[column]: column for column in table.columns if column in words.columns}
        if "name" in columns:
            found = True
            for line, payload in table.payloads():
                _read_row(told, line, {key: _plain(payload[column]) for key, column in columns.items()}, words)
    if not found:
        raise Refused(N_("No column names the product: the first row says what each column holds"))
    if len(told.products) > MOST_PRODUCTS:
        raise Refused(N_("More than %(limit)s products: import them in parts"), limit=MOST_PRODUCTS)
    for each in told.lists.values():
        for product, breaks in each.prices.items():
            each.prices[product] = sorted(breaks, key=lambda each: each.from_quantity)
            _check_breaks(told, each, product)
    told.faults.sort(key=lambda fault: fault.line)
    return told


def _read_row(told: Told, line: int, cells: dict[str, str], words: Words) -> None:
    name = cells["name"]
    if not name:
        if any(cells.values()):
            told.faults.append(Fault(line, "name", N_("The product is not named")))
        return
    row = Row(told, line, cells, words)
    product = told.products.setdefault(name, ToldProduct(name, line))
    row.text("name")
    row.merge(product, OF_PRODUCT, first=product.line == line)
    if listed := cells.get("list"):
        row.text("list")
        price_list = told.lists.setdefault(listed, ToldList(listed, line))
        row.merge(price_list, OF_LIST, first=price_list.line == line)
        price = row.money("list_price", price_list.values.get("list_currency") or "RUB")
        quantity = row.quantity("from_quantity")
        if price is None and "list_price" not in row.wrong:
            row.fault("list_price", N_("The list needs a price"))
        if price is not None and quantity is not None:
            price_list.prices.setdefault(name, []).append(Break(quantity, price))
    elif any(cells.get(column) for column in ("list_price", "from_quantity", *OF_LIST)):
        row.fault("list", N_("The price list is not named"))


def _check_breaks(told: Told, price_list: ToldList, product: str) -> None:
    breaks = price_list.prices[product]
    if len({each.from_quantity for each in breaks}) < len(breaks):
        told.faults.append(
            Fault(
                told.products[product].line,
                "from_quantity",
                N_("“%(product)s” has two prices for one quantity in “%(list)s”"),
                {"product": product, "list": price_list.name},
            )
        )
    if len(breaks) > MOST_BREAKS:
        told.faults.append(
            Fault(
                told.products[product].line, "from_quantity", N_("At most %(most)s quantities"), {"most": MOST_BREAKS}
            )
        )


class Row:
    """One row being read; what is wrong with it becomes a fault."""

    def __init__(self, told: Told, line: int, cells: dict[str, str], words: Words) -> None:
        self.told, self.line, self.cells, self.words = told, line, cells, words
        self.wrong: set[str] = set()

    def merge(self, whole: ToldProduct | ToldList, columns: Sequence[str], *, first: bool) -> None:
        """What this row adds to what earlier rows said; a later row that says something else is at fault."""
        readings = {
            "billing": self.word,
            "tax": self.tax,
            "retired": self.yes,
            "currency": self.currency,
            "list_currency": self.currency,
            "starts_on": self.day,
            "ends_on": self.day,
        }
        for column in columns:
            if column not in self.cells or (not first and not self.cells[column]):
                continue
            if column == "price":
                value: Any = self.money("price", whole.values.get("currency") or "RUB")
            else:
                value = readings.get(column, self.text)(column)
            if column in self.wrong:
                continue
            if not first and column in whole.values and whole.values[column] != value:
                self.fault(column, N_("Line %(line)s says something else of it"), line=whole.line)
            whole.values[column] = value

    def text(self, column: str) -> str:
        cell = self.cells.get(column, "")
        if len(cell) > LONGEST[column]:
            self.fault(column, N_("At most %(most)s characters, please"), most=LONGEST[column])
        return cell

    def word(self, column: str) -> str | None:
        return self._known(column, {"one_off", "monthly"})

    def tax(self, column: str) -> str | None:
        return self._known(column, {rate.key for rate in TAX_RATES})

    def yes(self, column: str) -> bool:
        return self._known(column, {"yes", "no"}) == "yes"

    def currency(self, column: str) -> str | None:
        cell = self.cells.get(column, "").upper()
        if cell and cell not in CURRENCIES:
            self.fault(column, N_("“%(text)s” is no currency that we keep"), text=cell[:20])
            return None
        return cell or None

    def day(self, column: str) -> date | None:
        cell = self.cells[column]
        found = day_of(cell) if cell else None
        if cell and found is None:
            self.fault(column, N_("“%(text)s” is no date"), text=cell[:40])
        return found

    def money(self, column: str, currency: str) -> int | None:
        cell = self.cells.get(column, "")
        if not cell:
            return None
        try:
            minor = parse_minor(cell, currency)
        except Refused as refusal:
            self.fault(column, refusal.message, **refusal.values)
            return None
        if minor < 0 or minor > LARGEST:
            self.fault(column, N_("A price is not negative"))
            return None
        return minor

    def quantity(self, column: str) -> int | None:
        cell = re.sub(r"\s", "", self.cells.get(column, "")).replace(",", ".")
        try:
            found = Decimal(cell or "0") * 1000 if cell.isascii() and len(cell) < 20 else Decimal("NaN")
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite() or found != found.to_integral_value() or not 0 <= found <= LARGEST_FROM:
            self.fault(column, N_("“%(text)s” is no quantity"), text=cell[:40])
            return None
        return int(found)

    def fault(self, column: str, message: str, **values: Any) -> None:
        self.wrong.add(column)
        self.told.faults.append(Fault(self.line, column, message, values))

    def _known(self, column: str, meant: set[str]) -> str | None:
        cell = self.cells[column]
        found = self.words.values.get(cell.casefold())
        if cell and found not in meant:
            self.fault(column, N_("“%(text)s” is not understood"), text=cell[:40])
            return None
        return found if cell else None


def _plain(cell: str) -> str:
    """A cell without the apostrophe that our export puts before what a spreadsheet would run."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell
