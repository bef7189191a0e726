"""Which engagements stand in a column of the board, and in which order: overdue, today, none planned, later."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    bindparam,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    literal,
    Select,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from webapp.domain.client import name_key
from webapp.domain.model import Client, Engagement
from webapp.domain.words import Department

FIRST = 20
"""Cards of a column that are shown before anybody asks for more."""

LARGEST_ID = 2**62

DUE, UNPLANNED, LATER = range(3)
CLIENT = Client.__table__.c
ENGAGEMENT = Engagement.__table__.c
TOUCH = ENGAGEMENT.next_touch_on
TODAY: BindParameter[date] = bindparam("today")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which cards a person wants to see: of one lane, of one owner, of clients with that name, overdue only."""

    lane: Department | None = None
    owner_id: int | None = None
    name: str = ""
    """Part of a client's name, as ``name_key`` writes it: without signs, so that nothing in it is a wildcard."""
    overdue: bool = False

    @property
    def shape(self) -> tuple[bool, bool, bool]:
        """What is asked, apart from the values: decides how the statement looks."""
        return self.owner_id is not None, bool(self.name), self.overdue

    def values(self, today: date) -> dict[str, Any]:
        return {"owner": self.owner_id, "name": f"%{name_key(self.name)}%", "today": today}


class Place(NamedTuple):
    """Where a card stands in its column: by rank, then by day, then by id."""

    rank: int
    day: date | None
    id: int

    @classmethod
    def of(cls, day: date | None, today: date, id: int) -> "Place":  # noqa: A002 it is the entity's own word
        return cls(UNPLANNED if day is None else DUE if day <= today else LATER, day, id)

    def __str__(self) -> str:
        return f"{self.rank}.{self.day or ''}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """The inverse of ``str``; ValueError for anything else."""
        rank, day, number = text.split(".")
        place = cls(int(rank), date.fromisoformat(day) if day else None, int(number))
        if (
            place.rank not in (DUE, UNPLANNED, LATER)
            or (place.day is None) != (place.rank == UNPLANNED)
            or place.id >= LARGEST_ID
        ):
            raise ValueError(text)
        return place


@dataclass(frozen=True, slots=True)
class Part:
    """So many cards of a stage's column, from its top or after a place."""

    stage_id: int
    length: int = FIRST
    after: Place | None = None


def conditions(shape: tuple[bool, bool, bool]) -> list[ColumnElement[bool]]:
    """What an open engagement must meet to be shown; ``Filters.values`` binds the values."""
    owned, named, overdue = shape
    found: list[ColumnElement[bool]] = [ENGAGEMENT.closed_at.is_(None)]
    if owned:
        found.append(ENGAGEMENT.owner_id == bindparam("owner"))
    if named:
        client = select(CLIENT.id).where(CLIENT.id == ENGAGEMENT.client_id, CLIENT.name_key.like(bindparam("name")))
        found.append(client.exists())
    if overdue:
        found.append(TOUCH < TODAY)
    return found


def standing(session: Session, filters: Filters, today: date, parts: Sequence[Part]) -> dict[int, list[int]]:
    """Engagement ids per stage in order: those of the part, and one more where more follow. One statement."""
    found: dict[int, list[int]] = defaultdict(list)
    if parts:
        lengths = {part.stage_id: part.length + 1 for part in parts}
        ranges = _ranges(tuple(parts), filters.shape)
        for stage_id, engagement_id in session.connection().execute(ranges, filters.values(today)).all():
            if len(found[stage_id]) < lengths[stage_id]:
                found[stage_id].append(engagement_id)
    return found


@lru_cache(maxsize=64)
def _ranges(parts: tuple[Part, ...], shape: tuple[bool, bool, bool]) -> CompoundSelect[int, int]:
    """Three ranges of the board's index per column, each read from its start: no column is ever sorted whole."""
    return union_all(*(select(ranged.subquery()) for part in parts for ranged in _of_part(part, shape)))


def _of_part(part: Part, shape: tuple[bool, bool, bool]) -> list[Select[int, int]]:
    after, found = part.after, []
    for rank, within in enumerate((TOUCH <= TODAY, TOUCH.is_(None), TOUCH > TODAY)):
        if after is not None and rank < after.rank:
            continue
        ranged = select(ENGAGEMENT.stage_id, ENGAGEMENT.id).where(
            *conditions(shape), ENGAGEMENT.stage_id == part.stage_id, within
        )
        if after is not None and rank == after.rank:
            ranged = ranged.where(_beyond(after))
        found.append(ranged.order_by(TOUCH, ENGAGEMENT.id).limit(part.length + 1))
    return found


def _beyond(place: Place) -> ColumnElement[bool]:
    if place.day is None:
        return ENGAGEMENT.id > place.id
    return tuple_(TOUCH, ENGAGEMENT.id) > tuple_(literal(place.day), literal(place.id))
