"""A month's invoices for every contract of the company: how long the night takes, and how much memory."""

import resource
import time

from flask import Flask
from sqlalchemy import func, select

from webapp import nightly
from webapp.db import db
from webapp.domain.model import Contract, Invoice

BUDGET = 60
"""Seconds."""


def month_of_invoices(app: Flask) -> dict[str, float]:
    """Seconds and invoices of the night that writes the next month's; raises where a number is missing or doubled."""
    with app.app_context():
        day = db.session.scalars(select(func.min(Contract.next_invoice_on))).one()
        first = Invoice.next_number(db.session(), day.year)
        db.session.rollback()
        start = time.perf_counter()
        written = nightly.write_invoices(day)["invoices"]
        seconds = time.perf_counter() - start
        numbers = select(func.count(), func.min(Invoice.number), func.max(Invoice.number))
        found = db.session.execute(numbers.where(Invoice.year == day.year, Invoice.number >= first)).one()
        assert tuple(found) == (written, first, first + written - 1), found
        db.session.remove()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"invoices": written, "seconds": seconds, "peak_mb": megabytes}


def told(figures: dict[str, float]) -> str:
    return (
        f"A month's {figures['invoices']:,} invoices: {figures['seconds']:.1f} s, budget {BUDGET} s "
        f"({figures['peak_mb']:.0f} MB at most)"
    )
