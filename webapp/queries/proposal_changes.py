"""What changed in a version since the one before it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_diff import compare, Difference, FIELDS, TEXTS
from webapp.domain.user import Actor

_COMPARED = tuple(getattr(ProposalVersion, name) for name in (*FIELDS, *TEXTS, "lines"))


def changes_since_the_last(session: Session, actor: Actor, proposal_id: int, number: int) -> Difference | None:
    """One statement; None for a first version, which has none before it."""
    found = session.execute(
        select(*_COMPARED)
        .where(ProposalVersion.proposal_id == proposal_id, ProposalVersion.number.between(number - 1, number))
        .order_by(ProposalVersion.number)
    ).all()
    if len(found) < 2:
        return None
    before, after = ({str(name): value for name, value in row._mapping.items()} for row in found)
    return compare(before, after)
