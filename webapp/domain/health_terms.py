"""What a version of the health model says: weights, thresholds, and what each band asks for. No source gives the
numbers of the shipped version: they are ours, a start to be judged by the company's own losses."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.task import TaskKind
from webapp.domain.words import N_


class Band(StrEnum):
    """What a level means for the work of the next days."""

    CRITICAL = "critical"
    AT_RISK = "at_risk"
    HEALTHY = "healthy"
    TOO_EARLY = "too_early"

    @property
    def label(self) -> str:
        return {
            "critical": N_("Critical"),
            "at_risk": N_("At risk"),
            "healthy": N_("Healthy"),
            "too_early": N_("Too early to say"),
        }[self.value]


class Tier(StrEnum):
    """Whose thresholds hold."""

    ORDINARY = "ordinary"
    KEY = "key"
    PROGRAMME = "programme"

    @property
    def label(self) -> str:
        return {"ordinary": N_("Other clients"), "key": N_("Key clients"), "programme": N_("In the VIP programme")}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Threshold:
    """From ``days`` of age on, clients of the tier are healthy from one level on, and critical below the other."""

    tier: Tier
    days: int
    healthy: int
    critical: int


@dataclass(frozen=True, slots=True)
class Work:
    """What a band asks the owner to do, in how many days, and with how many clients at once one owner can."""

    band: Band
    kind: TaskKind
    days: int
    most: int


@dataclass(frozen=True, slots=True)
class Terms:
    """``start`` is where a client stands of whom nothing speaks. A part adds or takes at most its weight."""

    start: int
    weights: dict[str, int]
    thresholds: tuple[Threshold, ...]
    early_days: int
    """Younger clients who have not paid yet cannot be judged."""
    silent_days: int
    """After so many days without a fact, nothing can be said any more."""
    work: tuple[Work, ...]

    MOST_CLIENTS = 1000
    LONGEST = 365

    def threshold(self, tier: Tier, age_days: int) -> Threshold:
        """The latest of the tier's that the client is old enough for."""
        mine = [each for each in self.thresholds if each.tier is tier and each.days <= max(age_days, 0)]
        return max(mine, key=lambda each: each.days)

    def check(self, parts: frozenset[str]) -> None:
        """Refuse terms by which one part alone would carry a client from the start across a band."""
        if set(self.weights) != parts or not all(0 <= weight <= self.start for weight in self.weights.values()):
            raise Refused(N_("Each part has a weight between 0 and %(most)s"), field="weights", most=self.start)
        for each in self.thresholds:
            if not 0 < each.critical < each.healthy <= 100:
                raise Refused(N_("Critical lies below healthy, both between 0 and 100"), field="thresholds")
            heaviest = max(self.weights.values())
            if self.start - heaviest < each.critical or self.start + heaviest >= each.healthy:
                raise Refused(
                    N_("No part alone may carry a client from %(start)s across a band: the heaviest weighs %(most)s"),
                    field="weights",
                    start=self.start,
                    most=heaviest,
                )
        if any(not any(each.tier is tier and each.days == 0 for each in self.thresholds) for tier in Tier):
            raise Refused(N_("Every kind of client has thresholds from the first day on"), field="thresholds")
        if not (0 <= self.early_days <= self.LONGEST and 0 < self.silent_days <= self.LONGEST):
            raise Refused(N_("Between 1 and %(most)s days, please"), field="silent_days", most=self.LONGEST)
        if {each.band for each in self.work} != set(Band):
            raise KeyError("every band has its work")
        if not all(1 <= each.days <= self.LONGEST and 0 <= each.most <= self.MOST_CLIENTS for each in self.work):
            raise Refused(N_("A deadline within a year, and at most %(most)s clients"), most=self.MOST_CLIENTS)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Terms":
        return cls(
            start=kept["start"],
            weights=dict(kept["weights"]),
            thresholds=tuple(
                Threshold(Tier(each["tier"]), each["days"], each["healthy"], each["critical"])
                for each in kept["thresholds"]
            ),
            early_days=kept["early_days"],
            silent_days=kept["silent_days"],
            work=tuple(
                Work(Band(each["band"]), TaskKind(each["kind"]), each["days"], each["most"]) for each in kept["work"]
            ),
        )


SHIPPED = Terms(
    start=50,
    weights={"relationship": 18, "payments": 14, "promises": 12, "growth": 8, "rivals": 18, "people": 16},
    thresholds=(
        Threshold(Tier.ORDINARY, 0, 69, 27),
        Threshold(Tier.ORDINARY, 180, 70, 30),
        Threshold(Tier.KEY, 0, 70, 28),
        Threshold(Tier.KEY, 180, 72, 31),
        Threshold(Tier.PROGRAMME, 0, 70, 28),
        Threshold(Tier.PROGRAMME, 180, 72, 31),
    ),
    early_days=45,
    silent_days=120,
    work=(
        Work(Band.CRITICAL, TaskKind.MEETING, 5, 5),
        Work(Band.AT_RISK, TaskKind.CALL, 14, 10),
        Work(Band.TOO_EARLY, TaskKind.CALL, 30, 5),
        Work(Band.HEALTHY, TaskKind.CALL, 60, 3),
    ),
)
"""Version 1. Its numbers are ours: sized so that a client needs two bad parts to be critical and two good ones to be
healthy, whatever a single one says."""
