"""The frozen audience of a launch, and what is planned and done to tell each of its clients."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.launch import Launch
from webapp.domain.launch_state import Channel, Heard, Missed, Step, TOUCH_TRANSITIONS, TouchState
from webapp.domain.letter import Letter
from webapp.domain.task import Task

TO_PLAN = text("planned_at IS NULL")


class LaunchClient(Base):
    """One client of the audience. ``heard`` and ``step`` are kept from its awareness while the launch counts."""

    __tablename__ = "launch_client"
    __table_args__ = (
        Index("uq_launch_client", "launch_id", "client_id", unique=True),
        Index("ix_launch_client_funnel", "launch_id", "heard", "step", "refused", "offered"),
        Index("ix_launch_client_step", "launch_id", "step", "refused", "id"),
        Index("ix_launch_client_client_id", "client_id"),
        Index("ix_launch_client_to_plan", "launch_id", "id", sqlite_where=TO_PLAN, postgresql_where=TO_PLAN),
        {"sqlite_autoincrement": True},
    )

    launch_id: Mapped[int] = mapped_column(ForeignKey("launch.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    planned_at: Mapped[datetime | None]
    """When it was decided how and when it is told; None while the spreading did not come to it."""
    heard: Mapped[Heard | None] = mapped_column(Choice(Heard))
    step: Mapped[int] = mapped_column(default=Step.NONE)
    refused: Mapped[bool] = mapped_column(default=False)
    offered: Mapped[bool] = mapped_column(default=False)
    """A proposal with the product went to it, whether anybody had told it or not."""

    launch: Mapped[Launch] = relationship()
    client: Mapped[Client] = relationship()

    @property
    def place(self) -> tuple[Heard | None, int, bool, bool]:
        """As which it is counted."""
        return self.heard, self.step, self.refused, self.offered


class LaunchTouch(Base):
    """One client's contact by one channel. ``week`` is the Monday of the week that it was given room in.

    A call has its task, an e-mail its letter, a leaflet the invoice that it lies with; a visit has none of its own:
    the planner suggests it, and whoever visits says the day.
    """

    __tablename__ = "launch_touch"
    __table_args__ = (
        Index("uq_launch_touch", "launch_client_id", "channel", unique=True),
        Index("ix_launch_touch_state", "launch_id", "channel", "state", "late", "missed"),
        Index("ix_launch_touch_week", "launch_id", "state", "week", "id"),
        Index("ix_launch_touch_client_id_week", "client_id", "week"),
        Index("ix_launch_touch_person", "person_id", "week", "channel"),
        CheckConstraint("(state = 'missed') = (missed is not null)", name="missed_has_reason"),
        CheckConstraint("state <> 'done' or done_at is not null", name="done_has_day"),
        {"sqlite_autoincrement": True},
    )

    launch_id: Mapped[int] = mapped_column(ForeignKey("launch.id"))
    launch_client_id: Mapped[int] = mapped_column(ForeignKey("launch_client.id", ondelete="CASCADE"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    channel: Mapped[Channel] = mapped_column(Choice(Channel))
    state: Mapped[TouchState] = mapped_column(Choice(TouchState), default=TouchState.PLANNED)
    week: Mapped[date | None]
    """None of a leaflet, which goes with the next invoice."""
    late: Mapped[bool] = mapped_column(default=False)
    """The client had its share of contacts in the week that was meant: it waits for a later one."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Who was to call or visit when it was planned."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), unique=True)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id", ondelete="SET NULL"), unique=True)
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id", ondelete="SET NULL"), unique=True)
    done_at: Mapped[datetime | None]
    missed: Mapped[Missed | None] = mapped_column(Choice(Missed))

    launch: Mapped[Launch] = relationship()
    client: Mapped[Client] = relationship()
    task: Mapped[Task | None] = relationship()
    letter: Mapped[Letter | None] = relationship()

    def give(self) -> None:
        """It is in somebody's hands now: a task, a letter, a suggestion of the planner, an invoice."""
        self._become(TouchState.GIVEN)

    def carry_out(self, *, at: datetime) -> None:
        """It happened. That tells nobody: only an interaction or the client's answer does."""
        self._become(TouchState.DONE)
        self.done_at, self.missed = at, None

    def miss(self, reason: Missed) -> None:
        """Nothing comes of it."""
        self._become(TouchState.MISSED)
        self.missed = reason

    def _become(self, state: TouchState) -> None:
        if state not in TOUCH_TRANSITIONS[self.state]:
            raise ValueError(f"a contact that is {self.state} does not become {state}")
        self.state = state
