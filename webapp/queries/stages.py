"""A lane's stages as their head configures them."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload, Session

from webapp.domain.deal_chance import Chance, chance
from webapp.domain.engagement import Engagement
from webapp.domain.share import Share
from webapp.domain.stage import EXIT_CRITERIA, Stage
from webapp.domain.stage_outcome import StageOutcome
from webapp.domain.user import Actor
from webapp.domain.words import Department


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage; ``clients`` stand in it now."""

    id: int
    name: str
    position: int
    limit_days: int | None
    criteria: tuple[str, ...]
    """Labels of the exit criteria."""
    clients: int
    chance: Chance
    """By which its deals are weighed."""
    measured: Share
    """Of the deals that stood here and were decided in two years, those that were won."""


def lane(session: Session, actor: Actor, department: Department) -> list[StageRow]:
    """The department's stages in order: one statement."""
    standing = (
        select(func.count())
        .where(Engagement.stage_id == Stage.id, Engagement.closed_at.is_(None))
        .correlate(Stage)
        .scalar_subquery()
    )
    stages = (
        select(Stage, standing, StageOutcome.won, StageOutcome.decided)
        .outerjoin(StageOutcome, StageOutcome.stage_id == Stage.id)
        .where(Stage.department == department, Stage.removed_at.is_(None))
    )
    return [
        StageRow(
            stage.id,
            stage.name,
            place,
            stage.limit_days,
            tuple(EXIT_CRITERIA[key].label for key in stage.criteria if key in EXIT_CRITERIA),
            clients,
            chance(stage.chance, Share(won or 0, decided or 0)),
            Share(won or 0, decided or 0),
        )
        for place, (stage, clients, won, decided) in enumerate(
            session.execute(stages.order_by(Stage.position, Stage.id))
        )
    ]


def standing(session: Session, stage: Stage) -> list[Engagement]:
    """Every open engagement in the stage, to move it elsewhere."""
    found = select(Engagement).where(Engagement.stage_id == stage.id, Engagement.closed_at.is_(None))
    return list(session.scalars(found.options(selectinload(Engagement.stage)).order_by(Engagement.id)))
