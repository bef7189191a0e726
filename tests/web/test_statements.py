"""Bringing bank statements in: the preview is what happens, twice is once, order does not matter, undone is gone."""

from collections.abc import Iterator
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import make_client, make_invoice
from tests.support.bank import Document, OUR_INN, Statement
from webapp.db import db, transaction
from webapp.domain.allocation import Allocation
from webapp.domain.company import Company
from webapp.domain.invoice import Invoice
from webapp.domain.invoice_state import InvoiceState
from webapp.domain.payment import Payment
from webapp.domain.statement import Statement as Kept
from webapp.domain.statement import StatementState
from webapp.exchange.statement.importing import give_back, keep
from webapp.exchange.statement.preview import preview
from webapp.statements import bring_in

INN = "7728168971"


@pytest.fixture
def world(session: Session, cast: Cast, app: Flask) -> Iterator[Session]:
    """A client with four invoices, of 1 000, 2 000, 3 000 and 4 000, numbered 1 to 4."""
    cast.company.inn = OUR_INN
    client = make_client(session, cast.clerk, name="Romashka", inn=INN)
    for thousands in (1, 2, 3, 4):
        make_invoice(session, client, thousands * 100_000)
    session.commit()
    with app.app_context():
        yield session


DOCUMENTS = (
    Document(100_000, "Оплата по счету 1", number="11", inn=INN),
    Document(150_000, "Оплата по счету 2 частично", number="12", inn=INN),
    Document(750_000, "Счета 3, 4 и аванс", number="13", inn=INN),
    Document(50_000, "Оплата по счету 2", number="14", inn="7736050003", name="ООО Третье лицо"),
    Document(9_999, "Проценты", number="15", inn="", name="Банк"),
    Document(5_000, "Комиссия банка", number="16", spent=True),
)


def bring(statement: Statement, cast: Cast, name: str = "kl_to_1c.txt") -> Kept:
    content = statement.bytes()
    found = preview(db.session(), name, content, db.session.get_one(Company, 1), {})
    with transaction() as session:
        kept = keep(session, name, content, found, {}, by=None, at=AT)
        kept.confirm(at=AT)
    bring_in(kept.id)
    return db.session.get_one(Kept, kept.id)


def ledger(session: Session) -> list[tuple[object, ...]]:
    """What covers what, whatever the ids are."""
    session.rollback()
    rows = session.execute(
        select(Payment.document_number, Payment.amount_minor, Invoice.number, func.sum(Allocation.amount_minor))
        .outerjoin(Allocation, Allocation.payment_id == Payment.id)
        .outerjoin(Invoice, Invoice.id == Allocation.invoice_id)
        .where(Payment.returned_minor == 0)
        .group_by(Payment.id, Invoice.id)
    )
    return sorted(map(tuple, rows), key=repr)


LEDGER = sorted(
    [
        ("11", 100_000, 1, 100_000),
        ("12", 150_000, 2, 150_000),
        ("13", 750_000, 3, 300_000),
        ("13", 750_000, 4, 400_000),
        ("14", 50_000, None, None),
        ("15", 9_999, None, None),
    ],
    key=repr,
)


def test_what_is_certain_is_allocated_and_the_rest_waits(world: Session, cast: Cast) -> None:
    kept = bring(Statement.of(DOCUMENTS), cast)
    assert kept.state is StatementState.IMPORTED
    assert ledger(world) == LEDGER
    assert {name: kept.counts[name] for name in ("documents", "new", "known", "spent", "matched", "left")} == {
        "documents": 6,
        "new": 5,
        "known": 0,
        "spent": 1,
        "matched": 3,
        "left": 2,
    }
    assert world.scalars(select(Payment.free_minor).where(Payment.document_number == "13")).one() == 50_000


