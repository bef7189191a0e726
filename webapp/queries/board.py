"""The board: lanes of columns of cards. Heads count and sum over all rows; cards come from the top of each column."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from webapp.domain.model import Stage
from webapp.domain.user import Actor
from webapp.domain.words import Department
from webapp.queries.board_cards import Card, cards, StageFacts
from webapp.queries.board_heads import count, heads, Sum
from webapp.queries.board_order import Filters, FIRST, Part, Place, standing

StageRow = Row[*tuple[Any, ...]]
STAGES = (
    select(Stage.id, Stage.department, Stage.name, Stage.limit_days)
    .where(Stage.removed_at.is_(None))
    .order_by(Stage.position, Stage.id)
)

MANY = 10
"""Stages from which on heads are asked of all: the whole index at once is read faster than in so many parts."""


@dataclass(frozen=True, slots=True)
class Column:
    """One stage: how many clients stand in it, what their open deals are worth, and the first of its cards."""

    stage_id: int
    department: Department
    name: str
    limit_days: int | None
    count: int
    money: tuple[Sum, ...]
    cards: tuple[Card, ...]
    after: Place | None
    """Where the next cards begin; None where all are shown."""
    shown: int
    """How many cards a reader sees with these: the ones before ``cards`` too."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One department's columns, in order."""

    department: Department
    columns: tuple[Column, ...]


def lanes(
    session: Session, actor: Actor, filters: Filters, at: datetime, lengths: Mapping[int, int] | None = None
) -> list[Lane]:
    """The lanes asked for, the reader's own first. ``lengths``: how many cards of a stage, where not FIRST."""
    found = columns(session, actor, filters, at, lengths=lengths)
    order = sorted(Department, key=lambda department: department is not actor.department)
    return [
        Lane(department, tuple(column for column in found if column.department is department))
        for department in order
        if filters.lane in (None, department)
    ]


def columns(
    session: Session,
    actor: Actor,
    filters: Filters,
    at: datetime,
    stage_ids: Collection[int] | None = None,
    lengths: Mapping[int, int] | None = None,
) -> list[Column]:
    """The columns of these stages, or of all, as far as they are in the lane asked for. Four statements."""
    stages = _stages(session, filters, stage_ids)
    parts = [Part(stage.id, (lengths or {}).get(stage.id, FIRST)) for stage in stages]
    return _fill(session, actor, filters, at, stages, parts)


def following(
    session: Session, actor: Actor, filters: Filters, at: datetime, stage_id: int, after: Place, before: int
) -> Column | None:
    """The column with the cards that follow a place, of which so many come ``before``; None without such a stage."""
    stages = _stages(session, filters, [stage_id])
    return next(iter(_fill(session, actor, filters, at, stages, [Part(stage_id, after=after)], before)), None)


def moved(
    session: Session,
    actor: Actor,
    filters: Filters,
    at: datetime,
    engagement_id: int,
    left: Stage,
    entered: Stage,
    lengths: Mapping[int, int],
) -> tuple[list[Column], int | None, bool]:
    """The columns that a card left and entered, without any card but this one, where it is among those shown.

    Beside them the card that it stands before, None where it is the last; and whether their money changed: without
    that, which takes a card without open deals, the sums over all rows are not asked for. At most four statements.
    """
    today, stages = actor.today(at), [left, entered] if filters.lane in (None, entered.department) else []
    card, ids_of = cards(session, actor, at, {engagement_id: entered})[engagement_id], [stage.id for stage in stages]
    counts, money = (
        heads(session, filters, today, ids_of) if card.money else (count(session, filters, today, ids_of), {})
    )
    part = Part(entered.id, lengths.get(entered.id, FIRST))
    ids = standing(session, filters, today, [part])[entered.id][: part.length]
    shown = (card,) if engagement_id in ids else ()
    columns = [_column(stage, counts, money, shown if stage is entered else ()) for stage in stages]
    following = next(iter(ids[ids.index(engagement_id) + 1 :]), None) if shown else None
    return columns, following, bool(card.money)


def _stages(session: Session, filters: Filters, stage_ids: Collection[int] | None) -> list[StageRow]:
    return [
        stage
        for stage in session.connection().execute(STAGES).all()
        if (stage_ids is None or stage.id in stage_ids) and filters.lane in (None, stage.department)
    ]


def _fill(
    session: Session,
    actor: Actor,
    filters: Filters,
    at: datetime,
    stages: Sequence[StageRow],
    parts: Sequence[Part],
    before: int = 0,
) -> list[Column]:
    today, whole = actor.today(at), filters.lane is None and len(stages) > MANY
    counts, money = heads(session, filters, today, None if whole else [stage.id for stage in stages])
    found = standing(session, filters, today, parts)
    lengths = {part.stage_id: part.length for part in parts}
    written = cards(session, actor, at, {id_: s for s in stages for id_ in found[s.id][: lengths[s.id]]})

    def column(stage: StageRow) -> Column:
        ids = found[stage.id]
        shown = tuple(written[id_] for id_ in ids[: lengths[stage.id]] if id_ in written)
        last = shown[-1] if shown and len(ids) > lengths[stage.id] else None
        after = last and Place.of(last.next_touch_on, today, last.id)
        return _column(stage, counts, money, shown, after, before)

    return [column(stage) for stage in stages]


def _column(
    stage: StageFacts,
    counts: Mapping[int, int],
    money: Mapping[int, tuple[Sum, ...]],
    shown: tuple[Card, ...],
    after: Place | None = None,
    before: int = 0,
) -> Column:
    return Column(
        stage.id,
        stage.department,
        stage.name,
        stage.limit_days,
        counts.get(stage.id, 0),
        money.get(stage.id, ()),
        shown,
        after,
        before + len(shown),
    )
