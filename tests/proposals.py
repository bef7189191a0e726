"""Proposals that went out, and what clients answered, made by the domain's own verbs."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tests.cast import AT
from webapp.domain.company import Company
from webapp.domain.deal import Deal
from webapp.domain.file import StoredFile
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import AnswerKind, ProposalAnswer, Visitor
from webapp.domain.proposal_content import content
from webapp.domain.share_link import ShareLink

THEM = Visitor("192.0.2.7", "A browser")


def make_proposal(
    session: Session, deal: Deal, *, went_out: bool = True, days: int = 30, at: datetime = AT
) -> ProposalVersion:
    """The first version of a proposal of the deal's owner, valid so many days; a PDF in name only."""
    version = Proposal.draft(session, deal, by=deal.owner, at=at).last
    version.valid_until = deal.owner.today(at) + timedelta(days=days)
    if went_out:
        send(session, version, at=at)
    session.flush()
    return version


def send(session: Session, version: ProposalVersion, *, at: datetime = AT) -> None:
    owner = version.proposal.deal.owner
    shown = content(version, session.get_one(Company, 1), author=owner, at=at)
    session.add(version.send(shown, by=owner, at=at, seen=version.version))
    session.add(version.store(StoredFile.store(session, f"{version.id}".encode(), "application/pdf"), at=at))
    session.flush()


def make_link(session: Session, version: ProposalVersion, *, at: datetime = AT) -> ShareLink:
    """A link that works until the version's last day."""
    token = ShareLink.make(session, version, version.valid_until, by=version.proposal.deal.owner, at=at)
    found = ShareLink.find(session, token, at)
    assert found is not None
    return found


def make_answer(
    session: Session, version: ProposalVersion, kind: AnswerKind, words: str = "Why?", *, at: datetime = AT
) -> ProposalAnswer:
    """What the client says of a version, by a link of its own."""
    link = make_link(session, version, at=at)
    return ProposalAnswer.give(session, link, kind, "Irina Boss", words, visitor=THEM, at=at)
