"""What clients do with the proposals that wait: one asks, others read; and a discount waits for the head."""

from dataclasses import replace

from sqlalchemy import select

from webapp.demo.world import World
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.discount import DiscountApproval
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import AnswerKind, ProposalAnswer, Visitor
from webapp.domain.proposal_check import Draft
from webapp.domain.proposal_lines import ProposalLine
from webapp.domain.proposal_state import VersionState
from webapp.domain.share_link import ShareLink
from webapp.domain.words import Role

LIMITS = {Role.MEMBER: 10_00, Role.HEAD: 30_00, Role.DIRECTOR: 100_00}
WISHED = 15_00
"""The discount that the last client asks for, in basis points."""

SHARED = 6
PHONE = Visitor("192.0.2.17", "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36")


def share_proposals(world: World) -> None:
    """Links to the newest proposals of open deals, each opened; the first client asks, the last wants a discount."""
    session, at = world.session, world.until
    session.add(world.company.change(by=world.users["director"], at=at, discount_limits=LIMITS))
    found = session.scalars(
        select(ProposalVersion)
        .join(Proposal, Proposal.id == ProposalVersion.proposal_id)
        .join(Deal, Deal.id == Proposal.deal_id)
        .where(ProposalVersion.state == VersionState.SENT, Deal.status == DealStatus.OPEN)
        .where(ProposalVersion.valid_until >= world.company.today(at))
        .order_by(ProposalVersion.id.desc())
        .limit(SHARED)
    ).all()
    for number, version in enumerate(found):
        owner = version.proposal.deal.owner
        token = ShareLink.make(session, version, version.valid_until, by=owner, at=at)
        link = ShareLink.find(session, token, at)
        told = link.open(at=at) if link is not None else None
        session.add_all([told] if told else [])
        if number == 0 and link is not None and version.contact is not None:
            name = version.contact.name
            ProposalAnswer.give(session, link, AnswerKind.QUESTION, name, world.texts.asked, visitor=PHONE, at=at)
    if found:
        _ask_for_a_discount(world, found[-1])
    session.flush()


def _ask_for_a_discount(world: World, sent: ProposalVersion) -> None:
    session, at, owner = world.session, world.until, sent.proposal.deal.owner
    version = sent.proposal.next_version(session, by=owner, at=at)
    same = {name: getattr(version, name) for name in Draft.__slots__ if name != "lines"}
    lines = tuple(replace(ProposalLine.read(line), discount=WISHED) for line in version.lines)
    told = version.change(Draft(**same, lines=lines), by=owner, at=at, seen=version.version)
    session.add_all([told] if told else [])
    session.flush()
    DiscountApproval.ask(session, version, world.texts.wished, by=owner, at=at)
