"""How open deals are weighed: the rule as data. A weighted sum is a sum times a chance in basis points."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.domain.money import share, WHOLE
from webapp.domain.share import FEWEST, Share
from webapp.domain.words import N_

RULE = N_(
    "Each deal counts with the chance of the stage in which its client stands: the one that the head of the department "
    "set; where none is set, the share of deals that were won from there; where too few were decided for that, half."
)

UNKNOWN = WHOLE // 2
"""While nothing is known: half. No experience of others is taken for ours."""


class Basis(StrEnum):
    """What a chance rests on."""

    SET = "set"
    MEASURED = "measured"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {"set": N_("set by the head"), "measured": N_("measured"), "unknown": N_("not known: half")}[self.value]


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely a deal is won, in basis points, and how we know."""

    basis_points: int
    basis: Basis

    def of(self, minor: int) -> int:
        """The weighted sum of all deals of a stage and currency, rounded half up to the minor unit, once, here."""
        return share(minor, self.basis_points)


def chance(said: int | None, measured: Share) -> Chance:
    """By the rule; a measured share is rounded half up to the basis point."""
    if said is not None:
        return Chance(said, Basis.SET)
    if measured.whole >= FEWEST:
        return Chance((2 * WHOLE * measured.part + measured.whole) // (2 * measured.whole), Basis.MEASURED)
    return Chance(UNKNOWN, Basis.UNKNOWN)
