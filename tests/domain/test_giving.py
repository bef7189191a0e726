"""Whoever buys a bundle owns its parts: in awareness, in launches, at night, and for those who told of a part."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_bundle, make_client, make_contract, make_interaction, make_product
from webapp.domain import launch_audience
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.bundling import Part
from webapp.domain.client import Client
from webapp.domain.commission_facts import tellings
from webapp.domain.commission_ledger import Entered, Telling
from webapp.domain.giving import given_by
from webapp.domain.launch_audience import AudienceRule
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.white_space import family_states
from webapp.domain.white_space_keeping import begin_ownership, end_ownership, everybody
from webapp.queries.product_page import product_page
from webapp.queries.sale_credit import sale_credits

NIGHT = TODAY + timedelta(days=1)


@pytest.fixture
def line(session: Session, cast: Cast) -> Product:
    return make_product(session, cast.director, "Line", billing=Billing.MONTHLY)


@pytest.fixture
def phone(session: Session, cast: Cast) -> Product:
    return make_product(session, cast.director, "Phone", billing=Billing.MONTHLY)


@pytest.fixture
def office(session: Session, cast: Cast, line: Product, phone: Product) -> Product:
    return make_bundle(session, cast.director, line, phone)


def states(session: Session, client: Client) -> dict[int, AwarenessState]:
    known = select(Awareness.product_id, Awareness.state).where(Awareness.client_id == client.id)
    return dict(session.execute(known).all())  # type: ignore[arg-type]


def night(session: Session) -> tuple[int, int]:
    session.flush()
    begun = begin_ownership(session, NIGHT, at=AT, most=100)
    ended = end_ownership(session, NIGHT, at=AT, most=100)
    session.flush()
    return begun, ended


def test_a_product_gives_itself_and_a_bundle_its_parts(session: Session, line, phone, office) -> None:
    assert sorted(given_by(session, office.id)) == sorted((office.id, line.id, phone.id))
    assert given_by(session, line.id) == [line.id]
    assert given_by(session, None) == []


def test_who_buys_a_bundle_owns_its_parts_and_no_launch_of_one_is_for_it(
    session: Session, cast: Cast, line, phone, office
) -> None:
    client, other = make_client(session, cast.clerk), make_client(session, cast.clerk)
    connection = ProductFamily.add(session, "Connection", by=cast.director, at=AT)
    line.family_id = connection.id
    make_contract(session, client, product=office)
    assert states(session, client) == dict.fromkeys((line.id, phone.id, office.id), AwarenessState.OWNED)
    assert family_states(session, [client.id], {connection.id: 1})[client.id] == {connection.id: "owned"}
    assert [each.families for each in everybody(session, TODAY)] == [frozenset({connection.id}), frozenset()]
    for awareness in session.scalars(select(Awareness)):  # even where nobody noted that it owns it
        session.delete(awareness)
    session.flush()
    found = launch_audience.audience(session, AudienceRule(), line, at=AT)
    assert session.scalars(found).all() == [other.id]
    used = product_page(session, cast.clerk, line.id, TODAY).used
    assert (used.contracts, used.clients) == (1, 1)


def test_a_part_is_owned_until_the_last_contract_that_gives_it_is_over(
    session: Session, cast: Cast, line, phone, office
) -> None:
    client = make_client(session, cast.clerk)
    make_contract(session, client, product=office, ends_on=TODAY)
    make_contract(session, client, product=line)
    assert night(session) == (0, 2)
    assert states(session, client) == {line.id: "owned", phone.id: "told", office.id: "told"}
    assert night(session) == (0, 0)


def test_the_night_follows_a_bundle_that_holds_something_else_now(
    session: Session, cast: Cast, line, phone, office
) -> None:
    client, modem = make_client(session, cast.clerk), make_product(session, cast.director, billing=Billing.MONTHLY)
    make_contract(session, client, product=office)
    parts = [Part(line.id, 1000), Part(modem.id, 1000)]
    session.add(office.bundle(session, parts, None, by=cast.director, at=AT, seen=office.version))
    assert night(session) == (1, 1)
    assert states(session, client) == {line.id: "owned", modem.id: "owned", office.id: "owned", phone.id: "told"}
    assert night(session) == (0, 0)


def test_a_contract_that_goes_on_after_the_night_is_owned_again(session: Session, cast: Cast, line, office) -> None:
    client = make_client(session, cast.clerk)
    over = make_contract(session, client, product=office, ends_on=TODAY - timedelta(days=1))
    assert night(session) == (0, 3)
    session.add(over.end(TODAY - timedelta(days=1), "Still over", by=cast.clerk, at=AT, seen=over.version))
    assert states(session, client)[line.id] == "told"
    session.add(over.end(TODAY, "They stay", by=cast.clerk, at=AT, seen=over.version))
    assert states(session, client)[line.id] == states(session, client)[office.id] == "owned"


def test_who_told_first_of_a_part_is_credited_for_the_bundle(session: Session, cast: Cast, line, phone, office) -> None:
    client = make_client(session, cast.hunter)
    session.add(client.attract(cast.hunter, by=cast.director, at=AT, reason="He won it"))
    for days, product, teller in ((3, phone, cast.vip), (9, line, cast.clerk), (1, office, cast.vip)):
        said = make_interaction(session, client, by=teller, at=AT - timedelta(days=days))
        Awareness.of(session, client.id, product.id, at=AT).tell(said, by=teller, at=AT)
    session.flush()
    first = Telling(cast.clerk.id, (AT - timedelta(days=9)).date())
    paid = [
        Entered(number, client.id, number, TODAY, TODAY, 100, "RUB", None, sold.id, None, None, 1, TODAY)
        for number, sold in enumerate((office, phone))
    ]
    found = tellings(session, paid)
    assert found[client.id, office.id] == first
    assert found[client.id, phone.id].person_id == cast.vip.id, "of the part alone, who told that"
    contract = make_contract(session, client, product=office, starts_on=date(2026, 3, 1))
    credit = sale_credits(session, cast.clerk, client.id)[contract.id]
    assert (credit.told_by, credit.told_on) == (cast.clerk.name, first.told_on)
