"""What the night does for threads: they fade by themselves, and blind spots appear."""

from datetime import date

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.queue_facts import in_parts
from webapp.domain.thread_keeping import AT_ONCE, everybody, keep
from webapp.jobs import nightly
from webapp.web.clock import now


@nightly("threads")
def keep_threads(day: date) -> dict[str, int]:
    """Every client's threads, and whom too few of ours know."""
    company = db.session.get_one(Company, 1)
    clients = everybody(db.session(), at=now(), days=company.live_contact_days)
    for part in in_parts(clients, AT_ONCE):
        with transaction() as session:
            keep(session, part, at=now())
        session.expunge_all()
    return {"clients": len(clients)}
