"""Merging: a person who was entered twice becomes one contact. Nothing that is known of either is lost."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.interaction import Interaction
from webapp.domain.letter import Letter
from webapp.domain.letter_privacy import hold_mailings
from webapp.domain.mailing_link import MailingLink
from webapp.domain.promise_to_pay import PromiseToPay
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_state import VersionState
from webapp.domain.rival_thread import RivalThread
from webapp.domain.standing import Attitude, circles, Influence
from webapp.domain.user import User
from webapp.domain.visit_contact import VisitContact
from webapp.domain.words import N_

ONE_OF_THEM: dict[str, Any] = {
    "name": "",
    "position": "",
    "decision_role": DecisionRole.UNKNOWN,
    "influence": Influence.UNKNOWN,
    "attitude": Attitude.UNKNOWN,
    "phone": "",
    "email": "",
    "consent": "",
    "no_mailings": False,
    "birthday": None,
}
"""Fields that hold one value, and what means that nothing is known: the kept contact's counts, else the other's."""

BESIDE = ("name", "position", "phone", "email", "consent")
"""Where both know something different, the other's is written into the note."""

FOLLOWS = (Interaction, Letter, MailingLink, PromiseToPay)
"""What hangs on the other contact hangs on the kept one from now on."""


def merged(kept: Contact, other: Contact) -> dict[str, Any]:
    """What the one contact will say, by field."""
    values = {
        field: getattr(kept, field) if getattr(kept, field) != nothing else getattr(other, field)
        for field, nothing in ONE_OF_THEM.items()
    }
    told = [getattr(other, field) for field in BESIDE if getattr(other, field) not in ("", values[field])]
    if other.birthday not in (None, values["birthday"]):
        values["personal_note"] = _below(kept.personal_note, other.personal_note, f"{other.birthday}")
    return {
        "personal_note": _below(kept.personal_note, other.personal_note),
        **values,
        "note": _below(kept.note, other.note, ", ".join(told)),
    }


def merge(session: Session, kept: Contact, other: Contact, *, by: User, at: datetime, seen: tuple[int, int]) -> Event:
    """``other`` was the same person as ``kept``. It stays as a removed contact, to which sent proposals still point.

    ``seen`` are the versions of both that somebody looked at.
    """
    kept.client.hold(session)
    if kept.id == other.id or kept.client_id != other.client_id:
        raise Refused(N_("Choose another contact of this client"), field="other_id")
    if kept.removed_at is not None or other.removed_at is not None:
        raise Refused(N_("This contact was removed already"), field="other_id")
    kept.check_seen(seen[0])
    other.check_seen(seen[1])
    for field, value in merged(kept, other).items():
        setattr(kept, field, value)
    _take_place(session, kept, other)
    session.flush()
    _follow(session, kept, other)
    session.add_all(hold_mailings(session, kept, by=by, at=at))
    name = other.name
    other.wipe(at=at)
    other.left_at = None  # one person is there or left as the kept contact says: nobody left twice
    session.flush()
    session.expire_all()
    return event(
        "contact:merged",
        by=by,
        at=at,
        client_id=kept.client_id,
        subject_id=kept.id,
        details={"name": f"{kept.name} ← {name}", "other_id": other.id},
    )


def _take_place(session: Session, kept: Contact, other: Contact) -> None:
    """Who reported to the other reports to the kept one; its own boss, unless that would be a circle."""
    there = session.scalars(select(Contact).where(Contact.client_id == kept.client_id, Contact.removed_at.is_(None)))
    people = {person.id: person for person in there}
    boss = kept.reports_to_id if kept.reports_to_id not in (None, other.id) else other.reports_to_id
    kept.reports_to_id = None
    for person in people.values():
        if person.reports_to_id == other.id:
            person.reports_to_id = kept.id if person is not kept else None
    above = {person.id: person.reports_to_id for person in people.values()}
    kept.reports_to_id = boss if boss != kept.id and not circles(above, kept.id, boss) else None


def _follow(session: Session, kept: Contact, other: Contact) -> None:
    for entity in FOLLOWS:
        session.execute(update(entity).where(entity.contact_id == other.id).values(contact_id=kept.id))
    draft = (ProposalVersion.contact_id == other.id, ProposalVersion.state == VersionState.DRAFT)
    session.execute(update(ProposalVersion).where(*draft).values(contact_id=kept.id))
    known = {row.visit_id: row for row in session.scalars(_of(VisitContact, kept))}
    for row in session.scalars(_of(VisitContact, other)):
        if row.visit_id in known:
            known[row.visit_id].interaction_id = known[row.visit_id].interaction_id or row.interaction_id
            session.delete(row)
        else:
            row.contact_id = kept.id
    rivals = {row.competitor_id for row in session.scalars(_of(RivalThread, kept)) if row.ended_at is None}
    for thread in session.scalars(_of(RivalThread, other)):
        if thread.ended_at is None and thread.competitor_id in rivals:
            session.delete(thread)
        else:
            thread.contact_id = kept.id
    session.flush()


def _of(entity: Any, contact: Contact) -> Any:
    return select(entity).where(entity.contact_id == contact.id).order_by(entity.id)


def _below(*texts: str) -> str:
    """The texts one below the other, each once."""
    return "\n".join(dict.fromkeys(text for text in texts if text))
