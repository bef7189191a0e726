"""What a product costs on a day, in a currency, for a quantity, and why: pure functions of the catalogue.

Of the lists in force that name the product for that quantity, the one that began last answers; where none does, the
product's own price. So a list that begins later never changes what an earlier day cost. The price of the largest
quantity reached is the price of every unit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from webapp.domain.bundling import exact_lines, Part, UNIT
from webapp.domain.errors import Refused
from webapp.domain.money import apportioned, LARGEST, line_total, share
from webapp.domain.product import Billing
from webapp.domain.tax import own_tax, TaxChanges
from webapp.domain.words import N_


@dataclass(frozen=True, slots=True)
class Break:
    """From so many thousandths of the unit on, each unit costs this."""

    from_quantity: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What one list says of one product; ``breaks`` in rising order. ``ends_on`` is its last day."""

    list_id: int
    name: str
    currency: str
    starts_on: date
    ends_on: date | None
    breaks: tuple[Break, ...]

    def holds(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def reached(self, quantity: int) -> Break | None:
        """The largest break that the quantity reaches; None below the first."""
        return next((each for each in reversed(self.breaks) if each.from_quantity <= quantity), None)


@dataclass(frozen=True, slots=True)
class Price:
    """A unit's price and why: the list and its break, or the parts of a bundle, or the product itself."""

    minor: int
    listed: Listed | None = None
    from_quantity: int = 0
    off: int | None = None
    """Basis points by which a bundle is cheaper than its parts, where that makes its price."""


@dataclass(frozen=True, slots=True)
class Good:
    """What pricing asks of a product."""

    id: int
    name: str
    unit: str
    billing: Billing
    price_minor: int
    currency: str
    tax: str = ""
    tax_changes: TaxChanges = ()
    parts: tuple[Part, ...] = ()
    bundle_off: int | None = None
    """Basis points off the parts' sum; None where the bundle has a price of its own."""

    def tax_on(self, day: date) -> str:
        """The key of its own tax rate on a day, as ``Product.tax_on`` says it."""
        return own_tax(self.tax, self.tax_changes, day)


@dataclass(frozen=True, slots=True)
class Expanded:
    """A line of the catalogue, or one of a bundle taken apart."""

    good: Good
    quantity: int
    price_minor: int | None
    """None where nobody named a price."""


@dataclass(frozen=True, slots=True)
class PriceBook:
    """The catalogue as pricing sees it: goods by id, and what lists say of each."""

    goods: Mapping[int, Good]
    lists: Mapping[int, Sequence[Listed]] = field(default_factory=dict)

    def price(self, product_id: int, day: date, currency: str, quantity: int = UNIT) -> Price | None:
        """None where nobody named a price in that currency."""
        good = self.goods.get(product_id)
        if good is None:
            return None
        listed = price_in(self.lists.get(product_id, ()), day, currency, quantity)
        if listed is not None:
            return listed
        if good.parts and good.bundle_off is not None:
            sums = self._parts(good, day, currency, UNIT)
            whole = None if None in sums else sum(filter(None, sums))
            return None if whole is None else Price(whole - share(whole, good.bundle_off), off=good.bundle_off)
        return Price(good.price_minor) if good.currency == currency else None

    def price_near(self, product_id: int, day: date, currency: str) -> tuple[Price | None, str]:
        """A unit's price in that currency or, where nobody named one in it, in the product's own; and in which."""
        price, own = self.price(product_id, day, currency), self.goods[product_id].currency
        return (price, currency) if price is not None else (self.price(product_id, day, own), own)

    def least(self, product_id: int, day: date, currency: str, quantity: int) -> int | None:
        """The lowest that the catalogue itself asks for a unit: alone, or as a part of a bundle. None where nobody
        named a price in that currency."""
        alone = self.price(product_id, day, currency, quantity)
        if alone is None:
            return None
        within = [
            line.price_minor
            for bundle in self.goods.values()
            for part in bundle.parts
            if part.product_id == product_id and self.price(bundle.id, day, currency) is not None
            for line in self.expand(bundle.id, max(quantity // part.quantity, 1) * UNIT, day, currency)
            if line.good.id == product_id and line.price_minor is not None
        ]
        return min([alone.minor, *within])

    def expand(self, product_id: int, quantity: int, day: date, currency: str) -> list[Expanded]:
        """A bundle as its parts. What they come to is exactly what so many bundles come to as one line; each part
        carries its share by what it costs alone."""
        good = self.goods[product_id]
        if quantity % UNIT:
            raise Refused(N_("A bundle is taken apart in whole numbers"), field="quantity")
        price = self.price(product_id, day, currency, quantity)
        if price is None:
            raise Refused(N_("“%(name)s” has no price in %(currency)s"), name=good.name, currency=currency)
        total = line_total(quantity, price.minor)
        if total > LARGEST:
            raise Refused(N_("This sum is too large"), field="quantity")
        sums = apportioned(total, self.weights(product_id, day, currency, quantity))
        return [
            Expanded(self.goods[part.product_id], *line)
            for part, minor in zip(good.parts, sums, strict=True)
            for line in exact_lines(part.quantity * quantity // UNIT, minor)
        ]

    def weights(self, product_id: int, day: date, currency: str, quantity: int = UNIT) -> list[int]:
        """By what a sum for so many bundles is shared among the parts: what each costs alone, 0 where nobody named
        that."""
        return [each or 0 for each in self._parts(self.goods[product_id], day, currency, quantity)]

    def _parts(self, good: Good, day: date, currency: str, quantity: int) -> list[int | None]:
        """What each part of so many bundles costs alone, its quantity breaks included."""
        found: list[int | None] = []
        for part in good.parts:
            taken = part.quantity * quantity // UNIT
            price = self.price(part.product_id, day, currency, taken)
            found.append(None if price is None else line_total(taken, price.minor))
        return found


def price_in(lists: Iterable[Listed], day: date, currency: str, quantity: int) -> Price | None:
    """What the lists say of a product: the one that began last of those in force that name this quantity."""
    in_force = (each for each in lists if each.currency == currency and each.holds(day))
    for listed in sorted(in_force, key=lambda each: (each.starts_on, each.list_id), reverse=True):
        reached = listed.reached(quantity)
        if reached is not None:
            return Price(reached.price_minor, listed, reached.from_quantity)
    return None
