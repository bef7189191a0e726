"""The plan of an import: exactly what it will create, update, leave as it is and hold back."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from webapp.domain.words import Department
from webapp.exchange.compare import Kept
from webapp.exchange.incoming import Incoming, KINDS
from webapp.exchange.known import Knowledge
from webapp.exchange.matching import Match


class New(NamedTuple):
    """A reference to something that the same import creates."""

    kind: str
    key: str


@dataclass(slots=True)
class Creation:
    """A record to be made. ``values`` refer by ``…_id`` to an id or to something New; ``told`` is what the file itself
    said, where a person completed it."""

    incoming: Incoming
    values: dict[str, Any]
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Update:
    """A record of ours in which ``changed`` is written over ``before``; the file said ``values``."""

    kind: str
    key: str
    record_id: int
    values: dict[str, Any]
    changed: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a person says of rows that were held back: ids by ``…_id``, and the rows as the file had them, by key."""

    chosen: dict[str, int] = field(default_factory=dict)
    originals: dict[str, Incoming] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a new client begins: its lane, who answers for it, and how its deals stand."""

    client: New
    department: Department
    owner: Any
    won: int
    lost: int
    open: int


@dataclass(slots=True)
class Plan:
    """What confirming does. ``recognised`` are records of ours that an import meets for the first time."""

    source: str
    currency: str
    creations: dict[str, list[Creation]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    updates: dict[str, dict[int, Update]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    placements: list[Placement] = field(default_factory=list)
    recognised: list[Update] = field(default_factory=list)
    held: list[Incoming] = field(default_factory=list)
    released: dict[tuple[str, str], Any] = field(default_factory=dict)
    """Rows held back earlier that come in now: (kind, key) -> the held-back row."""
    matches: dict[tuple[str, str], Match] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    unchanged: dict[str, set[int]] = field(default_factory=lambda: {kind: set() for kind in KINDS})
    still_held: Counter[str] = field(default_factory=Counter)
    knowledge: Knowledge = field(default_factory=Knowledge)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """What is shown before, and what must have happened afterwards."""
        return {
            "created": {kind: len(self.creations[kind]) for kind in KINDS},
            "updated": {kind: len(self.updates[kind]) for kind in KINDS},
            "unchanged": {kind: len(self.unchanged[kind]) for kind in KINDS},
            "held_back": _by_kind(incoming.kind for incoming in self.held),
            "still_held": {kind: self.still_held[kind] for kind in KINDS},
            "kept": _by_kind(kept.kind for kept in self.kept),
        }

    @property
    def is_empty(self) -> bool:
        """Whether confirming would write nothing."""
        written = (*self.creations.values(), *self.updates.values(), self.held, self.recognised)
        return not any(written)


def _by_kind(kinds: Iterable[str]) -> dict[str, int]:
    counted = Counter(kinds)
    return {kind: counted[kind] for kind in KINDS}
