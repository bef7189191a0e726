"""Taking a payment apart by what it is for, so that a rule for some products sees them inside a bundle too."""

from collections.abc import Sequence
from typing import NamedTuple

from webapp.domain.commission_terms import Terms
from webapp.domain.commission_world import Entered, Held
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


def about(terms: Terms, entry: Entered, whole: Sequence[Piece]) -> list[Piece]:
    """The pieces that the terms are about: all where they are about what was sold as such."""
    sold = terms.fits(entry.product_id, entry.family_id)
    return [each for each in whole if sold or terms.fits(each.product.product_id, each.product.family_id)]


def total(some: Sequence[Piece]) -> int:
    return sum(each.minor for each in some)


def names(some: Sequence[Piece], whole: Sequence[Piece]) -> str | None:
    """The products that a line is about, to be told; None where it is about everything."""
    return ", ".join(each.product.name for each in some) if len(some) < len(whole) else None
