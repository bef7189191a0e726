"""What changed in a version since the one before it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.product_file import ProductFile
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_diff import compare, Difference, FIELDS, TEXTS
from webapp.domain.proposal_template import ProposalTemplate
from webapp.domain.user import Actor

_COMPARED = tuple(getattr(ProposalVersion, name) for name in (*FIELDS, *TEXTS, "lines", "attached"))


def changes_since_the_last(session: Session, actor: Actor, proposal_id: int, number: int) -> Difference | None:
    """One statement, and one for the names of files; None for a first version, which has none before it."""
    found = session.execute(
        select(*_COMPARED, ProposalTemplate.name.label("look"))
        .outerjoin(ProposalTemplate, ProposalTemplate.id == ProposalVersion.template_id)
        .where(ProposalVersion.proposal_id == proposal_id, ProposalVersion.number.between(number - 1, number))
        .order_by(ProposalVersion.number)
    ).all()
    if len(found) < 2:
        return None
    before, after = ({str(name): value for name, value in row._mapping.items()} for row in found)
    _name_files(session, before, after)
    return compare(before, after)


def _name_files(session: Session, *versions: dict[str, Any]) -> None:
    wanted = {key for version in versions for key in version["attached"]}
    named = select(ProductFile.id, ProductFile.name).where(ProductFile.id.in_(wanted))
    names = {row.id: row.name for row in session.execute(named)} if wanted else {}
    for version in versions:
        version["attachments"] = ", ".join(names[key] for key in version["attached"])
