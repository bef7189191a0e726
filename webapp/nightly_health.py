"""What the night does for health: every client is reckoned anew, and what somebody said instead ends on its day."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import select

from webapp.db import db, transaction
from webapp.domain.health_keeping import everybody, keep
from webapp.domain.health_kept import HealthOverride
from webapp.domain.health_model import terms_in_force
from webapp.domain.health_reading import AT_ONCE
from webapp.domain.health_work import plan_work
from webapp.domain.queue_facts import in_parts
from webapp.jobs import nightly
from webapp.web.clock import now

BATCH = 200
"""Tasks in a transaction."""


@nightly("health")
def keep_health(day: date) -> dict[str, int]:
    """Every client's health, some at a time."""
    with transaction() as session:
        over = select(HealthOverride).where(HealthOverride.ended_at.is_(None), HealthOverride.until < day)
        for said in session.scalars(over).all():
            session.add(said.end(by=None, at=now()))
    return {"clients": keep_all()}


def keep_all() -> int:
    """How many they are. Each part is a transaction: others wait for the write lock for a part of a second."""
    clients = everybody(db.session())
    with undisturbed():
        for part in in_parts(clients, AT_ONCE):
            with transaction() as session:
                keep(session, part, at=now())
            session.expunge_all()
    return len(clients)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without the garbage collector, which takes a fifth of the time: facts hold no cycles, and go with each part."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@nightly("healthwork")
def plan_health_work(day: date) -> dict[str, int]:
    """The tasks that the bands ask for."""
    planned = 0
    while True:
        with transaction() as session:
            done = plan_work(session, terms_in_force(session), at=now(), most=BATCH)
        session.expunge_all()
        planned += done
        if not done:
            return {"tasks": planned}
