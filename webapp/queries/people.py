"""People of ours to choose from."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.stage import Stage
from webapp.domain.user import Actor, User
from webapp.domain.words import Department, Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can answer for clients."""

    id: int
    name: str
    department: Department


@dataclass(frozen=True, slots=True)
class LaneStage:
    """A column of the board."""

    id: int
    name: str
    department: Department


_OWNERS = (
    select(User.id, User.name, User.department)
    .where(User.deactivated_at.is_(None), User.role.in_((Role.MEMBER, Role.HEAD)), User.department.is_not(None))
    .order_by(User.name)
)
_STAGES = select(Stage.id, Stage.name, Stage.department).where(Stage.removed_at.is_(None)).order_by(Stage.position)
_HUNTERS = select(User.id, User.name).where(User.department == Department.SALES).order_by(User.name)


def owners(session: Session, actor: Actor, *, everybody: bool = False) -> list[Person]:
    """Who can own a client in the actor's department, or in all three for a director; the actor first."""
    wanted = None if everybody else actor.department
    rows = session.connection().execute(_OWNERS)
    people = [Person(number, name, place) for number, name, place in rows if place and wanted in (None, place)]
    order = list(Department)
    return sorted(people, key=lambda person: (person.id != actor.id, order.index(person.department)))


def lane_stages(session: Session, actor: Actor) -> list[LaneStage]:
    """The stages of all lanes in the board's order."""
    order = list(Department)
    stages = [LaneStage(*row) for row in session.connection().execute(_STAGES)]
    return sorted(stages, key=lambda stage: order.index(stage.department))


def hunters(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Everybody who is or was in Sales, for saying who attracted a client."""
    return [(row.id, row.name) for row in session.connection().execute(_HUNTERS)]
