"""What became of deals that stood in a stage: of those decided in two years, how many were won. Kept, not entered."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.deal_chance import Chance, chance
from webapp.domain.event import Event
from webapp.domain.share import Share
from webapp.domain.stage import Stage

HISTORY = timedelta(days=730)
"""Deals that were decided earlier say little of today."""


class StageOutcome(Base):
    """One stage, reckoned by the night: it is a kept count, of which no event tells."""

    __tablename__ = "stage_outcome"

    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), unique=True)
    won: Mapped[int]
    decided: Mapped[int]
    day: Mapped[date]
    """Up to which deals were counted."""


class Decided(NamedTuple):
    """A deal that was won or lost: when it began and ended, in whose work, and the stages that stand on its events."""

    engagement_id: int | None
    began: datetime
    ended: datetime
    won: bool
    stages: frozenset[int]


class Move(NamedTuple):
    """A client came into a stage."""

    engagement_id: int
    at: datetime
    stage_id: int


def outcomes(deals: Iterable[Decided], moves: Iterable[Move]) -> dict[int, Share]:
    """By stage, of the deals whose client stood in it between their beginning and their end, those that were won.
    Each deal counts once in a stage, however often the client came into it."""
    by_engagement: defaultdict[int | None, list[Move]] = defaultdict(list)
    for move in moves:
        by_engagement[move.engagement_id].append(move)
    won: defaultdict[int, int] = defaultdict(int)
    decided: defaultdict[int, int] = defaultdict(int)
    for deal in deals:
        entered = {m.stage_id for m in by_engagement[deal.engagement_id] if deal.began < m.at < deal.ended}
        for stage in deal.stages | entered:
            decided[stage] += 1
            won[stage] += deal.won
    return {stage: Share(won[stage], count) for stage, count in decided.items()}


def keep_outcomes(session: Session, today: date) -> int:
    """Reckon every stage anew from the events of two years; how many have any."""
    found = outcomes(_decided(session, today - HISTORY), _moves(session, today - HISTORY))
    held = {kept.stage_id: kept for kept in session.scalars(select(StageOutcome))}
    for stage in session.scalars(select(Stage.id)).all():
        now = found.get(stage, Share(0, 0))
        kept = held.get(stage) or StageOutcome(stage_id=stage)
        kept.won, kept.decided, kept.day = now.part, now.whole, today
        session.add(kept)
    session.flush()
    return len(found)


def chances(session: Session) -> dict[int, Chance]:
    """Every stage's chance. One statement."""
    found = session.execute(
        select(Stage.id, Stage.chance, StageOutcome.won, StageOutcome.decided).outerjoin(
            StageOutcome, StageOutcome.stage_id == Stage.id
        )
    )
    return {stage: chance(said, Share(won or 0, decided or 0)) for stage, said, won, decided in found}


def _decided(session: Session, since: date) -> list[Decided]:
    """An imported deal has no event of its beginning: where its client stood then, nobody knows, and it is left out."""
    began: dict[int, tuple[datetime, list[int]]] = {}
    for deal, at, stages in session.execute(_told(since, "deal:added")):
        began.setdefault(deal, (at, stages or []))
    ended = {deal: (at, stages or []) for deal, at, stages in session.execute(_told(since, "deal:won", "deal:lost"))}
    rows = session.execute(select(Deal.id, Deal.engagement_id, Deal.status).where(*_closed(since)))
    return [
        Decided(
            engagement,
            began[deal][0],
            ended[deal][0],
            status is DealStatus.WON,
            frozenset((*began[deal][1], *ended[deal][1])),
        )
        for deal, engagement, status in rows
        if deal in began and deal in ended
    ]


def _told(since: date, *kinds: str) -> Select[*tuple[Any, ...]]:
    """Deal, moment and stages of such events of the deals that were decided since, in order."""
    return (
        select(Event.subject_id, Event.at, Event.stage_ids)
        .join(Deal, Deal.id == Event.subject_id)
        .where(Event.kind.in_(kinds), *_closed(since))
        .order_by(Event.id)
    )


def _closed(since: date) -> tuple[Any, ...]:
    return Deal.status != DealStatus.OPEN, Deal.closed_on >= since


def _moves(session: Session, since: date) -> list[Move]:
    engagements = select(Deal.engagement_id).where(*_closed(since))
    moves = select(Event.subject_id, Event.at, Event.stage_ids).where(
        Event.kind == "engagement:moved", Event.subject_id.in_(engagements)
    )
    return [Move(subject or 0, at, stages[-1]) for subject, at, stages in session.execute(moves) if stages]
