"""Tasks: planned work with an owner and a due date. The earliest open one is the client's next touch."""

from collections.abc import Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose
from webapp.domain.words import N_

if TYPE_CHECKING:
    from webapp.domain.proposal_answer import ProposalAnswer

OPEN = text("closed_at IS NULL")


class TaskKind(StrEnum):
    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {"call": N_("Call"), "meeting": N_("Visit"), "email": N_("E-mail"), "other": N_("Other")}[self.value]


class Task(Base):
    """Planned work for a client. Done or cancelled, it is closed and stays."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_open_by_owner", "owner_id", "due_on", sqlite_where=OPEN, postgresql_where=OPEN),
        Index(None, "owner_id", "due_on"),
        Index("ix_task_open_by_engagement", "engagement_id", "due_on", sqlite_where=OPEN, postgresql_where=OPEN),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Who planned it; None where an import did, or before that was kept."""
    kind: Mapped[TaskKind] = mapped_column(Choice(TaskKind))
    subject: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date]
    due_time: Mapped[time | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    """How it closed: ``done`` or ``cancelled``; empty while open."""

    client: Mapped[Client] = relationship(back_populates="tasks")
    engagement: Mapped[Engagement] = relationship(back_populates="tasks")
    owner: Mapped[User] = relationship(foreign_keys=owner_id)
    answer: Mapped["ProposalAnswer | None"] = relationship(viewonly=True)
    """What a client said of a proposal, which this is the next step of."""
    visit: Mapped[Visit | None] = relationship(back_populates="task", foreign_keys=Visit.task_id)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @classmethod
    def plan(
        cls,
        session: Session,
        engagement: Engagement,
        kind: TaskKind,
        subject: str,
        due_on: date,
        *,
        by: User | None,
        at: datetime,
        owner: User | None = None,
        due_time: time | None = None,
        purpose: Purpose | None = None,
        place: str = "",
        whom: Sequence[Contact] = (),
        about: Product | None = None,
    ) -> "Task":
        """Plan work for a client; the owner of the engagement answers for it unless another is named.

        ``purpose``, ``place``, ``whom`` to meet and ``about`` which product are a visit's.
        """
        engagement.hold(session)
        task = cls(
            client=engagement.client,
            engagement=engagement,
            owner=owner or engagement.owner,
            author_id=None if by is None else by.id,
            kind=kind,
            subject=subject,
            due_on=due_on,
            due_time=due_time,
        )
        session.add(task)
        if kind is TaskKind.MEETING:
            Visit.plan(session, task, whom, place, purpose=purpose, about=about)
        engagement.plan_next_touch()
        session.flush()
        session.add(task._event("task:added", by=by, at=at))
        return task

    def finish(self, *, by: User, at: datetime) -> Event:
        return self._close("done", by=by, at=at)

    def cancel(self, *, by: User | None, at: datetime) -> Event:
        """Nothing comes of it; ``by`` is None where the client itself wants it no more."""
        return self._close("cancelled", by=by, at=at)

    def postpone(self, due_on: date, *, by: User, at: datetime, due_time: time | None = None) -> Event:
        self._check_open()
        before, self.due_on, self.due_time = self.due_on, due_on, due_time
        if before != due_on and (visit := self._visit) is not None:
            visit.another_day()
        self.engagement.plan_next_touch()
        return self._event("task:postponed", by=by, at=at, was=before.isoformat())

    def _close(self, outcome: str, *, by: User | None, at: datetime) -> Event:
        self._check_open()
        self.closed_at, self.outcome = at, outcome
        if (visit := self._visit) is not None:
            visit.closed_with(outcome)
        self.engagement.plan_next_touch()
        return self._event("task:done" if outcome == "done" else "task:cancelled", by=by, at=at)

    @property
    def _visit(self) -> Visit | None:
        """Asked for only where there can be one."""
        return self.visit if self.kind is TaskKind.MEETING else None

    @property
    def _is_an_answers(self) -> bool:
        """Whether the cards in all lanes change with its end; asked for only where there can be an answer."""
        return not self.is_open and self.author_id is None and self.answer is not None

    def _check_open(self) -> None:
        if not self.is_open:
            raise Refused(N_("This task is closed already"))

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: str) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            stages=self.client.stage_ids if self._is_an_answers else (self.engagement.stage_id,),
            details={"subject": self.subject, "due": self.due_on.isoformat(), **details},
        )
