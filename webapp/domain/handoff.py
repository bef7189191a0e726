"""Hand-offs: passing a client between departments without a moment in which nobody is responsible."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, JSON, select, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.acceptance import enter_lane, join_programme, move_work, REASON
from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.engagement import can_own, Engagement
from webapp.domain.errors import Incomplete, Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.handoff_state import HandOffState, PENDING, STILL_PENDING, TRANSITIONS
from webapp.domain.route import Route, ROUTES
from webapp.domain.stage import Stage
from webapp.domain.user import User
from webapp.domain.words import Department, N_


class HandOff(Base):
    """One passing of one client. Until acceptance the giver's owner stays responsible."""

    __tablename__ = "handoff"
    __table_args__ = (
        Index(
            "uq_handoff_pending", "client_id", unique=True, sqlite_where=STILL_PENDING, postgresql_where=STILL_PENDING
        ),
        Index("ix_handoff_receiver_state_due_at", "receiver", "state", "due_at"),
        Index("ix_handoff_giver_state", "giver", "state"),
        Index("ix_handoff_decided_at", "decided_at"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id", ondelete="CASCADE"), index=True)
    giver: Mapped[Department] = mapped_column(Choice(Department))
    receiver: Mapped[Department] = mapped_column(Choice(Department))
    state: Mapped[HandOffState] = mapped_column(Choice(HandOffState), default=HandOffState.DRAFTED)
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    gaps: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Keys of the checklist items that the receiver found wanting when it was returned."""
    returned_because: Mapped[str] = mapped_column(Text, default="")
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    drafted_at: Mapped[datetime]
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    offered_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    introduced_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    introduced_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship()
    engagement: Mapped[Engagement] = relationship()
    drafted_by: Mapped[User] = relationship(foreign_keys=drafted_by_id)
    offered_by: Mapped[User | None] = relationship(foreign_keys=offered_by_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)
    owner: Mapped[User | None] = relationship(foreign_keys=owner_id)
    """Who took the client over; None until then."""
    introduced_by: Mapped[User | None] = relationship(foreign_keys=introduced_by_id)

    __mapper_args__ = {"version_id_col": version}

    @property
    def route(self) -> Route:
        return ROUTES[self.giver, self.receiver]

    @property
    def missing(self) -> list[str]:
        """Labels of the required checklist items without an answer."""
        return [item.label for item in self.route.required if not self.answers.get(item.key, "").strip()]

    @classmethod
    def draft(
        cls, session: Session, engagement: Engagement, receiver: Department, *, by: User, at: datetime
    ) -> "HandOff":
        """Begin to pass a client on. A client is handed off once at a time."""
        if not engagement.is_open:
            raise Refused(N_("This engagement is closed"))
        route = ROUTES.get((engagement.department, receiver))
        if route is None:
            raise Refused(N_("No route leads to that department"))
        if route.giver_stays and engagement.client.open_engagement(receiver) is not None:
            raise Refused(N_("This department works with the client already"))
        engagement.client.hold(session)
        pending = cls.pending(session, engagement.client)
        if pending is not None and pending.engagement.is_open:
            raise Refused(N_("This client is being handed off already"))
        if pending is not None:
            session.add(pending.withdraw(by=by, at=at, seen=pending.version))
            session.flush()
        handoff = cls(
            client=engagement.client,
            engagement=engagement,
            giver=engagement.department,
            receiver=receiver,
            drafted_by=by,
            drafted_at=at,
            answers={},
            gaps=[],
        )
        session.add(handoff)
        session.flush()
        session.add(handoff._event("handoff:drafted", by=by, at=at))
        return handoff

    @classmethod
    def pending(cls, session: Session, client: Client) -> "HandOff | None":
        """The client's hand-off that is not decided yet."""
        return session.scalar(select(cls).where(cls.client_id == client.id, cls.state.in_(PENDING)))

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING

    def differing(self, answers: Mapping[str, str]) -> dict[str, str]:
        """Those answers that are not written down so yet; unknown keys are refused."""
        self._labels(answers)
        return {key: text.strip() for key, text in answers.items() if text.strip() != self.answers.get(key, "")}

    def fill(self, answers: Mapping[str, str], *, by: User, at: datetime, seen: int) -> Event:
        """Write down what the next owner must know, as the person saw the checklist."""
        if seen != self.version:
            raise Stale
        return self._write(answers, by=by, at=at)

    def fill_line(self, key: str, text: str, was: str, *, by: User, at: datetime) -> Event:
        """Write down one line while it is typed. Only this line must still be ``was`` the person saw."""
        if was.strip() != self.answers.get(key, ""):
            raise Stale
        return self._write({key: text}, by=by, at=at)

    def _write(self, answers: Mapping[str, str], *, by: User, at: datetime) -> Event:
        if self.state not in (HandOffState.DRAFTED, HandOffState.RETURNED):
            raise Refused(N_("This hand-off can no longer be changed"))
        new = self.differing(answers)
        labels = self._labels(new)
        self.answers = {**self.answers, **new}
        return self._event("handoff:changed", by=by, at=at, items=[labels[key] for key in new])

    def offer(self, *, by: User, at: datetime, company: Company, seen: int) -> Event:
        """Offer the client. Required gaps block it; the SLA clock starts in working hours."""
        self._to(HandOffState.OFFERED, seen)
        if self.missing:
            raise Incomplete(N_("The next owner must know first:"), self.missing)
        self._check_given()
        self.state, self.offered_by, self.offered_at = HandOffState.OFFERED, by, at
        self.gaps, self.returned_because, self.decided_by, self.decided_at = [], "", None, None
        self.due_at = company.hours.after(at, timedelta(hours=company.handoff_hours[self.receiver]))
        return self._event("handoff:offered", by=by, at=at, due=self.due_at.isoformat())

    def withdraw(self, *, by: User, at: datetime, seen: int) -> Event:
        self._to(HandOffState.WITHDRAWN, seen)
        self.state, self.decided_by, self.decided_at = HandOffState.WITHDRAWN, by, at
        return self._event("handoff:withdrawn", by=by, at=at)

    def send_back(self, gaps: list[str], because: str, *, by: User, at: datetime, seen: int) -> Event:
        """Return the client to the giver with the gaps named."""
        self._to(HandOffState.RETURNED, seen)
        labels = self._labels(gaps)
        if not gaps and not because.strip():
            raise Refused(N_("Name the gaps, or say why"), field="because")
        self.state, self.gaps, self.returned_because = HandOffState.RETURNED, gaps, because.strip()
        self.decided_by, self.decided_at = by, at
        return self._event(
            "handoff:returned", by=by, at=at, gaps=[labels[gap] for gap in gaps], because=self.returned_because
        )

    def accept(
        self, session: Session, owner: User, first_stage: Stage, *, by: User, at: datetime, seen: int
    ) -> Engagement:
        """Take the client over: owner, open tasks, next touch, open deals and promises move together (rule 2).

        ``first_stage`` is where the client enters the receiving lane when it does not stand there yet.
        Returns the receiver's engagement; all events are added to the session. Of two acceptances at once one
        is stale: the state is written first, against the version it had.
        """
        self._to(HandOffState.ACCEPTED, seen)
        self._check_given()
        self.client.hold(session)
        self.engagement.hold(session)
        if not can_own(owner, self.receiver):
            raise Refused(N_("%(name)s does not work in this department"), field="owner_id", name=owner.name)
        given, before = self.engagement, self.engagement.owner
        self.state, self.owner, self.decided_by, self.decided_at = HandOffState.ACCEPTED, owner, by, at
        session.flush()
        taken = enter_lane(session, self, owner, first_stage, by=by, at=at)
        move_work(session, self, taken, by=by, at=at)
        join_programme(session, self, by=by, at=at)
        if not self.route.giver_stays:
            session.add(given._end(by=by, at=at, reason=REASON))
        stages = (given.stage_id, taken.stage_id)
        people = {"from": before.name, "to": owner.name}
        session.add(self._event("handoff:accepted", by=by, at=at, stages=stages, **people))
        return taken

    def introduce(self, *, by: User, at: datetime, seen: int) -> Event:
        """The client has met the new owner, through ``by``: in person or by phone."""
        self._to(HandOffState.INTRODUCED, seen)
        self.state, self.introduced_by, self.introduced_at = HandOffState.INTRODUCED, by, at
        return self._event("handoff:introduced", by=by, at=at, owner=self.owner.name if self.owner else None)

    def _labels(self, keys: Iterable[str]) -> dict[str, str]:
        labels = {item.key: item.label for item in self.route.checklist}
        if not set(keys) <= set(labels):
            raise Refused(N_("This checklist has no such line"))
        return labels

    def _check_given(self) -> None:
        if not self.engagement.is_open:
            raise Refused(N_("The giving department no longer works with this client: withdraw the hand-off"))

    def _to(self, state: HandOffState, seen: int) -> None:
        if seen != self.version:
            raise Stale
        if state not in TRANSITIONS[self.state]:
            raise Refused(N_("This hand-off was decided already"))

    def _event(self, kind: str, *, by: User, at: datetime, stages: tuple[int, ...] = (), **details: Any) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            stages=stages or (self.engagement.stage_id,),
            details={"giver": self.giver, "receiver": self.receiver, **details},
        )
