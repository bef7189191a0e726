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
    "bundle_off": N_("Off the parts (%)"),
    "part": N_("Part of the bundle"),
    "part_quantity": N_("Quantity of the part"),
    "tax_from": N_("VAT changes on"),
    "tax_then": N_("VAT from then on"),
    "suits_sectors": N_("Suits: sectors"),
    "suits_cities": N_("Suits: cities"),
    "suits_lanes": N_("Suits: departments"),
    "suits_employees_from": N_("Suits: employees from"),
    "suits_employees_to": N_("Suits: employees to"),
    "suits_monthly_from": N_("Suits: pays a month from"),
    "suits_monthly_to": N_("Suits: pays a month to"),
    "suits_currency": N_("Suits: currency of that"),
    "suits_vip": N_("Suits: VIP programme"),
    "suits_key": N_("Suits: key client"),
    "suits_owns": N_("Suits: owns one of the products"),
    "suits_owns_families": N_("Suits: owns one of the families"),
    "suits_lacks": N_("Suits: owns none of the products"),
    "suits_lacks_families": N_("Suits: owns none of the families"),
}
OF_PRODUCT = ("family", "unit", "billing", "currency", "price", "tax", "retired", "description", "bundle_off")
OF_LIST = ("list_currency", "starts_on", "ends_on")
OF_SET = tuple(column for column in COLUMNS if column.startswith("suits_"))
"""The conditions of one set that a product may suit; each row that says any is a set."""
IN_ROWS: dict[str, str] = {"parts": N_("Parts"), "tax_changes": N_("VAT from a date"), "suits": N_("Whom it suits")}
"""What a product's rows say together."""
LONGEST = {"name": 200, "family": LONGEST_FAMILY, "unit": 20, "description": 5000, "list": LONGEST_LIST, "part": 200}
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
    """What the file says of a product. A value that is absent is not told; what IN_ROWS names is a list of what each
    row says, and ``lines`` are those rows."""

    name: str
    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def add(self, name: str, value: Any, line: int) -> None:
        """One more of what IN_ROWS names."""
        self.values.setdefault(name, []).append(value)
        self.lines.setdefault(name, []).append(line)


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
