"""Founding: the first company of an installation, with the stages that its lanes begin with, and its first director."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.company import Company
from webapp.domain.default_stages import default_stages
from webapp.domain.errors import Refused
from webapp.domain.event import event
from webapp.domain.stage import Stage
from webapp.domain.user import APPOINTS, User
from webapp.domain.words import N_, Role


def found_company(session: Session, name: str, *, at: datetime, by: User | None = None, **settings: object) -> Company:
    """The company's one row with its settings, and the default stages of all lanes where there are none yet.

    ``by`` is the first director, flushed before, or None when an import or the demo founds it. Refused when there
    is a company already: two people may open the first-run page at once.
    """
    if session.get(Company, 1) is not None:
        raise Refused(N_("The company exists already"))
    company = Company(id=1, name=name, **settings)
    session.add(company)
    if session.scalar(select(Stage.id).limit(1)) is None:
        session.add_all(default_stages())
    session.flush()
    session.add(event("company:created", by=by, at=at, subject_id=company.id, details={"name": name}))
    return company


def found_director(
    session: Session, name: str, email: str, password_hash: str, *, at: datetime, **fields: object
) -> User:
    """The first director, whom nobody could invite. Refused as soon as somebody can administer."""
    if somebody_administers(session):
        raise Refused(N_("The company exists already"))
    director = User(name=name, email=email, role=Role.DIRECTOR, **fields)
    director.check(session)
    session.add(director)
    session.flush()
    session.add(director.choose_password(password_hash, at=at))
    return director


def somebody_administers(session: Session) -> bool:
    """Whether an active director or administrator can log in; before that, the first-run page is open."""
    able = select(func.count()).where(
        User.role.in_(APPOINTS), User.deactivated_at.is_(None), User.password_hash.is_not(None)
    )
    return bool(session.scalar(able))
