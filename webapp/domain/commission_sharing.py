"""Taking a payment apart by what it is for, so that a rule for some products sees them inside a bundle too."""

from collections.abc import Sequence
from typing import NamedTuple

from webapp.domain.commission_terms import Terms
from webapp.domain.commission_world import Entered, Held, World
from webapp.domain.money import apportioned


class Piece(NamedTuple):
    """What of a sum falls to a product."""

    product: Held
    minor: int


def pieces(entry: Entered, minor: int) -> tuple[Piece, ...]:
    """A sum of the payment by the bundle's parts, as they weigh in its price, exact to the minor unit; one piece where
    no bundle was sold."""
    held = entry.parts or (Held(entry.product_id or 0, entry.family_id, "", 1),)
    sums = apportioned(minor, [each.weight for each in held])
    return tuple(Piece(each, own) for each, own in zip(held, sums, strict=True))


def initial_and_current(entry: Entered, world: World) -> tuple[list[Piece], list[Piece]]:
    """The payment's pieces that are initial, and those that are current: by the period of what was sold, but a bundle's
    part that has a period of its own by that one."""
    minor, own = entry.amount_minor, world.own_products
    early = _initial(entry, minor, entry.product_id if entry.product_id in own else 0, world)
    initial, current = list[Piece](), list[Piece]()
    for first, later in zip(pieces(entry, early), pieces(entry, minor - early), strict=True):
        held, whole = first.product, first.minor + later.minor
        alone = bool(entry.parts) and held.product_id in own
        mine = _initial(entry, whole, held.product_id, world) if alone else first.minor
        initial += [Piece(held, mine)] if mine or not whole else []
        current += [Piece(held, whole - mine)] if whole > mine or not whole else []
    return initial, current


def _initial(entry: Entered, minor: int, stream: int | None, world: World) -> int:
    period = world.periods.get((entry.client_id, stream or 0))
    return minor if period is None else period.initial_part(entry.place, minor, entry.currency)


def about(terms: Terms, entry: Entered, whole: Sequence[Piece]) -> list[Piece]:
    """The pieces that the terms are about: all where they are about what was sold as such."""
    sold = terms.fits(entry.product_id, entry.family_id)
    return [each for each in whole if sold or terms.fits(each.product.product_id, each.product.family_id)]


def total(some: Sequence[Piece]) -> int:
    return sum(each.minor for each in some)


def names(some: Sequence[Piece], entry: Entered) -> str | None:
    """The products that a line is about, to be told; None where it is about everything that was paid for."""
    return ", ".join(each.product.name for each in some) if len(some) < len(entry.parts) else None
