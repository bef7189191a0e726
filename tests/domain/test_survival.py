"""Survival and its forecast, against published values."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.proof.retention import fit, likelihood, Sbg
from webapp.proof.survival import at, curve, last_day, Life

SIX_MP = [(6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1), (16, 1)]
SIX_MP += [(17, 0), (19, 0), (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0)]
"""Freireich et al. (1963): weeks of remission under 6-MP, the data by which survival is taught."""


def test_the_curve_of_the_text_books() -> None:
    steps = curve(Life(0, week, bool(lost)) for week, lost in SIX_MP)
    assert [(step.day, round(step.ours, 3), step.at_risk) for step in steps] == [
        (0, 1.0, 21), (6, 0.857, 21), (7, 0.807, 17), (10, 0.753, 15), (13, 0.690, 12), (16, 0.627, 11),
        (22, 0.538, 7), (23, 0.448, 6),
    ]  # fmt: skip
    # The log(-log) band, as R's survfit(conf.type = "log-log") prints it.
    assert [(round(step.low, 3), round(step.high, 3)) for step in steps[1:]] == [
        (0.620, 0.952), (0.563, 0.923), (0.503, 0.889), (0.432, 0.849), (0.368, 0.805), (0.268, 0.747), (0.188, 0.680),
    ]  # fmt: skip


def test_who_comes_late_counts_only_from_then() -> None:
    late = [Life(50, 100, lost=False)] * 9
    early = [Life(0, 10, lost=True), Life(0, 200, lost=False)]
    assert at(curve([*early, *late]), 60).ours == 0.5
    assert at(curve([*early, *late, Life(0, 70, lost=True)]), 80).at_risk == 11


@given(st.lists(st.builds(Life, st.integers(0, 50), st.integers(0, 400), st.booleans()), max_size=40))
def test_a_curve_only_falls_and_lies_in_its_band(lives: list[Life]) -> None:
    steps = curve(lives)
    assert all(one.day < other.day and one.ours > other.ours for one, other in pairwise(steps))
    assert all(0 <= step.low <= step.ours <= step.high <= 1 for step in steps)
    assert sum(life.entered <= last_day(lives) <= life.left for life in lives) >= 5 or last_day(lives) == 0


YEARS = range(1, 8)
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
"""Fader and Hardie (2007), table 1: customers of a thousand who renewed, year by year."""


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "after_twelve"), [(REGULAR, 0.704, 1.182, 0.173), (HIGH_END, 0.668, 3.806, 0.394)]
)
def test_the_forecast_is_the_published_one(
    survivors: list[int], alpha: float, beta: float, after_twelve: float
) -> None:
    lost = {year: survivors[year - 1] - survivors[year] for year in YEARS}
    model = fit(lost, {7: survivors[7]})
    assert (round(model.alpha, 3), round(model.beta, 3)) == (alpha, beta)
    assert model.ours_after(12)[12] == pytest.approx(after_twelve, abs=0.02), "what then happened"
    assert likelihood(model, lost, {7: survivors[7]}) > likelihood(Sbg(1, 1), lost, {7: survivors[7]})


def test_what_is_lost_and_what_is_left_is_all() -> None:
    model = Sbg(0.7, 1.2)
    assert sum(model.lost_in(30)) + model.ours_after(30)[30] == pytest.approx(1)
