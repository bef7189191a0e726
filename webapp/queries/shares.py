"""Links to proposals and what clients answered: of one proposal, and what waits for whom."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, ColumnElement, func, or_, select
from sqlalchemy.orm import aliased, Session

from webapp.domain.client import Client
from webapp.domain.deal import Deal
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import AcceptanceRecord, AnswerKind, ProposalAnswer
from webapp.domain.share_link import ShareLink
from webapp.domain.task import Task
from webapp.domain.user import Actor, User

MOST_ROWS = 100
MOST_WAITING = 20

OPENINGS = (
    select(func.coalesce(func.sum(ShareLink.openings), 0))
    .where(ShareLink.version_id == ProposalVersion.id)
    .correlate(ProposalVersion)
    .scalar_subquery()
)
"""How often people opened the version."""

LAST_ANSWER = (
    select(ProposalAnswer.kind)
    .outerjoin(Task, Task.id == ProposalAnswer.task_id)
    .where(
        ProposalAnswer.version_id == ProposalVersion.id,
        or_(ProposalAnswer.kind != AnswerKind.QUESTION, Task.closed_at.is_(None)),
    )
    .order_by(case((ProposalAnswer.kind == AnswerKind.ACCEPTED, 0), else_=1), ProposalAnswer.id.desc())
    .limit(1)
    .correlate(ProposalVersion)
    .scalar_subquery()
)
"""What the client said of the version: yes for ever, else the last; a question until its task is done."""


PROPOSAL_ANSWER = func.coalesce(
    select(ProposalAnswer.kind)
    .where(ProposalAnswer.proposal_id == Proposal.id, ProposalAnswer.kind == AnswerKind.ACCEPTED)
    .correlate(Proposal)
    .scalar_subquery(),
    LAST_ANSWER,
)
"""The same where only one version stands for the proposal: that another one was accepted counts too."""


@dataclass(frozen=True, slots=True)
class LinkRow:
    id: int
    made_by: str
    made_at: datetime
    last_day: date
    revoked: bool
    works: bool
    openings: int
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer; ``record_id`` is the printed record of an acceptance, ``waits`` says that its task is open."""

    id: int
    kind: AnswerKind
    version: int
    name: str
    words: str
    at: datetime
    address: str
    agent: str
    sha256: str
    record_id: int | None
    waits: bool
    chosen: tuple[str, ...]
    """What was accepted beside what is included."""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """An answer that somebody has still to act on."""

    id: int
    kind: AnswerKind
    name: str
    words: str
    at: datetime
    proposal_id: int
    label: str
    version: int
    client_id: int
    client: str
    owner: str


def links_of(session: Session, actor: Actor, version_id: int, at: datetime) -> tuple[LinkRow, ...]:
    """The version's links, newest first."""
    found = session.execute(
        select(ShareLink, User.name)
        .join(User, User.id == ShareLink.made_by_id)
        .where(ShareLink.version_id == version_id)
        .order_by(ShareLink.id.desc())
        .limit(MOST_ROWS)
    )
    return tuple(
        LinkRow(
            link.id,
            name,
            link.made_at,
            actor.today(link.expires_at - timedelta(seconds=1)),
            link.revoked_at is not None,
            link.works(at),
            link.openings,
            link.opened_at,
        )
        for link, name in found
    )


def answers_of(session: Session, actor: Actor, proposal_id: int) -> tuple[AnswerRow, ...]:
    """What the client answered to the proposal's versions, newest first."""
    offered = case((ProposalAnswer.kind == AnswerKind.ACCEPTED, ProposalVersion.printed["lines"]))
    found = session.execute(
        select(ProposalAnswer, ProposalVersion.number, AcceptanceRecord.id, Task.closed_at, offered)
        .join(ProposalVersion, ProposalVersion.id == ProposalAnswer.version_id)
        .outerjoin(AcceptanceRecord, AcceptanceRecord.answer_id == ProposalAnswer.id)
        .outerjoin(Task, Task.id == ProposalAnswer.task_id)
        .where(ProposalAnswer.proposal_id == proposal_id)
        .order_by(ProposalAnswer.id.desc())
        .limit(MOST_ROWS)
    )
    return tuple(
        AnswerRow(
            answer.id,
            answer.kind,
            number,
            answer.name,
            answer.words,
            answer.at,
            answer.address,
            answer.agent,
            answer.sha256,
            record_id,
            answer.task_id is not None and closed_at is None,
            tuple(lines[place]["name"] for place in answer.chosen),
        )
        for answer, number, record_id, closed_at, lines in found
    )


def waiting_count(session: Session, actor: Actor) -> int:
    """How many answers wait for the actor's next step."""
    counted = select(func.count(ProposalAnswer.id)).join(Task, Task.id == ProposalAnswer.task_id)
    return session.scalar(counted.where(*_mine(actor))) or 0


def waiting(session: Session, actor: Actor) -> tuple[WaitingRow, ...]:
    """The answers that wait, newest first: one's own, for a head those to the department, for a director all."""
    owner = aliased(User)
    found = session.execute(
        select(
            ProposalAnswer.id,
            ProposalAnswer.kind,
            ProposalAnswer.name,
            ProposalAnswer.words,
            ProposalAnswer.at,
            Proposal.id,
            Proposal.label,
            ProposalVersion.number,
            Client.id,
            Client.name,
            owner.name,
        )
        .join(Task, Task.id == ProposalAnswer.task_id)
        .join(ProposalVersion, ProposalVersion.id == ProposalAnswer.version_id)
        .join(Proposal, Proposal.id == ProposalAnswer.proposal_id)
        .join(Deal, Deal.id == Proposal.deal_id)
        .join(Client, Client.id == Deal.client_id)
        .join(owner, owner.id == Task.owner_id)
        .where(*_mine(actor))
        .order_by(ProposalAnswer.id.desc())
        .limit(MOST_WAITING)
    )
    return tuple(WaitingRow(*row) for row in found)


def _mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    still = Task.closed_at.is_(None)
    if actor.is_director:
        return (still,)
    if actor.is_head:
        return (still, Task.owner_id.in_(select(User.id).where(User.department == actor.department)))
    return (still, Task.owner_id == actor.id)
