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
    no_mailings: Mapped[bool] = mapped_column(default=False)
    """They want no e-mails about our goods. Invoices, and what they asked for, still reach them."""
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
    erased_at: Mapped[datetime | None]
    """They asked us to forget them: of the name too only a number is left."""
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship(back_populates="contacts")

    __mapper_args__ = {"version_id_col": version}

    @property
    def there(self) -> bool:
        """Whether one may still write to them, call them and count on them at this client."""
        return self.left_at is None and self.removed_at is None

    EDITABLE = frozenset(
        "name position decision_role phone email note consent no_mailings influence attitude reports_to_id".split()
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
        self.check_seen(seen)
        unknown = set(fields) - self.EDITABLE
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        changed = sorted(field for field, value in fields.items() if getattr(self, field) != value)
        was = {field: getattr(self, field) for field in changed if field in ("attitude", "decision_role")}
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
            details={"name": self.name, "fields": changed, **({"was": was} if was else {})},
        )

    def know(self, birthday: date | None, note: str, *, by: User, at: datetime, seen: int) -> Event:
        """Keep what is personal. The event says that it changed, and nothing of it."""
        self.check_seen(seen)
        self.birthday, self.personal_note = birthday, note.strip()
        return self.tell("contact:personal", by=by, at=at)

    def stop_mailings(self, *, at: datetime) -> Event | None:
        """They said by the link in an e-mail that they want no more; None where that was known."""
        if self.no_mailings:
            return None
        self.no_mailings = True
        return self.tell("contact:unsubscribed", by=None, at=at)

    def leave(self, *, by: User, at: datetime) -> Event:
        """They left the client or moved on. Whoever calls plans who finds the successor."""
        if self.left_at is not None or self.removed_at is not None:
            raise Refused(N_("It is known already that this person left"))
        self.left_at = at
        return self.tell("contact:left", by=by, at=at)

    def come_back(self, *, by: User, at: datetime) -> Event:
        """They did not leave after all, or returned."""
        if self.left_at is None or self.removed_at is not None:
            raise Refused(N_("This person has not left"))
        self.left_at = None
        return self.tell("contact:returned", by=by, at=at)

    def remove(self, *, by: User, at: datetime) -> Event:
        """The person left or asked to be forgotten: name stays on the timeline, details are erased."""
        if self.removed_at is not None:
            raise Refused(N_("This contact was removed already"))
        self.wipe(at=at)
        return self.tell("contact:removed", by=by, at=at)

    def wipe(self, *, at: datetime) -> None:
        """Nothing but the name and the position is known any more. The verb that asks for it tells why."""
        self.phone = self.email = self.note = self.consent = self.personal_note = ""
        self.birthday = self.reports_to_id = None
        self.influence, self.attitude = Influence.UNKNOWN, Attitude.UNKNOWN
        self.removed_at = at

    def reveal(self, *, by: User, at: datetime) -> Event:
        """Somebody outside the owner's department looked at the phone and e-mail."""
        return self.tell("contact:revealed", by=by, at=at)

    def check_seen(self, seen: int) -> None:
        if seen != self.version:
            raise Stale

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

    def tell(self, kind: str, *, by: User | None, at: datetime, **details: object) -> Event:
        """An event about this person."""
        told = {"name": self.name, **details}
        return event(kind, by=by, at=at, client_id=self.client_id, subject_id=self.id, details=told)


def who_decides(client: Client) -> Contact | None:
    """Whom a document is addressed to unless somebody chooses: who decides, else the first we know."""
    known = [contact for contact in client.contacts if contact.there]
    deciding = [contact for contact in known if contact.decision_role is DecisionRole.DECIDES]
    return next(iter([*deciding, *known]), None)
