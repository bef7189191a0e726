"""The secret address under which a person's own calendar reads their planned visits."""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, select, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, kept
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.user import hashed, User
from webapp.domain.words import N_


class CalendarFeed(Base):
    """At most one for each user. Only the token's hash is kept; who lost the address makes a new one.

    The address opens without a password, so whatever ends the user's sessions ends it too: a new password, "log out
    everywhere", another role, a lost second factor. Else who got in once could read on after everything was changed.
    """

    __tablename__ = "calendar_feed"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    epoch: Mapped[int]
    """The user's, when the address was made."""

    user: Mapped[User] = relationship()

    @classmethod
    def of(cls, session: Session, user_id: int) -> "CalendarFeed | None":
        return session.scalar(select(cls).where(cls.user_id == user_id))

    @classmethod
    def make(cls, session: Session, user: User, *, at: datetime) -> str:
        """A new address with its event; the one before stops working. Returns the token, which is kept nowhere."""
        token = secrets.token_urlsafe(32)
        new = cls(user_id=user.id, token_hash=hashed(token), made_at=at, epoch=user.epoch)
        feed = kept(session, lambda: cls.of(session, user.id), new)
        feed.token_hash, feed.made_at, feed.epoch = hashed(token), at, user.epoch
        session.add(event("calendarfeed:made", by=user, at=at, subject_id=user.id, details={"name": user.name}))
        return token

    @property
    def works(self) -> bool:
        return self.user.active and self.epoch == self.user.epoch

    def revoke(self, session: Session, *, by: User, at: datetime) -> Event:
        """The address stops working."""
        if by.id != self.user_id:
            raise Refused(N_("This address belongs to somebody else"))
        session.delete(self)
        return event("calendarfeed:revoked", by=by, at=at, subject_id=by.id, details={"name": by.name})

    @classmethod
    def reader(cls, session: Session, token: str) -> User | None:
        """Whose visits the address of this token shows; None for one that is unknown, revoked, ended with the sessions,
        or of somebody who left."""
        feed = session.scalar(select(cls).where(cls.token_hash == hashed(token)))
        return feed.user if feed is not None and feed.works else None
