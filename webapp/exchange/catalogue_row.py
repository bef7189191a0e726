"""One row of the catalogue's table, being read: each kind of cell, and what is wrong with it."""

import csv
import re
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES, LARGEST, parse_minor, WHOLE
from webapp.domain.price_list import LARGEST_FROM
from webapp.domain.tax import TAX_RATES
from webapp.domain.words import N_
from webapp.exchange.catalogue_told import Fault, LONGEST, Told, ToldList, ToldProduct, Words
from webapp.exchange.incoming import day_of

LONGEST_WORD = 200


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
            "bundle_off": self.percent,
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
        return self.known(column, {"one_off", "monthly"})

    def tax(self, column: str) -> str | None:
        return self.known(column, {rate.key for rate in TAX_RATES})

    def yes(self, column: str) -> bool:
        return self.known(column, {"yes", "no"}) == "yes"

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

    def quantity(self, column: str, empty: str = "0") -> int | None:
        """In thousandths."""
        return self._scaled(column, empty, 1000, LARGEST_FROM, N_("“%(text)s” is no quantity"))

    def percent(self, column: str) -> int | None:
        """In basis points."""
        if not self.cells.get(column):
            return None
        return self._scaled(column, "", WHOLE // 100, WHOLE, N_("“%(text)s” is no percent from 0 to 100"))

    def whole(self, column: str, most: int) -> int | None:
        if not self.cells.get(column):
            return None
        return self._scaled(column, "", 1, most, N_("“%(text)s” is no quantity"))

    def several(self, column: str) -> list[str]:
        """Several words, with semicolons between them, in order; one that holds a semicolon stands in quotes."""
        cell = self.cells.get(column, "")
        rows = csv.reader(cell.splitlines(), delimiter=";", skipinitialspace=True)
        found = {word.strip() for words in rows for word in words} - {""}
        if any(len(word) > LONGEST_WORD for word in found):
            self.fault(column, N_("At most %(most)s characters, please"), most=LONGEST_WORD)
        return sorted(found)

    def fault(self, column: str, message: str, **values: Any) -> None:
        self.wrong.add(column)
        self.told.faults.append(Fault(self.line, column, message, values))

    def known(self, column: str, meant: Collection[str], word: str | None = None) -> str | None:
        """Which of these the cell, or one word of it, means; None where it is empty, or at fault."""
        cell = self.cells.get(column, "") if word is None else word
        found = self.words.values.get(cell.casefold())
        if cell and found not in meant:
            self.fault(column, N_("“%(text)s” is not understood"), text=cell[:40])
            return None
        return found if cell else None

    def _scaled(self, column: str, empty: str, scale: int, most: int, wrong: str) -> int | None:
        cell = re.sub(r"\s", "", self.cells.get(column, "")).replace(",", ".") or empty
        try:
            found = Decimal(cell) * scale if cell.isascii() and len(cell) < 20 else Decimal("NaN")
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite() or found != found.to_integral_value() or not 0 <= found <= most:
            self.fault(column, wrong, text=cell[:40])
            return None
        return int(found)
