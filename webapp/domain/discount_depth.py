"""How deep a discount is, however it is written: as a percent, or as a price below the catalogue's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.money import WHOLE
from webapp.domain.price_book import price_book, with_kin
from webapp.domain.tax import rates_on, TaxRate

Kept = Mapping[str, Any]
"""A line as a version keeps it."""

COIN = 1
"""So much below the catalogue is rounding, no discount; minor units."""


@dataclass(frozen=True, slots=True)
class Priced:
    """What prices of a document mean."""

    currency: str
    day: date
    include_tax: bool

    def with_tax(self, minor: int, rate: TaxRate) -> int:
        """A price as the catalogue names it: with the tax."""
        return minor if self.include_tax else minor + rate.on_top(minor)


def depth(session: Session, lines: Sequence[Kept], on_all: int, priced: Priced) -> int:
    """The largest discount of any line off what the catalogue asks, together with the one on everything; basis points,
    rounded up. A price above the catalogue's makes no discount smaller. At most five statements."""
    return deepest(lines, on_all, _below(session, lines, priced))


def deepest(lines: Sequence[Kept], on_all: int, below: Mapping[int, tuple[int, int]] | None = None) -> int:
    """The same by what is written; ``below``, by the line's place: its price, and the dearer one of the catalogue."""
    written = [(line["discount"], *(below or {}).get(place, (1, 1))) for place, line in enumerate(lines)]
    own = max((WHOLE - (WHOLE - discount) * price // listed for discount, price, listed in written), default=0)
    return own - (-(WHOLE - own) * on_all // WHOLE)


def _below(session: Session, lines: Sequence[Kept], priced: Priced) -> dict[int, tuple[int, int]]:
    wanted = {line["product_id"] for line in lines if line.get("product_id") is not None}
    if not wanted:
        return {}
    book, rates = price_book(session, priced.day, with_kin(session, wanted)), rates_on(priced.day)
    found: dict[int, tuple[int, int]] = {}
    for place, line in enumerate(lines):
        product, price = line.get("product_id"), line["price_minor"]
        listed = book.least(product, priced.day, priced.currency, line["quantity"]) if product is not None else None
        if listed is None or price is None:
            continue
        paid = priced.with_tax(price, rates[line["tax"]])
        if paid + COIN < listed:
            found[place] = (paid, listed)
    return found
