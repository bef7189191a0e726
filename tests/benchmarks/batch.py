"""A batch of personal proposals: how fast every core makes them, and how much memory a worker takes."""

import os
import subprocess
import sys
import time
from datetime import datetime, UTC
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from webapp.batching import make_proposals
from webapp.db import db, transaction
from webapp.domain.deal import Line
from webapp.domain.model import Client, Engagement, ProposalVersion, User
from webapp.domain.product import Billing
from webapp.domain.proposal_batch import BatchItem, BatchState, Offer, ProposalBatch
from webapp.domain.proposal_state import VersionState
from webapp.domain.words import Role
from webapp.jobs import later

CLIENTS = 500
OFFER = Offer("For {client}", "en", "RUB", (Line("Camera", 2000, 1_500_00, Billing.ONE_OFF),), text="Dear {contact}")


def make_batch(app: Flask, clients: int = CLIENTS) -> dict[str, float]:
    """Seconds from the start to the last PDF, and the most memory that any worker took; raises where one is missing
    or doubled."""
    settings = app.config["BATON"]
    with app.app_context():
        served = (
            select(Client.id).where(Client.lost_at.is_(None)).join(Engagement).where(Engagement.closed_at.is_(None))
        )
        ids = list(db.session.scalars(served.distinct().order_by(Client.id).limit(clients)))
        director = db.session.scalars(select(User.id).where(User.role == Role.DIRECTOR).limit(1)).one()
        db.session.rollback()
        with transaction() as session:
            by = session.get_one(User, director)
            batch_id = ProposalBatch.start(session, "Bench", ids, OFFER, by=by, at=datetime.now(UTC)).id
        cores = os.cpu_count() or 1
        for _ in range(cores):
            later(make_proposals, batch_id)
        environment = os.environ | {"INSTANCE": str(settings.instance), "PRINTERS": str(cores)}
        environment |= {"DATABASE_URL": settings.database_url, "SECRET_KEY": settings.key()}
        start, peak = time.perf_counter(), 0.0
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "work"]
        worker = subprocess.Popen(command, env=environment, start_new_session=True)
        try:
            while not _done(batch_id):
                peak = max(peak, *(_megabytes(pid) for pid in _children(worker.pid)), 0.0)
                time.sleep(0.5)
            seconds = time.perf_counter() - start
        finally:
            worker.terminate()
            worker.wait()
        made = list(db.session.scalars(select(BatchItem.version_id).where(BatchItem.batch_id == batch_id)))
        assert len(set(made)) == len(ids) == len(made), "somebody got none, or two"
        db.session.remove()
    return {"proposals": len(ids), "seconds": seconds, "cores": cores, "peak_mb": peak}


def told(figures: dict[str, float]) -> str:
    each = 1000 * figures["seconds"] / figures["proposals"]
    return (
        f"A batch of {figures['proposals']} proposals on {figures['cores']} cores: {figures['seconds']:.0f} s, "
        f"{each:.0f} ms each ({figures['peak_mb']:.0f} MB a worker at most)"
    )


def _done(batch_id: int) -> bool:
    unprinted = (
        select(BatchItem.id)
        .join(ProposalVersion, ProposalVersion.id == BatchItem.version_id)
        .where(BatchItem.batch_id == batch_id, ProposalVersion.state != VersionState.SENT)
        .limit(1)
    )
    state = db.session.scalar(select(ProposalBatch.state).where(ProposalBatch.id == batch_id))
    found = state is BatchState.DONE and db.session.scalar(unprinted) is None
    db.session.rollback()
    return found


def _children(pid: int) -> list[int]:
    return [int(name) for name in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _megabytes(pid: int) -> float:
    """The most that a process ever held; nothing where it is gone."""
    try:
        rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(row.split()[1]) / 1024 for row in rows if row.startswith("VmHWM")), 0.0)
