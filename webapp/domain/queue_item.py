"""Queue items: where each client of the Client department stands in its clerk's queue, and why. Kept, not entered."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, JSON
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.base import Base


class QueueItem(Base):
    """One client's place. ``queue_keeping`` recomputes it from what it stands on, so it names clients and clerks by
    number only, and no event tells of it."""

    __tablename__ = "queue_item"
    __table_args__ = (
        Index("ix_queue_item_order", "clerk_id", "rank", "place", "client_id"),
        Index("ix_queue_item_changes_at", "changes_at"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(unique=True)
    clerk_id: Mapped[int | None]
    """Whose queue; None: everybody's of the department, until somebody takes the client over."""
    rank: Mapped[int]
    """The place of the strongest reason among RANKS; RESTS where nothing is to be done now."""
    place: Mapped[int]
    """The order within the rank: the smaller stands first."""
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """What is to be done now, the strongest first, each with its facts."""
    changes_at: Mapped[datetime | None]
    """When something that rests comes back."""
