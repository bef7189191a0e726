"""A share with the number it stands on: a percent of few says little, and says so."""

from dataclasses import dataclass
from math import sqrt

FEWEST = 10
"""Of fewer, no percent is given: one case more or less would move it by more than ten points."""

Z = 196
"""Hundredths of a standard deviation on either side that hold 95 of 100 cases."""


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole`` cases."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """Rounded half up; None of too few."""
        return (200 * self.part + self.whole) // (2 * self.whole) if self.whole >= FEWEST else None

    @property
    def interval(self) -> tuple[int, int] | None:
        """The percents between which the true share lies in 95 of 100 cases (Wilson 1927); None of none."""
        if not self.whole:
            return None
        n, p, z = self.whole, self.part / self.whole, Z / 100
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return round(100 * max(middle - half, 0)), round(100 * min(middle + half, 1))
