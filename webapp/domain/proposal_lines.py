"""Lines of a proposal and their sums. All rounding is per line; every total is a plain sum of lines, so it adds up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from webapp.domain.deal import Deal
from webapp.domain.errors import Refused
from webapp.domain.money import LARGEST, line_total, share, WHOLE
from webapp.domain.product import Billing
from webapp.domain.proposal_choice import LineChoice, replaced_by
from webapp.domain.tax import tax_of, TaxRate
from webapp.domain.words import N_

MOST_LINES = 200
LONGEST_NAME = 300
LONGEST_UNIT = 20
LONGEST_SECTION = 100
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
    section: str = ""
    """The heading that it stands under; lines after it stand there too until another one is named."""
    choice: LineChoice = LineChoice.INCLUDED
    product_id: int | None = None
    """The product of the catalogue, whatever the line or the product is called; None: words of one's own."""

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "ProposalLine":
        """A line as the database keeps it."""
        choice = LineChoice(kept.get("choice", LineChoice.INCLUDED))
        return cls(**{**kept, "billing": Billing(kept["billing"]), "choice": choice})

    def keep(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {**asdict(self), "billing": self.billing.value, "choice": self.choice.value}


def lines_of(deal: Deal, day: date) -> list[dict[str, Any]]:
    """What a first draft of that day offers, as the database keeps it: the deal's lines."""
    return [
        ProposalLine(
            line.name, line.quantity, line.product.unit if line.product else "", line.price_minor, 0,
            tax_of(line.product.tax_on(day) if line.product else "", deal.currency, day), line.billing,
            product_id=line.product_id,
        ).keep()
        for line in deal.lines
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineSums:
    """What a line comes to, in minor units: ``asked`` is left after its own discount, ``gross - discount`` after that
    on everything too, and ``net + tax == total``."""

    line: ProposalLine
    rate: TaxRate
    gross_minor: int
    asked_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of all lines that recur alike. ``taxes`` are the rates used with their tax, highest rate first."""

    billing: Billing
    asked_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int
    taxes: tuple[tuple[TaxRate, int], ...]


def line_sums(
    line: ProposalLine, rates: Mapping[str, TaxRate], *, prices_include_tax: bool, discount: int = 0
) -> LineSums:
    """One line's sums; ``discount`` is the one on everything, taken of what the line's own leaves. Rounded half up four
    times, each to the minor unit: the line, both discounts, its tax."""
    rate = rates[line.tax]
    gross = line_total(line.quantity, line.price_minor or 0)
    asked = gross - share(gross, line.discount)
    paid = asked - share(asked, discount)
    tax = rate.inside(paid) if prices_include_tax else rate.on_top(paid)
    net = paid - tax if prices_include_tax else paid
    return LineSums(line, rate, gross, asked, gross - paid, net, tax, net + tax)


def totals(lines: Iterable[LineSums]) -> dict[Billing, Totals]:
    """The sums of the one-off and of the monthly lines, apart; only those that occur. What the client may choose is in
    none of them."""
    counted = [sums for sums in lines if sums.line.choice is LineChoice.INCLUDED]
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
        sum(sums.asked_minor for sums in lines),
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
    replaced = replaced_by([line.choice for line in lines])
    for position, line in enumerate(lines):
        if line.choice is LineChoice.ALTERNATIVE and replaced[position] is None:
            raise Refused(
                N_("Above an alternative stands the included line that it replaces"), field=f"lines-{position}-choice"
            )
        for field, holds, message in _checks(line, rates):
            if not holds:
                raise Refused(message, field=f"lines-{position}-{field}")
    sums = [line_sums(line, rates, prices_include_tax=prices_include_tax).total_minor for line in lines]
    if sum(sums) > LARGEST:
        raise Refused(N_("This sum is too large"), field="lines")


def _checks(line: ProposalLine, rates: Mapping[str, TaxRate]) -> tuple[tuple[str, bool, str], ...]:
    price = line.price_minor or 0
    return (
        ("name", bool(line.name.strip()), N_("Say what is offered")),
        ("name", len(line.name) <= LONGEST_NAME, N_("This is too long")),
        ("section", len(line.section) <= LONGEST_SECTION, N_("This is too long")),
        ("unit", len(line.unit) <= LONGEST_UNIT, N_("This is too long")),
        ("quantity", line.quantity > 0, N_("The quantity must be more than zero")),
        ("quantity", line.quantity <= LARGEST_QUANTITY, N_("This quantity is too large")),
        ("price", price >= 0, N_("A price is not negative")),
        ("price", line_total(max(line.quantity, 0), max(price, 0)) <= LARGEST, N_("This sum is too large")),
        ("discount", 0 <= line.discount <= WHOLE, N_("A discount is between 0 and 100 %")),
        ("tax", line.tax in rates, N_("This tax rate is not in force on the proposal's date")),
    )
