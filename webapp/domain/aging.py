"""How long something is owed: the bands of days past the due day by which collecting is read and ordered."""

from dataclasses import dataclass
from datetime import date, timedelta

from webapp.domain.words import N_


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Days late, from ``least`` to ``most`` (None is without end), and what a sum weighs then: percent of it."""

    key: str
    least: int
    most: int | None
    weight: int
    label: str

    def due_between(self, today: date) -> tuple[date, date]:
        """The first and the last due day of what is in this band today."""
        first = date.min if self.most is None else today - timedelta(days=self.most)
        return first, today - timedelta(days=self.least)


AGE_BANDS: tuple[AgeBand, ...] = (
    AgeBand("30", 1, 30, 100, N_("up to 30 days")),
    AgeBand("60", 31, 60, 150, N_("31 to 60 days")),
    AgeBand("90", 61, 90, 200, N_("61 to 90 days")),
    AgeBand("120", 91, 120, 250, N_("91 to 120 days")),
    AgeBand("older", 121, None, 300, N_("121 days and more")),
)
"""As collectors in Russia read them. Among the overdue, the sum decides, and counts the more the older it is."""


def age_of(days: int) -> AgeBand:
    """The band of so many days late."""
    return next(band for band in AGE_BANDS if band.most is None or days <= band.most)
