"""Engagements: one department's current work with one client. The card on the board."""

from datetime import date, datetime
from typing import cast, TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, String, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.base import alone, Base, Choice
from webapp.domain.client import Client
from webapp.domain.errors import Incomplete, Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.stage import lane_of, missing, Stage
from webapp.domain.user import User
from webapp.domain.words import Department, N_, Role

if TYPE_CHECKING:
    from webapp.domain.deal import Deal
    from webapp.domain.task import Task

OPEN = text("closed_at IS NULL")


class Engagement(Base):
    """A department answers for a client: in which stage, and through which owner.

    An owner changes only by hand-off or by ``reassign`` with a reason (rule 4). ``next_touch_on`` is kept as the
    earliest due date of its open tasks, so that the board can order by it.
    """

    __tablename__ = "engagement"
    __table_args__ = (
        Index("uq_engagement_open", "client_id", "department", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_engagement_board", "stage_id", "next_touch_on", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_engagement_owner", "owner_id", "next_touch_on", sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint("closed_at is null or closed_at >= opened_at", name="closed_after_opened"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    department: Mapped[Department] = mapped_column(Choice(Department))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[datetime]
    stage_since: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_reason: Mapped[str] = mapped_column(String(200), default="")
    next_touch_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship(back_populates="engagements")
    stage: Mapped[Stage] = relationship()
    owner: Mapped[User] = relationship()
    tasks: Mapped[list["Task"]] = relationship(back_populates="engagement", order_by="Task.due_on, Task.id")
    deals: Mapped[list["Deal"]] = relationship(back_populates="engagement", order_by="Deal.id")

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def open(
        cls, session: Session, client: Client, stage: Stage, owner: User, *, by: User | None, at: datetime
    ) -> "Engagement":
        """Begin a department's work with the client, with its event."""
        client.check_ours()
        if client.open_engagement(stage.department) is not None:
            raise Refused(N_("This department works with the client already"))
        stage.hold(session, shared=True)
        engagement = cls(
            client=client, department=stage.department, stage=stage, owner=owner, opened_at=at, stage_since=at
        )
        session.add(engagement)
        session.flush()
        session.add(
            event(
                "engagement:opened",
                by=by,
                at=at,
                client_id=client.id,
                subject_id=engagement.id,
                stages=(stage.id,),
                details={"department": stage.department, "stage": stage.name, "owner": owner.name},
            )
        )
        return engagement

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def move_to(self, stage: Stage, *, by: User, at: datetime, seen: int) -> Event:
        """Move the client to another stage of the same lane. Forward needs the exit criteria of every stage passed."""
        self._check_open()
        if seen != self.version:
            raise Stale
        if stage.department is not self.department:
            raise Refused(N_("This stage belongs to another department"))
        stage.hold(cast("Session", object_session(self)), shared=True)
        if stage.id == self.stage_id:
            raise Refused(N_("The client stands in this stage already"))
        for passed in self._passed_on_the_way_to(stage):
            gaps = missing(self, passed, by.today(at))
            if gaps:
                raise Incomplete(N_("Before leaving “%(stage)s” there must be:"), gaps, stage=passed.name)
        left, self.stage, self.stage_since = self.stage, stage, at
        return event(
            "engagement:moved",
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            stages=(left.id, stage.id),
            details={"department": self.department, "from": left.name, "to": stage.name},
        )

    def reassign(self, owner: User, *, by: User | None, at: datetime, reason: str, seen: int) -> Event:
        """Give the client to another owner of the same department, with a reason (rule 4)."""
        self._check_open()
        if seen != self.version:
            raise Stale
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        if owner.id == self.owner_id:
            raise Refused(N_("%(name)s owns this client already"), field="owner_id", name=owner.name)
        if not can_own(owner, self.department):
            raise Refused(N_("%(name)s does not work in this department"), field="owner_id", name=owner.name)
        before, self.owner = self.owner, owner
        for task in self.tasks:
            if task.is_open and task.owner_id == before.id:
                task.owner = owner
        for deal in self.deals:
            if deal.is_open and deal.owner_id == before.id:
                deal.owner = owner
        return event(
            "engagement:reassigned",
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            stages=(self.stage_id,),
            details={"department": self.department, "from": before.name, "to": owner.name, "reason": reason.strip()},
        )

    def close(self, *, by: User | None, at: datetime, reason: str) -> Event:
        """End the department's work. Refused when it would leave the client with nobody (rule 1)."""
        self._hold_all()
        self._check_open()
        if self.client.open_engagements == [self]:
            raise Refused(N_("Somebody must answer for the client: hand it off instead"))
        return self._end(by=by, at=at, reason=reason)

    def hold(self, session: Session) -> None:
        """Before work is added or moved: wait for whoever closes or changes this engagement now, and look again.

        Else a task planned while the client is accepted would stay behind. SQLite writes one at a time anyway.
        """
        if not alone(session):
            session.refresh(self, with_for_update={"key_share": True})
            session.expire(self, ["tasks", "deals"])
        self._check_open()

    def _hold_all(self) -> None:
        """Wait for whoever closes another engagement of this client now: two must not leave it with nobody."""
        session = cast("Session", object_session(self))
        if not alone(session):
            open_ones = select(Engagement).where(Engagement.client_id == self.client_id, Engagement.closed_at.is_(None))
            session.scalars(
                open_ones.order_by(Engagement.id).with_for_update(key_share=True),
                execution_options={"populate_existing": True},
            ).all()
            session.refresh(self)
            session.expire(self.client, ["engagements"])

    def plan_next_touch(self) -> None:
        """Keep ``next_touch_on`` equal to the earliest open task's due date."""
        self.next_touch_on = min((task.due_on for task in self.tasks if task.is_open), default=None)

    def _end(self, *, by: User | None, at: datetime, reason: str) -> Event:
        self.closed_at, self.closed_reason, self.next_touch_on = at, reason, None
        return event(
            "engagement:closed",
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            stages=(self.stage_id,),
            details={"department": self.department, "reason": reason},
        )

    def _passed_on_the_way_to(self, stage: Stage) -> list[Stage]:
        """The stages that a move forward leaves behind, the present one first; none for a move back."""
        lane = lane_of(cast("Session", object_session(self)), self.department)
        return [passed for passed in lane if self.stage.position <= passed.position < stage.position]

    def _check_open(self) -> None:
        if not self.is_open:
            raise Refused(N_("This engagement is closed"))


def can_own(user: User, department: Department) -> bool:
    """Whether a user can answer for clients of a department: an active member or head of it."""
    return user.active and user.department is department and user.role in (Role.MEMBER, Role.HEAD)
