"""Versions of the health model. The first is shipped with Baton; a director adopts the next ones, with a reason."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, JSON, select, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.errors import Refused
from webapp.domain.event import event
from webapp.domain.health import KEYS
from webapp.domain.health_terms import SHIPPED, Terms
from webapp.domain.user import User
from webapp.domain.words import N_, Role

SHIPPED_NUMBER = 1


class HealthModel(Base):
    """A version that was adopted. Never changed: a database trigger refuses it."""

    __tablename__ = "health_model"

    number: Mapped[int] = mapped_column(unique=True)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(500))
    adopted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    adopted_at: Mapped[datetime]

    adopted_by: Mapped[User] = relationship()

    @classmethod
    def adopt(cls, session: Session, terms: Terms, reason: str, *, by: User, at: datetime, seen: int) -> "HealthModel":
        """The next version: it holds from now on. ``seen`` is the number of the version that the person looked at."""
        if by.role is not Role.DIRECTOR:
            raise Refused(N_("Only a director adopts a version of the health model"))
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        terms.check(KEYS)
        last = cls.running(session)
        number = SHIPPED_NUMBER if last is None else last.number
        if seen != number:
            raise Refused(N_("Somebody adopted another version just now"))
        if terms == (SHIPPED if last is None else Terms.of_json(last.terms)):
            raise Refused(N_("This is what holds already"))
        model = cls(number=number + 1, terms=terms.as_json(), reason=reason.strip(), adopted_by=by, adopted_at=at)
        session.add(model)
        session.flush()
        details = {"number": model.number, "reason": model.reason}
        session.add(event("healthmodel:adopted", by=by, at=at, subject_id=model.id, details=details))
        return model

    @classmethod
    def running(cls, session: Session) -> "HealthModel | None":
        """The version that holds; None while it is the shipped one."""
        return session.scalar(select(cls).order_by(cls.number.desc()).limit(1))


def terms_in_force(session: Session) -> Terms:
    """What holds now."""
    terms = session.scalar(select(HealthModel.terms).order_by(HealthModel.number.desc()).limit(1))
    return SHIPPED if terms is None else Terms.of_json(terms)
