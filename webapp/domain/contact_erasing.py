"""Erasing: a person asked us to forget them (152-FZ). That something happened stays, and nothing that tells of whom."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.domain.awareness import Awareness
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.interaction import Interaction
from webapp.domain.letter import Letter
from webapp.domain.letter_privacy import forget
from webapp.domain.mailing_link import MailingLink
from webapp.domain.rival_thread import RivalThread
from webapp.domain.task import Task
from webapp.domain.user import User
from webapp.domain.words import N_

WRITTEN: tuple[tuple[InstrumentedAttribute[str], bool], ...] = (
    (Interaction.outcome, False),
    (Task.subject, False),
    (Letter.subject, True),
    (Letter.body, True),
    (Awareness.reason, False),
)
"""Texts in which the full name is struck out: of the client, or (True) only of what went to the person."""


def erase(session: Session, contact: Contact, reason: str, *, by: User, at: datetime) -> list[Event]:
    """Forget the person: only a number is left of them. ``reason`` says who asked and how. It cannot be undone.

    Not touched are sent proposals, stored papers and events: those are evidence, and never change. The timeline
    strikes the name out of events when it shows them.
    """
    if contact.erased_at is not None:
        raise Refused(N_("This contact was erased already"))
    if not reason.strip():
        raise Refused(N_("Say why"), field="reason")
    stopped = list(forget(session, contact, by=by, at=at))
    known, number = contact.name, f"#{contact.id}"
    if " " in known.strip():
        for column, only_theirs in WRITTEN:
            _strike(session, contact, column, known, number, only_theirs=only_theirs)
    for entity in (RivalThread, MailingLink):
        for each in session.scalars(select(entity).where(entity.contact_id == contact.id)):
            session.delete(each)
    contact.wipe(at=contact.removed_at or at)
    contact.name, contact.position, contact.decision_role = number, "", DecisionRole.UNKNOWN
    contact.erased_at = at
    session.flush()
    session.expire_all()
    return [*stopped, contact.tell("contact:erased", by=by, at=at, reason=reason.strip()[:500])]


def _strike(
    session: Session, contact: Contact, column: InstrumentedAttribute[str], name: str, number: str, *, only_theirs: bool
) -> None:
    entity = column.class_
    whose: ColumnElement[bool] = (
        entity.contact_id == contact.id if only_theirs else entity.client_id == contact.client_id
    )
    struck = {column.key: func.replace(column, name, number)}
    session.execute(update(entity).where(whose, column.contains(name, autoescape=True)).values(struck))
