"""Retention forecast: the shifted-beta-geometric model (sBG) of Fader and Hardie (2007), "How to project customer
retention". Each client leaves in each month with a chance of its own; the chances are spread as a beta distribution, so
that those who stay are more and more the faithful ones. It is right for clients who pay by contract, as ours do; models
of clients who just stop buying (BG/NBD) are not used: they take every client without a second purchase for alive.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, inf, log

LEAST_LOST = 10
"""Of fewer losses no forecast is made."""


@dataclass(frozen=True, slots=True)
class Sbg:
    """The spread of the chances to leave: a beta distribution of ``alpha`` and ``beta``."""

    alpha: float
    beta: float

    def lost_in(self, periods: int) -> list[float]:
        """What share is lost in the first period, the second, and so on."""
        shares = [self.alpha / (self.alpha + self.beta)]
        for period in range(2, periods + 1):
            shares.append(shares[-1] * (self.beta + period - 2) / (self.alpha + self.beta + period - 1))
        return shares[:periods]

    def ours_after(self, periods: int) -> list[float]:
        """What share is left at the start, after the first period, and so on: ``periods`` + 1 values."""
        left = [1.0]
        for share in self.lost_in(periods):
            left.append(left[-1] - share)
        return left


def likelihood(model: Sbg, lost: Mapping[int, int], staying: Mapping[int, int]) -> float:
    """Log-likelihood: how many were lost in which period (from 1), and how many were last seen ours after which."""
    most = max([*lost, *staying], default=0)
    shares, left = model.lost_in(most), model.ours_after(most)
    told = sum(count * log(shares[period - 1]) for period, count in lost.items() if count)
    return told + sum(count * log(max(left[period], 1e-300)) for period, count in staying.items() if count)


def fit(lost: Mapping[int, int], staying: Mapping[int, int]) -> Sbg:
    """The likeliest model. Somebody must have been lost."""

    def weigh(mean: float, spread: float) -> float:
        """By the logit of the mean chance and the log of alpha + beta, which hardly depend on each other."""
        if abs(mean) > 12 or abs(spread) > 12:
            return -inf
        return likelihood(_model(mean, spread), lost, staying)

    return _model(*_highest(weigh, 0.0, 1.0))


def _model(mean: float, spread: float) -> Sbg:
    chance, total = 1 / (1 + exp(-mean)), exp(spread)
    return Sbg(chance * total, (1 - chance) * total)


def _highest(height: Callable[[float, float], float], x: float, y: float) -> tuple[float, float]:
    """Climb in eight directions by steps that halve where none leads up: slow and sure, for two numbers."""
    step, best = 1.0, height(x, y)
    while step > 1e-7:
        around = [(x + i * step, y + j * step) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
        found, point = max((height(*each), each) for each in around)
        if found > best:
            best, (x, y) = found, point
        else:
            step /= 2
    return x, y
