"""Survival: what share of clients is still ours after so many days, with an honest band around it.

The product-limit estimate of Kaplan and Meier (1958) with Greenwood's variance and a band on the log(-log) scale, which
stays between 0 and 1. A life may come under observation late (left truncation): who enters the VIP programme in its
fifth month says nothing of the first four, and counting those four as survived would flatter the programme.

Our own forty lines: the kept library for it needs pandas, matplotlib and SciPy, some 300 MB, in every installation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import NamedTuple

Z = 1.959964
"""For a band of 95 %."""

A_MONTH = 365.25 / 12
"""Days."""

LEAST_AT_RISK = 5
"""A curve ends where fewer clients than this are still observed: beyond, one client moves it by a fifth."""


class Life(NamedTuple):
    """One client's time with us, in days of its age: observed from ``entered`` (0: from its first day) until ``left``,
    when it was ``lost``, or until when it is known to be ours."""

    entered: int
    left: int
    lost: bool


@dataclass(frozen=True, slots=True)
class Step:
    """From day ``day`` of their age on the share ``ours`` is left, between ``low`` and ``high``; ``at_risk`` clients
    were observed just before."""

    day: int
    ours: float
    low: float
    high: float
    at_risk: int


def curve(lives: Iterable[Life]) -> list[Step]:
    """The estimate, a step for each day on which somebody was lost; the first is day 0."""
    observed = [life for life in lives if life.left > life.entered]
    steps = [Step(0, 1.0, 1.0, 1.0, sum(life.entered == 0 for life in observed))]
    entries = sorted(life.entered for life in observed)
    exits = sorted((life.left, life.lost) for life in observed)
    ours, summed, into, out = 1.0, 0.0, 0, 0
    while out < len(exits):
        day = exits[out][0]
        while into < len(entries) and entries[into] < day:
            into += 1
        at_risk, lost = into - out, 0
        while out < len(exits) and exits[out][0] == day:
            lost += exits[out][1]
            out += 1
        if not lost:
            continue
        ours *= 1 - lost / at_risk
        if ours <= 0:
            steps.append(Step(day, 0.0, 0.0, steps[-1].high, at_risk))
            break
        summed += lost / (at_risk * (at_risk - lost))
        steps.append(Step(day, ours, *_band(ours, summed), at_risk))
    return steps


def at(steps: Sequence[Step], day: int) -> Step:
    """The step in force on a day of their age."""
    return max((step for step in steps if step.day <= day), key=lambda step: step.day)


def still_observed(lives: Iterable[Life], day: int) -> int:
    """How many are observed on that day of their age."""
    return sum(life.entered <= day <= life.left for life in lives)


def last_day(lives: Sequence[Life], least: int = LEAST_AT_RISK) -> int:
    """Until which day of their age at least so many are observed; 0 where never."""
    ends = sorted({life.left for life in lives}, reverse=True)
    return next((day for day in ends if still_observed(lives, day) >= least), 0)


def least_share(observed: int) -> float:
    """The smallest share of which so many, none of them lost, are no surprise: one case of twenty. The band of Kaplan
    and Meier has no width until somebody is lost, as if nine clients proved that nobody ever leaves."""
    return 0.05 ** (1 / observed) if observed else 0.0


def _band(ours: float, summed: float) -> tuple[float, float]:
    """``summed`` is Greenwood's sum of d / (n (n - d))."""
    width = Z * sqrt(summed) / abs(log(ours))
    return ours ** exp(width), ours ** exp(-width)
