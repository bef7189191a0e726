"""Events: append-only facts. Every change writes one in its transaction; timeline, audit and live board read them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, insert, JSON, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.event_kinds import EVENT_KINDS

if TYPE_CHECKING:
    from webapp.domain.user import User

TOLD_OF_THEN = (
    "kind IN ('client:changed', 'contact:changed', 'contact:left', 'contact:returned', 'contract:ended', "
    "'deal:reopened', 'invoice:agreed', 'invoice:disputed')"
)
"""The rare events that tell what a record held on an earlier day, as SQL: a partial index finds them."""

__all__ = ["EVENT_KINDS", "Event", "event", "write_all"]


class Event(Base):
    """One fact. Append-only: a database trigger refuses update and delete.

    ``client_id`` and ``subject_id`` are plain numbers, not foreign keys: the fact outlives what it is about.
    ``details`` holds JSON numbers and texts only; never a phone number, an e-mail or a secret.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_client_id_id", "client_id", "id"),
        Index("ix_event_kind_id", "kind", "id"),
        Index(
            "ix_event_told_of_then",
            "client_id",
            "at",
            sqlite_where=text(TOLD_OF_THEN),
            postgresql_where=text(TOLD_OF_THEN),
        ),
        {"sqlite_autoincrement": True},
    )

    kind: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    client_id: Mapped[int | None]
    subject_id: Mapped[int | None]
    stage_ids: Mapped[list[int] | None] = mapped_column(JSON)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)

    actor: Mapped["User | None"] = relationship(lazy="raise")


def event(
    kind: str,
    *,
    by: "User | None",
    at: datetime,
    client_id: int | None = None,
    subject_id: int | None = None,
    stages: tuple[int, ...] = (),
    details: Mapping[str, Any] | None = None,
) -> Event:
    """A new event. ``by`` is None when the system itself acted; ``stages`` are the board columns that it changes."""
    if kind not in EVENT_KINDS:
        raise KeyError(f"{kind} is not in EVENT_KINDS")
    return Event(
        kind=kind,
        at=at,
        actor_id=None if by is None else by.id,
        client_id=client_id,
        subject_id=subject_id,
        stage_ids=list(stages) or None,
        details=dict(details or {}),
    )


def write_all(session: Session, events: Sequence[Event]) -> None:
    """Many events in one statement, for work by the thousand: nobody gets to know their ids."""
    if events:
        session.info.setdefault("written", []).extend(events)
        names = [column.key for column in Event.__mapper__.column_attrs if column.key != "id"]
        session.execute(insert(Event), [{name: getattr(each, name) for name in names} for each in events])
