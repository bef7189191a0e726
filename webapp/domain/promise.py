"""Promises: what we promised the client outside the contract. They travel with the hand-off until kept."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.words import N_


class Promise(Base):
    """One promise: who made it, who answers for it now, by when, and how it ended."""

    __tablename__ = "promise"

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    made_at: Mapped[datetime]
    kept_at: Mapped[datetime | None]
    broken_at: Mapped[datetime | None]

    client: Mapped[Client] = relationship(back_populates="promises")
    made_by: Mapped[User] = relationship(foreign_keys=made_by_id)
    owner: Mapped[User] = relationship(foreign_keys=owner_id)

    @property
    def is_open(self) -> bool:
        return self.kept_at is None and self.broken_at is None

    def overdue(self, today: date | None) -> bool:
        return self.is_open and self.due_on is not None and today is not None and self.due_on < today

    @classmethod
    def make(
        cls,
        session: Session,
        client: Client,
        text: str,
        *,
        by: User,
        at: datetime,
        owner: User | None = None,
        due_on: date | None = None,
    ) -> "Promise":
        promise = cls(client=client, text=text, made_by=by, owner=owner or by, due_on=due_on, made_at=at)
        session.add(promise)
        session.flush()
        session.add(promise._event("promise:added", by=by, at=at))
        return promise

    def keep(self, *, by: User, at: datetime) -> Event:
        self._check_open()
        self.kept_at = at
        return self._event("promise:kept", by=by, at=at)

    def break_off(self, *, by: User, at: datetime, reason: str) -> Event:
        """We could not keep it; the client was told why."""
        self._check_open()
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        self.broken_at = at
        return self._event("promise:broken", by=by, at=at, reason=reason.strip())

    def _check_open(self) -> None:
        if not self.is_open:
            raise Refused(N_("This promise is closed already"))

    def _event(self, kind: str, *, by: User, at: datetime, **details: str) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            details={"text": self.text[:500], **details},
        )
