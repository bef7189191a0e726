"""What a file of the catalogue says: its columns, and what was read of products, lists and prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.domain.price_list import LONGEST_LIST
from webapp.domain.pricing import Break
from webapp.domain.product_family import LONGEST_FAMILY
from webapp.domain.words import N_

COLUMNS: dict[str, str] = {
    "name": N_("Product"),
    "family": N_("Family"),
    "unit": N_("Unit"),
    "billing": N_("Billing"),
    "price": N_("Price"),
    "currency": N_("Currency"),
    "tax": N_("VAT"),
    "retired": N_("Off sale"),
    "description": N_("Description"),
    "list": N_("Price list"),
    "list_currency": N_("Currency of the list"),
    "starts_on": N_("In force from"),
    "ends_on": N_("Last day"),
    "from_quantity": N_("From quantity"),
    "list_price": N_("Price by the list"),
}
OF_PRODUCT = ("family", "unit", "billing", "currency", "price", "tax", "retired", "description")
OF_LIST = ("list_currency", "starts_on", "ends_on")
LONGEST = {"name": 200, "family": LONGEST_FAMILY, "unit": 20, "description": 5000, "list": LONGEST_LIST}
MOST_PRODUCTS = 5_000
MOST_FAULTS = 50
"""So many are shown; the rest waits until these are mended."""


@dataclass(frozen=True, slots=True)
class Words:
    """What columns and values are called in our languages, in lower case, and what they mean."""

    columns: Mapping[str, str]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot come in: where it is, a sentence, and what fills it."""

    line: int
    column: str
    message: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ToldProduct:
    """What the file says of a product. A value that is absent is not told."""

    name: str
    line: int
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ToldList:
    """What the file says of a list; ``prices`` by product."""

    name: str
    line: int
    values: dict[str, Any] = field(default_factory=dict)
    prices: dict[str, list[Break]] = field(default_factory=dict)


@dataclass(slots=True)
class Told:
    """A whole file."""

    products: dict[str, ToldProduct] = field(default_factory=dict)
    lists: dict[str, ToldList] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
