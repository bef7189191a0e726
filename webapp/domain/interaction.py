"""Interactions: contacts that happened, and notes of what we did about a client without speaking with it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.event import event
from webapp.domain.user import User
from webapp.domain.words import N_


class InteractionKind(StrEnum):
    MEETING = "meeting"
    CALL = "call"
    EMAIL = "email"
    LETTER = "letter"
    EVENT = "event"
    NOTE = "note"

    @property
    def label(self) -> str:
        return {
            "meeting": N_("Meeting in person"),
            "call": N_("Call"),
            "email": N_("E-mail"),
            "letter": N_("Letter"),
            "event": N_("Event"),
            "note": N_("Note"),
        }[self.value]


CONTACTS = tuple(kind for kind in InteractionKind if kind is not InteractionKind.NOTE)
"""Kinds of contact: somebody of theirs was spoken with or written to. A note is none: nothing that counts contacts sees
it."""


class Began(StrEnum):
    """Who began a contact."""

    WE = "we"
    THEY = "they"

    @property
    def label(self) -> str:
        return {"we": N_("We"), "they": N_("They")}[self.value]


class Interaction(Base):
    """Who of ours spoke with whom of theirs, when, how it ended, and whether it reached its purpose."""

    __tablename__ = "interaction"
    __table_args__ = (
        Index("ix_interaction_client_id_at", "client_id", "at"),
        Index("ix_interaction_at", "at"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    kind: Mapped[InteractionKind] = mapped_column(Choice(InteractionKind))
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(Text)
    purpose_reached: Mapped[bool | None]
    """None where nobody said."""
    began: Mapped[Began | None] = mapped_column(Choice(Began))
    """None where nobody said."""
    recorded_at: Mapped[datetime | None]
    """When it was written down; None: at once."""

    client: Mapped[Client] = relationship(back_populates="interactions")
    contact: Mapped[Contact | None] = relationship()
    user: Mapped[User] = relationship()

    @classmethod
    def record(
        cls,
        session: Session,
        client: Client,
        kind: InteractionKind,
        outcome: str,
        *,
        by: User,
        at: datetime,
        happened_at: datetime | None = None,
        contact: Contact | None = None,
        purpose_reached: bool | None = None,
        began: Began | None = None,
    ) -> "Interaction":
        """Record what happened. It cannot lie in the future, and a note is with nobody."""
        when = happened_at or at
        if when > at:
            raise Refused(N_("An interaction cannot lie in the future"), field="happened_at")
        if contact is not None and contact.client_id != client.id:
            raise Refused(N_("This contact belongs to another client"), field="contact_id")
        if contact is not None and kind not in CONTACTS:
            raise Refused(N_("A note is no contact with anybody"), field="contact_id")
        interaction = cls(
            client=client,
            contact=contact,
            user=by,
            kind=kind,
            at=when,
            outcome=outcome,
            purpose_reached=purpose_reached,
            began=began,
            recorded_at=at if when < at else None,
        )
        session.add(interaction)
        session.flush()
        session.add(
            event(
                "interaction:added",
                by=by,
                at=at,
                client_id=client.id,
                subject_id=interaction.id,
                details={
                    "kind": kind,
                    "outcome": outcome[:500],
                    "contact": contact.name if contact else None,
                    "happened": when.isoformat(),
                    "reached": purpose_reached,
                    "began": began,
                },
            )
        )
        return interaction
