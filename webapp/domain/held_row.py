"""Held-back rows: what an import could not bring in as it stands, kept until a person completes or discards it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.base import Base, Choice
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.words import N_

PROBLEMS: dict[str, str] = {
    "no_client": N_("No client is named"),
    "unknown_client": N_("The client “%(text)s” is not known"),
    "unknown_product": N_("The product “%(text)s” is not known"),
    "unknown_person": N_("The sales person “%(text)s” is not known"),
    "missing": N_("“%(column)s” is empty"),
    "bad_date": N_("“%(column)s”: %(text)s is no date"),
    "bad_number": N_("“%(column)s”: %(text)s is no number that can be"),
    "bad_sum": N_("“%(column)s”: %(text)s is no sum that can be"),
    "bad_stage": N_("The stage “%(text)s” is not known"),
    "bad_order": N_("It closes before it begins"),
    "not_closed": N_("It has a closing date but is not closed"),
    "too_long": N_("“%(column)s” is too long"),
    "twice": N_("“%(text)s” stands twice in the file with different values"),
    "circle": N_("“%(text)s” would be above itself"),
    "nobody": N_("Nobody of ours could answer for this client yet"),
}
"""Every reason for holding a row back."""


class HeldRowState(StrEnum):
    HELD = "held"
    COMPLETED = "completed"
    DISCARDED = "discarded"

    @property
    def label(self) -> str:
        return {"held": N_("Held back"), "completed": N_("Completed"), "discarded": N_("Discarded")}[self.value]


class HeldRow(Base):
    """One row of a file with its problems. ``status``, ``person`` and ``product`` repeat the payload for filters."""

    __tablename__ = "held_row"
    __table_args__ = (
        UniqueConstraint("source", "kind", "key"),
        Index("ix_held_row_state_problem_id", "state", "problem", "id"),
        {"sqlite_autoincrement": True},
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"), index=True)
    source: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, str]] = mapped_column(JSON)
    """The row's cells by column, as they were in the file."""
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """``code`` (of PROBLEMS) and ``values``, the most telling first."""
    problem: Mapped[str] = mapped_column(String(20))
    """The first problem's code."""
    status: Mapped[str] = mapped_column(String(24), default="")
    """The status that the deal will have: open, won or lost; empty for other kinds."""
    person: Mapped[str] = mapped_column(String(120), default="", index=True)
    product: Mapped[str] = mapped_column(String(200), default="", index=True)
    begins_on: Mapped[date | None]
    amount_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="")
    state: Mapped[HeldRowState] = mapped_column(Choice(HeldRowState), default=HeldRowState.HELD)
    record_id: Mapped[int | None]
    """What it became when it was completed."""
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")

    def become(self, record_id: int, client_id: int | None, *, by: User, at: datetime) -> Event:
        """A person named what was missing, and the row became a record."""
        self._close(HeldRowState.COMPLETED, by=by, at=at)
        self.record_id = record_id
        return event(
            "import:completed",
            by=by,
            at=at,
            client_id=client_id,
            subject_id=self.id,
            details={"kind": self.kind, "key": self.key},
        )

    def discard(self, reason: str, *, by: User, at: datetime) -> Event:
        """The row is of no use. A repeated import leaves it discarded."""
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        self._close(HeldRowState.DISCARDED, by=by, at=at)
        self.reason = reason.strip()[:300]
        return event(
            "import:discarded",
            by=by,
            at=at,
            subject_id=self.id,
            details={"kind": self.kind, "key": self.key, "reason": self.reason},
        )

    def _close(self, state: HeldRowState, *, by: User, at: datetime) -> None:
        if self.state is not HeldRowState.HELD:
            raise Refused(N_("This row was dealt with already"))
        self.state, self.closed_at, self.closed_by_id = state, at, by.id
