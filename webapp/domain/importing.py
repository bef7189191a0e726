"""Imports: what a file brought in, so that it can be shown, completed, repeated without effect, and undone."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.base import Base, Choice
from webapp.domain.user import User
from webapp.domain.words import N_


class ImportState(StrEnum):
    PREVIEWED = "previewed"
    RUNNING = "running"
    APPLIED = "applied"
    FAILED = "failed"
    UNDONE = "undone"

    @property
    def label(self) -> str:
        return {
            "previewed": N_("Previewed"),
            "running": N_("Running"),
            "applied": N_("Applied"),
            "failed": N_("Failed"),
            "undone": N_("Undone"),
        }[self.value]


class Import(Base):
    """One run over a set of files."""

    __tablename__ = "import"

    source: Mapped[str] = mapped_column(String(80))
    """The kind of export: names the built-in mapping."""
    state: Mapped[ImportState] = mapped_column(Choice(ImportState))
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """created, updated, held_back, unchanged -> kind -> number."""
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Accepted matches and the currency."""

    started_by: Mapped[User | None] = relationship()


class ImportedRecord(Base):
    """What an import created or updated; ``before`` holds the replaced values. Its key makes a repeat find it again."""

    __tablename__ = "imported_record"
    __table_args__ = (
        Index("ix_imported_record_source_kind_key", "source", "kind", "key"),
        Index("ix_imported_record_import_id", "import_id"),
        {"sqlite_autoincrement": True},
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"))
    source: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    record_id: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """None where the import created the record."""


class HeldRowState(StrEnum):
    HELD = "held"
    COMPLETED = "completed"
    DISCARDED = "discarded"


class HeldRow(Base):
    """A row that could not be brought in as it stands: kept with its problems until a person completes it."""

    __tablename__ = "held_row"
    __table_args__ = (
        UniqueConstraint("source", "kind", "key"),
        Index("ix_held_row_state_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"), index=True)
    source: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, str]] = mapped_column(JSON)
    problems: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[HeldRowState] = mapped_column(Choice(HeldRowState), default=HeldRowState.HELD)
