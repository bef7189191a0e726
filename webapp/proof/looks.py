"""Looking back: what was known of each client once a month of the past, and what then became of it."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.health import percents, reckon
from webapp.domain.health_facts import Facts
from webapp.domain.health_reading import AT_ONCE, facts_of, served_on
from webapp.domain.health_terms import Terms
from webapp.domain.loss import Loss
from webapp.domain.queue_facts import in_parts
from webapp.proof.judging import LATEST, Look, SOONEST

EVERY = LATEST - SOONEST
"""Days from one look to the next: each loss falls into the window of exactly one."""

LOOK_BACK = 730
"""Days."""

MOST_LOOKS = 60_000
"""Of clients who stayed; of more, every second, third and so on is taken, and stands for the others."""


def look_back(session: Session, terms: Terms, today: date) -> Iterator[Look]:
    """Every look of two years by these terms, known to the day. Its end is known: 90 days have passed since."""
    losses = _losses(session)
    days = _days(today)
    served = {day: served_on(session, day) for day in days}
    every = max(1, -(-sum(map(len, served.values())) // MOST_LOOKS))
    for number, day in enumerate(days):
        gone = {client: _next(lost, day) for client, lost in losses.items()}
        lost = {client for client, ago in gone.items() if ago is not None and SOONEST < ago <= LATEST}
        late = {client for client, ago in gone.items() if ago is not None and ago <= SOONEST}
        wanted = [c for c in served[day] if c not in late and (c in lost or (c + number) % every == 0)]
        for part in in_parts(wanted, AT_ONCE):
            for client, facts in facts_of(session, part, day=day).items():
                if facts.lost_on is None:
                    yield _look(facts, terms, client in lost, 1 if client in lost else every)


def _look(facts: Facts, terms: Terms, lost: bool, weight: int) -> Look:
    health = reckon(facts, terms)
    paid = max((bill.paid_on for bill in facts.bills if bill.paid_on is not None), default=facts.since)
    heard = facts.last_contact[0] if facts.last_contact is not None else facts.since
    return Look(
        facts.client_id,
        lost,
        health.level,
        health.band,
        tuple(percents(facts).values()),
        facts.ago(paid),
        facts.ago(heard),
        weight,
    )


def _days(today: date) -> list[date]:
    """The days that are looked at, the earliest first: all whose outcome is known, within two years."""
    last = today - timedelta(days=LATEST)
    return [last - timedelta(days=EVERY * back) for back in reversed(range((LOOK_BACK - LATEST) // EVERY + 1))]


def _losses(session: Session) -> dict[int, list[tuple[date, date]]]:
    """By client the days on which it was lost, and those on which that was written down; mistakes left out."""
    found: dict[int, list[tuple[date, date]]] = {}
    for client, lost_on, at in session.execute(
        select(Loss.client_id, Loss.lost_on, Loss.lost_at).where(~Loss.mistaken).order_by(Loss.lost_on)
    ):
        found.setdefault(client, []).append((lost_on, at.date()))
    return found


def _next(lost: list[tuple[date, date]], day: date) -> int | None:
    """Days from that day to the next loss; below zero where it was gone, and nobody had written it down."""
    return min(((on - day).days for on, written in lost if max(on, written) > day), default=None)
