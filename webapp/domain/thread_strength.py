"""How strong a thread is: one of our people and one of theirs, judged by what happened between the two.

The parts and their weights are published for client relations (recency 30, frequency over 90 days 25, both ways 15,
depth 15, seniority 15). The steps within each part are ours: no source gives them. A new pair begins at nothing,
so a hand-off inherits no strength.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.domain.contact import DecisionRole
from webapp.domain.interaction import Began, InteractionKind
from webapp.domain.words import N_

WINDOW_DAYS = 90
"""What is older counts for nothing."""

FRESHNESS: tuple[tuple[int, int], ...] = ((30, 100), (60, 66), (90, 33))
"""Days since the last contact, below which so many percent of the points are given."""

OFTEN = 6
"""Days with a contact within the window that give all points: one a fortnight."""

MUTUAL = 2
"""Contacts that each side began within the window that give all points."""

DEPTH: dict[InteractionKind, int] = {
    InteractionKind.MEETING: 100,
    InteractionKind.EVENT: 60,
    InteractionKind.CALL: 50,
    InteractionKind.LETTER: 20,
    InteractionKind.EMAIL: 20,
}
"""Percent for the deepest contact within the window."""

SENIORITY: dict[DecisionRole, int] = {
    DecisionRole.DECIDES: 100,
    DecisionRole.PAYS: 80,
    DecisionRole.ADVISES: 60,
    DecisionRole.BLOCKS: 60,
    DecisionRole.KEEPS_GATE: 40,
    DecisionRole.USES: 40,
    DecisionRole.UNKNOWN: 0,
}
"""Percent for what the person does in the client's decisions."""

IN_PERSON = frozenset({InteractionKind.MEETING, InteractionKind.EVENT})
"""Both came, whoever began."""

SPOKEN = IN_PERSON | {InteractionKind.CALL}


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """One interaction of the pair; ``id`` is its own, so that it is never counted twice."""

    id: int
    at: datetime
    kind: InteractionKind
    began: Began | None = None

    @property
    def answers(self) -> bool:
        """Whether the other side took part: an e-mail of ours that nobody answered is no contact."""
        return self.kind in SPOKEN or self.began is Began.THEY

    def by(self, side: Began) -> bool:
        return self.kind in IN_PERSON or self.began is side


@dataclass(frozen=True, slots=True)
class Pair:
    """What is known of a pair within the window: the facts that the points stand on."""

    age_days: int
    """Days since the last contact."""
    days: int
    """Days, counted in UTC, on which there was a contact."""
    ours: int
    theirs: int
    deepest: InteractionKind
    role: DecisionRole

    @property
    def facts(self) -> dict[str, Any]:
        return {"days": self.days, "ours": self.ours, "theirs": self.theirs, "deepest": self.deepest, "role": self.role}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the strength: the most it gives, and how much of it (0 to 100 percent) a pair earned."""

    key: str
    label: str
    weight: int
    percent: Callable[[Pair], int]


def _fresh(pair: Pair) -> int:
    return next((percent for days, percent in FRESHNESS if pair.age_days < days), 0)


PARTS: tuple[Part, ...] = (
    Part("recency", N_("Recency"), 30, _fresh),
    Part("frequency", N_("Frequency"), 25, lambda pair: min(pair.days, OFTEN) * 100 // OFTEN),
    Part("both_ways", N_("Both ways"), 15, lambda pair: min(pair.ours, pair.theirs, MUTUAL) * 100 // MUTUAL),
    Part("depth", N_("Depth"), 15, lambda pair: DEPTH[pair.deepest]),
    Part("seniority", N_("Seniority"), 15, lambda pair: SENIORITY[pair.role]),
)


@dataclass(frozen=True, slots=True)
class Strength:
    """Points by part, and the facts they stand on."""

    points: dict[str, int]
    facts: dict[str, Any]

    @property
    def level(self) -> int:
        """0 to 100."""
        return sum(self.points.values())


NOTHING = Strength({part.key: 0 for part in PARTS}, {})


def merge(*threads: Iterable[Said]) -> tuple[Said, ...]:
    """Two threads that turn out to be one (a person entered twice): what happened in either, once. In any order."""
    return tuple(sorted({each.id: each for thread in threads for each in thread}.values()))


def within(said: Iterable[Said], at: datetime, days: int) -> list[Said]:
    """What happened in so many days before that moment; what is later is not known yet."""
    return [each for each in said if each.at <= at and (at - each.at).days < days]


def reckon(said: Iterable[Said], role: DecisionRole, *, at: datetime) -> Strength:
    """The strength of a pair at that moment."""
    known = within(merge(said), at, WINDOW_DAYS)
    if not known:
        return NOTHING
    pair = Pair(
        age_days=min((at - each.at).days for each in known),
        days=len({each.at.date() for each in known}),
        ours=sum(each.by(Began.WE) for each in known),
        theirs=sum(each.by(Began.THEY) for each in known),
        deepest=max((each.kind for each in known), key=lambda kind: (DEPTH[kind], kind)),
        role=role,
    )
    return Strength({part.key: part.weight * part.percent(pair) // 100 for part in PARTS}, pair.facts)


def last_answered(said: Collection[Said], *, at: datetime) -> datetime | None:
    """When the other side last took part."""
    return max((each.at for each in said if each.at <= at and each.answers), default=None)
