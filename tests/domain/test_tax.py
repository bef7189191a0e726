"""The tax that a document's date asks for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.tax import rates_on, TAX_RATES

RATES = [rate for rate in TAX_RATES if rate.basis_points is not None]
SUMS = st.integers(0, 10**15)


@pytest.mark.parametrize(
    ("day", "basis_points"),
    [(date(2018, 12, 31), 1800), (date(2019, 1, 1), 2000), (date(2025, 12, 31), 2000), (date(2026, 1, 1), 2200)],
)
def test_the_standard_rate_is_the_one_in_force_on_the_day(day: date, basis_points: int) -> None:
    assert rates_on(day)["standard"].basis_points == basis_points


def test_a_rate_is_not_offered_before_it_starts() -> None:
    assert "simplified_5" not in rates_on(date(2024, 12, 31))
    assert "simplified_5" in rates_on(date(2025, 1, 1))


def test_without_tax_is_not_zero_per_cent() -> None:
    rates = rates_on(date(2026, 1, 1))
    assert rates["none"].basis_points is None
    assert rates["zero"].basis_points == 0


@given(SUMS, st.sampled_from(RATES))
def test_the_tax_inside_a_sum_with_the_rest_is_the_sum_to_the_kopeck(minor: int, rate) -> None:
    tax = rate.inside(minor)
    exact = minor * rate.basis_points
    whole = 10_000 + rate.basis_points
    assert abs(tax * whole - exact) * 2 <= whole


@given(SUMS, st.sampled_from(RATES))
def test_tax_put_on_top_is_found_inside_again_within_a_kopeck(minor: int, rate) -> None:
    total = minor + rate.on_top(minor)
    assert abs(rate.inside(total) - rate.on_top(minor)) <= 1


def test_half_a_kopeck_of_tax_is_rounded_up() -> None:
    rate = rates_on(date(2026, 1, 1))["simplified_5"]
    assert rate.on_top(10) == 1  # 0.5
    assert rate.on_top(9) == 0
    assert rate.inside(21) == 1
    assert rate.inside(10) == 0  # 0.476