def test_the_same_file_twice_changes_nothing(world: Session, cast: Cast) -> None:
    bring(Statement.of(DOCUMENTS), cast)
    again = bring(Statement.of(DOCUMENTS), cast)
    assert (again.counts["new"], again.counts["known"]) == (0, 5)
    assert ledger(world) == LEDGER


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_documents_does_not_matter(world: Session, cast: Cast, seed: int) -> None:
    several = (*DOCUMENTS, Document(120_000, "счет 1", number="17", inn=INN), Document(80_000, "счет 4", "18", inn=INN))
    shuffled = Random(seed).sample(several, len(several))
    bring(Statement.of(shuffled), cast)
    first = ledger(world)
    kept = db.session.scalars(select(Kept)).one()
    with transaction() as session:
        give_back(session, session.get_one(Kept, kept.id), by=None, at=AT, on=AT.date())
    bring(Statement.of(several), cast)
    assert ledger(world) == first


def test_one_changed_line_is_new_and_is_said_to_resemble_the_old_one(world: Session, cast: Cast) -> None:
    bring(Statement.of(DOCUMENTS), cast)
    changed = Document(99_000, "Оплата по счету 1", number="11", inn=INN)
    kept = bring(Statement.of((changed, *DOCUMENTS[1:])), cast)
    assert (kept.counts["new"], kept.counts["known"], kept.counts["resembling"]) == (1, 4, 1)
    (strange,) = kept.preview["strange"]
    assert (strange["minor"], strange["was_minor"]) == (99_000, 100_000)
    assert kept.counts["left"] == 1, "money does not count twice by itself"
    assert ledger(world) == sorted([*LEDGER, ("11", 99_000, None, None)], key=repr)


def test_two_equal_rows_are_two_payments_and_the_same_two_next_time(world: Session, cast: Cast) -> None:
    twice = Statement.of([DOCUMENTS[4], DOCUMENTS[4]])
    assert bring(twice, cast).counts["new"] == 2
    assert bring(twice, cast).counts["known"] == 2


def test_an_undone_statement_is_owed_again_and_may_come_again(world: Session, cast: Cast) -> None:
    kept = bring(Statement.of(DOCUMENTS), cast)
    with transaction() as session:
        give_back(session, session.get_one(Kept, kept.id), by=None, at=AT, on=AT.date())
    assert ledger(world) == []
    states = set(world.scalars(select(Invoice.state)))
    assert states == {InvoiceState.ISSUED}
    assert bring(Statement.of(DOCUMENTS), cast).counts["new"] == 5
    assert ledger(world) == LEDGER


def test_a_worker_that_died_goes_on_where_it_was(world: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.exchange.statement.importing.AT_ONCE", 2)
    content = Statement.of(DOCUMENTS).bytes()
    found = preview(db.session(), "a.txt", content, db.session.get_one(Company, 1), {})
    with transaction() as session:
        kept = keep(session, "a.txt", content, found, {}, by=None, at=AT)
        kept.confirm(at=AT)
    monkeypatch.setattr("webapp.statements.match", _die)
    with pytest.raises(KeyboardInterrupt):
        bring_in(kept.id)
    monkeypatch.undo()
    assert db.session.get_one(Kept, kept.id, populate_existing=True).state is StatementState.RUNNING
    bring_in(kept.id)
    assert ledger(world) == LEDGER


def _die(*given: object, **named: object) -> None:
    raise KeyboardInterrupt


def test_the_command_previews_imports_and_undoes(world: Session, app, tmp_path) -> None:
    file = tmp_path / "kl_to_1c.txt"
    file.write_bytes(Statement.of(DOCUMENTS).bytes())
    run = app.test_cli_runner().invoke
    said = run(args=["statement", str(file), "--preview", "--json"])
    assert '"new": 5' in said.output, said.output
    assert ledger(world) == []
    said = run(args=["statement", str(file), "--yes", "--json"])
    assert '"matched": 3' in said.output, said.output
    assert ledger(world) == LEDGER
    number = world.scalars(select(Kept.id)).one()
    run(args=["statement", "--undo", str(number)])
    assert ledger(world) == []


def test_a_broken_file_is_refused_in_one_line_and_writes_nothing(world: Session, app, tmp_path) -> None:
    file = tmp_path / "kl_to_1c.txt"
    file.write_bytes(Statement.of(DOCUMENTS).bytes()[:-40])
    said = app.test_cli_runner().invoke(args=["statement", str(file), "--yes"])
    assert said.exit_code == 1
    assert "breaks off" in said.output
    assert world.scalar(select(func.count()).select_from(Payment)) == 0
