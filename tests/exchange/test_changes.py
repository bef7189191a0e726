"""A changed export updates what it changed, and never what a person changed here since."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tests.cast import AT
from tests.factories import make_contract
from tests.support.export import Export, make_export
from tests.support.imports import everything, fresh, run_import, take_back
from webapp.domain.awareness import Awareness
from webapp.domain.client import Client
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.errors import Incomplete
from webapp.domain.event import Event
from webapp.domain.health_kept import KeptHealth
from webapp.domain.importing import Import, ImportedRecord
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.domain.white_space import WhiteSpace
from webapp.domain.words import Department, Role
from webapp.exchange import apply as applying
from webapp.exchange.running import plan_files, preview_of


@pytest.fixture
def session() -> Iterator[Session]:
    with fresh() as session:
        yield session


@pytest.fixture
def export(session: Session) -> Export:
    """An export that was imported once."""
    export = make_export(4)
    run_import(session, export.files())
    return export


def somebody(session: Session) -> User:
    return session.scalars(select(User).limit(1)).one()


def client_of(session: Session, export: Export) -> tuple[Client, dict[str, str]]:
    row = export.tables["accounts"][0]
    return session.scalars(select(Client).where(Client.name == row["account"])).one(), row


def test_only_the_changed_field_is_written_and_what_it_replaced_is_kept(session, export) -> None:
    client, row = client_of(session, export)
    was, version = client.employees, client.version
    row["employees"] = "77"
    _, told = run_import(session, export.files())
    session.refresh(client)
    assert (client.employees, client.version) == (77, version + 1)
    assert told["updated"] == {"user": 0, "product": 0, "client": 1, "deal": 0}
    record = session.scalars(select(ImportedRecord).order_by(ImportedRecord.id.desc()).limit(1)).one()
    assert record.before == {"employees": was, "version": version}
    changed = session.scalars(select(Event).where(Event.kind == "client:changed")).one()
    assert changed.details["fields"] == ["employees"]


def test_what_a_person_changed_stays_and_the_preview_says_so(session, export) -> None:
    client, row = client_of(session, export)
    session.add(client.change(by=somebody(session), at=AT, seen=client.version, employees=5, city="Казань"))
    session.commit()
    row["employees"], row["sector"] = "77", "other"
    plan = plan_files(session, export.files(), "", {})
    (kept,) = preview_of(plan)["kept"]
    assert (kept["key"], kept["field"], kept["ours"], kept["theirs"]) == (client.name, "employees", 5, 77)
    run_import(session, export.files())
    session.refresh(client)
    assert (client.employees, client.city, client.sector) == (5, "Казань", "other")


def test_an_open_deal_that_was_won_is_won_here(session, export) -> None:
    row = next(row for row in export.rows(deal_stage="Engaging") if row["account"])
    row.update(deal_stage="Won", close_date="2018-03-01", close_value="1200")
    _, told = run_import(session, export.files())
    deal = session.scalars(select(Deal).where(Deal.name.endswith(row["opportunity_id"]))).one()
    assert told["updated"]["deal"] == 1
    assert (deal.status, str(deal.closed_on), deal.one_off_minor) == (DealStatus.WON, "2018-03-01", 120_000)
    assert deal.lines[0].price_minor == 120_000


def test_a_deal_that_a_person_lost_here_is_not_won_by_a_file(session, export) -> None:
    row = next(row for row in export.rows(deal_stage="Engaging") if row["account"])
    deal = session.scalars(select(Deal).where(Deal.name.endswith(row["opportunity_id"]))).one()
    session.add(deal.lose("price", by=somebody(session), at=AT, seen=deal.version))
    session.commit()
    row.update(deal_stage="Won", close_date="2018-03-01", close_value="1200")
    _, told = run_import(session, export.files())
    session.refresh(deal)
    assert (deal.status, deal.one_off_minor, told["updated"]["deal"]) == (DealStatus.LOST, 0, 0)


def test_a_held_row_that_the_next_export_completes_comes_in(session, export) -> None:
    row = export.rows(account="")[0]
    row["account"] = export.tables["accounts"][0]["account"]
    before = everything(session)
    run, told = run_import(session, export.files())
    assert (told["created"]["deal"], told["held_back"]["deal"]) == (1, 0)
    take_back(session, run)
    assert everything(session) == before


def test_people_and_products_of_that_name_are_recognised_not_doubled(session) -> None:
    known = User(name="Agent 0", role=Role.MEMBER, department=Department.VIP, office="Ours")
    session.add_all([known, Product(name="GTX Pro", name_key="gtx pro", price_minor=1, currency="RUB")])
    session.commit()
    _, told = run_import(session, make_export(4).files())
    assert session.scalar(select(func.count(User.id)).where(User.name == "Agent 0")) == 1
    assert (known.department, known.office, told["created"]["product"]) == (Department.VIP, "Ours", 3)


def test_a_file_appoints_nobody_head(session) -> None:
    known = User(name="Head 0", role=Role.MEMBER, department=Department.CLIENT)
    session.add(known)
    session.commit()
    run_import(session, make_export(4).files())
    session.refresh(known)
    assert known.role is Role.MEMBER


def test_work_done_after_an_import_keeps_it_from_being_undone(session, export) -> None:
    run = session.scalars(select(Import)).one()
    client, _ = client_of(session, export)
    session.add(client.change(by=somebody(session), at=AT, seen=client.version, note="Call on Friday"))
    session.commit()
    before = everything(session)
    with pytest.raises(Incomplete) as refusal:
        take_back(session, run)
    session.rollback()
    assert "clients changed later" in refusal.value.gaps
    assert everything(session) == before


def test_a_client_with_a_contract_is_not_taken_back(session, export) -> None:
    run = session.scalars(select(Import)).one()
    client, _ = client_of(session, export)
    contract = make_contract(session, client, by=somebody(session))
    session.commit()
    before = everything(session)
    with pytest.raises(Incomplete) as refusal:
        take_back(session, run)
    session.rollback()
    assert "contracts" in refusal.value.gaps
    assert everything(session) == before
    assert session.get(Contract, contract.id) is not None


def test_what_a_client_was_told_keeps_it_and_what_the_night_reckoned_does_not(session, export) -> None:
    run = session.scalars(select(Import)).one()
    client, _ = client_of(session, export)
    session.add(WhiteSpace(client_id=client.id, score=1, prizes={}, marks={}))
    product = session.scalars(select(Product).order_by(Product.id)).first()
    Awareness.note_all(session, client.id, [product.id], "send", by=None, at=AT)
    session.commit()
    with pytest.raises(Incomplete) as refusal:
        take_back(session, run)
    session.rollback()
    assert list(refusal.value.gaps) == ["what clients know of its products"]
    session.execute(delete(Awareness))
    session.commit()
    take_back(session, run)
    assert session.scalars(select(WhiteSpace)).all() == []


def test_the_first_import_waits_for_the_second_to_be_undone(session, export) -> None:
    first = session.scalars(select(Import)).one()
    export.tables["accounts"][0]["employees"] = "78"
    second, _ = run_import(session, export.files())
    with pytest.raises(Incomplete) as refusal:
        take_back(session, first)
    session.rollback()
    assert any("later import" in gap for gap in refusal.value.gaps)
    take_back(session, second)
    take_back(session, first)
    assert session.scalar(select(func.count(Client.id))) == 0


def test_an_import_that_breaks_off_leaves_nothing(session, monkeypatch) -> None:
    before = everything(session)

    def fall(*arguments: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(applying, "_hold", fall)
    with pytest.raises(RuntimeError):
        run_import(session, make_export(4).files())
    session.rollback()
    assert everything(session) == before


def test_a_name_that_is_only_similar_is_suggested_but_never_taken(session) -> None:
    export = make_export(4)
    for row in export.rows(product="GTXPro"):
        row["product"] = "GTX Prof"
    plan = plan_files(session, export.files(), "", {})
    match = plan.matches["product", "GTX Prof"]
    assert (match.suggestion, match.sure, match.chosen) == ("GTX Pro", False, "")
    chosen = plan_files(session, export.files(), "", {"product": {"GTX Prof": "GTX Pro"}})
    assert len(chosen.held) < len(plan.held)


def test_an_answer_to_an_unknown_name_is_remembered(session) -> None:
    export = make_export(4)
    for row in export.rows(product="GTXPro"):
        row["product"] = "The big one"
    run_import(session, export.files(), {"product": {"The big one": "GTK 500"}})
    _, told = run_import(session, export.files())
    assert sum(told["created"].values()) + sum(told["held_back"].values()) + sum(told["updated"].values()) == 0


def test_an_import_writes_an_event_for_each_client_and_deal(session, export) -> None:
    kinds = dict(session.execute(select(Event.kind, func.count()).group_by(Event.kind)).all())
    run = session.scalars(select(Import)).one()
    assert kinds["client:imported"] == run.counts["created"]["client"]
    assert kinds["deal:imported"] == run.counts["created"]["deal"]
    won = session.scalars(select(Event).where(Event.kind == "deal:imported")).first()
    assert {"name", "status", "opened", "closed", "one_off_minor", "currency", "stage"} <= set(won.details)


def test_who_gets_a_deal_back_by_undoing_has_its_health_again(session) -> None:
    export = make_export(4)
    one, another = list(dict.fromkeys(row["account"] for row in export.rows(deal_stage="Won") if row["account"]))[:2]
    row = next(row for row in export.rows(deal_stage="Engaging"))
    row.update(account=one, engage_date=(AT - timedelta(days=9)).date().isoformat())
    run_import(session, export.files())
    before = levels(session)
    row["account"] = another
    run, _ = run_import(session, export.files())
    assert levels(session)[one] < before[one], "the deal that they talk about is another's"
    take_back(session, run)
    assert levels(session) == before


def levels(session: Session) -> dict[str, int]:
    return dict(session.execute(select(Client.name, KeptHealth.level).join(KeptHealth)).all())  # type: ignore[arg-type]
