"""Money: whole minor units (kopecks, cents) with a currency. Rates are whole basis points."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, ROUND_HALF_UP

from webapp.domain.errors import Refused
from webapp.domain.words import N_

CURRENCIES: dict[str, int] = {"RUB": 2, "USD": 2, "EUR": 2, "KZT": 2, "BYN": 2, "CNY": 2}
"""Currencies Baton keeps, with their minor digits (ISO 4217)."""

LARGEST = 10**15
"""The largest sum kept, in minor units: ten trillion, far above any deal and far below what 64 bits hold."""

GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")
"""Thousands parted by commas; commas elsewhere are slips of the finger, and nobody guesses what was meant."""

WHOLE = 10_000
"""Basis points in the whole: 100 %."""


@dataclass(frozen=True, slots=True)
class Money:
    """A sum of one currency, in minor units. Sums of different currencies are never added."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} are not added")
        return Money(self.minor + other.minor, self.currency)

    @property
    def amount(self) -> Decimal:
        """The sum in major units, exact."""
        return Decimal(self.minor).scaleb(-CURRENCIES[self.currency])


def parse_minor(text: str, currency: str) -> int:
    """Minor units of what a person typed: ``1 234,50``, ``1,234,567`` or ``1234.5``. Refuses more digits than the
    currency has."""
    plain = text.strip()
    for space in (" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "'", "_"):
        plain = plain.replace(space, "")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    elif GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not plain.isascii() or not plain.replace(".", "", 1).lstrip("-").isdigit():
        raise Refused(N_("This is not a sum: %(text)s"), text=text[:40])
    try:
        minor = Decimal(plain).scaleb(CURRENCIES[currency])
    except InvalidOperation:
        raise Refused(N_("This is not a sum: %(text)s"), text=text[:40]) from None
    if len(plain.partition(".")[2].rstrip("0")) > CURRENCIES[currency]:
        raise Refused(N_("%(currency)s has no smaller coin than a hundredth"), currency=currency)
    if abs(minor) > LARGEST:
        raise Refused(N_("This sum is too large"))
    return int(minor)


def share(minor: int, basis_points: int) -> int:
    """``basis_points`` of a sum, rounded half up (away from zero) to the minor unit, once, here."""
    return int((Decimal(minor) * basis_points / WHOLE).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def line_total(quantity: int, price_minor: int) -> int:
    """Thousandths times the unit price, rounded half up to the minor unit, once per line, here."""
    return int((Decimal(quantity) * price_minor / 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def sums(amounts: Iterable[Money]) -> dict[str, int]:
    """Minor units per currency, in the order the currencies first appear."""
    found: dict[str, int] = {}
    for money in amounts:
        found[money.currency] = found.get(money.currency, 0) + money.minor
    return found


def apportioned(minor: int, weights: Sequence[int]) -> list[int]:
    """A sum by weights, by largest remainder: the parts add up to it exactly, whatever its sign; of equal remainders
    the first is larger. Without any weight all weigh the same."""
    sign, left = (-1 if minor < 0 else 1), abs(minor)
    known = list(weights) if any(weights) else [1] * len(weights)
    whole = sum(known)
    parts = [left * weight // whole for weight in known]
    order = sorted(range(len(known)), key=lambda i: (-(left * known[i] % whole), i))
    for i in order[: left - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]
