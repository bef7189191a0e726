"""The terms of a commission rule's version: conditions as data, checked once, read back for ever."""

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.money import share, WHOLE
from webapp.domain.words import N_

MOST_STAGES = 12
MOST_MONTHS = 600
MOST_DAYS = 3_650
MOST_SPLITS = 3
"""People beside the payee."""


class Portion(StrEnum):
    """Which part of a payment a rule pays for."""

    INITIAL = "initial"
    CURRENT = "current"

    @property
    def label(self) -> str:
        return {"initial": N_("Initial payments"), "current": N_("Current payments")}[self.value]


class Payee(StrEnum):
    """Who earns by a rule: the one who attracted the client, who sold it something more, or who told it of that."""

    HUNTER = "hunter"
    SELLER = "seller"
    TELLER = "teller"

    @property
    def label(self) -> str:
        return {
            "hunter": N_("Who attracted the client"),
            "seller": N_("Who sold the contract to a client that somebody else attracted (referral of a cross-sell)"),
            "teller": N_(
                "Who first told a client that somebody else attracted of the product in person, before it bought"
            ),
        }[self.value]


@dataclass(frozen=True, slots=True)
class Tier:
    """From so many paying clients of the hunter in the month, this rate in basis points."""

    clients: int
    basis_points: int


@dataclass(frozen=True, slots=True)
class Step:
    """From so many full months since the client's first payment, this share of the rate, in basis points."""

    months: int
    share: int


@dataclass(frozen=True, slots=True)
class Split:
    """This share goes to another person, in basis points; the payee keeps the rest."""

    person_id: int
    share: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a version pays. Empty products and families mean all; None and False mean without that condition."""

    portion: Portion
    basis_points: int
    payee: Payee = Payee.HUNTER
    tiers: tuple[Tier, ...] = ()
    steps: tuple[Step, ...] = ()
    splits: tuple[Split, ...] = ()
    products: frozenset[int] = field(default_factory=frozenset)
    families: frozenset[int] = field(default_factory=frozenset)
    ends_after: int | None = None
    """Full months since the client's first payment, from which on nothing is paid."""
    after_handoff: bool = False
    told_within: int | None = None
    """Days before the sale in which the client must have been told, where the teller earns."""

    def __post_init__(self) -> None:
        rates = (self.basis_points, *(tier.basis_points for tier in self.tiers), *(step.share for step in self.steps))
        if not all(0 <= rate <= WHOLE for rate in rates):
            raise Refused(N_("A percent lies between 0 and 100"))
        for key, thresholds in (("tiers", [t.clients for t in self.tiers]), ("steps", [s.months for s in self.steps])):
            if thresholds != sorted(set(thresholds)) or len(thresholds) > MOST_STAGES or min(thresholds, default=1) < 1:
                raise Refused(N_("Each line begins later than the one before"), field=key)
        if self.ends_after is not None and not 1 <= self.ends_after <= MOST_MONTHS:
            raise Refused(N_("Between 1 and %(most)s months, please"), field="ends_after", most=MOST_MONTHS)
        if self.told_within is not None and self.payee is not Payee.TELLER:
            raise Refused(N_("Only where the one who told earns does it matter when"), field="told_within")
        if self.told_within is not None and not 1 <= self.told_within <= MOST_DAYS:
            raise Refused(N_("Between 1 and %(most)s days, please"), field="told_within", most=MOST_DAYS)
        people = [split.person_id for split in self.splits]
        if len(people) > MOST_SPLITS:
            raise Refused(N_("At most %(most)s people get a share"), field="splits", most=MOST_SPLITS)
        if any(split.share < 1 for split in self.splits) or sum(split.share for split in self.splits) > WHOLE:
            raise Refused(N_("The shares of a split come to 100 percent at most"), field="splits")
        if len(people) != len(set(people)):
            raise Refused(N_("Name each person once"), field="splits")

    def fits(self, product_id: int | None, family_id: int | None) -> bool:
        """Whether a product is among the products and families."""
        if not self.products and not self.families:
            return True
        return product_id in self.products or family_id in self.families

    def rate(self, paying_clients: int, months: int) -> tuple[int, int, int]:
        """Basis points for so many paying clients, after so many months; which tier and which step they came from
        (0 for none). A step's share of the rate is rounded half up to the basis point, once, here."""
        tier = sum(paying_clients >= one.clients for one in self.tiers)
        step = sum(months >= one.months for one in self.steps)
        rate = self.tiers[tier - 1].basis_points if tier else self.basis_points
        return (share(rate, self.steps[step - 1].share) if step else rate), tier, step

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"products": sorted(self.products), "families": sorted(self.families)}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Terms":
        return cls(
            Portion(kept["portion"]),
            kept["basis_points"],
            Payee(kept["payee"]),
            tuple(Tier(**one) for one in kept["tiers"]),
            tuple(Step(**one) for one in kept["steps"]),
            tuple(Split(**one) for one in kept["splits"]),
            frozenset(kept["products"]),
            frozenset(kept["families"]),
            kept["ends_after"],
            kept["after_handoff"],
            kept.get("told_within"),  # rules that are older than tellings do not say it
        )


def months_between(first: date, day: date) -> int:
    """Full months from one day to a later one; 0 before."""
    return max(0, (day.year - first.year) * 12 + day.month - first.month - (day.day < first.day))
