"""Proposals to the audience of a launch: who may get one, who gets none and why, and the batch that makes them."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, case, exists, literal, or_, Select, select
from sqlalchemy.orm import Session

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import NO_MORE
from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused
from webapp.domain.launch import Launch
from webapp.domain.launch_touch import LaunchClient
from webapp.domain.proposal_batch import BatchItem, NOT_SERVED, Offer, ProposalBatch
from webapp.domain.proposal_template import ProposalTemplate
from webapp.domain.user import User
from webapp.domain.words import Department, N_


class Apart(StrEnum):
    """Why a client of the audience gets no proposal; some are states of awareness."""

    MADE = "made"
    OWNED = "owned"
    REFUSED = "refused"
    NOT_ELIGIBLE = "not_eligible"
    NOT_SERVED = "not_served"

    @property
    def label(self) -> str:
        return {
            "made": N_("Has its proposal from this launch"),
            "owned": N_("Owns it"),
            "refused": N_("Refused"),
            "not_eligible": N_("Not eligible"),
            "not_served": NOT_SERVED,
        }[self.value]


def audience(launch: Launch, department: Department | None) -> Select[int, str | None]:
    """Every client of the frozen audience, and as ``why`` what keeps a proposal from it, or None; as somebody of that
    department (None: of all) would make it."""
    own = (BatchItem.client_id == LaunchClient.client_id, BatchItem.left_out == "")
    made = exists().where(*own, BatchItem.batch_id == ProposalBatch.id, ProposalBatch.launch_id == launch.id)
    served = [Engagement.client_id == LaunchClient.client_id, Engagement.closed_at.is_(None)]
    served += [Engagement.department == department] if department is not None else []
    why = case(
        (made, literal(Apart.MADE.value)),
        *((Awareness.state == state, literal(Apart(state.value).value)) for state in sorted(NO_MORE)),
        (or_(Client.lost_at.is_not(None), ~exists().where(*served)), literal(Apart.NOT_SERVED.value)),
        else_=None,
    )
    known = and_(Awareness.client_id == LaunchClient.client_id, Awareness.product_id == launch.product_id)
    return (
        select(LaunchClient.client_id, why.label("why"))
        .join(Client, Client.id == LaunchClient.client_id)
        .outerjoin(Awareness, known)
        .where(LaunchClient.launch_id == launch.id)
    )


def offer_to_audience(
    session: Session,
    launch: Launch,
    name: str,
    client_ids: Iterable[int],
    offer: Offer,
    template: ProposalTemplate | None = None,
    *,
    by: User,
    at: datetime,
) -> ProposalBatch:
    """A batch for clients of the audience, each once in the whole launch. Two that are started at a time come one after
    the other."""
    session.refresh(launch, with_for_update=True)
    if not launch.counts:
        raise Refused(N_("This launch is “%(state)s” by now"), state=launch.state.label)
    wanted = list(dict.fromkeys(client_ids))
    found = session.execute(audience(launch, by.department).where(LaunchClient.client_id.in_(wanted)))
    free = {client_id for client_id, why in found if why is None}
    if set(wanted) - free:
        raise Refused(
            N_("Some of these clients get no proposal any more: look who is ticked, and send it again"), field="clients"
        )
    return ProposalBatch.start(session, name, wanted, offer, template, by=by, at=at, launch=launch)
