"""Founding: the first company of an installation, with the stages that its lanes begin with."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.event import event
from webapp.domain.stage import default_stages, Stage
from webapp.domain.user import User
from webapp.domain.words import N_


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
