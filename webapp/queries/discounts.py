"""How a version's discount stands: how deep it is, what the reader may give, and what was asked and decided."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased, Session

from webapp.domain.company import Company
from webapp.domain.discount import ApprovalState, depth_of, DiscountApproval
from webapp.domain.proposal import ProposalVersion
from webapp.domain.user import Actor, User


@dataclass(frozen=True, slots=True)
class DiscountRow:
    """Basis points. ``deepest`` is a draft's, 0 when it was sent; ``above`` what the reader may give. ``state`` is the
    last request's, None where nobody asked."""

    id: int | None
    deepest: int
    limit: int
    above: bool
    state: ApprovalState | None
    asked: int | None
    words: str
    asked_by: str
    asked_at: datetime | None
    reason: str
    decided_by: str


def discount_of(session: Session, actor: Actor, version_id: int) -> DiscountRow:
    """One statement; of a draft five more for the catalogue's prices."""
    asker, decider = aliased(User), aliased(User)
    last = select(DiscountApproval.id).where(DiscountApproval.version_id == version_id)
    row = session.execute(
        select(
            ProposalVersion,
            Company.discount_limits,
            DiscountApproval,
            asker.name.label("asked_by"),
            decider.name.label("decided_by"),
        )
        .select_from(ProposalVersion)
        .join(Company, Company.id == 1)
        .outerjoin(
            DiscountApproval,
            DiscountApproval.id == last.order_by(DiscountApproval.id.desc()).limit(1).scalar_subquery(),
        )
        .outerjoin(asker, asker.id == DiscountApproval.asked_by_id)
        .outerjoin(decider, decider.id == DiscountApproval.decided_by_id)
        .where(ProposalVersion.id == version_id)
    ).one()
    found, limit = row.DiscountApproval, row.discount_limits.get(actor.role, 0)
    version: ProposalVersion = row.ProposalVersion
    discount = depth_of(session, version) if version.is_draft else 0
    return DiscountRow(
        found.id if found else None,
        discount,
        limit,
        discount > limit,
        found.state if found else None,
        found.discount if found else None,
        found.words if found else "",
        row.asked_by or "",
        found.asked_at if found else None,
        found.reason if found else "",
        row.decided_by or "",
    )
