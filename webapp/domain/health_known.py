"""A day that is asked for, and what is found of clients as it was known then. The readers of facts fill it."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, UTC
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from webapp.domain.among import among

LOOK_BACK = 400
"""Days: a year and the month or so that an invoice is late. What is older says nothing of today."""


@dataclass(slots=True)
class Known:
    """What was found so far, by client: lists of facts, and single ones."""

    clients: list[int]
    day: date
    zone: ZoneInfo
    found: dict[int, dict[str, Any]] = field(default_factory=dict)
    end: datetime = field(init=False)
    """The first moment that is not known any more."""
    start: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.end = datetime.combine(self.day + timedelta(days=1), time(), self.zone).astimezone(UTC)
        self.start = self.end - timedelta(days=LOOK_BACK)

    def on(self, at: datetime) -> date:
        """The day at the company's seat."""
        return at.astimezone(self.zone).date()

    def add(self, client: int, name: str, fact: object) -> None:
        """One more fact of a kind."""
        found = self.found.get(client)
        if found is not None:
            found.setdefault(name, []).append(fact)

    def whose(self, column: Any) -> ColumnElement[bool]:
        """The condition that a record belongs to one of the clients."""
        return among(column, self.clients)
