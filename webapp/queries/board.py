"""The board: lanes of columns of cards. Heads count and sum over all rows; cards come from the top of each column."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, Row, select
from sqlalchemy.orm import Session

from webapp.domain.model import Deal, Engagement, Stage
from webapp.domain.user import Actor
from webapp.domain.words import Department
from webapp.queries.board_cards import Card, cards, OPEN_DEAL, Sum, sums
from webapp.queries.board_order import conditions, Filters, FIRST, Part, Place, standing


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
    """The columns of these stages, or of all, as far as they are in the lane asked for. Eight statements."""
    stages = _stages(session, filters, stage_ids)
    parts = [Part(stage.id, (lengths or {}).get(stage.id, FIRST)) for stage in stages]
    return _fill(session, actor, filters, at, stages, parts)


def following(
    session: Session, actor: Actor, filters: Filters, at: datetime, stage_id: int, after: Place, before: int
) -> Column | None:
    """The column with the cards that follow a place, of which so many come ``before``; None without such a stage."""
    stages = _stages(session, filters, [stage_id])
    parts = [Part(stage_id, after=after)] if stages else []
    return next(iter(_fill(session, actor, filters, at, stages, parts, before)), None)


def _stages(session: Session, filters: Filters, stage_ids: Collection[int] | None) -> Sequence[Row[*tuple[Any, ...]]]:
    wanted = select(Stage.id, Stage.department, Stage.name, Stage.limit_days).where(Stage.removed_at.is_(None))
    if stage_ids is not None:
        wanted = wanted.where(Stage.id.in_(stage_ids))
    if filters.lane is not None:
        wanted = wanted.where(Stage.department == filters.lane)
    found: Sequence[Row[*tuple[Any, ...]]] = (
        session.connection().execute(wanted.order_by(Stage.position, Stage.id)).all()
    )
    return found


def _fill(
    session: Session,
    actor: Actor,
    filters: Filters,
    at: datetime,
    stages: Sequence[Row[*tuple[Any, ...]]],
    parts: Sequence[Part],
    before: int = 0,
) -> list[Column]:
    today = actor.today(at)
    values = {**filters.values(today), "stages": [stage.id for stage in stages]}
    met = (*conditions(filters.shape), Engagement.stage_id.in_(bindparam("stages", expanding=True)))
    counted = select(Engagement.stage_id, func.count()).where(*met).group_by(Engagement.stage_id)
    counts = dict(session.connection().execute(counted, values).all())
    totals = (
        select(Engagement.stage_id, Deal.currency, func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
        .join(Engagement, Engagement.id == Deal.engagement_id)
        .where(OPEN_DEAL, *met)
        .group_by(Engagement.stage_id, Deal.currency)
        .order_by(Engagement.stage_id, Deal.currency)
    )
    money = sums(session, totals, values)
    found = standing(session, filters, today, parts)
    lengths = {part.stage_id: part.length for part in parts}
    limits = {id_: stage.limit_days for stage in stages for id_ in found[stage.id][: lengths[stage.id]]}
    written = {card.id: card for card in cards(session, actor, at, list(limits), limits)}

    def column(stage: Row[*tuple[Any, ...]]) -> Column:
        ids = found[stage.id]
        shown = tuple(written[id_] for id_ in ids[: lengths[stage.id]])
        return Column(
            stage.id,
            stage.department,
            stage.name,
            stage.limit_days,
            counts.get(stage.id, 0),
            money.get(stage.id, ()),
            shown,
            shown[-1].place if len(ids) > len(shown) else None,
            before + len(shown),
        )

    return [column(stage) for stage in stages]
