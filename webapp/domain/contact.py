"""Contacts: the people at a client, and their part in its decisions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.words import N_


class DecisionRole(StrEnum):
    """What a person does in the client's decisions."""

    DECIDES = "decides"
    PAYS = "pays"
    USES = "uses"
    ADVISES = "advises"
    BLOCKS = "blocks"
    KEEPS_GATE = "keeps_gate"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {
            "decides": N_("Decides"),
            "pays": N_("Pays"),
            "uses": N_("Uses"),
            "advises": N_("Advises"),
            "blocks": N_("Blocks"),
            "keeps_gate": N_("Keeps the gate"),
            "unknown": N_("Not known"),
        }[self.value]


class Contact(Base):
    """A person at a client. Removing one keeps the name for the timeline and erases the rest."""

    __tablename__ = "contact"

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    position: Mapped[str] = mapped_column(String(160), default="")
    decision_role: Mapped[DecisionRole] = mapped_column(Choice(DecisionRole), default=DecisionRole.UNKNOWN)
    phone: Mapped[str] = mapped_column(String(40), default="", index=True)
    """E.164 where the number could be read, else as typed."""
    email: Mapped[str] = mapped_column(String(254), default="", index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    consent: Mapped[str] = mapped_column(String(200), default="")
    """Why we may keep this person's data (consent with its date, or a contract)."""
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship(back_populates="contacts")

    __mapper_args__ = {"version_id_col": version}

    EDITABLE = frozenset("name position decision_role phone email note consent".split())

    @classmethod
    def add(
        cls, session: Session, client: Client, name: str, *, by: User | None, at: datetime, **fields: object
    ) -> "Contact":
        contact = cls(client=client, name=name, **fields)
        session.add(contact)
        session.flush()
        session.add(
            event("contact:added", by=by, at=at, client_id=client.id, subject_id=contact.id, details={"name": name})
        )
        return contact

    def change(self, *, by: User, at: datetime, seen: int, **fields: object) -> Event:
        if seen != self.version:
            raise Stale
        unknown = set(fields) - self.EDITABLE
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        changed = sorted(field for field, value in fields.items() if getattr(self, field) != value)
        for field in changed:
            setattr(self, field, fields[field])
        return event(
            "contact:changed",
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            details={"name": self.name, "fields": changed},
        )

    def remove(self, *, by: User, at: datetime) -> Event:
        """The person left or asked to be forgotten: name stays on the timeline, details are erased."""
        if self.removed_at is not None:
            raise Refused(N_("This contact was removed already"))
        self.phone = self.email = self.note = self.consent = ""
        self.removed_at = at
        return event(
            "contact:removed", by=by, at=at, client_id=self.client_id, subject_id=self.id, details={"name": self.name}
        )

    def reveal(self, *, by: User, at: datetime) -> Event:
        """Somebody outside the owner's department looked at the phone and e-mail."""
        return event(
            "contact:revealed", by=by, at=at, client_id=self.client_id, subject_id=self.id, details={"name": self.name}
        )
