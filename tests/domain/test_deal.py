"""Deals: their sums are those of their lines, and they end once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import engagement_of, line, make_client, make_deal
from webapp.domain.deal import Deal, DealStatus, Line, line_total
from webapp.domain.errors import Refused, Stale
from webapp.domain.money import LARGEST
from webapp.domain.product import Billing


def test_one_off_and_monthly_sums_are_kept_apart(session: Session, cast: Cast) -> None:
    deal = make_deal(
        session,
        make_client(session, cast.hunter),
        line(100_00, quantity=3),
        line(50_00, billing=Billing.MONTHLY),
        Line("Not priced yet", 1000, None, Billing.ONE_OFF),
    )
    assert (deal.one_off_minor, deal.monthly_minor) == (300_00, 50_00)


@given(quantity=st.integers(1, 10**9), price=st.integers(0, 10**12))
def test_a_line_is_rounded_once_and_never_by_more_than_half_a_kopeck(quantity: int, price: int) -> None:
    assert abs(line_total(quantity, price) * 1000 - quantity * price) <= 500


def test_half_a_kopeck_is_rounded_up() -> None:
    assert line_total(500, 1) == 1
    assert line_total(1500, 1) == 2


def test_a_sum_that_no_database_holds_is_refused(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    with pytest.raises(Refused, match="too large"):
        make_deal(session, client, line(LARGEST, quantity=2))


def test_a_deal_belongs_to_open_work_with_the_client(session: Session, cast: Cast) -> None:
    engagement = engagement_of(make_client(session, cast.hunter))
    engagement.closed_at = AT
    with pytest.raises(Refused, match="closed"):
        Deal.add(session, engagement, "Late", "RUB", by=cast.hunter, at=AT)


def test_changing_replaces_the_lines(session: Session, cast: Cast) -> None:
    deal = make_deal(session, make_client(session, cast.hunter), line(100_00))
    new = [line(7_00, name="Seven")]
    session.add(
        deal.change(by=cast.hunter, at=AT, seen=deal.version, name="New", currency="EUR", expected_on=TODAY, lines=new)
    )
    session.flush()
    assert ([row.name for row in deal.lines], deal.one_off_minor, deal.currency) == (["Seven"], 7_00, "EUR")


def test_nothing_is_won_without_a_line(session: Session, cast: Cast) -> None:
    engagement = engagement_of(make_client(session, cast.hunter))
    deal = Deal.add(session, engagement, "Empty", "RUB", by=cast.hunter, at=AT)
    with pytest.raises(Refused, match="product line"):
        deal.win(by=cast.hunter, at=AT, seen=deal.version)
    assert deal.is_open


def test_a_lost_deal_says_why(session: Session, cast: Cast) -> None:
    deal = make_deal(session, make_client(session, cast.hunter))
    with pytest.raises(Refused) as refusal:
        deal.lose("because", by=cast.hunter, at=AT, seen=deal.version)
    assert refusal.value.field == "reason"
    told = deal.lose("price", by=cast.hunter, at=AT, seen=deal.version, competitor=" Rival ")
    assert (deal.status, deal.closed_on, deal.competitor) == (DealStatus.LOST, TODAY, "Rival")
    assert told.details["reason"] == "price"


@pytest.mark.parametrize("verb", ["win", "lose", "change"])
def test_a_closed_deal_stays_as_it_ended(session: Session, cast: Cast, verb: str) -> None:
    deal = make_deal(session, make_client(session, cast.hunter))
    session.add(deal.win(by=cast.hunter, at=AT, seen=deal.version))
    session.flush()
    more = {
        "win": {},
        "lose": {"reason": "price"},
        "change": {"name": "x", "currency": "RUB", "expected_on": None, "lines": ()},
    }[verb]
    with pytest.raises(Refused, match="closed"):
        getattr(deal, verb)(by=cast.hunter, at=AT, seen=deal.version, **more)


def test_two_who_close_at_once_do_not_both_succeed(session: Session, cast: Cast) -> None:
    deal = make_deal(session, make_client(session, cast.hunter))
    seen = deal.version
    session.add(deal.win(by=cast.hunter, at=AT, seen=seen))
    session.flush()
    with pytest.raises(Stale):
        deal.lose("price", by=cast.head_of_sales, at=AT, seen=seen)


def test_reopening_finds_who_answers_for_the_client_now(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    deal = make_deal(session, client)
    session.add(deal.lose("unknown", by=cast.hunter, at=AT, seen=deal.version))
    engagement = engagement_of(client)
    session.add(engagement.reassign(cast.other_hunter, by=cast.head_of_sales, at=AT, reason="Ill", seen=1))
    session.flush()
    session.add(deal.reopen(by=cast.head_of_sales, at=AT, seen=deal.version))
    assert (deal.is_open, deal.owner, deal.closed_on, deal.lost_reason) == (True, cast.other_hunter, None, "")
