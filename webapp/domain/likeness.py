"""Which clients are alike, and what such clients buy: the explained rule behind the size of a prize. No database.

Alike are clients of the first rung of LADDER on which at least MIN_ALIKE others stand: those who share all its traits.
``holding`` means a family that both own. The client itself is never counted among those who are like it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low

from webapp.domain.words import N_


class Trait(StrEnum):
    """What two clients may have in common."""

    SECTOR = "sector"
    REVENUE = "revenue"
    SALES = "sales"
    HOLDING = "holding"

    @property
    def label(self) -> str:
        return {
            "sector": N_("the same industry"),
            "revenue": N_("revenue of the same order"),
            "sales": N_("the same class by what they pay"),
            "holding": N_("they own %(family)s too"),
        }[self.value]


SECTOR, REVENUE, SALES, HOLDING = Trait

LADDER: tuple[frozenset[Trait], ...] = (
    frozenset({SECTOR, REVENUE, SALES, HOLDING}),
    frozenset({SECTOR, SALES, HOLDING}),
    frozenset({SECTOR, HOLDING}),
    frozenset({SALES, HOLDING}),
    frozenset({SECTOR, SALES}),
    frozenset({SECTOR}),
)
"""From the narrowest to the widest; a rung with a trait that is not known of a client is passed over."""

MIN_ALIKE = 5
"""Fewer than so many say nothing."""

CAUTION = 2
"""So many clients that buy nothing are added, so that one of one ranks below seven of twelve."""

SAMPLE = 400
"""Of those who pay for a family, at most so many of a rung are remembered: the middle needs no more."""

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Likes:
    """One client as it is compared. ``traits``: the known ones, without HOLDING. ``pays``: a month, by family and
    currency, in minor units; ``families``: what it owns, paid for monthly or not."""

    client_id: int
    traits: Mapping[Trait, str]
    families: frozenset[int]
    pays: Mapping[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class Prize:
    """What clients like this one say of a family that it does not own. ``score``: basis points of likelihood.

    ``held``: the family in common, 0 where the rung asks for none. ``pays``: by currency what the owner in the middle
    (the lower median) pays a month, and how many owners pay in it; sums of two currencies never meet.
    """

    family_id: int
    score: int
    owners: int
    alike: int
    rung: int
    held: int
    pays: Mapping[str, tuple[int, int]]

    @property
    def percent(self) -> int:
        """Of those who are alike, so many own it."""
        return self.owners * 100 // self.alike if self.alike else 0


Segment = tuple[int, tuple[str, ...], int]
"""A rung, its traits' values, and the family in common (0: none)."""

Ranked = tuple[int, int, int, int, Prize]
"""A prize behind what it is ranked by."""


class Crowd:
    """Everybody, counted once: how many stand in each segment, and how many of them own and pay what."""

    def __init__(self, everybody: Iterable[Likes]) -> None:
        self.alike: Counter[Segment] = Counter()
        self.owners: Counter[tuple[Segment, int]] = Counter()
        self.pays: dict[tuple[Segment, int], dict[str, list[int]]] = defaultdict(dict)
        self._known: dict[tuple[Segment, int], Ranked] = {}
        for client in everybody:
            for rung in range(len(LADDER)):
                for segment in segments(client, rung):
                    self._count(segment, client)

    def _count(self, segment: Segment, client: Likes) -> None:
        self.alike[segment] += 1
        for family in client.families:
            self.owners[segment, family] += 1
        for (family, currency), minor in client.pays.items():
            paid = self.pays[segment, family].setdefault(currency, [])
            if len(paid) < SAMPLE:
                paid.append(minor)

    def prizes(self, client: Likes, families: Iterable[int]) -> list[Prize]:
        """The prizes of the families that the client does not own, the likeliest first; none where few are alike."""
        wanted = [family for family in families if family not in client.families]
        for rung in range(len(LADDER)):
            known = [each for each in segments(client, rung) if self.alike[each] - 1 >= MIN_ALIKE]
            if known:
                found = [max(self._ranked(each, family) for each in known) for family in wanted]
                return [prize for *_, prize in sorted(found, reverse=True)]
        return []

    def _ranked(self, segment: Segment, family: int) -> Ranked:
        """The same for everybody in the segment who does not own the family: each is one of those counted there, so
        that one less are like it, and is no owner."""
        known = self._known.get((segment, family))
        if known is not None:
            return known
        alike, owners = self.alike[segment] - 1, self.owners[segment, family]
        paid = self.pays.get((segment, family), {})
        pays = {currency: (median_low(sums), len(sums)) for currency, sums in sorted(paid.items())}
        prize = Prize(family, owners * WHOLE // (alike + CAUTION), owners, alike, segment[0], segment[2], pays)
        ranked = (prize.score, alike, -family, -prize.held, prize)  # no two are alike before the prize is reached
        return self._known.setdefault((segment, family), ranked)


def segments(client: Likes, rung: int) -> list[Segment]:
    """Where the client stands on a rung: once, or for each family that it owns; nowhere where a trait is unknown."""
    asked = LADDER[rung]
    values = tuple(client.traits.get(trait, "") for trait in Trait if trait in asked and trait is not HOLDING)
    if not all(values):
        return []
    return [(rung, values, family) for family in (sorted(client.families) if HOLDING in asked else (0,))]


def revenue_class(minor: int | None, currency: str | None) -> str:
    """The order of magnitude of a yearly revenue, in its currency; empty where it is not known."""
    return f"{currency} {len(str(minor))}" if minor and currency else ""
