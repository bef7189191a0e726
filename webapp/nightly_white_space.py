"""What the night does for white space: ownership follows contracts, and everybody's prizes are reckoned."""

from collections.abc import Callable
from datetime import date

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.likeness import Crowd
from webapp.domain.white_space import families_sold
from webapp.domain.white_space_keeping import AT_ONCE, begin_ownership, end_ownership, everybody, keep
from webapp.jobs import job, nightly
from webapp.nightly_health import undisturbed
from webapp.web.clock import now

BATCH = 200
"""Beginnings or endings in a transaction."""


@nightly("ownership")
def follow_contracts(day: date) -> dict[str, int]:
    """Products that a client owns from now on, or no more, by what its contracts give."""
    return {"begun": _in_batches(begin_ownership, day), "ended": _in_batches(end_ownership, day)}


def _in_batches(work: Callable[..., int], day: date) -> int:
    total = 0
    while True:
        with transaction() as session:
            done = work(session, day, at=now(), most=BATCH)
        session.expunge_all()
        total += done
        if done < BATCH:
            return total


@nightly("whitespace")
def keep_white_space(day: date) -> dict[str, int]:
    """Everybody's prizes, some at a time: others wait for the write lock for a part of a second."""
    session = db.session()
    clients, sold = everybody(session, day), families_sold(session)
    session.rollback()
    changed = 0
    with undisturbed():
        crowd = Crowd(clients)
        for start in range(0, len(clients), AT_ONCE):
            with transaction() as session:
                changed += keep(session, clients[start : start + AT_ONCE], crowd, sold)
            session.expunge_all()
    return {"clients": len(clients), "changed": changed}


@job
def reckon_white_space() -> None:
    """The same by day, because somebody asked for it."""
    company = db.session.get(Company, 1)
    if company is not None:
        keep_white_space(company.today(now()))
