"""What the company of ``world`` is paid: 30 000 contracts, invoiced for 34 months, more than a million payments.

Written by the database itself, in the same way each time: every invoice is paid between the 1st and the 28th of its
month, except for some of the last half year, and for the days of the running month that are still to come.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from tests.benchmarks.world import CLIENTS
from webapp.domain.base import Moment
from webapp.domain.calendar import months_on
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.commission_terms import Portion, Terms, Tier
from webapp.domain.user import User
from webapp.domain.words import Role

CONTRACTS, MONTHS, DAYS = 30_000, 34, 28
LATE_MONTHS = 6
"""Only so many of the last months hold invoices that nobody pays."""

CONTRACT = f"""
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {CONTRACTS})
INSERT INTO contract (id, client_id, product_id, name, number, billing, amount_minor, currency, tax, starts_on, ends_on,
  notice_days, payment_day, indexation, next_invoice_on, end_reason, version)
SELECT n, n % {CLIENTS} + 1, n % 40 + 1, 'Абонентская плата', '', 'monthly', 50000 + n * 7919 % 400 * 1000, 'RUB',
  'standard', :first, CASE WHEN n % 50 = 0 THEN :ends END, 30, 10, 0, :following, '', 1
FROM n
"""

PAID = """CASE WHEN d.day > :today THEN 0 WHEN m.ago < :late AND (c.id * 31 + m.ago * 17) % 40 = 0 THEN 0
  WHEN m.ago < :late AND (c.id * 31 + m.ago * 17) % 40 = 1 THEN c.amount_minor / 2 ELSE c.amount_minor END"""
"""What of an invoice was paid."""

INVOICE = f"""
INSERT INTO invoice (id, client_id, contract_id, year, number, state, period, issued_on, due_on, currency, total_minor,
  tax_minor, settled_minor, credited_minor, outstanding_minor, dispute_reason, dispute_note, version)
SELECT id, client_id, contract_id, year, number, CASE paid WHEN 0 THEN 'issued' WHEN total THEN 'paid'
  ELSE 'partly_paid' END, period, period, due, 'RUB', total, 0, paid, 0, total - paid, '', '', 1
FROM (
  SELECT m.n * {CONTRACTS} + c.id AS id, c.client_id, c.id AS contract_id, m.year, m.n * {CONTRACTS} + c.id AS number,
    m.period, m.due, c.amount_minor AS total, {PAID} AS paid
  FROM bench_month m CROSS JOIN contract c JOIN bench_day d ON d.n = m.n AND d.place = c.id % {DAYS}
  ORDER BY m.n, c.id) written
"""

PAYMENT = f"""
INSERT INTO payment (id, client_id, document_number, received_on, amount_minor, currency, payer_name, payer_inn,
  payer_account, purpose, allocated_minor, returned_minor, free_minor, set_aside_reason, version)
SELECT i.id, i.client_id, '', d.day, i.settled_minor, 'RUB', '', '', '', 'Оплата по счету', i.settled_minor, 0, 0, '', 1
FROM invoice i JOIN bench_month m ON m.period = i.period
JOIN bench_day d ON d.n = m.n AND d.place = i.contract_id % {DAYS}
WHERE i.settled_minor > 0 ORDER BY i.id
"""

ALLOCATION = """
INSERT INTO allocation (payment_id, invoice_id, client_id, amount_minor, currency, entered_on, at, collected_by_id,
  reason)
SELECT p.id, p.id, p.client_id, p.amount_minor, 'RUB', p.received_on, :now, e.owner_id, ''
FROM payment p LEFT JOIN engagement e ON e.client_id = p.client_id AND e.department = 'client' AND e.closed_at IS NULL
ORDER BY p.id
"""


EARNING_MONTHS = 4
"""Months before the running one since when the commission rules hold: none of them is closed."""


def add_rules(session: Session, now: datetime) -> None:
    """What hunters earn: a percent of initial payments, and one of current payments that grows with their clients."""
    director = session.query(User).filter_by(role=Role.DIRECTOR).one()
    begins = months_on(now.date().replace(day=1), -EARNING_MONTHS)
    tiers = (Tier(50, 3_00), Tier(150, 3_50), Tier(250, 4_00))
    for name, terms in (
        ("Первые платежи", Terms(Portion.INITIAL, 10_00)),
        ("Текущие платежи", Terms(Portion.CURRENT, 2_50, tiers=tiers)),
    ):
        CommissionRule.add(session, name, begins, terms, by=director, at=now, closed_through=None)
    session.commit()


def build(session: Session, now: datetime) -> None:
    """Add the money to the company of ``world``."""
    today = now.date()
    running = today.replace(day=1)
    months = [months_on(running, ago - MONTHS + 1) for ago in range(MONTHS)]
    session.execute(text("CREATE TEMPORARY TABLE bench_month (n int, ago int, year int, period date, due date)"))
    session.execute(text("CREATE TEMPORARY TABLE bench_day (n int, place int, day date)"))
    session.execute(
        text("INSERT INTO bench_month VALUES (:n, :ago, :year, :period, :due)"),
        [
            {"n": n, "ago": MONTHS - 1 - n, "year": month.year, "period": month, "due": month.replace(day=10)}
            for n, month in enumerate(months)
        ],
    )
    session.execute(
        text("INSERT INTO bench_day VALUES (:n, :place, :day)"),
        [
            {"n": n, "place": place, "day": month + timedelta(days=place)}
            for n, month in enumerate(months)
            for place in range(DAYS)
        ],
    )
    given = {"first": months[0], "ends": months_on(running, 1) + timedelta(days=20), "following": months_on(running, 1)}
    session.execute(text(CONTRACT), given)
    session.execute(text(INVOICE), {"today": today, "late": LATE_MONTHS})
    session.execute(text(PAYMENT))
    session.execute(text(ALLOCATION).bindparams(bindparam("now", type_=Moment())), {"now": now})
    if session.get_bind().dialect.name == "postgresql":
        for table in ("contract", "invoice", "payment"):
            session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))
    session.execute(text("DROP TABLE bench_month"))
    session.execute(text("DROP TABLE bench_day"))
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()
