"""Bank statements: a file is read and shown, confirmed, brought in, and perhaps undone."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, JSON, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.base import Base, Choice
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.file import StoredFile
from webapp.domain.user import User
from webapp.domain.words import N_


class StatementState(StrEnum):
    READ = "read"
    RUNNING = "running"
    IMPORTED = "imported"
    DROPPED = "dropped"
    UNDOING = "undoing"
    UNDONE = "undone"

    @property
    def label(self) -> str:
        return {
            "read": N_("Waits for confirmation"),
            "running": N_("Running"),
            "imported": N_("Imported"),
            "dropped": N_("Dropped"),
            "undoing": N_("Being undone"),
            "undone": N_("Undone"),
        }[self.value]


TRANSITIONS: dict[StatementState, frozenset[StatementState]] = {
    StatementState.READ: frozenset({StatementState.RUNNING, StatementState.DROPPED}),
    StatementState.RUNNING: frozenset({StatementState.IMPORTED}),
    StatementState.IMPORTED: frozenset({StatementState.UNDOING}),
    StatementState.UNDOING: frozenset({StatementState.UNDONE}),
    StatementState.DROPPED: frozenset(),
    StatementState.UNDONE: frozenset(),
}


class Statement(Base):
    """One file of the bank. Its payments name it; undoing it gives them back as written by mistake.

    It is brought in batch by batch: a crash leaves it running, and it goes on from where it was, because a payment that
    is known is not entered again and one that is matched is not matched again.
    """

    __tablename__ = "statement"

    name: Mapped[str] = mapped_column(String(200))
    """The file's."""
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    chosen: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """For a table: meaning -> heading, as a person chose."""
    state: Mapped[StatementState] = mapped_column(Choice(StatementState), default=StatementState.READ, index=True)
    format: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(34))
    """Ours."""
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    opening_minor: Mapped[int | None]
    closing_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What it was found to hold when it was read; once it is imported, what of it was entered and matched."""
    preview: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, deferred=True)
    """What a person reads before confirming: the first payments with what they will cover, and what looks strange."""
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    imported_at: Mapped[datetime] = mapped_column(index=True)
    """When the file came."""
    touched_at: Mapped[datetime]
    """When it last went on: a worker that died leaves it behind."""
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None]
    """By number only; the event names who it is."""

    imported_by: Mapped[User | None] = relationship()
    file: Mapped[StoredFile] = relationship()

    def confirm(self, *, at: datetime) -> None:
        """A person saw the preview and wants exactly that."""
        self._become(StatementState.RUNNING, at)

    def drop(self, *, at: datetime) -> None:
        """Nobody wants it; nothing was written."""
        self._become(StatementState.DROPPED, at)

    def finish(self, done: dict[str, Any], *, at: datetime) -> Event:
        """Everything is entered and matched. ``done`` counts it: others may have come in since the preview."""
        self._become(StatementState.IMPORTED, at)
        known = self.counts.get("known", 0) + self.counts.get("new", 0) - done["new"]
        self.counts = {**self.counts, **done, "known": known}
        return self._event("statement:imported", by=self.imported_by, at=at, counts=self.counts)

    def take_back(self, *, by: User | None, at: datetime) -> Event:
        """Its payments are given back from now on, batch by batch: each tells of itself."""
        self._become(StatementState.UNDOING, at)
        self.undone_by_id = None if by is None else by.id
        return self._event("statement:undone", by=by, at=at)

    def is_taken_back(self, *, at: datetime) -> None:
        """The last of its payments went back."""
        self._become(StatementState.UNDONE, at)
        self.undone_at = at

    def _become(self, state: StatementState, at: datetime) -> None:
        if state not in TRANSITIONS[self.state]:
            raise Refused(N_("This statement went on meanwhile: look at it again"))
        self.state, self.touched_at = state, at

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: object) -> Event:
        return event(kind, by=by, at=at, subject_id=self.id, details={"name": self.name, **details})
