"""Erasing: a person asked us to forget them (152-FZ). That something happened stays, and nothing that tells of whom."""

from collections.abc import Sequence
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
    Contacts that were merged into this one are the same person, and are forgotten with it.

    Not touched are sent proposals, stored papers and events: those are evidence, and never change. The timeline
    strikes the name out of events when it shows them.
    """
    if contact.erased_at is not None:
        raise Refused(N_("This contact was erased already"))
    if not reason.strip():
        raise Refused(N_("Say why"), field="reason")
    person = [contact, *_duplicates(session, contact)]
    numbers = [each.id for each in person]
    stopped = [told for each in person for told in forget(session, each, by=by, at=at)]
    for each in person:
        if " " in each.name.strip():
            for column, only_theirs in WRITTEN:
                _strike(session, each, column, numbers if only_theirs else None)
    for entity in (RivalThread, MailingLink):
        for held in session.scalars(select(entity).where(entity.contact_id.in_(numbers))):
            session.delete(held)
    for each in person:
        each.wipe(at=each.removed_at or at)
        each.name, each.position, each.decision_role, each.erased_at = _number(each), "", DecisionRole.UNKNOWN, at
    session.flush()
    session.expire_all()
    return [*stopped, *(each.tell("contact:erased", by=by, at=at, reason=reason.strip()[:500]) for each in person)]


def _duplicates(session: Session, contact: Contact) -> list[Contact]:
    """The removed contacts that were the same person, merged into this one, or into one that was."""
    merged = select(Event).where(Event.client_id == contact.client_id, Event.kind == "contact:merged")
    into: dict[int, list[int]] = {}
    for each in session.scalars(merged):
        into.setdefault(each.subject_id or 0, []).append(each.details["other_id"])
    found, left = set[int](), [contact.id]
    while left:
        others = into.get(left.pop(), [])
        left += [other for other in others if other not in found]
        found.update(others)
    same = select(Contact).where(Contact.id.in_(found), Contact.erased_at.is_(None)).order_by(Contact.id)
    return list(session.scalars(same))


def _number(contact: Contact) -> str:
    return f"#{contact.id}"


def _strike(
    session: Session, contact: Contact, column: InstrumentedAttribute[str], numbers: Sequence[int] | None
) -> None:
    """Strike the name out of these texts of the client; with ``numbers``, only of what went to these contacts."""
    entity = column.class_
    whose: ColumnElement[bool] = (
        entity.client_id == contact.client_id if numbers is None else entity.contact_id.in_(numbers)
    )
    struck = {column.key: func.replace(column, contact.name, _number(contact))}
    session.execute(update(entity).where(whose, column.contains(contact.name, autoescape=True)).values(struck))
