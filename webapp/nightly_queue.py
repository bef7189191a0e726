"""What the night does for the Client department, and what is looked at each minute: promises, absences, the queue."""

from datetime import date

from sqlalchemy import func, select

from webapp.db import db, transaction
from webapp.domain.absence import end_due
from webapp.domain.calendar import month_of, months_on
from webapp.domain.collection_month import CollectionMonth, keep_month
from webapp.domain.company import Company
from webapp.domain.event import Event
from webapp.domain.promise_to_pay import break_due
from webapp.domain.queue_facts import in_parts
from webapp.domain.queue_keeping import AT_ONCE, everybody, keep, keep_woken
from webapp.jobs import nightly, sweep
from webapp.web.clock import now

MONTHS_KEPT = 6
"""Months back for which the figures are reckoned where there are none yet."""

LATE_DAYS = 5
"""Of a month, in which the figures of the last one are still reckoned."""

COUNTS = (
    "payment:allocated",
    "payment:freed",
    "invoice:issued",
    "invoice:credited",
    "invoice:disputed",
    "invoice:agreed",
    "contract:added",
    "contract:changed",
    "contract:ended",
    "engagement:reassigned",
    "engagement:closed",
    "handoff:accepted",
)
"""After these the figures of the running month are others."""


@nightly("promises")
def break_promises(day: date) -> dict[str, int]:
    """Promises to pay whose day is over are broken, or kept where nothing is owed any more."""
    closed = 0
    while True:
        with transaction() as session:
            done = break_due(session, day, at=now(), most=AT_ONCE)
        if not done:
            return {"closed": closed}
        closed += done


@nightly("absences")
def end_absences(day: date) -> dict[str, int]:
    """Clients go back to those who are back."""
    with transaction() as session:
        return {"clients back": end_due(session, day, at=now())}


@nightly("queue")
def keep_queue(day: date) -> dict[str, int]:
    """Every client's place: what fell due overnight stands there in the morning."""
    with transaction() as session:
        clients = everybody(session)
    for part in in_parts(clients, AT_ONCE):
        with transaction() as session:
            keep(session, part, at=now())
        session.expunge_all()
    return {"clients": len(clients)}


@nightly("collecting")
def keep_figures(day: date) -> dict[str, int]:
    """The figures of the running month, and of the last one while late entries come in; of earlier ones where there are
    none. A month that is over keeps the clients it had."""
    month = month_of(day)
    db.session.rollback()
    known = set(db.session.scalars(select(CollectionMonth.month).distinct()))
    wanted = [months_on(month, -back) for back in range(MONTHS_KEPT + 1)]
    rows = 0
    for each in [each for each in wanted if each not in known or each >= months_on(month, -(day.day <= LATE_DAYS))]:
        with transaction() as session:
            rows += keep_month(session, each, day, at=now())
    return {"figures": rows}


@sweep
def wake_queue() -> None:
    """Bring back what rested until now."""
    db.session.rollback()
    with transaction() as session:
        keep_woken(session, at=now())


@sweep
def refresh_figures() -> None:
    """Reckon the running month again where something happened since; nothing where the night has not reckoned yet."""
    db.session.rollback()
    company = db.session.get(Company, 1)
    if company is None:
        return
    today = company.today(now())
    reckoned = db.session.scalar(
        select(func.max(CollectionMonth.reckoned_at)).where(CollectionMonth.month == month_of(today))
    )
    last = [
        db.session.scalar(select(Event.at).where(Event.kind == kind).order_by(Event.id.desc()).limit(1))
        for kind in COUNTS
    ]
    if reckoned is None or all(at is None or at <= reckoned for at in last):
        return
    with transaction() as session:
        keep_month(session, month_of(today), today, at=now())
