"""A share with the number it stands on: a percent of few says little, and says so."""

from dataclasses import dataclass
from math import sqrt

FEWEST = 10
"""Of fewer, no percent is given: one case more or less would move it by more than ten points."""

Z = 1_959_964 / 1_000_000
"""Standard deviations on either side that hold 95 of 100 cases."""


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The shares between which the true one lies in 95 of 100 cases (Wilson 1927), of at least one case."""
    share, z2 = part / whole, Z * Z
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z / (1 + z2 / whole) * sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole))
    return max(middle - half, 0), min(middle + half, 1)


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
        """The percents between which the true share lies in 95 of 100 cases; None of none."""
        if not self.whole:
            return None
        low, high = wilson(self.part, self.whole)
        return round(100 * low), round(100 * high)
