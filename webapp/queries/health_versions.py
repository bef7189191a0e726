"""The versions of the health model, the newest first, down to the shipped one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.health_model import HealthModel, SHIPPED_NUMBER
from webapp.domain.health_terms import SHIPPED, Terms
from webapp.domain.user import User


@dataclass(frozen=True, slots=True)
class Version:
    """``adopted_at`` is None of the one that Baton ships."""

    number: int
    terms: Terms
    reason: str
    by: str
    adopted_at: datetime | None


def versions(session: Session) -> tuple[Version, ...]:
    """All of them, in one statement."""
    adopted = (
        select(HealthModel.number, HealthModel.terms, HealthModel.reason, User.name, HealthModel.adopted_at)
        .join(User, User.id == HealthModel.adopted_by_id)
        .order_by(HealthModel.number.desc())
    )
    found = [Version(row[0], Terms.of_json(row[1]), row[2], row[3], row[4]) for row in session.execute(adopted)]
    return (*found, Version(SHIPPED_NUMBER, SHIPPED, "", "", None))
