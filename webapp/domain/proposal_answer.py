"""What a client answers to a shared proposal: a question, yes, or no. Each answer is a record that never changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, func, Index, JSON, select, String, Text, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.awareness_state import Happening
from webapp.domain.base import Base, Choice
from webapp.domain.closing import close
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.lane import answering_lane
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_check import CONTROLS
from webapp.domain.proposal_choice import agreed
from webapp.domain.proposal_products import note_answer
from webapp.domain.share_link import ShareLink
from webapp.domain.task import Task, TaskKind
from webapp.domain.words import N_

LONGEST_NAME = 160
LONGEST_WORDS = 5_000
MOST_ANSWERS = 50
"""Through one link: more is no conversation any more."""

GONE = N_("This link opens nothing any more")
SETTLED = N_("This proposal was accepted already")
EXPIRED = N_("This proposal has expired: please ask us for a new one")
CLOSED = N_("This proposal cannot be accepted here any more: please ask us")
ACCEPTED_ONCE = text("kind = 'accepted'")


class AnswerKind(StrEnum):
    QUESTION = "question"
    ACCEPTED = "accepted"
    DECLINED = "declined"

    @property
    def label(self) -> str:
        return {"question": N_("Question"), "accepted": N_("Acceptance"), "declined": N_("Refusal")}[self.value]


TASKS = {
    AnswerKind.QUESTION: N_("Answer the client's question about the proposal"),
    AnswerKind.ACCEPTED: N_("The proposal is accepted: thank the client and agree on the start"),
    AnswerKind.DECLINED: N_("The proposal is declined: find out what would suit the client"),
}
"""What the owner does next, today."""

KINDS = {
    AnswerKind.QUESTION: "proposal:asked",
    AnswerKind.ACCEPTED: "proposal:accepted",
    AnswerKind.DECLINED: "proposal:declined",
}


SAYS = {
    AnswerKind.QUESTION: Happening.INTERESTED,
    AnswerKind.ACCEPTED: Happening.INTERESTED,
    AnswerKind.DECLINED: Happening.REFUSED,
}
"""What an answer says of the products: whoever answers knows of them, by itself."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who answers, as the network shows them."""

    address: str
    agent: str


