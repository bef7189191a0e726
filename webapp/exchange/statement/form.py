"""The common form of every bank statement: its accounts with their balance, and its lines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from webapp.domain.words import N_


class Direction(StrEnum):
    """Which way a line's money went, seen from us."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    OWN = "own"
    PENDING = "pending"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {
            "incoming": N_("Received"),
            "outgoing": N_("Spent"),
            "own": N_("Between our own accounts"),
            "pending": N_("Not executed yet"),
            "unknown": N_("Names none of our accounts"),
        }[self.value]


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it arrived. ``chunks`` begins anew each time, so that a file may be read twice without being held."""

    name: str
    chunks: Callable[[], Iterator[bytes]]

    @classmethod
    def of(cls, name: str, content: bytes, size: int = 1024 * 1024) -> "Source":
        """A file that is in memory anyway."""

        def chunks() -> Iterator[bytes]:
            return (content[start : start + size] for start in range(0, len(content), size))

        return cls(name, chunks)

    def beginning(self, size: int = 256 * 1024) -> bytes:
        """The first bytes, enough to tell format and encoding."""
        found = b""
        for chunk in self.chunks():
            found += chunk
            if len(found) >= size:
                break
        return found[:size]


@dataclass(frozen=True, slots=True)
class Ours:
    """What makes an account ours: the numbers we know, or our taxpayer number beside it."""

    accounts: frozenset[str]
    inn: str
    currency: str = "RUB"
    """The company's: what a table means that names none."""


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a payment. What the file does not tell is empty."""

    name: str = ""
    inn: str = ""
    kpp: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself. ``accounts`` are those it claims to tell of."""

    format: str
    version: str = ""
    encoding: str = ""
    accounts: tuple[str, ...] = ()
    begins_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One account over one period. Balances are minor units; None is what the file does not tell."""

    line: int
    number: str
    currency: str
    begins_on: date | None = None
    ends_on: date | None = None
    opening: int | None = None
    received: int | None = None
    spent: int | None = None
    closing: int | None = None

    @property
    def due(self) -> int | None:
        """What the closing balance has to be: opening + received - spent; None where one of them is not told."""
        if self.opening is None or self.received is None or self.spent is None:
            return None
        return self.opening + self.received - self.spent


@dataclass(frozen=True, slots=True)
class Line:
    """One payment order as the bank executed it. ``amount_minor`` is never negative; the sides tell the direction."""

    line: int
    kind: str
    number: str
    dated_on: date | None
    received_on: date | None
    spent_on: date | None
    amount_minor: int
    currency: str
    payer: Party
    payee: Party
    purpose: str
    reference: str = ""
    """The bank's own number, where the format has one."""
    direction: Direction = Direction.UNKNOWN
    account: str = ""
    """Which of our accounts it touched; empty until it was judged."""

    @property
    def booked_on(self) -> date | None:
        """When the money moved on our account."""
        if self.direction is Direction.INCOMING:
            return self.received_on or self.dated_on
        return self.spent_on or self.received_on or self.dated_on


Part = Head | Account | Line
"""What a reader yields, as it comes: one head first, then accounts and lines in the file's order."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole statement that was read and checked, without its lines."""

    head: Head
    accounts: tuple[Account, ...]
    counts: dict[Direction, int]
    received: dict[str, int]
    """Minor units of the incoming lines by our account."""
    spent: dict[str, int]
    missing: tuple[tuple[str, int], ...]
    """Accounts whose lines do not add up to what the bank says was received, and by how much (minor units)."""
