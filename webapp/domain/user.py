"""Users: the people of the company, their department and role."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.base import Base, Choice
from webapp.domain.words import Department, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a plain copy of the user that queries and permissions look at, apart from the database."""

    id: int
    name: str
    role: Role
    department: Department | None
    timezone: str
    language: str | None

    @property
    def is_member(self) -> bool:
        return self.role is Role.MEMBER

    @property
    def is_head(self) -> bool:
        return self.role is Role.HEAD

    @property
    def is_director(self) -> bool:
        return self.role is Role.DIRECTOR

    @property
    def is_administrator(self) -> bool:
        return self.role is Role.ADMINISTRATOR

    def today(self, at: datetime) -> date:
        """The date that this person's calendar shows at that moment."""
        return at.astimezone(ZoneInfo(self.timezone)).date()


class User(Base):
    """A person of ours. One without a password is known (imported, invited) but cannot log in yet.

    ``epoch`` is part of every session: raising it ends them all. A member or head belongs to one department;
    a director or administrator to none.
    """

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("(role in ('member', 'head')) = (department is not null)", name="department_by_role"),
        {"sqlite_autoincrement": True},
    )

    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    """In lower case."""
    role: Mapped[Role] = mapped_column(Choice(Role))
    department: Mapped[Department | None] = mapped_column(Choice(Department))
    head_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    office: Mapped[str] = mapped_column(String(120), default="")
    language: Mapped[str | None] = mapped_column(String(5))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int | None]
    epoch: Mapped[int] = mapped_column(default=1)
    deactivated_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]

    @property
    def active(self) -> bool:
        return self.deactivated_at is None

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.name, self.role, self.department, self.timezone, self.language)

    def today(self, at: datetime) -> date:
        return self.actor.today(at)


class AccessLink(Base):
    """A one-time link that lets a user set a password: an invitation or a reset. Only the token's hash is kept."""

    __tablename__ = "access_link"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    @staticmethod
    def hashed(token: str) -> str:
        return sha256(token.encode()).hexdigest()

    @staticmethod
    def new_token() -> str:
        """32 random bytes, as text for a URL; shown once, never stored."""
        return secrets.token_urlsafe(32)

    def usable(self, at: datetime) -> bool:
        return self.used_at is None and at < self.expires_at
