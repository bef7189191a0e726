"""How long something is owed: the bands of days past the due day by which collecting is read."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Days late, from ``least`` to ``most``; None is without end."""

    key: str
    least: int
    most: int | None

    @property
    def label(self) -> str:
        return f"{self.least}\N{EN DASH}{self.most}" if self.most is not None else f"{self.least}+"

    def due_between(self, today: date) -> tuple[date, date]:
        """The first and the last due day of what is in this band today."""
        first = date.min if self.most is None else today - timedelta(days=self.most)
        return first, today - timedelta(days=self.least)


AGE_BANDS = (
    AgeBand("30", 1, 30),
    AgeBand("60", 31, 60),
    AgeBand("90", 61, 90),
    AgeBand("120", 91, 120),
    AgeBand("more", 121, None),
)
"""As collectors in Russia read them."""


def band_of(days_late: int) -> AgeBand | None:
    """The band of so many days late; None for what is not late."""
    return next((band for band in reversed(AGE_BANDS) if days_late >= band.least), None)
