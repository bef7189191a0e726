"""What the night does for white space: ownership that ended with its contract, and the prizes of everybody."""

from datetime import date

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.likeness import Crowd
from webapp.domain.white_space import families_sold
from webapp.domain.white_space_keeping import AT_ONCE, end_ownership, everybody, keep
from webapp.jobs import job, nightly
from webapp.nightly_health import undisturbed
from webapp.web.clock import now

BATCH = 200
"""Endings in a transaction."""


@nightly("ownership")
def end_what_ended(day: date) -> dict[str, int]:
    """Products that a client owns no more, as their last contract is over."""
    ended = 0
    while True:
        with transaction() as session:
            done = end_ownership(session, day, at=now(), most=BATCH)
        session.expunge_all()
        ended += done
        if not done:
            return {"ended": ended}


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
