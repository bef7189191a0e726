"""Covering invoices as a person says it: nothing beyond what there is, and never what somebody else changed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client, make_invoice, make_payment
from webapp.domain.allocation import Allocation
from webapp.domain.client import Client
from webapp.domain.covering import assign, hold, spread, suggested, use_credit
from webapp.domain.errors import Refused, Stale
from webapp.domain.payer import Payer


@pytest.fixture
def client(session: Session, cast: Cast) -> Client:
    return make_client(session, cast.clerk, inn="7707083893")


@given(st.integers(0, 10_000), st.lists(st.integers(0, 5_000), max_size=12))
def test_a_sum_is_spread_in_order_and_neither_side_is_exceeded(minor: int, owed: list[int]) -> None:
    parts = spread(minor, enumerate(owed))
    assert sum(part for _, part in parts) == min(minor, sum(owed))
    assert all(0 < part <= owed[number] for number, part in parts)
    assert all(part == owed[number] for number, part in parts[:-1]), "the next one begins when this one is paid"


def test_only_the_version_that_was_seen_is_changed(session: Session) -> None:
    payment = make_payment(session)
    assert hold(session, payment.id, payment.version) is payment
    with pytest.raises(Stale):
        hold(session, payment.id, payment.version - 1)


def test_what_does_not_fit_is_refused(session: Session, cast: Cast, client: Client) -> None:
    invoice, payment = make_invoice(session, client, 50_000), make_payment(session, 60_000)
    others = make_invoice(session, make_client(session, cast.clerk), 50_000)
    for parts, said in (
        ([(invoice.id, 50_000), (others.id, 10_001)], "not so much left"),
        ([(others.id, 1)], "another client"),
        ([(invoice.id, 50_001)], "not owed so much"),
    ):
        with pytest.raises(Refused, match=said), session.begin_nested():
            assign(session, payment, client, parts, by=cast.clerk, at=AT)
    assert session.scalar(select(func.count()).select_from(Allocation)) == 0
    assign(session, payment, client, [], by=cast.clerk, at=AT)
    assert (payment.client, payment.free_minor) == (client, 60_000)
    with pytest.raises(Refused, match="Write beside an invoice"):
        assign(session, payment, client, [], by=cast.clerk, at=AT)


def test_a_credit_pays_the_oldest_first_and_nothing_that_is_disputed(
    session: Session, cast: Cast, client: Client
) -> None:
    payment = make_payment(session, 70_000, client=client)
    with pytest.raises(Refused, match="owes nothing"):
        use_credit(session, payment, by=cast.clerk, at=AT)
    newer, older = make_invoice(session, client, 50_000), make_invoice(session, client, 50_000, TODAY - timedelta(9))
    disputed = make_invoice(session, client, 50_000, TODAY - timedelta(20))
    session.add(disputed.dispute("sum", "", by=cast.clerk, at=AT))
    make_invoice(session, client, 50_000, TODAY - timedelta(30), currency="EUR")
    assert use_credit(session, payment, by=cast.clerk, at=AT) == 70_000
    assert [each.outstanding_minor for each in (older, newer, disputed)] == [0, 30_000, 50_000]
    with pytest.raises(Refused, match="whose payment"):
        use_credit(session, make_payment(session), by=cast.clerk, at=AT)


def test_a_payment_that_was_called_a_clients_is_asked_for_again(session: Session, cast: Cast, client: Client) -> None:
    payment, invoice = make_payment(session, 70_000, client=client), make_invoice(session, client, 50_000)
    entry = payment.allocate(session, invoice, by=cast.clerk, at=AT)
    with pytest.raises(Refused, match="free it before"):
        payment.reopen(by=cast.clerk, at=AT)
    payment.free(session, entry, by=cast.clerk, at=AT, on=TODAY)
    told = payment.reopen(by=cast.clerk, at=AT)
    assert (payment.client, told.client_id) == (None, client.id)


def test_what_is_suggested_for_a_known_client_is_only_its_own(session: Session, cast: Cast, client: Client) -> None:
    mine, others = (
        make_invoice(session, client, 50_000),
        make_invoice(session, make_client(session, cast.clerk), 50_000),
    )
    known = make_payment(session, 50_000, client=client, purpose=f"No. {others.number}")
    strange = make_payment(session, 50_000, purpose=f"No. {others.number}")
    (own,), (other,) = suggested(session, [known, strange])
    assert (own.reason, own.parts) == ("sum_payer", ((mine.id, 50_000),))
    assert (other.reason, other.client_id) == ("number_sum", others.client_id)


def test_a_payer_is_remembered_once(session: Session, cast: Cast, client: Client) -> None:
    given = {"inn": "", "account": "40817810000000000001", "name": "The owner", "by": cast.clerk, "at": AT}
    assert Payer.remember(session, client, **given) is Payer.remember(session, client, **given)
    with pytest.raises(Refused, match="neither an ИНН nor an account"):
        Payer.remember(session, client, **given | {"account": ""})
