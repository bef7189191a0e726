"""Proposals: one with its versions, and where those of a deal stand."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, Session

from webapp.domain.client import Client
from webapp.domain.deal import Deal
from webapp.domain.file import StoredFile
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_state import Standing, standing, VersionState
from webapp.domain.user import Actor, User
from webapp.queries.shares import LAST_ANSWER, OPENINGS

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version. Sums are None for a draft: nobody has frozen them yet."""

    id: int
    proposal_id: int
    label: str
    number: int
    state: VersionState
    currency: str
    one_off_minor: int | None
    monthly_minor: int | None
    valid_until: date
    lasts: bool
    stuck: bool
    failures: int
    author: str
    sent_by: str | None
    frozen_at: datetime | None
    sent_at: datetime | None
    sha256: str | None
    bytes: int | None
    seen: int
    openings: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """A proposal with its versions, newest first."""

    id: int
    label: str
    deal_id: int
    deal_name: str
    client_id: int
    client_name: str
    open: bool
    """Whether its deal still is: then something may be sent."""
    versions: tuple[VersionRow, ...]

    def version(self, number: int | None) -> VersionRow:
        """That version, or the newest."""
        return next((row for row in self.versions if row.number == number), self.versions[0])

    @property
    def has_draft(self) -> bool:
        return self.versions[0].state is VersionState.DRAFT


def shown(session: Session, actor: Actor, proposal_id: int, at: datetime) -> ProposalPage:
    """Two statements."""
    proposal, deal, client = session.execute(
        select(Proposal, Deal, Client)
        .join(Deal, Proposal.deal_id == Deal.id)
        .join(Client, Deal.client_id == Client.id)
        .where(Proposal.id == proposal_id)
    ).one()
    versions = _versions(session, actor, at, ProposalVersion.proposal_id == proposal_id)
    return ProposalPage(proposal.id, proposal.label, deal.id, deal.name, client.id, client.name, deal.is_open, versions)


def of_deal(session: Session, actor: Actor, deal_id: int, at: datetime) -> tuple[VersionRow, ...]:
    """Every version of the deal's proposals, newest first: what is a draft, what was sent, what a client may still
    accept. One statement."""
    return _versions(session, actor, at, Proposal.deal_id == deal_id)


def attached_to(session: Session, version_id: int) -> list[str]:
    """The names of the files that were sent with a version. One statement."""
    printed = session.scalar(select(ProposalVersion.printed).where(ProposalVersion.id == version_id))
    return [file["name"] for file in (printed or {}).get("attachments", ())]


def _versions(session: Session, actor: Actor, at: datetime, where: object) -> tuple[VersionRow, ...]:
    author, sender = aliased(User), aliased(User)
    totals = ProposalVersion.printed["totals"]
    found = session.execute(
        select(
            ProposalVersion,
            Proposal,
            author.name.label("author"),
            sender.name.label("sent_by"),
            totals["one_off"]["total_minor"].as_integer().label("one_off_minor"),
            totals["monthly"]["total_minor"].as_integer().label("monthly_minor"),
            StoredFile.sha256,
            func.length(StoredFile.content).label("bytes"),
            OPENINGS.label("openings"),
            LAST_ANSWER.label("answer"),
        )
        .join(Proposal, ProposalVersion.proposal_id == Proposal.id)
        .join(author, ProposalVersion.made_by_id == author.id)
        .outerjoin(sender, ProposalVersion.sent_by_id == sender.id)
        .outerjoin(StoredFile, ProposalVersion.file_id == StoredFile.id)
        .where(where)  # type: ignore[arg-type]
        .order_by(Proposal.id.desc(), ProposalVersion.number.desc())
        .limit(MOST_ROWS)
    )
    today = actor.today(at)
    return tuple(
        VersionRow(
            id=row.ProposalVersion.id,
            proposal_id=row.Proposal.id,
            label=row.Proposal.label,
            number=row.ProposalVersion.number,
            state=row.ProposalVersion.state,
            currency=row.ProposalVersion.currency,
            one_off_minor=row.one_off_minor,
            monthly_minor=row.monthly_minor,
            valid_until=row.ProposalVersion.valid_until,
            lasts=row.ProposalVersion.lasts(today),
            stuck=row.ProposalVersion.stuck,
            failures=row.ProposalVersion.failures,
            author=row.author,
            sent_by=row.sent_by,
            frozen_at=row.ProposalVersion.frozen_at,
            sent_at=row.ProposalVersion.sent_at,
            sha256=row.sha256,
            bytes=row.bytes,
            seen=row.ProposalVersion.version,
            openings=int(row.openings),
            standing=standing(
                row.ProposalVersion.state, row.ProposalVersion.valid_until, today, row.openings, row.answer
            ),
        )
        for row in found
    )
