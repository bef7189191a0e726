"""Lines of a proposal and their sums. All rounding is per line; every total is a plain sum of lines, so it adds up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from webapp.domain.deal import line_total
from webapp.domain.errors import Refused
from webapp.domain.money import LARGEST, share, WHOLE
from webapp.domain.product import Billing
from webapp.domain.tax import TaxRate
from webapp.domain.words import N_

MOST_LINES = 200
LONGEST_NAME = 300
LONGEST_UNIT = 20
LARGEST_QUANTITY = 10**9
"""In thousandths: a million units."""


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One line as a person wrote it.

    ``quantity`` in thousandths of the unit, ``price_minor`` per unit (None while nobody named one), ``discount`` in
    basis points of the line, ``tax`` the key of a tax rate: the document's date says which rate that is.
    """

    name: str
    quantity: int
    unit: str
    price_minor: int | None
    discount: int
    tax: str
    billing: Billing

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "ProposalLine":
        """A line as the database keeps it."""
        return cls(**{**kept, "billing": Billing(kept["billing"])})

    def keep(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {**asdict(self), "billing": self.billing.value}


@dataclass(frozen=True, slots=True)
class LineSums:
    """What a line comes to, in minor units: ``gross - discount`` is what is asked, ``net + tax == total``."""

    line: ProposalLine
    rate: TaxRate
    gross_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of all lines that recur alike. ``taxes`` are the rates used with their tax, highest rate first."""

    billing: Billing
    discount_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int
    taxes: tuple[tuple[TaxRate, int], ...]


def line_sums(line: ProposalLine, rates: Mapping[str, TaxRate], *, prices_include_tax: bool) -> LineSums:
    """One line's sums. Rounded half up three times, each to the minor unit: the line, its discount, its tax."""
    rate = rates[line.tax]
    gross = line_total(line.quantity, line.price_minor or 0)
    discount = share(gross, line.discount)
    asked = gross - discount
    tax = rate.inside(asked) if prices_include_tax else rate.on_top(asked)
    net = asked - tax if prices_include_tax else asked
    return LineSums(line, rate, gross, discount, net, tax, net + tax)


def totals(lines: Iterable[LineSums]) -> dict[Billing, Totals]:
    """The sums of the one-off and of the monthly lines, apart; only those that occur."""
    counted = list(lines)
    return {
        billing: _total(billing, own)
        for billing in Billing
        if (own := [sums for sums in counted if sums.line.billing is billing])
    }


def _total(billing: Billing, lines: Sequence[LineSums]) -> Totals:
    taxes: dict[TaxRate, int] = {}
    for sums in lines:
        taxes[sums.rate] = taxes.get(sums.rate, 0) + sums.tax_minor
    by_rate = sorted(
        taxes.items(), key=lambda tax: (tax[0].basis_points is not None, tax[0].basis_points), reverse=True
    )
    return Totals(
        billing,
        sum(sums.discount_minor for sums in lines),
        sum(sums.net_minor for sums in lines),
        sum(sums.tax_minor for sums in lines),
        sum(sums.total_minor for sums in lines),
        tuple(by_rate),
    )


def check_lines(lines: Sequence[ProposalLine], rates: Mapping[str, TaxRate], *, prices_include_tax: bool) -> None:
    """Refuse lines that no document can hold; names the field of the first one at fault, ``lines-3-price``."""
    if len(lines) > MOST_LINES:
        raise Refused(N_("A proposal has at most %(most)s lines"), field="lines", most=MOST_LINES)
    for position, line in enumerate(lines):
        for field, holds, message in _checks(line, rates):
            if not holds:
                raise Refused(message, field=f"lines-{position}-{field}")
    sums = totals(line_sums(line, rates, prices_include_tax=prices_include_tax) for line in lines)
    if any(total.total_minor > LARGEST for total in sums.values()):
        raise Refused(N_("This sum is too large"), field="lines")


def _checks(line: ProposalLine, rates: Mapping[str, TaxRate]) -> tuple[tuple[str, bool, str], ...]:
    price = line.price_minor or 0
    return (
        ("name", bool(line.name.strip()), N_("Say what is offered")),
        ("name", len(line.name) <= LONGEST_NAME, N_("This is too long")),
        ("unit", len(line.unit) <= LONGEST_UNIT, N_("This is too long")),
        ("quantity", line.quantity > 0, N_("The quantity must be more than zero")),
        ("quantity", line.quantity <= LARGEST_QUANTITY, N_("This quantity is too large")),
        ("price", price >= 0, N_("A price is not negative")),
        ("price", line_total(max(line.quantity, 0), max(price, 0)) <= LARGEST, N_("This sum is too large")),
        ("discount", 0 <= line.discount <= WHOLE, N_("A discount is between 0 and 100 %")),
        ("tax", line.tax in rates, N_("This tax rate is not in force on the proposal's date")),
    )
