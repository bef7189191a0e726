"""Keeping the queue: each client's place, recomputed whenever something happened that it stands on, and each night."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.promise_to_pay import keep_paid
from webapp.domain.queue import PLACE, RESTS
from webapp.domain.queue_facts import Facts, find_out, in_parts
from webapp.domain.queue_item import QueueItem
from webapp.domain.words import Department

STANDS_ON: frozenset[str] = frozenset(
    "contract:added contract:changed contract:ended engagement:closed engagement:opened engagement:reassigned "
    "handoff:accepted handoff:offered handoff:returned handoff:withdrawn invoice:agreed invoice:credited "
    "invoice:disputed operation:done payment:allocated payment:freed promisetopay:broken promisetopay:changed "
    "promisetopay:kept promisetopay:made task:added task:cancelled task:done task:postponed task:reassigned".split()
)
"""The events after which a client's place may be another. (An invoice that is issued is not due yet.)"""

PAYS: frozenset[str] = frozenset({"payment:allocated"})
"""The events after which a promise to pay may be kept."""

AT_ONCE = 400
"""Clients in one go: well below what a statement may name."""


def keep(session: Session, clients: Iterable[int], *, at: datetime) -> None:
    """Write anew where these clients stand. Whoever changes one of them at the same time waits, and looks again."""
    wanted = sorted(set(clients))
    company = session.get(Company, 1)
    if company is None:
        return
    for part in in_parts(wanted, AT_ONCE):
        _keep(session, part, company.today(at), at=at)


def keep_promises_after(session: Session, told: Collection[tuple[str, int]], *, at: datetime) -> None:
    """After events (kind and client): promises that are paid are kept."""
    payers = {client for kind, client in told if kind in PAYS}
    if payers:
        for part in in_parts(sorted(payers), AT_ONCE):
            keep_paid(session, part, at=at)
        session.flush()


def keep_after(session: Session, told: Collection[tuple[str, int]], *, at: datetime) -> None:
    """After events (kind and client): the clients' places follow."""
    keep(session, {client for kind, client in told if kind in STANDS_ON}, at=at)


def keep_woken(session: Session, *, at: datetime, most: int = AT_ONCE) -> int:
    """Bring back those whose rest is over; how many those were."""
    woken = select(QueueItem.client_id).where(QueueItem.changes_at <= at).order_by(QueueItem.changes_at).limit(most)
    clients = session.scalars(woken).all()
    keep(session, clients, at=at)
    return len(clients)


def everybody(session: Session) -> list[int]:
    """All clients that have a place, or ought to have one."""
    served = select(Engagement.client_id).where(
        Engagement.department == Department.CLIENT, Engagement.closed_at.is_(None)
    )
    offered = select(HandOff.client_id).where(
        HandOff.receiver == Department.CLIENT, HandOff.state == HandOffState.OFFERED
    )
    session.execute(delete(QueueItem).where(QueueItem.client_id.not_in(select(Client.id))))
    return sorted(session.scalars(union(served, offered, select(QueueItem.client_id))))


def reckon(session: Session, clients: Collection[int], today: date, *, at: datetime) -> dict[int, dict[str, Any]]:
    """What the places of these clients are, by client; who has no place is left out."""
    return {client: _placed(facts, at) for client, facts in find_out(session, clients, today, at=at).items()}


def _placed(facts: Facts, at: datetime) -> dict[str, Any]:
    awake = facts.awake(at)
    strongest = awake[0] if awake else None
    return {
        "clerk_id": facts.clerk_id,
        "rank": RESTS if strongest is None else PLACE[strongest],
        "place": 0 if strongest is None else facts.found[strongest][0],
        "reasons": [{"reason": reason.value, **facts.found[reason][1]} for reason in awake],
        "changes_at": facts.wakes_at(at),
    }


def _keep(session: Session, clients: list[int], today: date, *, at: datetime) -> None:
    session.flush()
    rows = select(QueueItem).where(QueueItem.client_id.in_(clients)).order_by(QueueItem.client_id)
    # The rows are locked before anything is read: what another transaction changed meanwhile is seen.
    held = {
        item.client_id: item
        for item in session.scalars(rows.with_for_update().execution_options(populate_existing=True))
    }
    found = reckon(session, clients, today, at=at)
    missing = [client for client in found if client not in held]
    if missing:
        _begin(session, missing)
        again = rows.where(QueueItem.client_id.in_(missing)).with_for_update()
        held |= {item.client_id: item for item in session.scalars(again)}
        found |= reckon(session, missing, today, at=at) if session.get_bind().dialect.name != "sqlite" else {}
    for client, item in held.items():
        if client not in found:
            session.delete(item)
            continue
        for name, value in found[client].items():
            if getattr(item, name) != value:
                setattr(item, name, value)
    session.flush()


def _begin(session: Session, clients: list[int]) -> None:
    """Rows to lock. Somebody may have begun the same at this moment: theirs will do."""
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    empty: dict[str, Any] = {"clerk_id": None, "rank": RESTS, "place": 0, "reasons": [], "changes_at": None}
    session.execute(
        insert(QueueItem).on_conflict_do_nothing(index_elements=["client_id"]),
        [{"client_id": client, **empty} for client in clients],
    )
