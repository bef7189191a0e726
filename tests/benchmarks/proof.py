"""The back-test of two years of 10 000 clients, 600 of them lost, weights suggested from them included."""

import shutil
import tempfile
import time
from datetime import datetime, UTC
from pathlib import Path

import flask_migrate
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from tests.benchmarks.health import fill
from webapp import create_app
from webapp.db import db
from webapp.domain.base import Moment
from webapp.settings import Settings
from webapp.studies import backtest

CLIENTS, MONTHS, LOST = 10_000, 28, 600
BUDGET = 60
"""Seconds."""

LOSE = (
    (
        "UPDATE engagement SET closed_at = datetime(:now, '-' || (client_id % 690) || ' days') || '.000000' "
        "WHERE client_id <= :lost"
    ),
    "UPDATE client SET lost_at = (SELECT closed_at FROM engagement WHERE client_id = client.id) WHERE id <= :lost",
    (
        "INSERT INTO loss (client_id, cause, note, lost_on, lost_at, lost_by_id, mistaken) SELECT id, 'price', '', "
        "date(lost_at), lost_at, 1, 0 FROM client WHERE lost_at IS NOT NULL"
    ),
    (
        "DELETE FROM interaction WHERE client_id <= :lost AND at > (SELECT datetime(lost_at, '-60 days') FROM client "
        "WHERE client.id = interaction.client_id)"
    ),
)
"""Six hundred are lost, evenly over the time; two months before nobody talks to them any more."""


def measure() -> dict[str, float]:
    """Seconds in an SQLite database of its own, and what was found."""
    folder = Path(tempfile.mkdtemp(prefix="baton-proof-"))
    app = create_app(Settings(instance=folder, database_url=""))
    try:
        with app.app_context():
            flask_migrate.upgrade()
            now = datetime.now(UTC)
            fill(db.session(), now, CLIENTS, MONTHS)
            _lose(db.session(), now)
            start = time.perf_counter()
            found = backtest(db.session(), now.date())
            seconds = time.perf_counter() - start
            db.session.remove()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert found["suggestion"]["ready"], found["lost"]
    return {"seconds": seconds, "looks": found["looks"], "taken": found["taken"], "lost": found["lost"]}


def told(figures: dict[str, float]) -> str:
    return (
        f"Back-test of two years of {CLIENTS:,} clients ({figures['taken']:,} of {figures['looks']:,} looks taken, "
        f"{figures['lost']} losses): {figures['seconds']:.1f} s, budget {BUDGET} s"
    )


def _lose(session: Session, now: datetime) -> None:
    for statement in LOSE:
        named = {name: value for name, value in {"now": now, "lost": LOST}.items() if f":{name}" in statement}
        moments = [bindparam("now", type_=Moment())] if "now" in named else []
        session.execute(text(statement).bindparams(*moments), named)
    session.commit()
