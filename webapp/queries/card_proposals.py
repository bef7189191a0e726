"""Where a client stands with what we proposed: one word for each client, on the cards of the shared board."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from webapp.domain.among import among
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import AnswerKind, ProposalAnswer
from webapp.domain.proposal_state import ends_soon, Standing, standing, VersionState
from webapp.domain.task import Task
from webapp.queries.shares import OPENINGS, PROPOSAL_ANSWER

_SHOWN = aliased(Engagement)
_TO_BE_THANKED = (
    select(ProposalAnswer.id)
    .join(Task, Task.id == ProposalAnswer.task_id)
    .where(
        ProposalAnswer.proposal_id == Proposal.id, ProposalAnswer.kind == AnswerKind.ACCEPTED, Task.closed_at.is_(None)
    )
    .correlate(Proposal)
    .exists()
)
PROPOSALS = (
    select(Deal.client_id, Proposal.id, ProposalVersion.valid_until, OPENINGS, PROPOSAL_ANSWER)
    .join(Proposal, Proposal.deal_id == Deal.id)
    .join(ProposalVersion, ProposalVersion.proposal_id == Proposal.id)
    .where(
        Deal.client_id.in_(select(_SHOWN.client_id).where(among(_SHOWN.id, "ids"))),
        ProposalVersion.sent_at.is_not(None),  # by the state, SQLite would read every version that was ever sent
        or_(Deal.status == DealStatus.OPEN, _TO_BE_THANKED),
    )
    .order_by(ProposalVersion.sent_at, ProposalVersion.id)
)
"""What went out to the clients of these cards, the newest last: while its deal is open, and once it is accepted until
the owner did what follows."""


class CardProposal(NamedTuple):
    """The version that speaks for a client; ``ends_on`` is its last day where that is near and no answer has come."""

    id: int
    standing: Standing
    ends_on: date | None


def speaking(rows: Iterable[Any], today: date) -> dict[int, CardProposal]:
    """By client: the newest that is not over. Of a proposal only its newest version speaks."""
    found: dict[int, dict[int, CardProposal]] = {}
    for client_id, proposal_id, valid_until, openings, answer in rows:
        mine = found.setdefault(client_id, {})
        mine.pop(proposal_id, None)
        how = standing(VersionState.SENT, valid_until, today, openings, answer)
        if how is not Standing.EXPIRED:
            ends_on = valid_until if ends_soon(how, valid_until, today) else None
            mine[proposal_id] = CardProposal(proposal_id, how, ends_on)
    return {client_id: [*mine.values()][-1] for client_id, mine in found.items() if mine}
