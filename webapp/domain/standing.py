"""Where a person at a client stands: how much weight they have, and whether they are for us."""

from collections.abc import Mapping
from enum import StrEnum

from webapp.domain.words import N_


class Influence(StrEnum):
    """How much weight a person has in the client's decisions."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {
            "high": N_("High influence"),
            "medium": N_("Medium influence"),
            "low": N_("Low influence"),
            "unknown": N_("Not known"),
        }[self.value]


class Attitude(StrEnum):
    """How a person stands to us."""

    CHAMPION = "champion"
    FRIENDLY = "friendly"
    NEUTRAL = "neutral"
    SCEPTICAL = "sceptical"
    AGAINST = "against"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {
            "champion": N_("Speaks for us"),
            "friendly": N_("Friendly"),
            "neutral": N_("Neutral"),
            "sceptical": N_("Sceptical"),
            "against": N_("Against us"),
            "unknown": N_("Not known"),
        }[self.value]


def circles(above: Mapping[int, int | None], person: int, boss: int | None) -> bool:
    """Whether somebody would stand above themselves if this person reported to that boss. ``above``: who reports to
    whom now."""
    seen: set[int] = set()
    while boss is not None and boss not in seen:
        if boss == person:
            return True
        seen.add(boss)
        boss = above.get(boss)
    return False
