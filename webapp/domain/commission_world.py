"""What a month of commission is reckoned from, as plain values, and the line of the ledger that comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from webapp.domain.attraction import Period, Place
from webapp.domain.commission_terms import Portion, Terms


class Held(NamedTuple):
    """A part of a bundle that was sold, and its weight in the bundle's price."""

    product_id: int
    family_id: int | None
    name: str
    weight: int


@dataclass(frozen=True, slots=True)
class Entered:
    """An allocation with what the rules ask of it. ``hunter_id`` attracted the client, as far as is known today."""

    id: int
    client_id: int
    payment_id: int
    received_on: date
    entered_on: date
    amount_minor: int
    currency: str
    reverses_id: int | None
    product_id: int | None
    family_id: int | None
    seller_id: int | None
    hunter_id: int
    sold_on: date | None = None
    """When the contract's deal was won; of a contract without one, its first day."""
    parts: tuple[Held, ...] = ()
    """What the product held as a bundle when it was sold, in the order of its products."""

    @property
    def place(self) -> Place:
        return Place(self.received_on, self.payment_id, self.id)


class Telling(NamedTuple):
    """Who first told a client of a product in person, and on which day at the company's seat."""

    person_id: int
    told_on: date
    order: int = 0
    """Which of the client's tellings it was: several may be of one day."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule's version: paid for payments received from ``starts_on`` to before ``until``."""

    id: int
    starts_on: date
    until: date | None
    terms: Terms


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger. Without a version it says why nothing was paid. ``corrects`` names a closed month."""

    allocation_id: int
    client_id: int
    person_id: int
    portion: Portion
    version_id: int | None
    base_minor: int
    basis_points: int
    amount_minor: int
    currency: str
    received_on: date
    corrects: date | None
    values: tuple[tuple[str, Any], ...]
    """What its sentence tells: ``why``, ``clients``, ``tier``, ``months``, ``step``, ``share``, ``parts``, and
    ``told_on`` with ``sold_on``."""


@dataclass(frozen=True, slots=True)
class World:
    """What is known beside the allocations. A product without a period of its own is in the client's under 0."""

    versions: tuple[InForce, ...]
    periods: Mapping[tuple[int, int], Period]
    own_products: frozenset[int]
    accepted: Mapping[int, date]
    """Per client: when the Client department first accepted it."""
    paying: Mapping[tuple[int, date], int]
    """Per hunter and month: the clients whose payments of that month stand."""
    first_paid: Mapping[int, date]
    earlier: Mapping[int, tuple[Line, ...]]
    """Lines of earlier months, of allocations that are undone now."""
    tellings: Mapping[tuple[int, int], Telling] = field(default_factory=dict)
    """Per client and product, a bundle and its parts each by itself. A client that answered by itself was told by
    nobody."""
