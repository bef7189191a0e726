"""Discounts above a limit: who may give how much alone, and the approval of one version by a head."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import cast, TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, select, String, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.company import Company
from webapp.domain.discount_depth import depth, Priced
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.lane import answering_lane
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.words import N_, Role

if TYPE_CHECKING:
    from webapp.domain.proposal import ProposalVersion

LONGEST_WORDS = 500
DECIDE = N_("Decide on the discount of a proposal")
DECIDED = N_("The discount is decided on: look at the proposal")
LIVING = text("state in ('asked', 'approved')")


class ApprovalState(StrEnum):
    """``void``: the version was changed afterwards."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    VOID = "void"

    @property
    def label(self) -> str:
        return {
            "asked": N_("Approval is asked for"),
            "approved": N_("The discount is approved"),
            "refused": N_("The discount is refused"),
            "void": N_("Changed since"),
        }[self.value]


class DiscountApproval(Base):
    """That somebody may give this version's discount. It belongs to the version as it stood, and to no other."""

    __tablename__ = "discount_approval"
    __table_args__ = (
        Index("uq_discount_approval_living", "version_id", unique=True, sqlite_where=LIVING, postgresql_where=LIVING),
        Index("ix_discount_approval_version_id", "version_id", "id"),
        {"sqlite_autoincrement": True},
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("proposal_version.id", ondelete="CASCADE"))
    discount: Mapped[int]
    """Basis points: the deepest of the version's lines when it was asked for."""
    state: Mapped[ApprovalState] = mapped_column(Choice(ApprovalState), default=ApprovalState.ASKED)
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    asked_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(LONGEST_WORDS), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    decided_at: Mapped[datetime | None]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), index=True)
    """To decide, and then to look at what was decided."""

    about: Mapped["ProposalVersion"] = relationship()
    asked_by: Mapped[User] = relationship(foreign_keys=asked_by_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)
    task: Mapped[Task | None] = relationship()

    @classmethod
    def ask(
        cls, session: Session, version: "ProposalVersion", words: str, *, by: User, at: datetime
    ) -> "DiscountApproval":
        """Ask a head. It becomes the task of the first who may decide."""
        discount = depth_of(session, version)
        if not version.is_draft or discount <= limit_of(session, by):
            raise Refused(N_("This version needs no approval"))
        if cls.living(session, version.id) is not None:
            raise Refused(N_("Approval is asked for already"))
        _check_words(words, "words", N_("Say why the client should get it"))
        lane, head = answering_lane(version.proposal.deal), who_decides(session, version, discount)
        task = None
        if lane is not None and head is not None:
            task = Task.plan(session, lane, TaskKind.OTHER, DECIDE, head.today(at), by=by, at=at, owner=head)
        approval = cls(about=version, discount=discount, words=words.strip(), asked_by=by, asked_at=at, task=task)
        session.add(approval)
        session.flush()
        session.add(approval._event("discount:asked", by=by, at=at, words=words.strip()))
        return approval

    @classmethod
    def living(cls, session: Session, version_id: int) -> "DiscountApproval | None":
        """What is asked for or approved of the version as it stands."""
        return session.scalars(select(cls).where(cls.version_id == version_id, LIVING)).one_or_none()

    def decide(self, session: Session, *, approves: bool, reason: str, by: User, at: datetime) -> Event:
        """Approve, or refuse with a reason. Who asked gets a task."""
        if self.state is not ApprovalState.ASKED:
            raise Refused(N_("Nobody asks for this any more"))
        if approves and self.discount > limit_of(session, by):
            raise Refused(N_("This is more than you may approve: a director decides"))
        if not approves or reason:
            _check_words(reason, "reason", N_("Say why"))
        self.state = ApprovalState.APPROVED if approves else ApprovalState.REFUSED
        self.reason, self.decided_by, self.decided_at = reason.strip(), by, at
        if self.task is not None and self.task.is_open:
            session.add(self.task.finish(by=by, at=at))
        lane = answering_lane(self.about.proposal.deal)
        if lane is not None and self.asked_by.active:
            day = self.asked_by.today(at)
            self.task = Task.plan(session, lane, TaskKind.OTHER, DECIDED, day, by=by, at=at, owner=self.asked_by)
        return self._event(f"discount:{self.state}", by=by, at=at, words=self.reason)

    def _event(self, kind: str, *, by: User, at: datetime, words: str) -> Event:
        return self.about.tell(kind, by=by, at=at, words=words, who=percent(self.discount))


def depth_of(session: Session, version: "ProposalVersion") -> int:
    """How deep the discount of a version is; basis points."""
    priced = Priced(version.currency, version.dated_on, version.prices_include_tax)
    return depth(session, version.lines, version.discount, priced)


def limit_of(session: Session, person: User) -> int:
    """What this person's role gives without asking; basis points."""
    return session.get_one(Company, 1).discount_limits.get(person.role, 0)


def check_discount(version: "ProposalVersion", by: User) -> None:
    """Refuse to send what neither the sender may give nor somebody approved."""
    session = _session_of(version)
    discount, limit = depth_of(session, version), limit_of(session, by)
    approval = DiscountApproval.living(session, version.id)
    approved = approval is not None and approval.state is ApprovalState.APPROVED and discount <= approval.discount
    if discount > limit and not approved:
        raise Refused(
            N_("A discount of %(discount)s is above your limit of %(limit)s: ask for approval"),
            discount=percent(discount),
            limit=percent(limit),
        )


def make_void(version: "ProposalVersion", *, by: User, at: datetime) -> None:
    """The version was changed: what was asked for or approved is about something else."""
    session = _session_of(version)
    approval = DiscountApproval.living(session, version.id)
    if approval is not None:
        approval.state = ApprovalState.VOID
        if approval.task is not None and approval.task.is_open:
            session.add(approval.task.cancel(by=by, at=at))


def who_decides(session: Session, version: "ProposalVersion", discount: int) -> User | None:
    """The head of the deal's department where the limit allows it, else a director."""
    limits, lane = session.get_one(Company, 1).discount_limits, answering_lane(version.proposal.deal)
    roles = [role for role in (Role.HEAD, Role.DIRECTOR) if limits.get(role, 0) >= discount]
    people = session.scalars(select(User).where(User.role.in_(roles), User.deactivated_at.is_(None)).order_by(User.id))
    fit = [
        one for one in people if one.role is Role.DIRECTOR or (lane is not None and one.department is lane.department)
    ]
    return min(fit, key=lambda one: one.role is Role.DIRECTOR, default=None)


def _session_of(version: "ProposalVersion") -> Session:
    return cast("Session", object_session(version))


def percent(basis_points: int) -> str:
    """``7.5 %``, plain: it stands in events and refusals."""
    return f"{Decimal(basis_points).scaleb(-2).normalize():f} %"


def _check_words(words: str, field: str, sentence: str) -> None:
    if not words.strip():
        raise Refused(sentence, field=field)
    if len(words) > LONGEST_WORDS:
        raise Refused(N_("At most %(longest)s letters"), field=field, longest=LONGEST_WORDS)
