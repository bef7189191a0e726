"""Large statements brought in: counted in a preview of any size, and imported batch by batch as a small one is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_client, make_invoice
from tests.support.bank import Document, OUR_INN, Statement
from webapp.domain.allocation import Allocation
from webapp.domain.invoice import Invoice
from webapp.domain.matching_facts import AT_ONCE
from webapp.domain.payment import Payment
from webapp.domain.statement import Statement as Kept
from webapp.exchange.statement.preview import MOST_PREVIEWED

INN = "7728168971"


@pytest.fixture
def run(session: Session, cast: Cast, app: Flask) -> Iterator[FlaskCliRunner]:
    cast.company.inn = OUR_INN
    session.commit()
    return app.test_cli_runner()


@pytest.mark.one_database
def test_fifty_thousand_documents_are_previewed_without_a_row_written(session, run, tmp_path: Path) -> None:
    file = tmp_path / "kl_to_1c.txt"
    count = 50_000
    assert count > MOST_PREVIEWED
    file.write_bytes(Statement.of(Document(minor, number=str(minor)) for minor in range(1, count + 1)).bytes())
    said = run.invoke(args=["statement", str(file), "--preview", "--json"])
    assert said.exit_code == 0, said.output
    assert f'"new": {count}' in said.output
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Payment)) == 0
    assert session.scalar(select(func.count()).select_from(Kept)) == 0


def test_nothing_is_lost_or_doubled_where_one_batch_ends_and_the_next_begins(session, cast, run, tmp_path) -> None:
    """Every tenth document pays an invoice, and so do those on either side of each border."""
    count = 5 * AT_ONCE + 1
    border = {place for batch in range(AT_ONCE, count, AT_ONCE) for place in (batch - 1, batch, batch + 1)}
    paying = sorted({*range(10, count, 10), *border, 1, count})
    client = make_client(session, cast.clerk, inn=INN)
    for place in paying:
        make_invoice(session, client, place * 100)
    session.commit()
    numbers = {place: number for number, place in enumerate(paying, 1)}
    documents = [
        Document(place * 100, f"Оплата по счету {numbers[place]}" if place in numbers else "Разное", number=f"п{place}",
                 inn=INN if place in numbers else "")
        for place in range(1, count + 1)
    ]  # fmt: skip
    file = tmp_path / "kl_to_1c.txt"
    file.write_bytes(Statement.of(documents).bytes())
    said = run.invoke(args=["statement", str(file), "--yes", "--json"])
    assert said.exit_code == 0, said.output
    session.rollback()
    assert session.execute(select(func.count(), func.sum(Payment.amount_minor))).one() == (
        count,
        sum(range(1, count + 1)) * 100,
    )
    assert session.scalars(select(Invoice.id).where(Invoice.outstanding_minor > 0)).all() == []
    covers = select(Allocation.amount_minor, Payment.amount_minor).join(Payment, Payment.id == Allocation.payment_id)
    pairs = session.execute(covers).all()
    assert len(pairs) == len(paying)
    assert all(part == whole for part, whole in pairs)
    again = run.invoke(args=["statement", str(file), "--yes", "--json"])
    assert (f'"known": {count}' in again.output, '"new": 0' in again.output) == (True, True), again.output
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Payment)) == count
