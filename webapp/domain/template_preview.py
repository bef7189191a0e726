"""Previews of templates: what somebody is editing right now, printed by a worker. One for each person, the newest."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ForeignKey, JSON, LargeBinary, select, String
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base, kept


class TemplatePreview(Base):
    """What is wanted (``key``), and what was printed last (``printed_key``) with its pages as one picture."""

    __tablename__ = "template_preview"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    key: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As ``proposal_content`` says, of an example."""
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    asked_at: Mapped[datetime] = mapped_column(index=True)
    printed_key: Mapped[str] = mapped_column(String(64), default="")
    pages: Mapped[int] = mapped_column(default=0)
    picture: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)

    @property
    def is_printed(self) -> bool:
        return self.printed_key == self.key

    @classmethod
    def of(cls, session: Session, user_id: int) -> "TemplatePreview | None":
        return session.scalars(select(cls).where(cls.user_id == user_id)).one_or_none()

    @classmethod
    def ask(
        cls, session: Session, user_id: int, content: dict[str, Any], logo: bytes | None, *, at: datetime
    ) -> "TemplatePreview":
        """Want this printed instead of whatever that person wanted before."""
        digest = sha256(json.dumps(content, sort_keys=True).encode() + (logo or b"")).hexdigest()
        wanted = {"key": digest, "content": content, "logo": logo, "asked_at": at}
        new = cls(user_id=user_id, printed_key="", pages=0, **wanted)
        preview = kept(session, lambda: cls.of(session, user_id), new)
        for field, value in wanted.items():
            setattr(preview, field, value)
        session.flush()
        return preview

    def keep(self, key: str, pdf: bytes, picture: bytes, pages: int) -> None:
        """It is printed. What somebody changed meanwhile comes next."""
        self.printed_key, self.pdf, self.picture, self.pages = key, pdf, picture, pages
