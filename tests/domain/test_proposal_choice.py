"""Options and alternatives: what is in the totals, what may be chosen, and what that comes to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import TODAY
from webapp.domain.errors import Refused
from webapp.domain.product import Billing
from webapp.domain.proposal_choice import agreed, comes_to, LineChoice, replaced_by
from webapp.domain.proposal_lines import check_lines, line_sums, ProposalLine, totals
from webapp.domain.tax import rates_on

INCLUDED, OPTION, ALTERNATIVE = LineChoice
RATES = rates_on(TODAY)


def offered(choice: LineChoice, minor: int = 100) -> ProposalLine:
    return ProposalLine("x", 1000, "", minor, 0, "none", Billing.ONE_OFF, choice=choice)


def frozen(*choices: LineChoice) -> list[dict[str, object]]:
    places = replaced_by(choices)
    return [
        offered(choice).keep() | {"total_minor": 10**place, "replaces": replaced}
        for place, (choice, replaced) in enumerate(zip(choices, places, strict=True))
    ]


@pytest.mark.parametrize(
    ("chosen", "comes"), [([], 1001), ([1], 1011), ([2], 1100), ([1, 2], 1110), ([4], 10001), ([2, 4], 10100)]
)
def test_an_option_comes_on_top_and_an_alternative_replaces_the_line_above(chosen: list[int], comes: int) -> None:
    lines = frozen(INCLUDED, OPTION, ALTERNATIVE, INCLUDED, ALTERNATIVE)
    assert comes_to(agreed(lines, chosen)) == {"one_off": comes}


@pytest.mark.parametrize("chosen", [[0], [9], [-1], [2, 3]])
def test_only_what_is_offered_is_chosen_and_one_alternative_to_a_line(chosen: list[int]) -> None:
    with pytest.raises(Refused) as refused:
        agreed(frozen(INCLUDED, OPTION, ALTERNATIVE, ALTERNATIVE), chosen)
    assert refused.value.field == "chosen"


def test_an_alternative_stands_below_what_it_replaces() -> None:
    with pytest.raises(Refused) as refused:
        check_lines([offered(OPTION), offered(ALTERNATIVE), offered(INCLUDED)], RATES, prices_include_tax=True)
    assert refused.value.field == "lines-1-choice"


@given(st.lists(st.builds(offered, st.sampled_from(LineChoice), st.integers(0, 99))))
def test_the_totals_are_those_of_what_is_agreed_without_a_choice(lines: list[ProposalLine]) -> None:
    sums = [line_sums(line, RATES, prices_include_tax=True) for line in lines]
    places = replaced_by([line.choice for line in lines])
    kept = [
        line.keep() | {"total_minor": each.total_minor, "replaces": place}
        for line, each, place in zip(lines, sums, places, strict=True)
    ]
    assert comes_to(agreed(kept, [])) == {key.value: each.total_minor for key, each in totals(sums).items()}
    assert [ProposalLine.read(line.keep()) for line in lines] == lines
