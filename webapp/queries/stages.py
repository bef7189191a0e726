"""A lane's stages as their head configures them."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload, Session

from webapp.domain.engagement import Engagement
from webapp.domain.stage import EXIT_CRITERIA, Stage
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


def lane(session: Session, actor: Actor, department: Department) -> list[StageRow]:
    """The department's stages in order: one statement."""
    standing = (
        select(func.count())
        .where(Engagement.stage_id == Stage.id, Engagement.closed_at.is_(None))
        .correlate(Stage)
        .scalar_subquery()
    )
    stages = select(Stage, standing).where(Stage.department == department, Stage.removed_at.is_(None))
    return [
        StageRow(
            stage.id,
            stage.name,
            place,
            stage.limit_days,
            tuple(EXIT_CRITERIA[key].label for key in stage.criteria if key in EXIT_CRITERIA),
            clients,
        )
        for place, (stage, clients) in enumerate(session.execute(stages.order_by(Stage.position, Stage.id)))
    ]


def standing(session: Session, stage: Stage) -> list[Engagement]:
    """Every open engagement in the stage, to move it elsewhere."""
    found = select(Engagement).where(Engagement.stage_id == stage.id, Engagement.closed_at.is_(None))
    return list(session.scalars(found.options(selectinload(Engagement.stage)).order_by(Engagement.id)))
