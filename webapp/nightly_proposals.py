"""What the night does about proposals: those that are about to expire become tasks."""

from datetime import date

from webapp.db import transaction
from webapp.domain.closing import expiring, remind
from webapp.jobs import nightly
from webapp.web.clock import now

BATCH = 200
"""Proposals in a transaction."""


@nightly("proposals")
def remind_of_expiring(day: date) -> dict[str, int]:
    """A task for each proposal that nobody settled and that ends in a few days."""
    reminded = 0
    while True:
        with transaction() as session:
            found = expiring(session, day, most=BATCH)
            for version in found:
                remind(session, version, at=now())
        if not found:
            return {"expiring": reminded}
        reminded += len(found)
