"""Submissions: forms that were sent, so that sending one twice creates nothing twice."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.base import Base


class Submission(Base):
    """A form that a person sent once, known by the random word that it carries, and the page it led to."""

    __tablename__ = "submission"

    word: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    url: Mapped[str] = mapped_column(String(500), default="")
