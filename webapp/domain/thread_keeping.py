"""Keeping threads and blind spots: written anew after whatever they stand on, and each night."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, union
from sqlalchemy.orm import Session

from webapp.domain import keeping
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.contract import Contract
from webapp.domain.coverage import AFTER_HANDOFF, BlindSpot, cover
from webapp.domain.engagement import Engagement
from webapp.domain.event import Event
from webapp.domain.interaction import Interaction
from webapp.domain.queue_facts import in_parts
from webapp.domain.thread import Thread
from webapp.domain.thread_strength import FRESHNESS, last_answered, reckon, Said, WINDOW_DAYS
from webapp.domain.user import User
from webapp.domain.words import Role

STANDS_ON: frozenset[str] = frozenset(
    "client:changed contact:changed contact:erased contact:left contact:merged contact:removed contact:returned "
    "contract:added contract:changed contract:ended engagement:closed engagement:opened handoff:accepted "
    "interaction:added".split()
)
"""The events after which a client's threads or blind spot may be others. Who left, and what the calendar does to
contracts, the night sees; a thread of somebody who left is never shown."""

OF_USERS = ("user:changed", "user:deactivated", "user:reactivated")
"""The events after which one of ours counts otherwise."""

AT_ONCE = 400
"""Clients in one go: well below what a statement may name."""

AT_A_TIME = {"render_nulls": True}
"""All rows in one statement: else those with and without a value would alternate."""


@dataclass(slots=True)
class Known:
    """What happened between one of ours and one of theirs."""

    client_id: int
    role: DecisionRole
    head: bool
    said: list[Said] = field(default_factory=list)


def keep(session: Session, clients: Iterable[int], *, at: datetime) -> None:
    """Write anew the threads and the blind spots of these clients."""
    company = session.get(Company, 1)
    if company is None:
        return
    wanted = sorted(set(clients))
    keeping.hold(session, keeping.THREADS, wanted)  # before anything is read
    for part in in_parts(wanted, AT_ONCE):
        session.flush()
        _keep(session, company, part, at)


def keep_after(session: Session, told: Collection[tuple[str, int]], *, at: datetime) -> None:
    """After events (kind and client): the clients' threads follow."""
    keep(session, {client for kind, client in told if kind in STANDS_ON}, at=at)


def everybody(session: Session, *, at: datetime, days: int) -> list[int]:
    """All clients with a thread or a blind spot, or that ought to have one."""
    since = at - timedelta(days=max(days, WINDOW_DAYS))
    served = select(Engagement.client_id).where(
        Engagement.department.in_(AFTER_HANDOFF), Engagement.closed_at.is_(None)
    )
    touched = select(Interaction.client_id).where(Interaction.at >= since, Interaction.contact_id.is_not(None))
    held = (select(Thread.client_id), select(BlindSpot.client_id))
    return sorted(session.scalars(union(served, touched, *held)))


def changed_by(session: Session, *, since: datetime, at: datetime, company: Company) -> list[int]:
    """The clients whose threads or blind spot the calendar changed from one moment to another, or somebody of ours who
    left, came back or became a head: an interaction grew older than a step, a contact is live no more, a contract
    began or ended. Whatever else happens to a client is kept when it happens."""
    steps = sorted({days for days, _ in FRESHNESS} | {WINDOW_DAYS, company.live_contact_days})
    aged = or_(*(Interaction.at.between(since - timedelta(days=days + 1), at - timedelta(days=days)) for days in steps))
    first, last = company.today(since), company.today(at)
    moved = select(Event.subject_id).where(Event.kind.in_(OF_USERS), Event.at >= since)
    known = at - timedelta(days=steps[-1])
    parts = (
        select(Interaction.client_id).where(aged, Interaction.contact_id.is_not(None)),
        select(Interaction.client_id).where(Interaction.user_id.in_(moved), Interaction.at > known),
        select(Thread.client_id).where(Thread.user_id.in_(moved)),
        select(Thread.client_id).where(Thread.live_until.between(first - timedelta(days=1), last)),
        select(Contract.client_id).where(Contract.starts_on.between(first, last)),
        select(Contract.client_id).where(Contract.ends_on.between(first - timedelta(days=1), last)),
    )
    return sorted(session.scalars(union(*parts)))


