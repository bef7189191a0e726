"""Bringing bank statements in: the preview is what happens, twice is once, order does not matter, undone is gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import make_client, make_invoice
from tests.support.bank import Document, OUR_INN, Statement
from webapp import statements
from webapp.db import db, transaction
from webapp.domain.allocation import Allocation, PaymentReturn
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.health_keeping import everybody as healths_of
from webapp.domain.health_keeping import keep as keep_health
from webapp.domain.health_kept import KeptHealth
from webapp.domain.invoice import Invoice
from webapp.domain.invoice_state import InvoiceState
from webapp.domain.payment import Payment
from webapp.domain.promise_to_pay import PromiseToPay, PromiseToPayState
from webapp.domain.queue_item import QueueItem
from webapp.domain.queue_keeping import everybody as queue_of
from webapp.domain.queue_keeping import keep as keep_queue
from webapp.domain.statement import Statement as Kept
from webapp.domain.statement import StatementState
from webapp.exchange.statement.importing import done, keep, left_of, match, unmatched
from webapp.exchange.statement.preview import preview
from webapp.queries.payment_matches import resembled
from webapp.statements import bring_in, go_on_with_what_was_left, take_out
from webapp.web.clock import now

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


def take_back(kept: Kept) -> None:
    with transaction() as session:
        session.add(session.get_one(Kept, kept.id).take_back(by=None, at=AT))
    take_out(kept.id)


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
    take_back(kept)
    bring(Statement.of(several), cast)
    assert ledger(world) == first


@pytest.mark.parametrize(
    ("other", "said"),
    [({"minor": 99_000}, "minor"), ({"number": "77"}, "number"), ({"day": date(2026, 3, 5)}, "day")],
    ids=("sum", "number", "day"),
)
def test_one_changed_line_is_new_and_is_left_to_a_person(
    world: Session, cast: Cast, other: dict[str, Any], said: str
) -> None:
    bring(Statement.of(DOCUMENTS), cast)
    changed = replace(DOCUMENTS[0], **other)
    kept = bring(Statement.of((changed, *DOCUMENTS[1:])), cast)
    assert (kept.counts["new"], kept.counts["known"], kept.counts["resembling"]) == (1, 4, 1)
    (strange,) = kept.preview["strange"]
    assert [name for name, value in strange["was"].items() if strange[name] != value] == [said]
    assert kept.counts["left"] == 1, "money does not count twice by itself"
    assert ledger(world) == sorted([*LEDGER, (changed.number, changed.minor, None, None)], key=repr)
    (new,) = world.scalars(select(Payment).where(Payment.client_id.is_(None), Payment.statement_id == kept.id))
    (old,) = world.scalars(select(Payment).where(Payment.document_number == "11", Payment.client_id.is_not(None)))
    assert resembled(world, cast.clerk.actor, [new, old]) == {new.id: (old.id, 100_000)}


def test_what_is_paid_alike_each_month_or_by_another_is_no_correction(world: Session, cast: Cast) -> None:
    bring(Statement.of(DOCUMENTS), cast)
    next_month = replace(DOCUMENTS[0], day=date(2026, 4, 2))
    others = replace(DOCUMENTS[0], number="78", inn="7736050003")
    second = replace(DOCUMENTS[0], number="79", purpose="Оплата по счету 2")
    assert bring(Statement.of([next_month, others, second]), cast).counts["resembling"] == 0


def test_two_equal_rows_are_two_payments_and_the_same_two_next_time(world: Session, cast: Cast) -> None:
    twice = Statement.of([DOCUMENTS[4], DOCUMENTS[4]])
    assert bring(twice, cast).counts["new"] == 2
    assert bring(twice, cast).counts["known"] == 2


def test_an_undone_statement_is_owed_again_and_may_come_again(world: Session, cast: Cast) -> None:
    kept = bring(Statement.of(DOCUMENTS), cast)
    take_back(kept)
    assert ledger(world) == []
    states = set(world.scalars(select(Invoice.state)))
    assert states == {InvoiceState.ISSUED}
    assert bring(Statement.of(DOCUMENTS), cast).counts["new"] == 5
    assert ledger(world) == LEDGER


@pytest.mark.parametrize("step", ["match", "told_again"])
def test_a_worker_that_died_goes_on_where_it_was(
    world: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr("webapp.exchange.statement.importing.AT_ONCE", 2)
    monkeypatch.setattr("webapp.statements.AT_ONCE", 2)
    owing = look_after_all(world)
    content = Statement.of(DOCUMENTS).bytes()
    found = preview(db.session(), "a.txt", content, db.session.get_one(Company, 1), {})
    with transaction() as session:
        kept = keep(session, "a.txt", content, found, {}, by=None, at=AT)
        kept.confirm(at=AT)
    tried = []

    def dying(*given: Any, **named: Any) -> None:
        tried.append(1)
        if len(tried) > (step == "match"):
            _die()
        match(*given, **named)

    with monkeypatch.context() as death:
        death.setattr(f"webapp.statements.{step}", dying)
        with pytest.raises(KeyboardInterrupt):
            bring_in(kept.id)
    assert db.session.get_one(Kept, kept.id, populate_existing=True).state is StatementState.RUNNING
    bring_in(kept.id)
    assert ledger(world) == LEDGER
    followed = standing(world)
    assert followed == look_after_all(world) != owing


def test_a_promise_that_the_statement_pays_is_kept_with_the_payment(
    world: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the night, in another worker, would find it broken before the client is looked at."""
    client = world.scalars(select(Client)).one()
    promise = PromiseToPay.make(world, client, 100_000, "RUB", now().date(), by=cast.clerk, at=AT)
    world.commit()
    monkeypatch.setattr("webapp.statements.told_again", _die)
    with pytest.raises(KeyboardInterrupt):
        bring(Statement.of(DOCUMENTS), cast)
    world.expire_all()
    assert promise.state is PromiseToPayState.KEPT


