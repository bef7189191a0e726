"""Money: exact, in minor units, never mixed."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.errors import Refused
from webapp.domain.money import apportioned, LARGEST, Money, parse_minor, share, sums

MINOR = st.integers(-LARGEST, LARGEST)


@given(MINOR)
def test_what_is_written_is_what_is_read(minor: int) -> None:
    assert parse_minor(str(Money(minor, "RUB").amount), "RUB") == minor


@given(st.integers(0, LARGEST))
def test_spaces_between_thousands_and_a_comma_are_read(minor: int) -> None:
    typed = f"{Decimal(minor) / 100:,.2f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    assert parse_minor(typed, "RUB") == minor


@given(st.integers(0, LARGEST))
def test_commas_between_thousands_are_read(minor: int) -> None:
    assert parse_minor(f"{Decimal(minor) / 100:,.2f}", "RUB") == minor


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_sum_or_refused(text: str) -> None:
    with suppress(Refused):
        assert abs(parse_minor(text, "RUB")) <= LARGEST


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", ".", "1.005", "1e5", "=1+1", "12 рублей", "--5", "1,234", "٣", "NaN", "9" * 40, f"1.{'0' * 40}1"),
        *("1,50,0", "1,2.3", "1.2,3", "1.234,56", "12,34,567.00"),
    ],
)
def test_what_is_no_sum_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_minor(text, "RUB")


def test_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="not added"):
        Money(1, "RUB") + Money(1, "USD")
    assert sums([Money(1, "RUB"), Money(2, "USD"), Money(3, "RUB")]) == {"RUB": 4, "USD": 2}


@given(minor=st.integers(0, LARGEST), basis_points=st.integers(0, 10_000))
def test_a_share_and_the_rest_differ_from_the_whole_by_at_most_a_kopeck(minor: int, basis_points: int) -> None:
    assert abs(share(minor, basis_points) + share(minor, 10_000 - basis_points) - minor) <= 1


@given(minor=MINOR, basis_points=st.integers(0, 10_000))
def test_a_correction_takes_back_exactly_what_was_given(minor: int, basis_points: int) -> None:
    assert share(-minor, basis_points) == -share(minor, basis_points)


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=12))
def test_the_parts_of_a_sum_by_weights_add_up_to_it(minor: int, weights: list[int]) -> None:
    parts = apportioned(minor, weights)
    assert sum(parts) == minor
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if sum(weights) else [1] * len(weights), strict=True):
        assert abs(part * whole - minor * weight) < whole
    assert apportioned(-minor, weights) == [-part for part in parts]
