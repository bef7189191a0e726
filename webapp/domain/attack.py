"""Attacks: a rival is after a client. Signals with their evidence, a deadline for a personal visit, an outcome."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, String, Text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.attack_state import AttackState, LOST_CAUSES, Severity, SignalKind, STILL_OPEN, TRANSITIONS
from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.competitor import Competitor
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.visit_state import Purpose, VisitState
from webapp.domain.words import Department, N_

VISIT = N_("Visit the client: a competitor is after it")
DEFENDERS = (Department.VIP, Department.CLIENT, Department.SALES)
"""Whose owner defends: the first of these departments that works with the client."""


class Attack(Base):
    """One rival after one client, from the first signal to its end.

    Its owner is whoever owns the client in the VIP department; without one, the clerk who serves it, for it is the
    current payments that are at stake; only a client whom nobody serves yet is its hunter's to defend. It is read off
    the open engagements, so that a hand-off or a reassignment moves the attack with the client (rule 4).
    """

    __tablename__ = "attack"
    __table_args__ = (
        Index(
            "uq_attack_open",
            "client_id",
            "competitor_id",
            unique=True,
            sqlite_where=STILL_OPEN,
            postgresql_where=STILL_OPEN,
        ),
        Index("ix_attack_open_due", "due_at", "id", sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN),
        Index("ix_attack_client_id_raised_at", "client_id", "raised_at"),
        Index("ix_attack_competitor_id_raised_at", "competitor_id", "raised_at"),
        Index("ix_attack_raised_at", "raised_at", "id"),
        CheckConstraint("(state in ('raised', 'defending')) = (closed_at is null)", name="ended_has_moment"),
        CheckConstraint("(state = 'lost') = (cause <> '')", name="lost_has_cause"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    competitor_id: Mapped[int] = mapped_column(ForeignKey("competitor.id"))
    severity: Mapped[Severity] = mapped_column(Choice(Severity))
    """That of its gravest signal."""
    state: Mapped[AttackState] = mapped_column(Choice(AttackState), default=AttackState.RAISED)
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    raised_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """By when the client is visited in person."""
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), index=True)
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    cause: Mapped[str] = mapped_column(String(24), default="")
    """One of LOST_CAUSES; empty unless lost."""
    outcome: Mapped[str] = mapped_column(Text, default="")
    """What was done or learned, in a person's words."""
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship()
    competitor: Mapped[Competitor] = relationship()
    raised_by: Mapped[User] = relationship(foreign_keys=raised_by_id)
    closed_by: Mapped[User | None] = relationship(foreign_keys=closed_by_id)
    visit: Mapped[Task | None] = relationship()
    signals: Mapped[list["Signal"]] = relationship(back_populates="attack", order_by="Signal.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def owner(self) -> User:
        return defending(self.client).owner

    @classmethod
    def signal(
        cls,
        session: Session,
        client: Client,
        competitor: Competitor,
        kind: SignalKind,
        evidence: str,
        severity: Severity,
        *,
        by: User,
        at: datetime,
        company: Company,
    ) -> "Attack":
        """Somebody of any department noticed the rival. A first signal raises an attack and plans a personal visit;
        one of the same rival while that is open joins it: a graver one brings the deadline forward."""
        client.check_ours()
        client.hold(session)
        mine = (cls.client_id == client.id, cls.competitor_id == competitor.id, cls.closed_at.is_(None))
        attack = session.scalar(select(cls).where(*mine).execution_options(populate_existing=True))
        if attack is None and competitor.retired_at is not None:
            raise Refused(N_("This competitor is retired"), field="competitor_id")
        due_at = company.hours.after(at, timedelta(hours=company.attack_hours[severity]))
        joins = attack is not None
        if attack is None:
            attack = cls(
                client=client,
                competitor=competitor,
                severity=severity,
                raised_by=by,
                raised_at=at.replace(second=0, microsecond=0),  # visits are recorded to the minute
                due_at=due_at,
            )
            session.add(attack)
            attack._plan(session, company, by=by, at=at)
        elif severity.rank > attack.severity.rank:
            attack._worsen(session, severity, due_at, company, by=by, at=at)
        told = Signal(attack=attack, kind=kind, evidence=evidence.strip(), severity=severity, raised_by=by, at=at)
        session.add(told)
        session.flush()
        details = {"signal": kind, "evidence": told.evidence[:500], "severity": severity}
        session.add(attack._event("attack:joined" if joins else "attack:raised", by=by, at=at, **details))
        return attack

    def take_up(self, *, by: User, at: datetime, seen: int) -> Event:
        """Somebody says: I am on it."""
        self._to(AttackState.DEFENDING, seen)
        self.state = AttackState.DEFENDING
        return self._event("attack:taken", by=by, at=at)

    def defend(self, outcome: str, *, by: User, at: datetime, seen: int) -> Event:
        """The client stays; ``outcome`` says what kept it."""
        self._end(AttackState.DEFENDED, outcome, by, at, seen)
        return self._event("attack:defended", by=by, at=at, outcome=self.outcome[:500])

    def lose(self, cause: str, outcome: str, *, by: User, at: datetime, seen: int) -> Event:
        """The rival has what it was after."""
        if cause not in LOST_CAUSES:
            raise Refused(N_("Please choose"), field="cause")
        self._end(AttackState.LOST, outcome, by, at, seen)
        self.cause = cause
        return self._event("attack:lost", by=by, at=at, cause=cause, outcome=self.outcome[:500])

    def dismiss(self, outcome: str, *, by: User, at: datetime, seen: int) -> Event:
        """There was no attack: it counts neither as defended nor as lost."""
        self._end(AttackState.FALSE_ALARM, outcome, by, at, seen)
        return self._event("attack:dismissed", by=by, at=at, outcome=self.outcome[:500])

    def _plan(self, session: Session, company: Company, *, by: User, at: datetime) -> None:
        """A personal visit by the deadline, on the company's day."""
        due_on = company.today(self.due_at)
        self.visit = Task.plan(
            session, defending(self.client), TaskKind.MEETING, VISIT, due_on, by=by, at=at, purpose=Purpose.ATTACK
        )

    def _worsen(
        self, session: Session, severity: Severity, due_at: datetime, company: Company, *, by: User, at: datetime
    ) -> None:
        self.severity, self.due_at = severity, min(self.due_at, due_at)
        due_on = company.today(self.due_at)
        if self.visit is None or not self.visit.is_open:
            self._plan(session, company, by=by, at=at)
        elif due_on < self.visit.due_on:
            session.add(self.visit.postpone(due_on, by=by, at=at))

    def _end(self, state: AttackState, outcome: str, by: User, at: datetime, seen: int) -> None:
        self._to(state, seen)
        if not outcome.strip():
            raise Refused(N_("Please fill this in"), field="outcome")
        self._drop_visit(by=by, at=at)
        self.state, self.outcome, self.closed_at, self.closed_by = state, outcome.strip(), at, by

    def _drop_visit(self, *, by: User, at: datetime) -> None:
        """Nobody drives to defend what is decided; a visit that the client expects stays as it was agreed."""
        task = self.visit
        if task is not None and task.is_open and (task.visit is None or task.visit.state is VisitState.PLANNED):
            cast("Session", object_session(self)).add(task.cancel(by=by, at=at))

    def _to(self, state: AttackState, seen: int) -> None:
        if state not in TRANSITIONS[self.state]:
            raise Refused(N_("This attack was ended or taken up already"))
        if seen != self.version:
            raise Stale

    def _event(self, kind: str, *, by: User, at: datetime, **details: Any) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            stages=tuple(engagement.stage_id for engagement in self.client.open_engagements),
            details={"name": self.competitor.name, **details},
        )


class Signal(Base):
    """One thing that somebody noticed: the evidence of an attack."""

    __tablename__ = "signal"

    attack_id: Mapped[int] = mapped_column(ForeignKey("attack.id", ondelete="CASCADE"), index=True)
    kind: Mapped[SignalKind] = mapped_column(Choice(SignalKind))
    evidence: Mapped[str] = mapped_column(Text)
    """What was seen or heard, where and from whom."""
    severity: Mapped[Severity] = mapped_column(Choice(Severity))
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    at: Mapped[datetime]

    attack: Mapped[Attack] = relationship(back_populates="signals")
    raised_by: Mapped[User] = relationship()


def defending(client: Client) -> Engagement:
    """The engagement whose owner defends the client, see ``Attack``."""
    working = {engagement.department: engagement for engagement in client.open_engagements}
    for department in DEFENDERS:
        if department in working:
            return working[department]
    raise Refused(N_("Nobody answers for this client"))
