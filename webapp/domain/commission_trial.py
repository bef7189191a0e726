"""What a rule would have paid in the months before now, had it been in force: the ledger's own function on its facts.

It is asked of the rule alone, with the periods of initial attraction as they are today. Nothing is written.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.allocation import Allocation
from webapp.domain.calendar import month_of, months_on
from webapp.domain.commission_entered import entered_in
from webapp.domain.commission_facts import world
from webapp.domain.commission_ledger import ledger
from webapp.domain.commission_terms import Terms
from webapp.domain.commission_world import InForce

MONTHS = 12
MOST = 120_000
"""Allocations that are looked at while a person waits: of more, fewer months."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Months looked at, the oldest first; sums by person and currency, and by month and currency, in minor units."""

    months: tuple[date, ...]
    people: dict[tuple[int, str], int]
    by_month: dict[tuple[date, str], int]

    @property
    def whole(self) -> bool:
        """Whether all twelve months were looked at."""
        return len(self.months) == MONTHS


def tried(session: Session, terms: Terms, today: date) -> Trial:
    """What these terms would have paid in the twelve months before the running one."""
    months = _months(session, month_of(today))
    people: dict[tuple[int, str], int] = {}
    by_month: dict[tuple[date, str], int] = {}
    version = (InForce(0, date.min, None, terms),)
    earned: dict[int, list[tuple[int, str, int]]] = {}
    for month in months:
        entered = entered_in(session, month, None, None)
        for line in ledger(entered, world(session, entered, None, None, version), None):
            if line.version_id is None or not line.amount_minor:
                continue
            earned.setdefault(line.allocation_id, []).append((line.person_id, line.currency, line.amount_minor))
        here = {entry.id for entry in entered}
        for entry in entered:
            if entry.reverses_id is not None and entry.reverses_id not in here:
                lines = earned.get(entry.reverses_id, [])
                earned[entry.id] = [(person, currency, -minor) for person, currency, minor in lines]
            for person, currency, minor in earned.get(entry.id, ()):
                people[person, currency] = people.get((person, currency), 0) + minor
                by_month[month, currency] = by_month.get((month, currency), 0) + minor
    return Trial(tuple(months), people, by_month)


def _months(session: Session, running: date) -> list[date]:
    found: list[date] = []
    left = MOST
    for back in range(1, MONTHS + 1):
        month = months_on(running, -back)
        inside = (Allocation.entered_on >= month) & (Allocation.entered_on < months_on(month, 1))
        left -= session.scalar(select(func.count()).select_from(Allocation).where(inside)) or 0
        if left < 0 and found:
            break
        found.insert(0, month)
    return found
