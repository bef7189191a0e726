"""What the night does for threads: they fade by themselves, and blind spots appear."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.event import Event
from webapp.domain.queue_facts import in_parts
from webapp.domain.thread_keeping import AT_ONCE, changed_by, everybody, keep
from webapp.jobs import nightly
from webapp.web.clock import now

REMEMBERED = 400
"""Of the nights' events, so many are looked at."""

LATE = timedelta(days=1)
"""A night's work may have taken so long before it was told."""


@nightly("threads")
def keep_threads(day: date) -> dict[str, int]:
    """The threads that the calendar changed since the last time, and whom too few of ours know; all the first time,
    and after somebody said anew for how long a contact is live."""
    at, company = now(), db.session.get_one(Company, 1)
    since = _last_time()
    if since is None or _otherwise(since):
        clients = everybody(db.session(), at=at, days=company.live_contact_days)
    else:
        clients = changed_by(db.session(), since=since, at=at, company=company)
    for part in in_parts(clients, AT_ONCE):
        with transaction() as session:
            keep(session, part, at=at)
        session.expunge_all()
    return {"clients": len(clients)}


def _last_time() -> datetime | None:
    """When threads were last kept at night."""
    told = select(Event.at, Event.details).where(Event.kind == "nightly:done").order_by(Event.id.desc())
    rows = db.session.execute(told.limit(REMEMBERED))
    return next((row.at - LATE for row in rows if row.details["step"] == "threads"), None)


def _otherwise(since: datetime) -> bool:
    """Whether the settings say otherwise since then for how long a contact is live."""
    told = select(Event.details).where(Event.kind == "company:changed", Event.at >= since)
    return any("live_contact_days" in details.get("fields", ()) for details in db.session.scalars(told))
