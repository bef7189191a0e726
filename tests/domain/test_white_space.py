"""White space: how far a client came with a family, what it buys at a rival's, and what the night keeps of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.attacks import make_competitor
from tests.cast import AT, Cast
from tests.factories import make_client, make_contract, make_product
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.likeness import Crowd, MIN_ALIKE
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.rival_supply import RivalSupply
from webapp.domain.white_space import families_sold, family_states, FURTHEST, prize_of, WhiteSpace
from webapp.domain.white_space_keeping import end_ownership, everybody, keep

DAY = date(2026, 11, 23)


@pytest.fixture
def family(session: Session, cast: Cast) -> ProductFamily:
    return ProductFamily.add(session, "Telephony", by=cast.director, at=AT)


def of_family(session: Session, cast: Cast, family: ProductFamily, **fields: object) -> Product:
    return make_product(session, cast.director, family_id=family.id, **fields)


def know(session: Session, client: Client, product: Product, verb: str, **said: object) -> None:
    Awareness.note_all(session, client.id, [product.id], verb, at=AT, **said)


def state(session: Session, client: Client, family: ProductFamily) -> AwarenessState | None:
    return family_states(session, [client.id], families_sold(session))[client.id].get(family.id)


def test_a_family_is_as_far_as_the_furthest_of_its_products(
    session: Session, cast: Cast, family: ProductFamily
) -> None:
    client = make_client(session, cast.vip)
    first, second = of_family(session, cast, family), of_family(session, cast, family)
    assert state(session, client, family) is None
    know(session, client, first, "exclude", reason="no lift", by=cast.vip)
    assert state(session, client, family) == "not_told", "of the other product nobody told it"
    know(session, client, second, "exclude", reason="no lift", by=cast.vip)
    assert state(session, client, family) == "not_eligible"
    know(session, client, second, "offer", by=cast.vip)
    assert state(session, client, family) == "offered"
    know(session, client, first, "buy", by=cast.vip)
    first.retired_at = AT
    session.flush()
    assert state(session, client, family) == "owned", "what was bought stays, though it is sold no more"
    assert set(FURTHEST) == set(AwarenessState)


def test_a_client_buys_a_family_at_one_rival_at_a_time(session: Session, cast: Cast, family: ProductFamily) -> None:
    client, alpha, beta = (
        make_client(session, cast.vip),
        make_competitor(session, cast.director, "Alpha"),
        make_competitor(session, cast.director, "Beta"),
    )
    first = RivalSupply.note(session, client, family, alpha, by=cast.vip, at=AT)
    assert RivalSupply.note(session, client, family, alpha, by=cast.clerk, at=AT) is first, "known already"
    second = RivalSupply.note(session, client, family, beta, by=cast.clerk, at=AT + timedelta(days=1))
    assert (first.ended_at, second.noted_by) == (AT + timedelta(days=1), cast.clerk)
    session.add(second.end(by=cast.vip, at=AT + timedelta(days=2)))
    assert RivalSupply.current(session, client.id, family.id) is None
    with pytest.raises(Refused, match="over already"):
        second.end(by=cast.vip, at=AT)
    session.flush()
    kinds = session.scalars(select(Event.kind).where(Event.kind.startswith("rivalsupply")).order_by(Event.id)).all()
    assert kinds == ["rivalsupply:noted", "rivalsupply:ended", "rivalsupply:noted", "rivalsupply:ended"]


def test_the_night_keeps_prizes_once_and_writes_only_what_changed(
    session: Session, cast: Cast, family: ProductFamily
) -> None:
    product = of_family(session, cast, family, billing=Billing.MONTHLY)
    clients = [make_client(session, cast.vip, sector="Trade") for _ in range(MIN_ALIKE + 1)]
    common = make_product(session, cast.director, family_id=ProductFamily.add(session, "Net", by=None, at=AT).id)
    for client in clients:
        know(session, client, common, "buy", by=cast.vip)
    for number, client in enumerate(clients[1:4], start=1):
        make_contract(session, client, number * 1_000_00, date(2026, 10, 1), product_id=product.id)

    def night() -> int:
        likes, sold = everybody(session, DAY), families_sold(session)
        return keep(session, likes, Crowd(likes), sold)

    assert night() == len(clients)
    assert night() == 0
    row = session.scalars(select(WhiteSpace).where(WhiteSpace.client_id == clients[0].id)).one()
    prize = prize_of(row.prizes, family.id)
    assert prize is not None
    assert (prize.owners, prize.alike, prize.pays) == (3, MIN_ALIKE, {"RUB": (2_000_00, 3)})
    assert row.score == prize.score > 0
    know(session, clients[0], product, "exclude", reason="no line there", by=cast.vip)
    assert night() == 1
    session.expire_all()
    row = session.scalars(select(WhiteSpace).where(WhiteSpace.client_id == clients[0].id)).one()
    assert row.score == 0, "what does not suit it does not raise it in the ranking"
    assert prize_of(row.prizes, family.id) == prize


def test_whose_last_contract_ended_owns_it_no_more_and_what_was_bought_once_stays(
    session: Session, cast: Cast, family: ProductFamily
) -> None:
    monthly, once = of_family(session, cast, family), of_family(session, cast, family)
    client = make_client(session, cast.vip)
    make_contract(session, client, 100, date(2026, 1, 1), product_id=monthly.id, ends_on=DAY - timedelta(days=1))
    make_contract(session, client, 100, date(2026, 1, 1), product_id=once.id, billing=Billing.ONE_OFF)
    assert end_ownership(session, DAY - timedelta(days=1), at=AT, most=10) == 0, "the last day is still a day"
    assert end_ownership(session, DAY, at=AT, most=10) == 1
    session.flush()
    assert end_ownership(session, DAY, at=AT, most=10) == 0
    states = dict(session.execute(select(Awareness.product_id, Awareness.state)).all())
    assert states == {monthly.id: AwarenessState.TOLD, once.id: AwarenessState.OWNED}