def test_a_worker_stops_where_another_one_was_through(
    world: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(session: Session, number: int) -> list[int]:
        found = unmatched(session, number)
        session.rollback()
        with transaction() as session:
            session.add(session.get_one(Kept, number).finish(done(session, number), at=AT))
        return found

    monkeypatch.setattr("webapp.statements.unmatched", overtaken)
    bring(Statement.of(DOCUMENTS), cast)
    assert {number for _, _, number, _ in ledger(world)} == {None}, "nothing is matched any more"


def look_after_all(session: Session) -> list[tuple[object, ...]]:
    """What is kept of the clients once it is reckoned anew."""
    with transaction() as session:
        keep_queue(session, queue_of(session), at=now())
        keep_health(session, healths_of(session), at=now())
    return standing(session)


def standing(session: Session) -> list[tuple[object, ...]]:
    session.rollback()
    places = session.execute(
        select(QueueItem.client_id, QueueItem.rank, QueueItem.place).order_by(QueueItem.client_id)
    ).all()
    levels = session.execute(
        select(KeptHealth.client_id, KeptHealth.level, KeptHealth.points).order_by(KeptHealth.client_id)
    ).all()
    return [tuple(row) for row in (*places, *levels)]


def _die(*given: object, **named: object) -> None:
    raise KeyboardInterrupt


def test_an_undoing_that_died_goes_on_where_it_was(world: Session, cast: Cast, app: Flask, monkeypatch) -> None:
    monkeypatch.setattr("webapp.exchange.statement.importing.UNDONE_AT_ONCE", 2)
    kept = bring(Statement.of(DOCUMENTS), cast)
    before = world.scalars(select(func.max(Allocation.id))).one()
    give_some, tried = statements.give_back, []

    def dying(*given: Any, **named: Any) -> bool:
        tried.append(1)
        return give_some(*given, **named) if len(tried) == 1 else _die()

    monkeypatch.setattr(statements, "give_back", dying)
    with pytest.raises(KeyboardInterrupt):
        take_back(kept)
    monkeypatch.setattr(statements, "give_back", give_some)
    world.rollback()
    assert (left_of(world, kept.id), world.scalars(select(Kept.state)).one()) == (3, StatementState.UNDOING)
    with transaction() as session:
        session.get_one(Kept, kept.id).touched_at = now() - statements.DIED_AFTER * 2
    go_on_with_what_was_left()
    world.rollback()
    assert (left_of(world, kept.id), world.scalars(select(Kept.state)).one()) == (0, StatementState.UNDONE)
    assert ledger(world) == []
    reverses = world.scalars(select(Allocation.reverses_id).where(Allocation.id > before)).all()
    assert len(reverses) == len(set(reverses))
    take_out(kept.id)
    assert world.scalars(select(func.count()).select_from(PaymentReturn)).one() == 5


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
