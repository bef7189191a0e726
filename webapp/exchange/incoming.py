"""What a row of a file says, in our words: typed values, and the problems that stand in its way."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, Protocol

from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES, LARGEST, parse_minor
from webapp.exchange.tables import Table

KINDS = ("user", "product", "client", "deal")
"""What an import can bring in, each after what it refers to."""

REFERENCES: dict[str, dict[str, str]] = {
    "user": {"head": "user"},
    "product": {},
    "client": {"parent": "client"},
    "deal": {"client": "client", "owner": "user", "product": "product"},
}
"""Kind -> value that is a name -> kind of what is named. Resolved, the value is called ``…_id``."""

LONGEST_NAME = {"user": 120, "product": 200, "client": 200, "deal": 100}
NAMELESS = "row:"
"""How the key of a row begins that names none."""

LONGEST_KEPT = 2000
"""Letters of a cell that a held-back row keeps."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot come in: a code of PROBLEMS and what fills its sentence."""

    code: str
    values: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "values": self.values}


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that a file tells. ``values`` are JSON values (dates in ISO form, names for references); one that
    could not be read is absent and has a problem instead. ``key`` finds the same thing again in the next export."""

    kind: str
    key: str
    payload: dict[str, str]
    values: dict[str, Any]
    problems: tuple[Problem, ...] = ()

    def held_for(self, *problems: Problem) -> "Incoming":
        return Incoming(self.kind, self.key, self.payload, self.values, (*problems, *self.problems))


class Source(Protocol):
    """A kind of export, with the mapping of its columns."""

    name: str
    currency: str

    def read(self, tables: Iterable[Table], currency: str) -> list[Incoming]:
        """Everything that the tables tell, without repetitions. Refused where a table or column is missing."""

    def read_row(self, kind: str, payload: dict[str, str], currency: str) -> Incoming:
        """What one row tells, as a held-back row keeps it."""


class Cells:
    """The cells of one row, read by type. What cannot be read becomes a problem and stays out of ``values``."""

    def __init__(self, payload: dict[str, str]) -> None:
        self.payload = payload
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def text(self, name: str, column: str, longest: int, *, required: bool = False) -> None:
        cell = self._cell(column)
        if required and not cell:
            self._wrong("missing", column)
        elif len(cell) > longest:
            self._wrong("too_long", column)
        else:
            self.values[name] = cell

    def whole(self, name: str, column: str, low: int, high: int) -> None:
        """A whole number within bounds; none where the cell is empty."""
        cell = self._cell(column)
        if not cell:
            self.values[name] = None
        elif cell.isascii() and cell.isdigit() and len(cell) < 20 and low <= int(cell) <= high:
            self.values[name] = int(cell)
        else:
            self._wrong("bad_number", column)

    def day(self, name: str, column: str, *, required: bool = False) -> None:
        """A date as 2017-03-01 or 01.03.2017; none where the cell is empty."""
        cell = self._cell(column)
        if not cell:
            if required:
                self._wrong("missing", column)
            else:
                self.values[name] = None
            return
        found = day_of(cell)
        if found is None:
            self._wrong("bad_date", column)
        else:
            self.values[name] = found.isoformat()

    def money(self, name: str, column: str, currency: str, *, required: bool = False, millions: bool = False) -> None:
        """A sum of zero or more in minor units; none where the cell is empty."""
        cell = self._cell(column)
        if not cell:
            if required:
                self._wrong("missing", column)
            else:
                self.values[name] = None
            return
        minor = _millions(cell, currency) if millions else _minor(cell, currency)
        if minor is None or not 0 <= minor <= LARGEST:
            self._wrong("bad_sum", column)
        else:
            self.values[name] = minor

    def _cell(self, column: str) -> str:
        return self.payload.get(column, "")

    def _wrong(self, code: str, column: str) -> None:
        self.problems.append(Problem(code, {"column": column, "text": self._cell(column)[:60] or "—"}))


def day_of(text: str) -> date | None:
    """A date that a spreadsheet writes, between 1900 and 2100."""
    cut = text[:10] if text[10:] in ("", " 00:00:00", "T00:00:00") else text
    if len(cut) == 10 and cut[2:3] == cut[5:6] == ".":
        cut = f"{cut[6:]}-{cut[3:5]}-{cut[:2]}"
    if len(cut) != 10 or not cut.isascii():
        return None
    try:
        found = date.fromisoformat(cut)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2100 else None


def keyless(payload: dict[str, str]) -> str:
    """A key for a row that names none: the same row has the same key in the next export."""
    told = "\x1f".join(f"{column}={cell}" for column, cell in sorted(payload.items()))
    return NAMELESS + sha256(told.encode()).hexdigest()[:24]


def shortened(payload: dict[str, str]) -> dict[str, str]:
    """The row as a held-back row keeps it."""
    return {column: cell[:LONGEST_KEPT] for column, cell in payload.items() if column}


def _minor(cell: str, currency: str) -> int | None:
    try:
        return parse_minor(cell, currency)
    except Refused:
        return None


def _millions(cell: str, currency: str) -> int | None:
    """Minor units of a number of millions, rounded to the minor unit by cutting: statistics, not money owed."""
    plain = cell.replace(" ", "").replace("\N{NO-BREAK SPACE}", "").replace(",", ".")
    if not plain.isascii() or not plain.replace(".", "", 1).lstrip("-").isdigit() or len(plain) > 30:
        return None
    try:
        return int(Decimal(plain).scaleb(6 + CURRENCIES[currency]))
    except InvalidOperation:
        return None
