"""Where deals stand with their proposals: one word for each deal, for pages that show many."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.among import among
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_state import ends_soon, Standing, standing, VersionState
from webapp.queries.shares import OPENINGS, PROPOSAL_ANSWER


@dataclass(frozen=True, slots=True)
class DealProposal:
    """The version that speaks for a deal; ``ends_on`` is its last day where that is near and no answer has come."""

    proposal_id: int
    label: str
    standing: Standing
    ends_on: date | None


_PLACE = func.row_number().over(
    partition_by=Proposal.deal_id,
    order_by=(ProposalVersion.state == VersionState.DRAFT, Proposal.id.desc(), ProposalVersion.number.desc()),
)
_RANKED = (
    select(ProposalVersion.id, _PLACE.label("place"))
    .join(Proposal, Proposal.id == ProposalVersion.proposal_id)
    .where(among(Proposal.deal_id, "deals"))
    .subquery()
)
_SPEAKING = (
    select(
        Proposal.deal_id,
        Proposal.id,
        Proposal.label,
        ProposalVersion.state,
        ProposalVersion.valid_until,
        OPENINGS.label("openings"),
        PROPOSAL_ANSWER.label("answer"),
    )
    .join(ProposalVersion, ProposalVersion.proposal_id == Proposal.id)
    .join(_RANKED, _RANKED.c.id == ProposalVersion.id)
    .where(_RANKED.c.place == 1)
)


def proposals_of(session: Session, deals: Collection[int], today: date) -> dict[int, DealProposal]:
    """By deal: its newest version that went out, or else its newest draft. One statement."""
    found: dict[int, DealProposal] = {}
    for row in session.connection().execute(_SPEAKING, {"deals": list(deals)}):
        how = standing(row.state, row.valid_until, today, row.openings, row.answer)
        ends_on = row.valid_until if ends_soon(how, row.valid_until, today) else None
        found[row.deal_id] = DealProposal(row.id, row.label, how, ends_on)
    return found
