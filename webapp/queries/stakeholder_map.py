"""The picture of who reports to whom at a client, and by which threads we and the rivals hold them. Whole numbers, no
statement."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.queries.client_people import PersonRow, ThreadRow

COLUMNS = 5
"""People side by side; a boss with more reports makes a wider row."""

BOX, HIGH, GAP, DROP = 160, 92, 20, 48
"""Width and height of a person, the room beside and below."""

OURS, OURS_HIGH = 8, 32
"""The most of ours who are drawn, the strongest threads first, and the height of one. As many rivals stand below."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where somebody is drawn: the left upper corner, and the width."""

    x: int
    y: int
    width: int = BOX
    height: int = HIGH

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def below(self) -> int:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class OurBox:
    user_id: int
    name: str
    box: Box


@dataclass(frozen=True, slots=True)
class RivalBox:
    competitor_id: int
    name: str
    box: Box


@dataclass(frozen=True, slots=True)
class Way:
    """A line from one down to another. Behind a person it would seem to end at that one: ``via`` is where it passes the
    rows between, None where there are none."""

    start: Box
    end: Box
    via: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A thread: ``weight`` 1 to 3 by its strength; ``live`` is drawn whole, what faded in dashes."""

    way: Way
    weight: int
    live: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    people: tuple[tuple[PersonRow, Box], ...]
    ours: tuple[OurBox, ...]
    reports: tuple[tuple[Box, Box], ...]
    """From the boss to who reports to them."""
    threads: tuple[Line, ...]
    rivals: tuple[RivalBox, ...]
    talks: tuple[Way, ...]
    """From the person to the rival who talks to them."""


def draw(rows: Sequence[PersonRow]) -> Drawing:
    """Those who left are left out."""
    there = {row.id: row for row in rows if not row.left}
    below: dict[int | None, list[int]] = {}
    for row in there.values():
        below.setdefault(row.reports_to_id if row.reports_to_id in there else None, []).append(row.id)
    strongest = _strongest(there.values())
    top = OURS_HIGH + DROP if strongest else 0
    places = _places(below, top)
    ours = tuple(
        OurBox(thread.user_id, thread.user, Box(place * (BOX + GAP), 0, BOX, OURS_HIGH))
        for place, thread in enumerate(strongest)
    )
    at = {each.user_id: each.box for each in ours}
    rivals = _rivals(there.values(), max((box.below for box in places.values()), default=0) + DROP)
    against = {each.competitor_id: each.box for each in rivals}
    boxes = [*places.values(), *at.values(), *against.values()]
    rows_of: dict[int, list[Box]] = {}
    for box in places.values():
        rows_of.setdefault(box.y, []).append(box)
    threads = tuple(
        Line(_way(at[thread.user_id], places[row.id], rows_of), 1 + min(thread.strength, 99) // 34, thread.live)
        for row in there.values()
        for thread in row.threads
        if thread.user_id in at
    )
    talks = tuple(
        _way(places[row.id], against[rival], rows_of)
        for row in there.values()
        for rival, _ in row.rivals
        if rival in against
    )
    vias = [way.via or 0 for way in (*(line.way for line in threads), *talks)]
    return Drawing(
        max((*(box.x + box.width for box in boxes), *vias), default=0),
        max((box.below for box in boxes), default=0),
        tuple((row, places[row.id]) for row in there.values()),
        ours,
        tuple(
            (places[boss], places[person]) for boss, people in below.items() for person in people if boss is not None
        ),
        threads,
        rivals,
        talks,
    )


def _way(start: Box, end: Box, rows: Mapping[int, list[Box]]) -> Way:
    """Through the nearest room that is free in every row between."""
    top, bottom, here, there = start.below, end.y, start.middle, end.middle
    between = [box for y, row in rows.items() if top < y < bottom for box in row]
    if not between:
        return Way(start, end, None)
    taken = [(box.x, box.x + box.width) for box in between]
    wanted = [here, there, *(x for left, right in taken for x in (left - GAP // 2, right + GAP // 2) if x >= 0)]
    wanted.sort(key=lambda x: abs(x - here) + abs(x - there))
    return Way(start, end, next(x for x in wanted if not any(left <= x <= right for left, right in taken)))


def _rivals(rows: Iterable[PersonRow], y: int) -> tuple[RivalBox, ...]:
    """Side by side at the bottom, those who talk to most people first."""
    talks = Counter(rival for row in rows for rival in row.rivals)
    most = sorted(talks, key=lambda rival: (-talks[rival], rival[1]))[:OURS]
    return tuple(
        RivalBox(number, name, Box(place * (BOX + GAP), y, BOX, OURS_HIGH)) for place, (number, name) in enumerate(most)
    )


def _strongest(rows: Iterable[PersonRow]) -> list[ThreadRow]:
    """The best thread of each of ours."""
    best: dict[int, ThreadRow] = {}
    for row in rows:
        for thread in row.threads:
            if thread.user_id not in best or best[thread.user_id].strength < thread.strength:
                best[thread.user_id] = thread
    return sorted(best.values(), key=lambda thread: (-thread.strength, thread.user))[:OURS]


def _places(below: dict[int | None, list[int]], top: int) -> dict[int, Box]:
    """Trees side by side, a new band where the row is full. Those who lead people come first."""
    places: dict[int, Box] = {}
    left = deepest = 0
    for root in sorted(below.get(None, ()), key=lambda person: person not in below):
        wide, deep = _size(below, root)
        if left and left + wide > COLUMNS:
            top, left, deepest = top + deepest * (HIGH + DROP), 0, 0
        _place(below, root, left * (BOX + GAP), top, places)
        left, deepest = left + wide, max(deepest, deep)
    return places


def _size(below: dict[int | None, list[int]], person: int) -> tuple[int, int]:
    """Columns and rows of who stands under a person, with them."""
    sizes = [_size(below, each) for each in below.get(person, ())]
    return max(1, sum(wide for wide, _ in sizes)), 1 + max((deep for _, deep in sizes), default=0)


def _place(below: dict[int | None, list[int]], person: int, x: int, y: int, places: dict[int, Box]) -> None:
    wide, _ = _size(below, person)
    places[person] = Box(x + (wide - 1) * (BOX + GAP) // 2, y)
    for each in below.get(person, ()):
        _place(below, each, x, y + HIGH + DROP, places)
        x += _size(below, each)[0] * (BOX + GAP)
