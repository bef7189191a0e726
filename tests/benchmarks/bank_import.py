"""``python -m tests.benchmarks.bank_import``: bring a bank statement of 50 000 documents in; seconds, and megabytes."""

import gc
import os
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, UTC
from itertools import count, islice
from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import func, select

from tests.benchmarks import money_world, world
from tests.cast import AT
from tests.support.bank import Document, OUR_ACCOUNT, OUR_INN, Statement
from webapp import create_app
from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.invoice import Invoice
from webapp.domain.payment import Payment
from webapp.exchange.statement.importing import keep
from webapp.exchange.statement.preview import preview
from webapp.settings import Settings
from webapp.statements import bring_in

DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "50000"))


def import_statement(app: Flask, documents: int = DOCUMENTS) -> dict[str, float]:
    """Import so many documents that the database does not know; the seconds from the file to the last allocation,
    the megabytes by which the process grew meanwhile, and the payments that it entered."""
    with app.app_context():
        with transaction() as session:
            company = session.get_one(Company, 1)
            company.inn, company.bank_account = OUR_INN, OUR_ACCOUNT
            session.info["told"] = True  # a benchmark's own preparation needs no event
        content = Statement.of(islice(_documents(documents), documents)).bytes()
        there = db.session.scalar(select(func.count()).select_from(Payment)) or 0
        db.session.rollback()
        gc.collect()
        gc.freeze()  # as in a worker, which looks for garbage in nothing that stood before
        before, began = _peak(anew=True), time.perf_counter()
        found = preview(db.session(), "bank.txt", content, db.session.get_one(Company, 1), {}, most=None)
        with transaction() as session:
            kept = keep(session, "bank.txt", content, found, {}, by=None, at=AT)
            kept.confirm(at=AT)
            number = kept.id
        bring_in(number)
        seconds, grown = time.perf_counter() - began, _peak() - before
        entered = (db.session.scalar(select(func.count()).select_from(Payment)) or 0) - there
        assert entered == documents, f"{entered} of {documents} payments"
        return {"documents": documents, "seconds": seconds, "mb": grown, "file_mb": len(content) / 2**20}


def _documents(most: int) -> Iterator[Document]:
    """Payments of what is owed, by number and payer, and then of strangers."""
    owed = (
        select(Invoice.number, Invoice.outstanding_minor, Client.inn, Client.name)
        .join(Client, Client.id == Invoice.client_id)
        .where(Invoice.outstanding_minor > 0)
        .order_by(Invoice.id)
        .limit(most)
    )
    last = 0
    for last, (number, minor, inn, name) in enumerate(db.session.execute(owed), 1):
        yield Document(minor, f"Оплата по счету № {number}", str(last), name=name, inn=inn)
    for place in count(last + 1):
        yield Document(10_000 + place, "Оплата услуг", str(place), name=f"ООО Плательщик {place}", inn="")


def _peak(*, anew: bool = False) -> float:
    """The most megabytes that this process held; ``anew`` from now on (Linux says so in /proc)."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    held = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(held[1]) / 1024 if held else 0.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="baton-bank-") as folder:
        app = create_app(Settings(instance=Path(folder), database_url=os.environ.get("BENCH_DATABASE_URL", "")))
        with app.app_context():
            flask_migrate.upgrade()
            world.build(db.session())
            if not os.environ.get("BENCH_SMALL"):
                money_world.build(db.session(), datetime.now(UTC))
        figures = import_statement(app)
    print(told(figures))


def told(figures: dict[str, float]) -> str:
    return (
        f"A statement of {figures['documents']:,} documents ({figures['file_mb']:.0f} MB): {figures['seconds']:.1f} s, "
        f"budget 60 s; the process grew by {figures['mb']:.0f} MB"
    )


if __name__ == "__main__":
    main()
