"""The night's work: each step of ``webapp.jobs.NIGHTLY`` once for each day of the company's calendar.

The day's work is due at NIGHT on the company's clock and is looked for from then on, so that a machine that slept makes
up for it when it wakes. Only one process of all hosts works at a time, and an event says what was done.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import select, text

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.event import Event, event
from webapp.domain.invoicing import raise_due, write_due
from webapp.jobs import job, later, NIGHTLY, nightly, queue, sweep
from webapp.web.clock import now

NIGHT = timedelta(hours=2)
"""After midnight: the company's people sleep, and the bank's day is over."""

EVERY = 10
"""Minutes between looks whether something is to be done; a step that failed is tried again then."""

BATCH = 400
"""Contracts in a transaction: others wait for the write lock no longer than a fraction of a second."""

ANALYSED = 1_000

LOCK = 7_301_145
"""Any number: PostgreSQL's name of our lock."""

REMEMBERED = 400
"""Of the nights' events, so many are looked at."""


@sweep
def look_for_the_night() -> None:
    """Queue the night's work where it is due."""
    at = now()
    company = db.session.get(Company, 1) if at.minute % EVERY == 0 else None
    due = company is not None and not set(NIGHTLY) <= done_for(day_due(company, at))
    db.session.rollback()
    if due and not queue().holds(work_the_night):
        later(work_the_night)


@job
def work_the_night() -> None:
    """Do what is still to be done of the night that is due. One step that fails does not stop the others."""
    company = db.session.get(Company, 1)
    if company is None:
        return
    day = day_due(company, now())
    with alone() as mine:
        for name in [name for name in NIGHTLY if mine and name not in done_for(day)]:
            try:
                do(name, day)
            except Exception:
                db.session.rollback()
                current_app.logger.exception("the nightly step %s failed for %s", name, day)


def day_due(company: Company, at: datetime) -> date:
    """The day whose work is due."""
    return company.today(at - NIGHT)


def done_for(day: date) -> set[str]:
    """The steps that were done for a day."""
    told = select(Event.details).where(Event.kind == "nightly:done").order_by(Event.id.desc()).limit(REMEMBERED)
    return {details["step"] for details in db.session.scalars(told) if details["day"] == day.isoformat()}


def do(name: str, day: date) -> dict[str, int]:
    """Do a step for a day, and tell it; the step's counts."""
    db.session.rollback()
    counts = NIGHTLY[name](day)
    with transaction() as session:
        details = {"step": name, "day": day.isoformat(), "counts": counts}
        session.add(event("nightly:done", by=None, at=now(), details=details))
    return counts


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else, on no host, is at the night's work; a killed process holds nobody up."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            mine = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:name)"), {"name": LOCK}))
            try:
                yield mine
            finally:
                if mine:
                    connection.execute(text("SELECT pg_advisory_unlock(:name)"), {"name": LOCK})
        return
    with (current_app.config["BATON"].instance / "nightly.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@nightly("invoices")
def write_invoices(day: date) -> dict[str, int]:
    """Raise what is due by the yearly rate, then write every invoice that is due, batch by batch."""
    raised = _in_batches(raise_due, day)
    written = _in_batches(write_due, day)
    return {"raised": raised + _in_batches(raise_due, day), "invoices": written}


def _in_batches(work: Callable[..., int], day: date) -> int:
    total = 0
    while True:
        with transaction() as session:
            done = work(session, day, at=now(), most=BATCH)
        session.expunge_all()
        if not done:
            return total
        total += done


@nightly("statistics")
def note_how_tables_are_filled(day: date) -> dict[str, int]:
    """SQLite chooses among indexes by what this leaves; without it some pages take three times as long. PostgreSQL does
    it by itself. ANALYSED rows of each index are looked at, so that it takes no longer in a large database. Connections
    that are open know it when they are opened anew. Source: sqlite.org/lang_analyze.html, approximate ANALYZE."""
    if db.engine.dialect.name != "sqlite":
        return {"indexes": 0}
    with transaction() as session:
        session.execute(text(f"PRAGMA analysis_limit = {ANALYSED}"))
        session.execute(text("ANALYZE"))
        return {"indexes": session.scalar(text("SELECT count(*) FROM sqlite_stat1")) or 0}