def _keep(session: Session, company: Company, clients: list[int], at: datetime) -> None:
    keys = {row.id: row.key for row in session.execute(select(Client.id, Client.key).where(Client.id.in_(clients)))}
    today = company.today(at)
    threads = list(_threads(session, company, clients, at))
    session.execute(delete(Thread).where(Thread.client_id.in_(clients)))
    if threads:
        session.execute(insert(Thread), [row for row, head in threads], execution_options=AT_A_TIME)
    live: dict[int, list[tuple[int, bool]]] = {}
    for row, head in threads:
        if row["live_until"] is not None and row["live_until"] >= today:
            live.setdefault(row["client_id"], []).append((row["user_id"], head))
    session.execute(delete(BlindSpot).where(BlindSpot.client_id.in_(clients)))
    spots = list(_spots(session, clients, keys, live, today, company.currency))
    if spots:
        session.execute(insert(BlindSpot), spots, execution_options=AT_A_TIME)


def _threads(
    session: Session, company: Company, clients: list[int], at: datetime
) -> Iterator[tuple[dict[str, Any], bool]]:
    """The rows of the pairs that were in contact lately, each with whether our person heads a department."""
    today, days = company.today(at), company.live_contact_days
    for (contact, user), known in _pairs(session, clients, at, days).items():
        strength = reckon(known.said, known.role, at=at)
        answered = last_answered(known.said, at=at)
        until = None if answered is None else company.today(answered + timedelta(days=days))
        if strength.level or (until is not None and until >= today):
            row = {
                "client_id": known.client_id,
                "contact_id": contact,
                "user_id": user,
                "strength": strength.level,
                "points": strength.points,
                "facts": strength.facts,
                "last_at": max(each.at for each in known.said),
                "live_until": until,
            }
            yield row, known.head


def _pairs(session: Session, clients: list[int], at: datetime, days: int) -> dict[tuple[int, int], Known]:
    """What happened between people who are still there, ours and theirs."""
    longest = max(days, WINDOW_DAYS)
    happened = session.execute(
        select(
            Interaction.id,
            Interaction.at,
            Interaction.kind,
            Interaction.began,
            Interaction.client_id,
            Contact.id,
            Interaction.user_id,
            Contact.decision_role,
            User.role,
        )
        .join(Contact, Contact.id == Interaction.contact_id)
        .join(User, User.id == Interaction.user_id)
        .where(Interaction.client_id.in_(clients), Interaction.at > at - timedelta(days=longest), Interaction.at <= at)
        .where(Contact.removed_at.is_(None), Contact.left_at.is_(None), User.deactivated_at.is_(None))
        .order_by(Interaction.client_id, Interaction.at, Interaction.id)
    )
    pairs: dict[tuple[int, int], Known] = {}
    for number, when, kind, began, client, contact, user, part, role in happened:
        known = pairs.setdefault((contact, user), Known(client, part, role is Role.HEAD))
        known.said.append(Said(number, when, kind, began))
    return pairs


def _spots(
    session: Session,
    clients: list[int],
    keys: dict[int, bool],
    live: dict[int, list[tuple[int, bool]]],
    today: date,
    currency: str,
) -> Iterator[dict[str, Any]]:
    served = set(
        session.scalars(
            select(Engagement.client_id).where(
                Engagement.client_id.in_(clients),
                Engagement.department.in_(AFTER_HANDOFF),
                Engagement.closed_at.is_(None),
            )
        )
    )
    coverage = {client: cover(live.get(client, ()), key=keys[client]) for client in sorted(served & set(keys))}
    blind = [client for client, covered in coverage.items() if covered.blind]
    monthly = _monthly(session, blind, today) if blind else {}
    for client in blind:
        covered = coverage[client]
        for paid_in, minor in (monthly.get(client) or {currency: 0}).items():
            yield {
                "client_id": client,
                "currency": paid_in,
                "monthly_minor": minor,
                "ours": len(covered.ours),
                "needed": covered.needed,
                "lacks_head": covered.lacks_head,
            }


def _monthly(session: Session, clients: list[int], today: date) -> dict[int, dict[str, int]]:
    """What running contracts bring a month, by client and currency."""
    found: dict[int, dict[str, int]] = {}
    for client, currency, minor in session.execute(
        select(Contract.client_id, Contract.currency, func.sum(Contract.amount_minor))
        .where(Contract.client_id.in_(clients), Contract.paid_monthly(today))
        .group_by(Contract.client_id, Contract.currency)
    ):
        found.setdefault(client, {})[currency] = int(minor)
    return found
