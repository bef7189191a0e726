"""Bank statements that were imported, and what they were found to hold."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, JSON, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.base import Base
from webapp.domain.user import User


class Statement(Base):
    """One imported file of the bank. Its payments name it; undoing it gives them back as written by mistake."""

    __tablename__ = "statement"

    name: Mapped[str] = mapped_column(String(200))
    """The file's."""
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    format: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(34))
    """Ours."""
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    opening_minor: Mapped[int | None]
    closing_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    imported_at: Mapped[datetime] = mapped_column(index=True)
    undone_at: Mapped[datetime | None]

    imported_by: Mapped[User | None] = relationship()
