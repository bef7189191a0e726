"""Who of ours and theirs was in contact by a day, and who was there no more."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select, String, type_coerce
from sqlalchemy.orm import Session

from webapp.domain.among import among
from webapp.domain.contact import Contact
from webapp.domain.event import Event
from webapp.domain.health_deeds import Told
from webapp.domain.health_facts import Leaver, Touch
from webapp.domain.health_known import Known
from webapp.domain.interaction import Began, Interaction, InteractionKind
from webapp.domain.standing import Attitude
from webapp.domain.thread_strength import SPOKEN
from webapp.domain.user import User
from webapp.domain.visit import Visit
from webapp.domain.words import Role


class Person(NamedTuple):
    """A contact as it was known then."""

    role: str
    champion: bool
    there: bool


def read(session: Session, known: Known, told: Told) -> None:
    """Threads, the last contact and visit, and those who left."""
    pairs = _pairs(session, known)
    _visits(session, known)
    theirs = _contacts(session, known, told)
    ours = _users(session, known, {pair[2] for pair in pairs})
    for client, contact, user, answered, visited in pairs:
        found = known.found.get(client)
        if found is None:
            continue
        head, active = ours[user]
        person = theirs.get(contact)
        if visited is not None:
            _newest(found, "last_visit", (known.on(visited), user))
        if answered is not None:
            on = known.on(answered)
            _newest(found, "last_contact", (on, user))
            if active and person is not None and person.there:
                known.add(client, "threads", Touch(user, head, contact, person.role, on))


def _visits(session: Session, known: Known) -> None:
    """Of the held visits, told by then: how the last one ended, and the last with a purpose. That one a norm counts,
    whether or not it was reached."""
    told = or_(Interaction.id.is_(None), Interaction.recorded_at.is_(None), Interaction.recorded_at < known.end)
    rows = session.connection().execute(
        select(Visit.client_id, Visit.held_on, Visit.held_by_id, Visit.purpose, Visit.id, Visit.outcome)
        .outerjoin(Interaction, Interaction.id == Visit.interaction_id)
        .where(known.whose(Visit.client_id), Visit.held_on <= known.day, Visit.held_at >= known.start)
        .where(told)
    )
    for client, held_on, user, purpose, number, outcome in rows.all():
        found = known.found.get(client)
        if found is None or held_on is None or user is None:
            continue
        if outcome is not None:
            _newest(found, "last_word", (held_on, number, outcome))
        if purpose is not None:
            _newest(found, "last_visit", (held_on, user))


def _newest(found: dict[str, Any], name: str, fact: tuple[Any, ...]) -> None:
    if name not in found or found[name] < fact:
        found[name] = fact


def _pairs(session: Session, known: Known) -> Sequence[Any]:
    """By client, person of theirs and of ours: when they last took part, and when they were last visited."""
    answered = or_(Interaction.kind.in_(sorted(SPOKEN)), Interaction.began == Began.THEY)
    held = and_(Interaction.kind == InteractionKind.MEETING, Interaction.purpose_reached.is_not(None))
    return (
        session.connection()
        .execute(
            select(
                Interaction.client_id,
                Interaction.contact_id,
                Interaction.user_id,
                func.max(case((answered, Interaction.at))),
                func.max(case((held, Interaction.at))),
            )
            .where(known.whose(Interaction.client_id), Interaction.at < known.end, Interaction.at >= known.start)
            .where(or_(Interaction.recorded_at.is_(None), Interaction.recorded_at < known.end))
            .group_by(Interaction.client_id, Interaction.contact_id, Interaction.user_id)
        )
        .all()
    )


def _contacts(session: Session, known: Known, told: Told) -> dict[int, Person]:
    """What each decided then, whether they spoke for us, and whether they were there; and those who had left."""
    left: dict[int, datetime] = {}
    was: dict[int, dict[str, Any]] = {}
    there: dict[int, bool] = {}
    for kinds in told.values():
        moves = [*kinds.get("contact:left", ()), *kinds.get("contact:returned", ())]
        for each in sorted(moves, key=lambda each: each.at):
            leaves = each.kind == "contact:left"
            if each.at >= known.end:
                there.setdefault(each.subject_id, leaves)
            elif leaves:
                left[each.subject_id] = each.at
            else:
                left.pop(each.subject_id, None)
        for each in kinds.get("contact:changed", ()):
            changed = UNDATED.intersection(each.details.get("fields", ())) if each.at >= known.end else ()
            for name in changed:
                held = each.details.get("was", {}).get(name, "unknown")
                was.setdefault(each.subject_id, {}).setdefault(name, held)
    people: dict[int, Person] = {}
    rows = session.connection().execute(
        select(
            Contact.client_id,
            Contact.id,
            type_coerce(Contact.decision_role, String),
            type_coerce(Contact.attitude, String),
            Contact.left_at,
            Contact.removed_at,
        ).where(known.whose(Contact.client_id))
    )
    for client, number, role, attitude, left_at, removed_at in rows.all():
        then = was.get(number, {})
        held = then.get("decision_role", role)
        champion = then.get("attitude", attitude) == Attitude.CHAMPION
        gone = not there[number] if number in there else left_at is not None and left_at < known.end
        erased = removed_at is not None and removed_at < known.end
        people[number] = Person(held, champion, not gone and not erased)
        if gone:
            since = left.get(number, left_at)
            if since is not None:
                known.add(client, "leavers", Leaver(number, known.on(since), held, champion))
    return people


UNDATED = frozenset({"decision_role", "attitude"})
"""What a contact holds without a date: its event tells what it was before."""


def _users(session: Session, known: Known, users: Collection[int]) -> dict[int, tuple[bool, bool]]:
    """Whether each of ours was a head then, and worked with us."""
    later: dict[int, dict[str, Any]] = {}
    for number, kind, details in session.connection().execute(
        select(Event.subject_id, Event.kind, Event.details)
        .where(Event.kind.in_(("user:changed", "user:deactivated", "user:reactivated")), Event.at >= known.end)
        .order_by(Event.at, Event.id)
    ):
        held = later.setdefault(number, {})
        if kind != "user:changed":
            held.setdefault("active", kind == "user:deactivated")
        elif "was" in details:
            held.setdefault("role", details["was"])
    rows = session.connection().execute(select(User.id, User.role, User.deactivated_at).where(among(User.id, users)))
    found = {}
    for number, role, deactivated_at in rows.all():
        held = later.get(number, {})
        found[number] = (held.get("role", role) == Role.HEAD, held.get("active", deactivated_at is None))
    return found
