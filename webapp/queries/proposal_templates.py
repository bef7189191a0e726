"""Templates of proposals: all of them, and those that a draft may wear."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_template import ProposalTemplate


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template; ``versions`` counts the proposal versions made with it."""

    id: int
    version: int
    name: str
    usual: bool
    retired_at: datetime | None
    accent: str
    cover: bool
    has_logo: bool
    versions: int


def template_rows(session: Session) -> tuple[TemplateRow, ...]:
    """The usual one first, retired ones last. One statement."""
    made = (
        select(ProposalVersion.template_id, func.count().label("versions"))
        .where(ProposalVersion.template_id.is_not(None))
        .group_by(ProposalVersion.template_id)
        .subquery()
    )
    own = ProposalTemplate
    found = session.execute(
        select(
            own.id,
            own.version,
            own.name,
            own.usual,
            own.retired_at,
            own.accent,
            own.cover,
            own.logo_id.is_not(None),
            func.coalesce(made.c.versions, 0),
        )
        .outerjoin(made, made.c.template_id == own.id)
        .order_by(own.retired_at.is_not(None), own.usual.desc(), own.name)
    )
    return tuple(TemplateRow(*row) for row in found)


def offered_templates(session: Session, *, beside: int | None = None) -> list[tuple[int, str]]:
    """Id and name of the templates in use, and of the one that is worn already."""
    in_use = ProposalTemplate.retired_at.is_(None)
    wanted = select(ProposalTemplate.id, ProposalTemplate.name).where(in_use | (ProposalTemplate.id == beside))
    return [(row.id, row.name) for row in session.execute(wanted.order_by(ProposalTemplate.name))]
