"""Proposals: numbered, versioned documents made from a deal. A sent version never changes."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.base import Base, Choice
from webapp.domain.deal import Deal
from webapp.domain.file import StoredFile
from webapp.domain.user import User
from webapp.domain.words import N_


class VersionState(StrEnum):
    DRAFT = "draft"
    PRINTING = "printing"
    SENT = "sent"

    @property
    def label(self) -> str:
        return {"draft": N_("Draft"), "printing": N_("Being printed"), "sent": N_("Sent")}[self.value]


class Proposal(Base):
    """A proposal to a client, numbered per year without gaps."""

    __tablename__ = "proposal"
    __table_args__ = (UniqueConstraint("year", "number"), {"sqlite_autoincrement": True})

    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id"), index=True)
    year: Mapped[int]
    number: Mapped[int]

    deal: Mapped[Deal] = relationship(back_populates="proposals")
    versions: Mapped[list["ProposalVersion"]] = relationship(
        back_populates="proposal", order_by="ProposalVersion.number"
    )


class ProposalVersion(Base):
    """One version. While a draft it changes freely; sending freezes it, and the stored PDF has the hash recorded then."""

    __tablename__ = "proposal_version"
    __table_args__ = (
        UniqueConstraint("proposal_id", "number"),
        Index("ix_proposal_version_state", "state"),
        {"sqlite_autoincrement": True},
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[VersionState] = mapped_column(Choice(VersionState), default=VersionState.DRAFT)
    language: Mapped[str] = mapped_column(String(5))
    currency: Mapped[str] = mapped_column(String(3))
    dated_on: Mapped[date]
    valid_until: Mapped[date]
    title: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    terms: Mapped[str] = mapped_column(Text, default="")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    printed: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Everything that was printed, as it stood at sending: requisites of both sides, lines, totals."""
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    sent_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    version: Mapped[int] = mapped_column(default=1)

    proposal: Mapped[Proposal] = relationship(back_populates="versions")
    made_by: Mapped[User] = relationship(foreign_keys=made_by_id)
    sent_by: Mapped[User | None] = relationship(foreign_keys=sent_by_id)
    file: Mapped[StoredFile | None] = relationship()

    __mapper_args__ = {"version_id_col": version}
