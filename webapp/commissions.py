"""Keeping the open months of the commission ledger up to date: every minute what is new, every night everything.

What is new is found by its own marks (the last allocation and the last event that were read), so that nothing is lost
when a worker stops, and a statement of fifty thousand payments makes one piece of work.
"""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.allocation import Allocation
from webapp.domain.client import Client
from webapp.domain.commission import CommissionReading
from webapp.domain.commission_reckoning import keep
from webapp.domain.company import Company
from webapp.domain.event import Event
from webapp.jobs import job, later, nightly, queue, sweep
from webapp.web.clock import now

ONE_CLIENT = ("client:reattributed", "deal:won", "handoff:accepted")
EVERYBODY = ("company:changed", "product:changed", "rule:added", "rule:ended", "rule:revised", "rule:withdrawn")
"""What else than a payment changes the lines of a client, or of all. A telling lies before the sale, hence before its
payments; one that is written down later waits for the night."""


@sweep
def look_for_payments() -> None:
    """Queue the work where something is new."""
    company = db.session.get(Company, 1)
    new = company is not None and news(db.session())
    db.session.rollback()
    if new and not queue().holds(read_payments):
        later(read_payments)


def news(session: Session) -> bool:
    read = session.get(CommissionReading, 1)
    if read is None or (session.scalar(select(func.max(Allocation.id))) or 0) > read.allocation_id:
        return True
    kinds = ONE_CLIENT + EVERYBODY
    return session.scalar(select(Event.id).where(Event.kind.in_(kinds), Event.id > read.event_id).limit(1)) is not None


@job
def read_payments() -> None:
    """Work out anew the hunters whose clients paid, or of whom something else is new."""
    read = db.session.get(CommissionReading, 1)
    last = _last(db.session())
    hunters = _hunters(db.session(), read.allocation_id, read.event_id) if read else None
    _keep(hunters, last)


@nightly("commission")
def work_out_everything(day: date) -> dict[str, int]:
    """Every hunter's open months anew: days went by, and what was missed is made up for."""
    return _keep(None, _last(db.session()))


def _last(session: Session) -> tuple[int, int]:
    return session.scalar(select(func.max(Allocation.id))) or 0, session.scalar(select(func.max(Event.id))) or 0


def _hunters(session: Session, allocation_id: int, event_id: int) -> set[int] | None:
    """The hunters to work out; None for all of them."""
    told = (Event.id > event_id) & Event.kind.in_(ONE_CLIENT + EVERYBODY)
    events = session.execute(select(Event.kind, Event.client_id).where(told)).all()
    if any(kind in EVERYBODY for kind, _ in events):
        return None
    paid = select(Allocation.client_id).where(Allocation.id > allocation_id).distinct()
    clients = Client.id.in_(paid) | Client.id.in_({client for _, client in events if client is not None})
    found = session.scalars(select(Client.attracted_by_id).where(clients).distinct())
    return {hunter for hunter in found if hunter is not None}


def _keep(hunters: set[int] | None, last: tuple[int, int]) -> dict[str, int]:
    if hunters is None:
        known = select(Client.attracted_by_id).where(Client.attracted_by_id.is_not(None)).distinct()
        hunters = {hunter for hunter in db.session.scalars(known) if hunter is not None}
    counts: dict[str, int] = {}
    for hunter in sorted(hunters):  # each in a transaction: with a million payments all of them hold the lock for long
        with transaction() as session:
            today = session.get_one(Company, 1).today(now())
            done = keep(session, today, at=now(), hunters=[hunter])
        session.expunge_all()
        counts = {key: counts.get(key, 0) + count for key, count in done.items()}
    with transaction() as session:
        read = session.get(CommissionReading, 1) or CommissionReading(id=1)
        read.allocation_id, read.event_id, read.at = *last, now()
        session.add(read)
    return counts
