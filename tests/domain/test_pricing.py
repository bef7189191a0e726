"""What a product costs: lists, quantity breaks, bundles. Sums add up to the minor unit."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.bundling import exact_lines, Part, UNIT
from webapp.domain.errors import Refused
from webapp.domain.money import line_total
from webapp.domain.pricing import Break, Good, Listed, price_in, PriceBook
from webapp.domain.product import Billing

DAY = date(2026, 3, 2)
MONTH = timedelta(days=30)

prices = st.integers(0, 10**9)
quantities = st.integers(1, 10**7)
days = st.integers(-400, 400).map(lambda count: DAY + timedelta(days=count))


@st.composite
def lists(draw: st.DrawFn) -> Listed:
    starts_on = draw(days)
    ends_on = draw(st.none() | st.integers(0, 300).map(lambda count: starts_on + timedelta(days=count)))
    froms = sorted(draw(st.sets(st.integers(0, 10**6), min_size=1, max_size=4)))
    breaks = tuple(Break(each, draw(prices)) for each in froms)
    return Listed(draw(st.integers(1, 50)), "List", draw(st.sampled_from(["RUB", "EUR"])), starts_on, ends_on, breaks)


def listed(key: int, *breaks: tuple[int, int], starts: date = DAY, ends: date | None = None) -> Listed:
    return Listed(key, f"List {key}", "RUB", starts, ends, tuple(Break(*each) for each in breaks))


def good(key: int, price: int = 100, *, parts: tuple[Part, ...] = (), off: int | None = None) -> Good:
    return Good(key, f"Good {key}", "", Billing.MONTHLY, price, "RUB", parts=parts, bundle_off=off)


def test_the_largest_quantity_reached_prices_every_unit() -> None:
    one = listed(1, (0, 500), (10 * UNIT, 450), (100 * UNIT, 400))
    for quantity, price in ((UNIT, 500), (9_999, 500), (10_000, 450), (99_999, 450), (100_000, 400)):
        found = price_in([one], DAY, "RUB", quantity)
        assert found is not None
        assert (found.minor, found.listed) == (price, one)


def test_below_the_first_break_and_before_the_list_the_product_answers() -> None:
    book = PriceBook({7: good(7, 900)}, {7: [listed(1, (5 * UNIT, 800), starts=DAY)]})
    assert [
        book.price(7, day, "RUB", q).minor for day, q in ((DAY, UNIT), (DAY, 5 * UNIT), (DAY - MONTH, 5 * UNIT))
    ] == [900, 800, 900]
    assert book.price(7, DAY, "EUR") is None


def test_of_two_lists_in_force_the_one_that_began_last_answers_until_it_ends() -> None:
    old, new = listed(1, (0, 500)), listed(2, (0, 300), starts=DAY + MONTH, ends=DAY + 2 * MONTH)
    for day, price in ((DAY, 500), (DAY + MONTH, 300), (DAY + 2 * MONTH, 300), (DAY + 3 * MONTH, 500)):
        assert price_in([new, old], day, "RUB", UNIT).minor == price


@given(st.lists(lists(), max_size=5), lists(), days, quantities)
def test_a_later_list_never_changes_the_price_of_an_earlier_day(known, later, day, quantity) -> None:
    before = price_in(known, day, "RUB", quantity)
    if day < later.starts_on:
        assert price_in([*known, later], day, "RUB", quantity) == before


@given(st.lists(lists(), max_size=6), days, quantities, st.randoms())
def test_the_order_in_which_lists_are_read_does_not_matter(known, day, quantity, chance) -> None:
    known = list({(each.starts_on, each.list_id): each for each in known}.values())
    found = price_in(known, day, "RUB", quantity)
    chance.shuffle(known)
    assert price_in(known, day, "RUB", quantity) == found
    if found is not None:
        assert found.listed.holds(day)
        assert found.from_quantity <= quantity


@given(quantities, st.integers(0, 10**12))
def test_lines_of_a_quantity_come_to_the_sum(quantity, minor) -> None:
    lines = exact_lines(quantity, minor)
    assert sum(line_total(*line) for line in lines) == minor
    assert sum(line.quantity for line in lines) == quantity
    assert len(lines) <= 3
    assert all(line.price_minor >= 0 for line in lines)


@given(
    st.lists(st.tuples(prices, st.integers(1, 50_000)), min_size=1, max_size=6),
    st.integers(1, 200),
    st.none() | st.integers(0, 10_000),
    prices,
    lists(),
)
def test_a_bundle_taken_apart_comes_to_what_it_costs_as_one_line(parts, count, off, own, of_first) -> None:
    goods = {key: good(key, price) for key, (price, _) in enumerate(parts, 1)}
    goods[99] = good(99, own, parts=tuple(Part(key, each) for key, (_, each) in enumerate(parts, 1)), off=off)
    book = PriceBook(goods, {1: [of_first]})
    quantity = count * UNIT
    price = book.price(99, DAY, "RUB", quantity)
    apart = book.expand(99, quantity, DAY, "RUB")
    assert sum(line_total(each.quantity, each.price_minor) for each in apart) == line_total(quantity, price.minor)
    for key, (_, each) in enumerate(parts, 1):
        assert sum(line.quantity for line in apart if line.good.id == key) == each * count


def test_a_bundle_is_cheaper_than_its_parts_by_its_discount() -> None:
    book = PriceBook(
        {1: good(1, 1000), 2: good(2, 333), 9: good(9, parts=(Part(1, UNIT), Part(2, 3 * UNIT)), off=1000)}
    )
    assert book.price(9, DAY, "RUB").minor == 1799  # 1999 less 199.9, which is 200
    assert [(each.good.id, each.quantity, each.price_minor) for each in book.expand(9, UNIT, DAY, "RUB")] == [
        (1, 1000, 900),
        (2, 1000, 299),
        (2, 2000, 300),
    ]


def test_half_a_bundle_and_one_without_a_price_are_not_taken_apart() -> None:
    book = PriceBook({1: good(1), 9: good(9, parts=(Part(1, UNIT),), off=1000)})
    with pytest.raises(Refused, match="whole numbers"):
        book.expand(9, 500, DAY, "RUB")
    with pytest.raises(Refused, match="no price in EUR"):
        book.expand(9, UNIT, DAY, "EUR")
