"""Stored files, named by what they hold, so that a recorded hash proves the bytes."""

from hashlib import sha256

from sqlalchemy import LargeBinary, select, String
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base, kept


class StoredFile(Base):
    """Bytes and their SHA-256. Kept in the database: one backup, and several hosts see the same."""

    __tablename__ = "stored_file"

    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(80))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    @classmethod
    def store(cls, session: Session, content: bytes, media_type: str) -> "StoredFile":
        """The stored file of these bytes; the same bytes are stored once."""
        digest = sha256(content).hexdigest()
        same, new = select(cls).where(cls.sha256 == digest), cls(sha256=digest, media_type=media_type, content=content)
        return kept(session, lambda: session.scalars(same).one_or_none(), new)
