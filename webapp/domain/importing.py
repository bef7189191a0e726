"""Imports: what a file brought in, so that it can be shown, repeated without effect, and undone."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, JSON, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.words import N_

KEPT_FOR = timedelta(days=1)
"""How long uploaded files wait for somebody to confirm the preview."""


class ImportState(StrEnum):
    READING = "reading"
    PREVIEWED = "previewed"
    RUNNING = "running"
    APPLIED = "applied"
    FAILED = "failed"
    DROPPED = "dropped"
    UNDONE = "undone"

    @property
    def label(self) -> str:
        return {
            "reading": N_("Being read"),
            "previewed": N_("Waits for confirmation"),
            "running": N_("Running"),
            "applied": N_("Applied"),
            "failed": N_("Failed"),
            "dropped": N_("Dropped"),
            "undone": N_("Undone"),
        }[self.value]


class Import(Base):
    """One run over a set of files: read, previewed, confirmed, applied, and perhaps undone."""

    __tablename__ = "import"
    __table_args__ = (Index("ix_import_state", "state"), {"sqlite_autoincrement": True})

    source: Mapped[str] = mapped_column(String(80), default="")
    """The kind of export, which names its mapping; empty until the files were read."""
    state: Mapped[ImportState] = mapped_column(Choice(ImportState))
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    """When its state last changed: a job that died leaves it behind."""
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    names: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The files' names."""
    counts: Mapped[dict[str, dict[str, int]]] = mapped_column(JSON, default=dict)
    """created, updated, unchanged, held_back, still_held, kept -> kind -> number."""
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """``currency``; ``matches``: kind -> unknown name -> the known one that is meant, or empty to hold it back."""
    preview: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, deferred=True)
    """What a person reads before confirming: samples, unknown names, values that stay as they are."""
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """``message`` and ``values`` of the refusal."""

    started_by: Mapped[User | None] = relationship()
    files: Mapped[list["ImportFile"]] = relationship(order_by="ImportFile.id", cascade="all, delete-orphan")

    @classmethod
    def start(
        cls, session: Session, files: list[tuple[str, bytes]], options: dict[str, Any], *, by: User | None, at: datetime
    ) -> "Import":
        """Keep uploaded files until the preview is confirmed. Nothing of the business is written."""
        started = cls(
            state=ImportState.READING,
            started_by=by,
            started_at=at,
            touched_at=at,
            names=[name for name, _ in files],
            options=options,
            files=[ImportFile(name=name, content=content) for name, content in files],
        )
        session.add(started)
        session.flush()
        session.add(event("import:started", by=by, at=at, subject_id=started.id, details={"files": started.names}))
        return started

    def show(self, source: str, counts: dict[str, dict[str, int]], preview: dict[str, Any], *, at: datetime) -> None:
        """The files were read: this is what confirming will do."""
        self._check(ImportState.READING, ImportState.PREVIEWED, ImportState.RUNNING)
        self.source, self.counts, self.preview, self.failure = source, counts, preview, None
        self.state, self.touched_at = ImportState.PREVIEWED, at

    def read_again(self, options: dict[str, Any], *, at: datetime) -> None:
        """Other matches or another currency: the preview is made anew."""
        self._check(ImportState.PREVIEWED)
        self.options, self.state, self.touched_at = {**self.options, **options}, ImportState.READING, at

    def confirm(self, *, at: datetime) -> None:
        """A person saw the preview and wants exactly that."""
        self._check(ImportState.PREVIEWED)
        self.state, self.touched_at = ImportState.RUNNING, at

    def finish(
        self, counts: dict[str, dict[str, int]], stages: tuple[int, ...], *, by: User | None, at: datetime
    ) -> Event:
        """Everything was written. ``stages`` are the board's columns that changed."""
        self._check(ImportState.RUNNING)
        self.state, self.counts, self.finished_at, self.touched_at, self.files = ImportState.APPLIED, counts, at, at, []
        return event("import:applied", by=by, at=at, subject_id=self.id, stages=stages, details={"counts": counts})

    def fail(self, refusal: Refused, *, at: datetime) -> None:
        """It cannot be done; nothing was written."""
        self.state, self.touched_at, self.files = ImportState.FAILED, at, []
        self.failure = {"message": refusal.message, "values": refusal.values}

    def drop(self, *, at: datetime) -> None:
        """Nobody wants it: the files go, nothing was written."""
        self._check(ImportState.PREVIEWED, ImportState.READING)
        self.state, self.touched_at, self.files = ImportState.DROPPED, at, []

    def _check(self, *states: ImportState) -> None:
        if self.state not in states:
            raise Refused(N_("This import went on meanwhile: look at it again"))


class ImportFile(Base):
    """An uploaded file, in the database so that every host can read it; gone when the import ends."""

    __tablename__ = "import_file"

    import_id: Mapped[int] = mapped_column(ForeignKey("import.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportedRecord(Base):
    """What an import created, updated or recognised. Its key makes a repeat find the record again."""

    __tablename__ = "imported_record"
    __table_args__ = (
        Index("ix_imported_record_source_kind_key", "source", "kind", "key"),
        Index("ix_imported_record_import_id_kind", "import_id", "kind"),
        Index("ix_imported_record_kind_record_id", "kind", "record_id"),
        {"sqlite_autoincrement": True},
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"))
    source: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    record_id: Mapped[int]
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the file said, as it was last written: a later import compares it with what stands there then."""
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The values that were replaced; None where the import created the record."""
