"""What letters forget when a contact is removed: to which address they went."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.contact import Contact
from webapp.domain.event import Event
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind, LetterState
from webapp.domain.user import User


def forget(session: Session, contact: Contact, *, by: User, at: datetime) -> Sequence[Event]:
    """Stop what still waits for this contact, and erase the address from what went out. The texts stay."""
    waiting = (Letter.contact_id == contact.id, Letter.state == LetterState.WAITING)
    stopped = [
        letter.cancel(by=by, at=at) for letter in session.scalars(select(Letter).where(*waiting).with_for_update())
    ]
    session.flush()
    went = (Letter.contact_id == contact.id, Letter.state != LetterState.SENDING)
    session.execute(update(Letter).where(*went).values(address=""))
    return stopped


def hold_mailings(session: Session, contact: Contact, *, by: User | None, at: datetime) -> Sequence[Event]:
    """Stop the mailings that still wait for a contact who wants none."""
    if not contact.no_mailings:
        return []
    waiting = (Letter.contact_id == contact.id, Letter.state == LetterState.WAITING, Letter.kind == LetterKind.LAUNCH)
    return [letter.cancel(by=by, at=at) for letter in session.scalars(select(Letter).where(*waiting).with_for_update())]
