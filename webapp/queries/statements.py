"""Bank statements as their screens show them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.statement import Statement, StatementState
from webapp.domain.user import Actor, User

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One statement in the list."""

    id: int
    name: str
    state: StatementState
    starts_on: date | None
    ends_on: date | None
    counts: dict[str, Any]
    came_at: datetime
    by: str | None


def latest(session: Session, actor: Actor) -> list[Row]:
    """The statements that came last. One statement of SQL."""
    rows = session.execute(
        select(
            Statement.id,
            Statement.name,
            Statement.state,
            Statement.starts_on,
            Statement.ends_on,
            Statement.counts,
            Statement.imported_at,
            User.name,
        )
        .outerjoin(User, User.id == Statement.imported_by_id)
        .order_by(Statement.imported_at.desc(), Statement.id.desc())
        .limit(SHOWN)
    )
    return [Row(*row) for row in rows]
