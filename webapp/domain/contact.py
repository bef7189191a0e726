"""Contacts: the people at a client, and their part in its decisions."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, select, String, Text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.standing import Attitude, circles, Influence
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
    influence: Mapped[Influence] = mapped_column(Choice(Influence), default=Influence.UNKNOWN)
    attitude: Mapped[Attitude] = mapped_column(Choice(Attitude), default=Attitude.UNKNOWN)
    reports_to_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    """Their boss at the same client; nobody stands above themselves."""
    birthday: Mapped[date | None]
    personal_note: Mapped[str] = mapped_column(Text, default="")
    """With the birthday it is for few eyes: Permission.CONTACT_PERSONAL. No event, export or fragment tells it."""
    left_at: Mapped[datetime | None]
    """They left the client or moved on; their threads ended with it."""
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship(back_populates="contacts")

    __mapper_args__ = {"version_id_col": version}

    EDITABLE = frozenset(
        "name position decision_role phone email note consent influence attitude reports_to_id".split()
    )

    @classmethod
    def add(
        cls, session: Session, client: Client, name: str, *, by: User | None, at: datetime, **fields: object
    ) -> "Contact":
        contact = cls(client=client, name=name, **fields)
        session.add(contact)
        session.flush()
        contact._check_boss(session)
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
        session = object_session(self)
        if "reports_to_id" in changed and session is not None:
            self._check_boss(session)
        return event(
            "contact:changed",
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.id,
            details={"name": self.name, "fields": changed},
        )

    def know(self, birthday: date | None, note: str, *, by: User, at: datetime, seen: int) -> Event:
        """Keep what is personal. The event says that it changed, and nothing of it."""
        if seen != self.version:
            raise Stale
        self.birthday, self.personal_note = birthday, note.strip()
        return self._event("contact:personal", by=by, at=at)

    def leave(self, *, by: User, at: datetime) -> Event:
        """They left the client or moved on. Whoever calls plans who finds the successor."""
        if self.left_at is not None or self.removed_at is not None:
            raise Refused(N_("It is known already that this person left"))
        self.left_at = at
        return self._event("contact:left", by=by, at=at)

    def come_back(self, *, by: User, at: datetime) -> Event:
        """They did not leave after all, or returned."""
        if self.left_at is None or self.removed_at is not None:
            raise Refused(N_("This person has not left"))
        self.left_at = None
        return self._event("contact:returned", by=by, at=at)

    def remove(self, *, by: User, at: datetime) -> Event:
        """The person left or asked to be forgotten: name stays on the timeline, details are erased."""
        if self.removed_at is not None:
            raise Refused(N_("This contact was removed already"))
        self.phone = self.email = self.note = self.consent = self.personal_note = ""
        self.birthday = self.reports_to_id = None
        self.influence, self.attitude = Influence.UNKNOWN, Attitude.UNKNOWN
        self.removed_at = at
        return self._event("contact:removed", by=by, at=at)

    def reveal(self, *, by: User, at: datetime) -> Event:
        """Somebody outside the owner's department looked at the phone and e-mail."""
        return self._event("contact:revealed", by=by, at=at)

    def _check_boss(self, session: Session) -> None:
        if self.reports_to_id is None:
            return
        with session.no_autoflush:
            colleagues = session.execute(
                select(Contact.id, Contact.reports_to_id).where(
                    Contact.client_id == self.client_id, Contact.removed_at.is_(None)
                )
            )
            above = {row.id: row.reports_to_id for row in colleagues}
        if self.reports_to_id not in above:
            raise Refused(N_("This contact belongs to another client"), field="reports_to_id")
        if circles(above, self.id, self.reports_to_id):
            raise Refused(N_("Nobody reports to themselves, also not through others"), field="reports_to_id")

    def _event(self, kind: str, *, by: User, at: datetime) -> Event:
        return event(kind, by=by, at=at, client_id=self.client_id, subject_id=self.id, details={"name": self.name})
