"""The jobs that make a batch's proposals: every print worker takes one client after another.

A client's deal, proposal and frozen version are written in one transaction with the item that names the version: after
a crash it is there, or it is not. The PDF is printed after that, as any other is.
"""

from time import monotonic
from typing import NamedTuple

from flask import current_app
from sqlalchemy import exists, select

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.proposal_batch import BatchItem, BatchState, GIVEN_UP, MOST_ATTEMPTS, ProposalBatch
from webapp.domain.proposal_making import make
from webapp.jobs import later, limited, queue, sweep
from webapp.printing import print_version
from webapp.web.clock import now

ROUND = 5
"""Seconds after which a round makes room for other prints; the next one goes on."""

TIME_LIMIT = 300


class Taken(NamedTuple):
    id: int
    client_id: int
    attempts: int


def begin(batch_id: int) -> None:
    """Let every print worker of this host take part."""
    for _ in range(current_app.config["BATON"].printers):
        later(make_proposals, batch_id)


@limited(TIME_LIMIT)
def make_proposals(batch_id: int) -> None:
    """Make and print one proposal after another, until none waits, the batch is paused, or the round is over."""
    ends = monotonic() + ROUND
    while (taken := _take(batch_id)) is not None:
        version_id = _make(taken)
        if version_id is not None:
            _print(version_id)
        if monotonic() > ends:
            if not queue().holds(make_proposals, batch_id):  # no more rounds than there are workers
                later(make_proposals, batch_id)
            return
    _finish(batch_id)


@sweep
def go_on_with_batches() -> None:
    """Begin rounds for a batch that a crash left running with fewer at work than could be, or with nobody."""
    left = db.session.scalars(select(ProposalBatch.id).where(ProposalBatch.state == BatchState.RUNNING)).all()
    db.session.rollback()
    for batch_id in left:
        if not queue().holds(make_proposals, batch_id):
            begin(batch_id)


def _take(batch_id: int) -> Taken | None:
    with transaction() as session:
        found = BatchItem.take(session, batch_id, at=now())
        return found and Taken(found.id, found.client_id, found.attempts)


def _make(taken: Taken) -> int | None:
    """The version that was frozen for the client; None where it is left out, or somebody else made it."""
    if taken.attempts > MOST_ATTEMPTS:
        return _leave_out(taken, GIVEN_UP)
    try:
        with transaction() as session:
            item = session.get_one(BatchItem, taken.id, with_for_update=True)
            if item.version_id is not None or item.left_out:
                return None
            client, company = session.get_one(Client, taken.client_id), session.get_one(Company, 1)
            item.made = make(session, item.batch, client, company, at=now())
            session.flush()
            return item.version_id
    except Refused as refusal:
        return _leave_out(taken, str(refusal))


def _leave_out(taken: Taken, why: str) -> None:
    with transaction() as session:
        session.get_one(BatchItem, taken.id).left_out = why


def _print(version_id: int) -> None:
    try:
        print_version(version_id)
    except Exception:  # it counts its failures itself, and is begun again by a sweep: the others must not wait
        current_app.logger.exception("version %s of a batch could not be printed", version_id)
        db.session.rollback()


def _finish(batch_id: int) -> None:
    waiting = select(exists().where(BatchItem.batch_id == batch_id, BatchItem.waits()))
    with transaction() as session:
        batch = session.get_one(ProposalBatch, batch_id, with_for_update=True)
        if batch.state is BatchState.RUNNING and not session.scalar(waiting):
            session.add(batch.finish(at=now()))