class ProposalAnswer(Base):
    """One answer with the moment, the address, the program and the document's hash. The database refuses a change,
    and a second acceptance of one proposal."""

    __tablename__ = "proposal_answer"
    __table_args__ = (
        Index(
            "uq_proposal_answer_accepted",
            "proposal_id",
            unique=True,
            sqlite_where=ACCEPTED_ONCE,
            postgresql_where=ACCEPTED_ONCE,
        ),
        Index("ix_proposal_answer_proposal_id", "proposal_id", "id"),
        Index("ix_proposal_answer_kind_at", "kind", "at"),
        {"sqlite_autoincrement": True},
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("proposal_version.id"), index=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("share_link.id"), index=True)
    kind: Mapped[AnswerKind] = mapped_column(Choice(AnswerKind))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    words: Mapped[str] = mapped_column(Text)
    """The question, the reason, or what somebody adds to a yes; as typed."""
    at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the document that the answer is about."""
    chosen: Mapped[list[int]] = mapped_column(JSON, default=list)
    """The places of the options and alternatives that were accepted with it."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    """The owner's work that it began; while that is open, the answer waits."""

    proposal: Mapped[Proposal] = relationship()
    answered: Mapped[ProposalVersion] = relationship()
    link: Mapped[ShareLink] = relationship()
    task: Mapped[Task | None] = relationship()
    record: Mapped["AcceptanceRecord | None"] = relationship(back_populates="answer")

    @classmethod
    def give(
        cls,
        session: Session,
        link: ShareLink,
        kind: AnswerKind,
        name: str,
        words: str,
        *,
        visitor: Visitor,
        at: datetime,
        chosen: Sequence[int] = (),
    ) -> "ProposalAnswer":
        """The client answers. An acceptance wins the deal; of several at once exactly one does."""
        version, company = link.shared, session.get_one(Company, 1)
        for held in (version.proposal, version.proposal.deal):  # one answer at a time
            session.refresh(held, with_for_update=True)
        if not link.works(at) or version.file is None:
            raise Refused(GONE)
        _check(kind, name, words)
        before = cls.last_by(session, link.id)
        if before is not None and (before.kind, before.name, before.words) == (kind, name, words):
            return before  # the same form, sent twice
        if (session.scalar(select(func.count(cls.id)).where(cls.link_id == link.id)) or 0) >= MOST_ANSWERS:
            raise Refused(N_("So many answers came by this link already: please call us"))
        taken = agreed((version.printed or {})["lines"], chosen)
        if kind is not AnswerKind.QUESTION:
            _check_open(session, version, accepts=kind is AnswerKind.ACCEPTED, lasts=version.lasts(company.today(at)))
        answer = cls(
            proposal=version.proposal,
            answered=version,
            link=link,
            kind=kind,
            name=name,
            words=words,
            at=at,
            address=visitor.address[:64],
            agent="".join(letter for letter in visitor.agent if letter not in CONTROLS)[:300],
            sha256=version.file.sha256,
            chosen=sorted(chosen),
            task=_plan(session, version, kind, at=at),
        )
        try:
            with session.begin_nested():
                session.add(answer)
        except IntegrityError:
            raise Refused(SETTLED) from None  # somebody was faster
        told = version.tell(KINDS[kind], by=None, at=at, who=name, words=words, sha256=version.file.sha256)
        session.add(told)
        note_answer(version, SAYS[kind], at=at)
        if kind is AnswerKind.ACCEPTED:
            close(session, version, taken, company.today(at), at=at)
        return answer

    def keep_record(self, file: StoredFile, *, at: datetime) -> Event:
        """The record is printed; it stands beside the document."""
        self.record = AcceptanceRecord(file=file)
        return self.answered.tell("proposal:recorded", by=None, at=at, sha256=file.sha256)

    @classmethod
    def last_by(cls, session: Session, link_id: int) -> "ProposalAnswer | None":
        """The last that was answered by a link."""
        return session.scalars(select(cls).where(cls.link_id == link_id).order_by(cls.id.desc()).limit(1)).one_or_none()

    @classmethod
    def may_accept(cls, session: Session, version: ProposalVersion, day: date) -> bool:
        """Whether the client may accept this version on that day."""
        open_ = version.lasts(day) and version.proposal.deal.is_open
        return open_ and cls.acceptance_of(session, version.proposal_id) is None

    @classmethod
    def acceptance_of(cls, session: Session, proposal_id: int) -> "ProposalAnswer | None":
        """How the proposal was accepted; None while nobody did."""
        accepted = (cls.proposal_id == proposal_id, cls.kind == AnswerKind.ACCEPTED)
        return session.scalars(select(cls).where(*accepted)).one_or_none()


class AcceptanceRecord(Base):
    """The printed record of an acceptance; it stands beside the document, which stays as it was sent (rule 9)."""

    __tablename__ = "acceptance_record"

    answer_id: Mapped[int] = mapped_column(ForeignKey("proposal_answer.id"), unique=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))

    answer: Mapped[ProposalAnswer] = relationship(back_populates="record")
    file: Mapped[StoredFile] = relationship()


def _check(kind: AnswerKind, name: str, words: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Refused(N_("Please write your name"), field="name")
    if len(words) > LONGEST_WORDS:
        raise Refused(N_("At most %(longest)s letters"), field="words", longest=LONGEST_WORDS)
    if kind is not AnswerKind.ACCEPTED and not words.strip():
        asked = {AnswerKind.QUESTION: N_("Please write your question"), AnswerKind.DECLINED: N_("Please say why")}
        raise Refused(asked[kind], field="words")
    if CONTROLS & set(name + words):
        raise Refused(N_("This holds characters that cannot be printed"), field="words")


def _check_open(session: Session, version: ProposalVersion, *, accepts: bool, lasts: bool) -> None:
    if ProposalAnswer.acceptance_of(session, version.proposal_id) is not None:
        raise Refused(SETTLED)
    if not version.proposal.deal.is_open:
        raise Refused(CLOSED)
    if accepts and not lasts:
        raise Refused(EXPIRED)


def _plan(session: Session, version: ProposalVersion, kind: AnswerKind, *, at: datetime) -> Task | None:
    """The owner's next step; of a client whom nobody serves any more, none."""
    lane = answering_lane(version.proposal.deal)
    if lane is None:
        return None
    return Task.plan(session, lane, TaskKind.CALL, TASKS[kind], lane.owner.today(at), by=None, at=at)
