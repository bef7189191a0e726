"""Health of 100 000 clients with a million interactions and as many payments: the night, and after one event."""

import os
import resource
import shutil
import tempfile
import time
from datetime import date, datetime, timedelta, UTC
from pathlib import Path
from statistics import median

import flask_migrate
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from webapp import create_app, nightly_health
from webapp.db import db, transaction
from webapp.domain.base import Moment
from webapp.domain.client import Client
from webapp.domain.founding import found_company
from webapp.domain.health_kept import HealthDay, KeptHealth
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.user import User
from webapp.domain.words import Department, Role
from webapp.settings import Settings

CLIENTS, EACH = int(os.environ.get("BENCH_CLIENTS", "100000")), 10
"""Clients, and how many interactions and payments each has: two people of theirs, three of ours."""
BUDGET, EVENT_BUDGET = 20, 10
"""Seconds for all; milliseconds after one event."""
TIMES = 200

NUMBERS = "WITH RECURSIVE n(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM n WHERE n < {end})"
FILL = (
    """
    INSERT INTO client (id, name, name_key, inn, kpp, ogrn, sector, city, address, website, note, key, added_at,
    version) SELECT n, 'Клиент ' || n, 'клиент ' || n, '', '', '', '', '', '', '', '', n % 20 = 0, :then, 1 FROM n
    """,
    """
    INSERT INTO engagement (id, client_id, department, stage_id, owner_id, opened_at, stage_since, closed_reason,
    version) SELECT n, n, 'client', (SELECT min(id) FROM stage WHERE department = 'client'), n % 40 + 1, :then,
    :then, '', 1 FROM n
    """,
    """
    INSERT INTO contact (id, client_id, name, position, decision_role, phone, email, note, consent, influence,
    attitude, personal_note, version) SELECT 2 * n + p, n, 'Контакт', '', CASE p WHEN 0 THEN 'decides' ELSE 'uses'
    END, '', '', '', '', 'unknown', 'unknown', '', 1 FROM n CROSS JOIN (SELECT 0 AS p UNION ALL SELECT 1)
    """,
    """
    INSERT INTO contract (id, client_id, product_id, name, number, billing, amount_minor, currency, tax, starts_on,
    notice_days, payment_day, indexation, end_reason, version) SELECT n, n, NULL, 'Абонентская плата', '',
    'monthly', 50000 + n * 7919 % 400 * 1000, 'RUB', 'none', :first, 30, 10, 0, '', 1 FROM n
    """,
)
OF_EACH = (
    """
    INSERT INTO interaction (client_id, contact_id, user_id, kind, at, outcome, purpose_reached) SELECT n, 2 * n +
    :k % 2, (n * 3 + :k / 4) % 40 + 1, CASE (n + :k) % 4 WHEN 0 THEN 'meeting' WHEN 1 THEN 'email' ELSE 'call' END, :at,
    'Говорили', 1 FROM n
    """,
    """
    INSERT INTO invoice (id, client_id, contract_id, year, number, state, period, issued_on, due_on, currency,
    total_minor, tax_minor, settled_minor, credited_minor, outstanding_minor, dispute_reason, dispute_note, version)
    SELECT :k * 100000 + n, n, n, 2000, :k * 100000 + n, 'paid', :month, :month, :due, 'RUB', 50000 + n * 7919 % 400
    * 1000, 0, 50000 + n * 7919 % 400 * 1000, 0, 0, '', '', 1 FROM n
    """,
    """
    INSERT INTO payment (id, client_id, document_number, received_on, amount_minor, currency, payer_name, payer_inn,
    payer_account, purpose, allocated_minor, returned_minor, free_minor, set_aside_reason, version) SELECT :k *
    100000 + n, n, '', CASE WHEN (n * 31 + :k * 17) % 40 < 3 THEN :late ELSE :due END, 50000 + n * 7919 % 400 *
    1000, 'RUB', '', '', '', '', 50000 + n * 7919 % 400 * 1000, 0, 0, '', 1 FROM n
    """,
    """
    INSERT INTO allocation (payment_id, invoice_id, client_id, amount_minor, currency, entered_on, at, reason)
    SELECT p.id, p.id, p.client_id, p.amount_minor, 'RUB', p.received_on, :at, '' FROM payment p WHERE p.id > :k *
    100000 AND p.id <= :k * 100000 + 100000 AND (p.client_id * 31 + :k * 17) % 40 <> 0
    """,
)


