"""Taking a sum apart so that the parts add up to it exactly, to the minor unit."""

from typing import NamedTuple

from webapp.domain.money import line_total

UNIT = 1000
"""One unit, in thousandths."""


class Part(NamedTuple):
    """So many thousandths of a product in one bundle."""

    product_id: int
    quantity: int


class UnitLine(NamedTuple):
    """So many thousandths at a price per unit."""

    quantity: int
    price_minor: int


def exact_lines(quantity: int, minor: int) -> list[UnitLine]:
    """Lines of a quantity (thousandths) that come to exactly that sum, the most with one price: a sum that no single
    price gives is a line more of a minor unit dearer a piece, and a broken unit is a line of its own.

    Source of the last: a part of a unit times a price, rounded, takes every whole value."""
    if quantity < UNIT:
        return [UnitLine(quantity, _price_of_less(quantity, minor))]
    price = minor * UNIT // quantity
    for near in (price, price + 1):
        if line_total(quantity, near) == minor:
            return [UnitLine(quantity, near)]
    whole, broken = divmod(quantity, UNIT)
    rest = minor - line_total(broken, price)
    each, dearer = divmod(rest, whole)
    lines = [UnitLine((whole - dearer) * UNIT, each), UnitLine(dearer * UNIT, each + 1), UnitLine(broken, price)]
    return [line for line in lines if line.quantity]


def _price_of_less(quantity: int, minor: int) -> int:
    """The price at which less than a unit comes to the sum: rising by one, it never jumps over a value."""
    price = max(0, minor * UNIT // quantity - 1)
    while line_total(quantity, price) < minor:
        price += 1
    return price
