"""Access links: how an invited user, or one who forgot, chooses a password."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, select, String, update
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.errors import Refused
from webapp.domain.event import event
from webapp.domain.user import hashed, User
from webapp.domain.words import N_

DAYS = 7
"""How long a link works."""


class AccessLink(Base):
    """A one-time link that lets a user set a password: an invitation or a reset. Only the token's hash is kept."""

    __tablename__ = "access_link"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(foreign_keys=user_id)

    @classmethod
    def make(cls, session: Session, user: User, *, by: User | None, at: datetime) -> str:
        """A new link with its event; earlier ones stop working. Returns the token, which is kept nowhere.

        ``by`` is None for the operator of the machine.
        """
        if not user.active:
            raise Refused(N_("This user is deactivated"))
        if not user.email:
            raise Refused(N_("Without an e-mail nobody can log in: write it down first"), field="email")
        session.execute(update(cls).where(cls.user_id == user.id, cls.expires_at > at).values(expires_at=at))
        token = secrets.token_urlsafe(32)
        made_by_id = None if by is None else by.id
        session.add(
            cls(user_id=user.id, made_by_id=made_by_id, token_hash=hashed(token), expires_at=at + timedelta(days=DAYS))
        )
        session.add(event("user:resetasked", by=by, at=at, subject_id=user.id, details={"name": user.name}))
        return token

    @classmethod
    def find(cls, session: Session, token: str) -> "AccessLink | None":
        """The link of a token, used or not; locked against a second use at the same moment."""
        return session.scalar(select(cls).where(cls.token_hash == hashed(token)).with_for_update())

    def usable(self, at: datetime) -> bool:
        return self.used_at is None and at < self.expires_at and self.user.active

    @classmethod
    def spend(cls, session: Session, token: str, password_hash: str, *, at: datetime) -> User:
        """Set the password that the user chose, with its event; the link works no more."""
        link = cls.find(session, token)
        if link is None or not link.usable(at):
            raise Refused(N_("This link was used already, or is too old. Ask your administrator for a new one."))
        link.used_at = at
        session.add(link.user.choose_password(password_hash, at=at))
        return link.user