def measure() -> dict[str, float]:
    """In an SQLite database of its own: the night, its memory, and the milliseconds after one event."""
    folder = Path(tempfile.mkdtemp(prefix="baton-health-"))
    app = create_app(Settings(instance=folder, database_url=""))
    try:
        with app.app_context():
            flask_migrate.upgrade()
            fill(db.session(), datetime.now(UTC))
            db.session.remove()
            before = _megabytes()
            first, again = _night(), _night()
            one = _one_event()
            kept = db.session.execute(select(func.count()).select_from(KeptHealth)).scalar_one()
            days = db.session.execute(select(func.count()).select_from(HealthDay)).scalar_one()
            assert kept == days == CLIENTS, (kept, days)
            db.session.remove()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"clients": CLIENTS, "first": first, "seconds": again, "grew_mb": _megabytes() - before, "event_ms": one}


def told(figures: dict[str, float]) -> str:
    return (
        f"Health of {figures['clients']:,} clients with {2 * EACH * CLIENTS:,} interactions and payments: "
        f"{figures['seconds']:.1f} s ({figures['first']:.1f} s the first time), budget {BUDGET} s; "
        f"the process grows by {figures['grew_mb']:.0f} MB; "
        f"after one event {figures['event_ms']:.1f} ms, budget {EVENT_BUDGET} ms"
    )


def _night() -> float:
    start = time.perf_counter()
    nightly_health.keep_all()
    return time.perf_counter() - start


def _one_event() -> float:
    """The median of what keeping costs in the transaction that records a call."""
    spent = []
    keep = nightly_health.keep
    for number in range(1, TIMES + 1):
        with transaction() as session:
            client, by = session.get_one(Client, number * 7), session.get_one(User, 1)
            at = datetime.now(UTC)
            Interaction.record(session, client, InteractionKind.CALL, "Говорили", by=by, at=at)
            session.flush()
            start = time.perf_counter()
            keep(session, [client.id], at=at)
            spent.append(time.perf_counter() - start)
        db.session.remove()
    return median(spent) * 1000


def fill(session: Session, now: datetime, clients: int = CLIENTS, each: int = EACH) -> None:
    """A company of so many clients, each with so many months of interactions, invoices and payments."""
    found_company(session, "Benchmark", language="ru", currency="RUB", timezone="Europe/Moscow", by=None, at=now)
    session.add_all(
        User(name=f"Сотрудник {n}", role=Role.MEMBER, department=list(Department)[n % 3]) for n in range(40)
    )
    session.flush()
    day = now.date()
    given = {"then": _ago(now, 900), "first": _day(day, 700)}
    numbers = NUMBERS.format(start=1, end=clients)
    for statement in FILL:
        _run(session, f"{numbers} {statement}", given)
    for k in range(each):
        month = _day(day, 30 * k + 25)
        of_month = {
            "k": k,
            "at": _ago(now, 25 * k + 2),
            "month": month,
            "due": _day(day, 30 * k + 10),
            "late": _day(day, max(30 * k - 8, 0)),
        }
        for statement in OF_EACH:
            _run(session, f"{numbers} {statement}", of_month)
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()


def _run(session: Session, statement: str, given: dict[str, object]) -> None:
    named = {name: value for name, value in given.items() if f":{name}" in statement}
    moments = [bindparam(name, type_=Moment()) for name in ("then", "at") if name in named]
    session.execute(text(statement).bindparams(*moments), named)


def _ago(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _day(day: date, ago: int) -> date:
    return day - timedelta(days=ago)


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
