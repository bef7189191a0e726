"""Visits: a personal visit from its plan, with a purpose, to what came of it. Only held ones with a purpose count."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import Happening
from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.file import StoredFile
from webapp.domain.interaction import Began, Interaction, InteractionKind
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.domain.visit_contact import of_client, VisitContact
from webapp.domain.visit_state import Mood, NOT_HELD, Purpose, TO_COME, TRANSITIONS, VisitOutcome, VisitState
from webapp.domain.words import N_

if TYPE_CHECKING:
    from webapp.domain.task import Task


class Visit(Base):
    """A personal visit. While it is planned its task says when and by whom, so that a hand-off, a reassignment or
    another day moves it; every task of kind MEETING has one. A visit that nobody planned has no task."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_held_by_id_held_on", "held_by_id", "held_on"),
        Index("ix_visit_client_id_held_on", "client_id", "held_on"),
        CheckConstraint(
            "(state = 'held') = (held_at is not null) and (state = 'held') = (held_by_id is not null) "
            "and (state = 'held') = (held_on is not null) and (state = 'held') = (outcome is not null)",
            name="held_is_told",
        ),
        CheckConstraint("(state = 'not_held') = (reason <> '')", name="not_held_has_reason"),
        CheckConstraint("state <> 'confirmed' or called_at is not null", name="confirmed_was_called"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), unique=True)
    purpose: Mapped[Purpose | None] = mapped_column(Choice(Purpose))
    """None where nobody said: such a visit counts for no norm."""
    place: Mapped[str] = mapped_column(String(200), default="")
    """Where, if not at the client's address."""
    state: Mapped[VisitState] = mapped_column(Choice(VisitState), default=VisitState.PLANNED)
    called_at: Mapped[datetime | None]
    """When somebody called ahead, for the day that is planned now."""
    held_at: Mapped[datetime | None]
    held_on: Mapped[date | None]
    """The company's day of ``held_at``."""
    held_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    outcome: Mapped[VisitOutcome | None] = mapped_column(Choice(VisitOutcome))
    purpose_reached: Mapped[bool | None]
    mood: Mapped[Mood | None] = mapped_column(Choice(Mood))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    """In what they showed interest."""
    attack_id: Mapped[int | None] = mapped_column(ForeignKey("attack.id", ondelete="SET NULL"), index=True)
    """The attack of the rival that was seen there."""
    reason: Mapped[str] = mapped_column(String(24), default="")
    """One of NOT_HELD; empty unless it was not held."""
    interaction_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id", ondelete="SET NULL"), index=True)
    """What it became; each person met has an interaction."""
    next_task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship()
    task: Mapped["Task | None"] = relationship(foreign_keys=task_id, back_populates="visit")
    next_task: Mapped["Task | None"] = relationship(foreign_keys=next_task_id)
    held_by: Mapped[User | None] = relationship()
    product: Mapped[Product | None] = relationship()
    interaction: Mapped[Interaction | None] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    people: Mapped[list[VisitContact]] = relationship(
        back_populates="visit", order_by="VisitContact.id", cascade="save-update, merge, delete-orphan, delete"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_to_come(self) -> bool:
        return self.state in TO_COME

    @property
    def counts(self) -> bool:
        """For the norm: it was held, and had a purpose."""
        return self.state is VisitState.HELD and self.purpose is not None

    @classmethod
    def plan(cls, session: Session, task: "Task", purpose: Purpose | None, place: str, whom: Sequence[Contact]) -> None:
        """The visit of a task that is being planned; the task's event tells it."""
        visit = cls(client=task.client, task=task, purpose=purpose, place=place.strip())
        session.add(visit)
        visit._expect(whom)

    @classmethod
    def unplanned(cls, session: Session, client: Client, purpose: Purpose | None) -> "Visit":
        """A visit that nobody planned, to be told at once with ``hold``."""
        visit = cls(client=client, purpose=purpose, state=VisitState.PLANNED)
        session.add(visit)
        return visit

    def change(self, purpose: Purpose | None, place: str, whom: Sequence[Contact], *, by: User, at: datetime) -> Event:
        """Say anew what it is for, where, and whom to meet."""
        self._check(VisitState.HELD)
        self.purpose, self.place = purpose, place.strip()
        self._expect(whom)
        return self._event("visit:changed", by=by, at=at)

    def call_ahead(self, *, by: User, at: datetime) -> Event:
        """The client was called and expects us on the planned day."""
        self._check(VisitState.CONFIRMED)
        self.state, self.called_at = VisitState.CONFIRMED, at
        return self._event("visit:confirmed", by=by, at=at)

    def hold(
        self,
        session: Session,
        outcome: VisitOutcome,
        words: str,
        *,
        by: User,
        at: datetime,
        company: Company,
        then: "Task",
        purpose: Purpose | None = None,
        met: Sequence[Contact] = (),
        happened_at: datetime | None = None,
        reached: bool | None = None,
        mood: Mood | None = None,
        product: Product | None = None,
        attack_id: int | None = None,
    ) -> Event:
        """It was held. ``then``: the next touch, no visit ends without one. ``purpose``: what it was for after all."""
        self._check_next(then)
        self._check(VisitState.HELD)
        there = of_client(self.client, met)
        met_or_nobody: list[Contact | None] = [*there] or [None]
        said = [
            Interaction.record(
                session,
                self.client,
                InteractionKind.MEETING,
                words.strip(),
                by=by,
                at=at,
                happened_at=happened_at,
                contact=contact,
                purpose_reached=reached,
                began=Began.WE,
            )
            for contact in met_or_nobody
        ]
        with session.no_autoflush:  # the database takes all of it or nothing
            self.state, self.outcome, self.purpose_reached, self.mood = VisitState.HELD, outcome, reached, mood
            self.purpose = purpose or self.purpose
            self.held_at, self.held_on, self.held_by = said[0].at, company.today(said[0].at), by
            self.product, self.attack_id, self.next_task, self.interaction = product, attack_id, then, said[0]
        self._met(said)
        if product is not None:
            Awareness.note_all(
                session,
                self.client.id,
                [product.id],
                "tell",
                interaction=said[0],
                said=Happening.INTERESTED,
                by=by,
                at=at,
            )
        if self.task is not None and self.task.is_open:
            session.add(self.task.finish(by=by, at=at))
        session.flush()
        names = ", ".join(contact.name for contact in there)
        details = {"outcome": outcome, "mood": mood, "met": names, "product": product and product.name}
        return self._event("visit:held", by=by, at=at, happened=self.held_at.isoformat(), **details)

    def miss(self, session: Session, reason: str, *, by: User, at: datetime, then: "Task") -> Event:
        """It was not held; ``then`` is when it is tried again."""
        if reason not in NOT_HELD:
            raise Refused(N_("Please choose"), field="reason")
        self._check_next(then)
        self._check(VisitState.NOT_HELD)
        self.state, self.reason, self.next_task = VisitState.NOT_HELD, reason, then
        if self.task is not None and self.task.is_open:
            session.add(self.task.finish(by=by, at=at))
        session.flush()
        return self._event("visit:missed", by=by, at=at, reason=reason)

    def attach(self, file: StoredFile, name: str) -> None:
        """A photo or a paper from the visit that is being told."""
        self.file, self.file_name = file, name[:200]

    def another_day(self) -> None:
        """Its task has another day now: whoever was called ahead expects us on the old one."""
        if self.is_to_come:
            self.state, self.called_at = VisitState.PLANNED, None

    def closed_with(self, outcome: str) -> None:
        """Its task was closed from elsewhere: ``done`` without a word, or ``cancelled``."""
        if self.is_to_come:
            self.state = VisitState.CANCELLED if outcome == "cancelled" else VisitState.UNTOLD

    def _check_next(self, then: "Task") -> None:
        if then.client_id != self.client_id or not then.is_open or then is self.task:
            raise Refused(N_("Say when the next touch is"), field="next_on")

    def _expect(self, whom: Sequence[Contact]) -> None:
        wanted = of_client(self.client, whom)
        known = {row.contact for row in self.people}
        self.people[:] = [row for row in self.people if row.contact in wanted]
        self.people.extend(VisitContact(contact=contact) for contact in wanted if contact not in known)

    def _met(self, said: Sequence[Interaction]) -> None:
        """Those whom we met, beside those whom we had meant to meet."""
        known = {row.contact: row for row in self.people}
        for interaction in said:
            if interaction.contact is not None:
                row = known.get(interaction.contact) or VisitContact(contact=interaction.contact)
                row.interaction = interaction
                if row not in self.people:
                    self.people.append(row)

    def _check(self, state: VisitState) -> None:
        if state not in TRANSITIONS[self.state]:
            raise Refused(N_("This visit was told or cancelled already"))

    def _event(self, kind: str, *, by: User, at: datetime, **details: Any) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            stages=tuple(engagement.stage_id for engagement in self.client.open_engagements),
            details={"purpose": self.purpose, **details},
        )
