"""The period of initial attraction: which of a client's payments are initial, and when they become current.

The period follows the business, so it is a setting: the first N payments, an amount, or days. A product may have its
own; its payments are then counted apart from the client's others. What of a bundle's payment falls to such a product
counts for it too, and is initial or current by it; the payment for the bundle counts as before. Only what was not
undone counts towards the end.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from webapp.domain.errors import Refused
from webapp.domain.money import LARGEST
from webapp.domain.words import N_

MOST_PAYMENTS = 120
MOST_DAYS = 3_650


class AttractionKind(StrEnum):
    """By what the period of initial attraction is measured."""

    PAYMENTS = "payments"
    AMOUNT = "amount"
    DAYS = "days"

    @property
    def label(self) -> str:
        return {
            "payments": N_("The first payments, so many"),
            "amount": N_("The first payments, up to a sum"),
            "days": N_("So many days from the first payment"),
        }[self.value]


@dataclass(frozen=True, slots=True)
class Attraction:
    """The setting. ``size`` counts payments, days, or minor units of ``currency``."""

    kind: AttractionKind
    size: int
    currency: str = ""

    def check(self) -> None:
        most = {"payments": MOST_PAYMENTS, "days": MOST_DAYS, "amount": LARGEST}[self.kind]
        if not 0 <= self.size <= most:
            raise Refused(N_("Between 0 and %(most)s, please"), field="attraction_size", most=most)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an allocation stands among a client's: by the day its payment came, then by their numbers."""

    received_on: date
    payment_id: int
    allocation_id: int


@dataclass(frozen=True, slots=True)
class Counted:
    """An allocation above zero; ``stands`` says that it was not undone since."""

    place: Place
    amount_minor: int
    currency: str
    stands: bool


@dataclass(frozen=True, slots=True)
class Period:
    """A client's period of initial attraction. ``started_on`` is None before the first payment that stands,
    ``ended_on`` while it runs. With an amount, ``reached`` says how much of it stood before each place."""

    setting: Attraction
    started_on: date | None = None
    ended_on: date | None = None
    last: Place | None = None
    """The last place inside; None while it runs, or where days or nothing at all measure it."""
    last_minor: int = 0
    """With an amount: how much of the last allocation is inside."""

    def initial_part(self, place: Place, minor: int, currency: str) -> int:
        """How much of an allocation above zero, at that place, is initial; the rest is current."""
        if self.setting.size == 0:
            return 0
        if self.setting.kind is AttractionKind.DAYS:
            inside = self.ended_on is None or place.received_on < self.ended_on
            return minor if inside else 0
        if self.setting.kind is AttractionKind.PAYMENTS:
            last = self.last
            inside = last is None or (place.received_on, place.payment_id) <= (last.received_on, last.payment_id)
            return minor if inside else 0
        if currency != self.setting.currency:
            return 0
        if self.last is None or place < self.last:
            return minor
        return min(minor, self.last_minor) if place == self.last else 0


def period(setting: Attraction, payments: Iterable[Counted]) -> Period:
    """The period that these payments make, in whatever order they are given."""
    stood = sorted((entry for entry in payments if entry.stands), key=lambda entry: entry.place)
    if not stood:
        return Period(setting)
    started = stood[0].place.received_on
    if setting.size == 0:
        return Period(setting, started, started)
    if setting.kind is AttractionKind.DAYS:
        return Period(setting, started, started + timedelta(days=setting.size))
    if setting.kind is AttractionKind.PAYMENTS:
        last = _last_payment(setting.size, stood)
        return Period(setting, started, None if last is None else last.received_on, last)
    return _amount(setting, started, stood)


def _last_payment(size: int, stood: list[Counted]) -> Place | None:
    seen: list[tuple[date, int]] = []
    for entry in stood:
        key = (entry.place.received_on, entry.place.payment_id)
        if not seen or seen[-1] != key:
            seen.append(key)
    if len(seen) < size:
        return None
    first = bisect_left(stood, seen[size - 1], key=lambda entry: (entry.place.received_on, entry.place.payment_id))
    return stood[first].place


def _amount(setting: Attraction, started: date, stood: list[Counted]) -> Period:
    left = setting.size
    for entry in stood:
        if entry.currency != setting.currency:
            continue
        if entry.amount_minor >= left:
            return Period(setting, started, entry.place.received_on, entry.place, left)
        left -= entry.amount_minor
    return Period(setting, started)
