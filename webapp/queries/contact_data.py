"""What we know of one person: to read, to hand out to them, and who looked. A fixed number of statements."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.contact import Contact
from webapp.domain.event import Event
from webapp.domain.interaction import Interaction
from webapp.domain.letter import Letter
from webapp.domain.user import Actor, User

SHOWN = 100
"""How many of those who had access are shown, the newest."""

FIELDS = (
    "name position decision_role phone email influence attitude birthday note personal_note consent no_mailings "
    "left_at".split()
)


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody added, changed, looked at, handed out or erased what we know of the person."""

    kind: str
    at: datetime
    actor: str | None


def who_looked(session: Session, actor: Actor, contact: Contact) -> tuple[Access, ...]:
    """Newest first. One statement."""
    found = session.execute(
        select(Event.kind, Event.at, User.name)
        .outerjoin(User, User.id == Event.actor_id)
        .where(Event.client_id == contact.client_id, Event.subject_id == contact.id, Event.kind.startswith("contact:"))
        .order_by(Event.id.desc())
        .limit(SHOWN)
    )
    return tuple(Access(*row) for row in found)


def known(session: Session, actor: Actor, contact: Contact) -> dict[str, Any]:
    """Everything about the person as plain JSON, in the form in which it is handed out. Two statements."""
    interactions = session.execute(
        select(Interaction.at, Interaction.kind, User.name, Interaction.outcome)
        .join(User, User.id == Interaction.user_id)
        .where(Interaction.contact_id == contact.id)
        .order_by(Interaction.at, Interaction.id)
    )
    letters = session.execute(
        select(Letter.sent_at, Letter.kind, Letter.address, Letter.subject)
        .where(Letter.contact_id == contact.id, Letter.sent_at.is_not(None))
        .order_by(Letter.id)
    )
    return {
        "client": contact.client.name,
        **{field: _plain(getattr(contact, field)) for field in FIELDS},
        "interactions": [
            {"at": _plain(at), "kind": kind, "with": name, "outcome": outcome}
            for at, kind, name, outcome in interactions
        ],
        "letters": [
            {"sent_at": _plain(at), "kind": kind, "address": address, "subject": subject}
            for at, kind, address, subject in letters
        ],
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
