"""Threads: one of our people in contact with one of theirs. Kept, not entered."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.base import Base


class Thread(Base):
    """A pair that was in contact lately. ``thread_keeping`` writes it anew after an interaction and each night."""

    __tablename__ = "thread"
    __table_args__ = (
        UniqueConstraint("contact_id", "user_id"),
        Index("ix_thread_client_id", "client_id"),
        Index("ix_thread_user_id_live_until", "user_id", "live_until"),
        CheckConstraint("strength between 0 and 100", name="strength"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    strength: Mapped[int]
    """0 to 100 when it was last kept."""
    points: Mapped[dict[str, int]] = mapped_column(JSON)
    """The points of each part."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the points stand on."""
    last_at: Mapped[datetime]
    live_until: Mapped[date | None]
    """The last day of live contact if nothing further happens; None where the other side never took part."""
