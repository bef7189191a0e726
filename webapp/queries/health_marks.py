"""The health of several clients at a glance: level, band, trend, and how it went."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.health_kept import HealthDay, KeptHealth, WEEKS
from webapp.domain.health_terms import Band


@dataclass(frozen=True, slots=True)
class Mark:
    """``levels``: a level a week, the oldest first; fewer than two where the history is short."""

    level: int
    band: Band
    trend: int
    levels: tuple[int, ...]


def marks(session: Session, clients: Collection[int], today: date) -> dict[int, Mark]:
    """By client; who has no health is left out. Two statements."""
    kept = select(KeptHealth.client_id, KeptHealth.level, KeptHealth.band, KeptHealth.trend)
    lines = history(session, clients, today)
    return {
        client: Mark(level, band, trend, lines.get(client, ()))
        for client, level, band, trend in session.execute(kept.where(KeptHealth.client_id.in_(clients)))
    }


def history(session: Session, clients: Collection[int], today: date) -> dict[int, tuple[int, ...]]:
    """The level that held on the last day of each week, of those weeks of which one is known."""
    changes: dict[int, list[tuple[date, int]]] = {}
    for client, day, level in session.execute(
        select(HealthDay.client_id, HealthDay.day, HealthDay.level)
        .where(HealthDay.client_id.in_(clients), HealthDay.day <= today)
        .order_by(HealthDay.client_id, HealthDay.day)
    ):
        changes.setdefault(client, []).append((day, level))
    weeks = [today - timedelta(weeks=ago) for ago in range(WEEKS - 1, -1, -1)]
    return {client: tuple(_sampled(found, weeks)) for client, found in changes.items()}


def _sampled(changes: list[tuple[date, int]], weeks: list[date]) -> list[int]:
    held, place, levels = None, 0, []
    for week in weeks:
        while place < len(changes) and changes[place][0] <= week:
            held, place = changes[place][1], place + 1
        if held is not None:
            levels.append(held)
    return levels
