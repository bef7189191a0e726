"""The catalogue as one table: a row for each product, and for each of its prices by a list, of a bundle's parts, of the
changes of its VAT, and of the sets of conditions whom it suits; one row may say one of each.

What belongs to the product may be repeated in each of its rows, or left empty after the first. Columns and words are
read in every language of ours; the product's name, and the list's, say which one is meant.
"""

from collections.abc import Sequence

from webapp.domain.errors import Refused
from webapp.domain.price_list import MOST_BREAKS
from webapp.domain.pricing import Break
from webapp.domain.tax import rates_on
from webapp.domain.words import N_
from webapp.exchange.catalogue_row import Row
from webapp.exchange.catalogue_suits import read_set
from webapp.exchange.catalogue_told import (
    Fault,
    MOST_PRODUCTS,
    OF_LIST,
    OF_PRODUCT,
    OF_SET,
    Told,
    ToldList,
    ToldProduct,
    Words,
)
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
    _read_part(row, product)
    _read_tax(row, product)
    if any(cells.get(column) for column in OF_SET) and (said := read_set(row)):
        product.add("suits", said, line)
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


def _read_part(row: Row, product: ToldProduct) -> None:
    if part := row.cells.get("part"):
        row.text("part")
        quantity = row.quantity("part_quantity", empty="1")
        if quantity == 0:
            row.fault("part_quantity", N_("A quantity is above zero and at most a million"))
        product.add("parts", (part, quantity or 0), row.line)
    elif row.cells.get("part_quantity"):
        row.fault("part", N_("The product is not named"))


def _read_tax(row: Row, product: ToldProduct) -> None:
    if row.cells.get("tax_from"):
        starts_on, key = row.day("tax_from"), row.tax("tax_then") or ""
        if starts_on is not None and key and key not in rates_on(starts_on):
            row.fault("tax_then", N_("This tax rate is not in force on that day"))
        product.add("tax_changes", [starts_on.isoformat() if starts_on else "", key], row.line)
    elif row.cells.get("tax_then"):
        row.fault("tax_from", N_("Say from which day on"))


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


def _plain(cell: str) -> str:
    """A cell without the apostrophe that our export puts before what a spreadsheet would run."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell
