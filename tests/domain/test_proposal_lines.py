"""The sums of a proposal add up to the smallest coin, whatever its lines are."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.errors import Refused
from webapp.domain.money import LARGEST
from webapp.domain.product import Billing
from webapp.domain.proposal_lines import check_lines, line_sums, MOST_LINES, ProposalLine, totals
from webapp.domain.tax import rates_on

RATES = rates_on(date(2026, 3, 2))
LINES = st.lists(
    st.builds(
        ProposalLine,
        name=st.just("Line"),
        quantity=st.integers(1, 10**9),
        unit=st.just(""),
        price_minor=st.one_of(st.none(), st.integers(0, 10**6)),
        discount=st.integers(0, 10_000),
        tax=st.sampled_from(sorted(RATES)),
        billing=st.sampled_from(Billing),
    ),
    max_size=12,
)


def line(**fields: object) -> ProposalLine:
    usual = {
        "name": "Line", "quantity": 1000, "unit": "", "price_minor": 100_00, "discount": 0, "tax": "standard",
        "billing": Billing.ONE_OFF,
    }  # fmt: skip
    return ProposalLine(**(usual | fields))


@given(LINES, st.booleans())
def test_every_total_is_the_sum_of_its_lines_and_tax_adds_up(lines: list[ProposalLine], include: bool) -> None:
    sums = [line_sums(each, RATES, prices_include_tax=include) for each in lines]
    found = totals(sums)
    for each in sums:
        assert each.net_minor + each.tax_minor == each.total_minor
        asked = each.gross_minor - each.discount_minor
        assert asked == (each.total_minor if include else each.net_minor)
        assert 0 <= each.discount_minor <= each.gross_minor
    for billing, total in found.items():
        own = [each for each in sums if each.line.billing is billing]
        assert total.total_minor == sum(each.total_minor for each in own)
        assert total.net_minor + total.tax_minor == total.total_minor
        assert sum(minor for _rate, minor in total.taxes) == total.tax_minor
    assert set(found) == {each.billing for each in lines}


@given(LINES)
def test_a_line_is_kept_and_read_back_unchanged(lines: list[ProposalLine]) -> None:
    assert [ProposalLine.read(each.keep()) for each in lines] == lines


def test_tax_included_in_the_price_is_taken_out_of_it() -> None:
    sums = line_sums(line(price_minor=122_00), RATES, prices_include_tax=True)
    assert (sums.net_minor, sums.tax_minor, sums.total_minor) == (100_00, 22_00, 122_00)


def test_tax_not_included_is_put_on_top_after_the_discount() -> None:
    sums = line_sums(line(quantity=2500, discount=1000), RATES, prices_include_tax=False)
    assert (sums.gross_minor, sums.discount_minor) == (250_00, 25_00)
    assert (sums.net_minor, sums.tax_minor, sums.total_minor) == (225_00, 49_50, 274_50)


def test_one_off_and_monthly_are_never_added() -> None:
    lines = [line(), line(billing=Billing.MONTHLY, price_minor=7_00)]
    found = totals(line_sums(each, RATES, prices_include_tax=True) for each in lines)
    assert {billing: total.total_minor for billing, total in found.items()} == {
        Billing.ONE_OFF: 100_00,
        Billing.MONTHLY: 7_00,
    }


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"name": " "}, "lines-1-name"),
        ({"name": "x" * 301}, "lines-1-name"),
        ({"quantity": 0}, "lines-1-quantity"),
        ({"quantity": -1000}, "lines-1-quantity"),
        ({"quantity": 10**9 + 1}, "lines-1-quantity"),
        ({"price_minor": -1}, "lines-1-price"),
        ({"price_minor": LARGEST, "quantity": 2000}, "lines-1-price"),
        ({"discount": 10_001}, "lines-1-discount"),
        ({"discount": -1}, "lines-1-discount"),
        ({"tax": "invented"}, "lines-1-tax"),
    ],
)
def test_a_line_that_no_document_holds_is_refused_at_its_field(fields: dict, at_fault: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_lines([line(), line(**fields)], RATES, prices_include_tax=True)
    assert refusal.value.field == at_fault


def test_too_many_lines_and_too_large_a_total_are_refused() -> None:
    check_lines([line()] * MOST_LINES, RATES, prices_include_tax=True)
    with pytest.raises(Refused):
        check_lines([line()] * (MOST_LINES + 1), RATES, prices_include_tax=True)
    with pytest.raises(Refused):
        check_lines([line(price_minor=LARGEST)] * 2, RATES, prices_include_tax=True)
    with pytest.raises(Refused):
        check_lines([line(price_minor=LARGEST)], RATES, prices_include_tax=False)


def test_a_rate_that_is_not_in_force_on_the_documents_date_is_refused() -> None:
    with pytest.raises(Refused):
        check_lines([line(tax="simplified_5")], rates_on(date(2024, 12, 31)), prices_include_tax=True)
