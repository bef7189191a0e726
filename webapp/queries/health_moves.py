"""How healthy the clients are, and between which bands they moved since a month ago. Two statements."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.calendar import in_month, month_of, months_on
from webapp.domain.health_kept import HealthDay, KeptHealth
from webapp.domain.health_terms import Band
from webapp.domain.user import Actor, User

ORDER = (Band.CRITICAL, Band.AT_RISK, Band.TOO_EARLY, Band.HEALTHY)
"""From the worst to the best; silence is not health."""


@dataclass(frozen=True, slots=True)
class Move:
    """Clients that are in another band than a month ago."""

    was: Band
    now: Band
    clients: int

    @property
    def better(self) -> bool:
        return ORDER.index(self.now) > ORDER.index(self.was)


@dataclass(frozen=True, slots=True)
class HealthMoves:
    bands: tuple[tuple[Band, int], ...]
    """All four, the worst first."""
    moves: tuple[Move, ...]
    """The most clients first."""
    since: date

    @property
    def clients(self) -> int:
        return sum(count for _, count in self.bands)


def health_moves(session: Session, actor: Actor, today: date) -> HealthMoves:
    """Of the clients for whom the head's department answers first; of all for a director. Lost ones are left out."""
    since = in_month(months_on(month_of(today), -1), today.day)
    mine = [KeptHealth.frozen_on.is_(None)]
    if actor.department is not None:
        mine.append(KeptHealth.owner_id.in_(select(User.id).where(User.department == actor.department)))
    counted = session.execute(select(KeptHealth.band, func.count()).where(*mine).group_by(KeptHealth.band))
    counts = {row[0]: row[1] for row in counted}
    before = (
        select(HealthDay.band)
        .where(HealthDay.client_id == KeptHealth.client_id, HealthDay.day <= since)
        .order_by(HealthDay.day.desc())
        .limit(1)
        .scalar_subquery()
    )
    changed = (
        select(before.label("was"), KeptHealth.band.label("now")).where(*mine, KeptHealth.since > since).subquery()
    )
    found = session.execute(
        select(changed.c.was, changed.c.now, func.count())
        .where(changed.c.was.is_not(None), changed.c.was != changed.c.now)
        .group_by(changed.c.was, changed.c.now)
    )
    moves = [Move(was, now, count) for was, now, count in found]
    return HealthMoves(
        tuple((band, counts.get(band, 0)) for band in ORDER),
        tuple(sorted(moves, key=lambda move: (-move.clients, ORDER.index(move.was), ORDER.index(move.now)))),
        since,
    )
