"""What holds for every export, however broken: told before, done once, taken back whole."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.export import Export, make_export, ODD
from tests.support.imports import everything, found, fresh, run_import, size, take_back
from webapp.domain.client import Client
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.event import Event
from webapp.domain.words import Department

exports = st.builds(
    make_export,
    st.integers(0, 2**16),
    clients=st.integers(1, 14),
    agents=st.integers(1, 5),
    deals=st.integers(2, 60),
    odd=st.booleans(),
    broken=st.booleans(),
)
TABLES = {"user": "users", "product": "products", "client": "clients", "deal": "deals"}


def next_month(export: Export, seed: int) -> Export:
    """The same export a month later: deals closed, clients grew, some deals got a client, one is new."""
    random = Random(seed)
    tables = {name: [dict(row) for row in rows] for name, rows in export.tables.items()}
    for row in random.sample(tables["sales_pipeline"], len(tables["sales_pipeline"]) // 3):
        if row["deal_stage"] == "Engaging":
            row.update(deal_stage="Won", close_date="2018-02-01", close_value=str(random.randint(1, 999)))
        row["account"] = row["account"] or tables["accounts"][0]["account"]
    for row in random.sample(tables["accounts"], len(tables["accounts"]) // 2):
        row["employees"] = str(random.randint(1, 999))
    tables["products"][0]["sales_price"] = "551"
    tables["sales_teams"][0]["regional_office"] = "West"
    tables["accounts"].append({**tables["accounts"][0], "account": "Newcomer", "subsidiary_of": ""})
    new = {**tables["sales_pipeline"][0], "opportunity_id": "NEW00001", "account": "Newcomer", "deal_stage": "Engaging"}
    tables["sales_pipeline"].append({**new, "close_date": "", "close_value": ""})
    return Export(tables)


@settings(max_examples=12)
@given(exports)
def test_the_result_equals_the_preview(export: Export) -> None:
    with fresh() as session:
        before = size(everything(session))
        _, told = run_import(session, export.files())
        after = size(everything(session))
        grown = {name: after[name] - before[name] for name in after}
        assert {kind: grown[kind] for kind in TABLES} == told["created"]
        assert grown["held_row"] == sum(told["held_back"].values())
        assert sum(told["created"].values()) + sum(told["held_back"].values()) > 0


@settings(max_examples=12)
@given(exports)
def test_importing_twice_is_importing_once(export: Export) -> None:
    with fresh() as session:
        run_import(session, export.files())
        once, events = everything(session), session.scalar(select(func.count(Event.id)))
        _, told = run_import(session, export.files())
        assert everything(session) == once
        assert [told[sort] for sort in ("created", "updated", "held_back")] == [dict.fromkeys(TABLES, 0)] * 3
        started_and_applied = 2
        assert session.scalar(select(func.count(Event.id))) == events + started_and_applied


@settings(max_examples=12)
@given(exports, st.integers(0, 99))
def test_undoing_restores_exactly_what_was(export: Export, seed: int) -> None:
    with fresh() as session:
        nothing = everything(session)
        first, _ = run_import(session, export.files())
        something = everything(session)
        second, told = run_import(session, next_month(export, seed).files())
        assert told["updated"]["product"] == 1
        take_back(session, second)
        assert everything(session) == something
        take_back(session, first)
        assert everything(session) == nothing


@settings(max_examples=12)
@given(exports, st.integers(0, 99))
def test_a_changed_export_changes_what_it_says_and_then_nothing(export: Export, seed: int) -> None:
    later = next_month(export, seed)
    with fresh() as session:
        run_import(session, export.files())
        _, told = run_import(session, later.files())
        assert told["updated"]["product"] == 1
        once = everything(session)
        run_import(session, later.files())
        assert everything(session) == once


@settings(max_examples=12)
@given(exports)
def test_every_client_has_one_engagement_and_a_won_deal_puts_it_in_the_client_lane(export: Export) -> None:
    with fresh() as session:
        run_import(session, export.files())
        for client in session.scalars(select(Client)):
            (engagement,) = client.open_engagements
            won = any(deal.status is DealStatus.WON for deal in client.deals)
            assert engagement.department is (Department.CLIENT if won else Department.SALES)
            assert engagement.owner.active
            assert (client.attracted_by_id is not None) == won
        assert session.scalar(select(func.count(Engagement.id))) == session.scalar(select(func.count(Client.id)))


@settings(max_examples=12)
@given(exports)
def test_every_deal_of_the_file_is_on_the_board_or_held_back(export: Export) -> None:
    with fresh() as session:
        _, told = run_import(session, export.files())
        distinct = {tuple(row.values()) for row in export.tables["sales_pipeline"]}
        assert told["created"]["deal"] + told["held_back"]["deal"] == len(distinct)
        open_ones = [deal for deal in session.scalars(select(Deal)) if deal.is_open]
        assert all(deal.engagement.client_id == deal.client_id and deal.engagement.is_open for deal in open_ones)


def test_the_names_of_the_export_arrive_as_they_are(session: Session) -> None:
    found(session)
    export = make_export(3, odd=True)
    run_import(session, export.files())
    names = {row["account"] for row in export.tables["accounts"]}
    assert set(ODD) <= names
    assert {client.name for client in session.scalars(select(Client))} == names
