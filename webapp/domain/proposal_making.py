"""How a batch's proposal for one client comes into being: a deal, its proposal, and the frozen version."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import NO_MORE
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.deal import Deal
from webapp.domain.errors import Refused
from webapp.domain.launch import Launch
from webapp.domain.launch_offering import Apart
from webapp.domain.letter_text import fill, fill_line
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_batch import NOT_SERVED, ProposalBatch
from webapp.domain.proposal_check import Draft
from webapp.domain.proposal_content import content
from webapp.domain.proposal_lines import ProposalLine


def make(session: Session, batch: ProposalBatch, client: Client, company: Company, *, at: datetime) -> ProposalVersion:
    """All of it, or a refusal. The owner of the client's work signs it; the batch's maker sends it."""
    by, offer, lane = batch.made_by, batch.offer, batch.lane(client)
    if lane is None:
        raise Refused(NOT_SERVED)
    if batch.launch is not None:
        _check_wanted(session, batch.launch, client)
    deal = Deal.add(session, lane, batch.name, offer.currency, by=by, at=at, lines=offer.lines)
    version = Proposal.draft(session, deal, by=by, at=at).last
    contact = version.contact
    named = {"client": client.name, "contact": contact.name if contact is not None else client.name}
    draft = Draft(
        language=offer.language,
        currency=offer.currency,
        prices_include_tax=offer.prices_include_tax,
        dated_on=version.dated_on,
        valid_until=version.dated_on + timedelta(days=offer.valid_days),
        contact=contact,
        title=fill_line(offer.title, named),
        text=fill(offer.text, named),
        terms=fill(offer.terms, named),
        lines=tuple(ProposalLine.read(line) for line in version.lines),
        discount=offer.discount,
        template=batch.template,
        attached=offer.attached,
    )
    told = version.change(draft, by=by, at=at, seen=version.version)
    session.add_all([told] if told else [])
    session.flush()
    printed = content(version, company, author=lane.owner, at=at)
    session.add(version.send(printed, by=by, at=at, seen=version.version))
    return version


def _check_wanted(session: Session, launch: Launch, client: Client) -> None:
    """The client may have bought or refused since the batch was started."""
    known = (Awareness.client_id == client.id, Awareness.product_id == launch.product_id)
    state = session.scalar(select(Awareness.state).where(*known))
    if state in NO_MORE:
        raise Refused(Apart(state.value).label)
