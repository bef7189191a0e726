"""Tax rates with the date they start. Source: Налоговый кодекс РФ, ст. 164 (22 % from 2026-01-01, 20 % before)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, ROUND_HALF_UP

from webapp.domain.money import share, WHOLE
from webapp.domain.words import N_


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A value added tax in force from ``starts`` until the next one of the same ``key`` starts."""

    key: str
    label: str
    basis_points: int | None
    """None means without tax, which is not the same as 0 %."""
    starts: date

    def on_top(self, minor: int) -> int:
        """The tax added to a sum without it, rounded half up to the minor unit, once, here."""
        return share(minor, self.basis_points or 0)

    def inside(self, minor: int) -> int:
        """The tax that a sum holds already, rounded half up to the minor unit, once, here."""
        rate = self.basis_points or 0
        return int((Decimal(minor) * rate / (WHOLE + rate)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


BEGINNING = date(2004, 1, 1)

TAX_RATES: tuple[TaxRate, ...] = (
    TaxRate("standard", N_("Standard"), 1800, BEGINNING),
    TaxRate("standard", N_("Standard"), 2000, date(2019, 1, 1)),
    TaxRate("standard", N_("Standard"), 2200, date(2026, 1, 1)),
    TaxRate("reduced", N_("Reduced"), 1000, BEGINNING),
    TaxRate("simplified_7", N_("Simplified"), 700, date(2025, 1, 1)),
    TaxRate("simplified_5", N_("Simplified"), 500, date(2025, 1, 1)),
    TaxRate("zero", N_("Zero"), 0, BEGINNING),
    TaxRate("none", N_("Without tax"), None, BEGINNING),
)


TaxChanges = Sequence[Sequence[str]]
"""Days (ISO) and the keys from them on, in rising order; an empty key: as is usual for the currency."""


def own_tax(first: str, changes: TaxChanges, day: date) -> str:
    """The key that stands on a day: the first one, or the one of the last change until then."""
    return next((key for starts, key in reversed(changes) if starts <= day.isoformat()), first)


def settled(first: str, changes: Iterable[Sequence[str]]) -> list[list[str]]:
    """The changes in order of their days, of two for one day the later told; what changes nothing is left out,
    even if it did when it was said: on the page and in a file, to say for a day what stands on it anyway takes that
    day's change back, so that a table with one that were kept would not read as it was written."""
    days = {starts: key for starts, key in changes}  # noqa: C416 - lists, no pairs
    kept: list[list[str]] = []
    for starts, key in sorted(days.items()):
        if key != (kept[-1][1] if kept else first):
            kept.append([starts, key])
    return kept


USUAL = {"RUB": "standard"}
"""The key that is meant in a currency where nobody said another one."""


def tax_of(own: str, currency: str, day: date) -> str:
    """The key of a product's own rate; as usual for the currency where it names none, or none in force that day."""
    return own if own in rates_on(day) else USUAL.get(currency, "none")


def rates_on(day: date) -> dict[str, TaxRate]:
    """The rates in force on a day by key, in the table's order."""
    found: dict[str, TaxRate] = {}
    for rate in TAX_RATES:
        if rate.starts <= day:
            found[rate.key] = rate
    return found
