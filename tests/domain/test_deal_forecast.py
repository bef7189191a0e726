"""How open deals are weighed, what became of those before, and what a month's beginning promised."""

from datetime import date, datetime, timedelta, UTC

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, stages
from tests.factories import engagement_of, make_client, make_deal
from webapp.domain.deal_chance import Basis, chance, UNKNOWN
from webapp.domain.deal_forecast import DealForecast, keep_forecast
from webapp.domain.money import WHOLE
from webapp.domain.share import FEWEST, Share
from webapp.domain.stage_outcome import chances, Decided, keep_outcomes, Move, outcomes
from webapp.domain.words import Department

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SALES = Department.SALES


def test_the_heads_word_weighs_then_experience_then_half() -> None:
    assert chance(30_00, Share(9, 10)) == chance(30_00, Share(0, 0))
    assert (chance(0, Share(9, 10)).basis_points, chance(0, Share(9, 10)).basis) == (0, Basis.SET)
    assert chance(None, Share(9, FEWEST)).basis is Basis.MEASURED
    assert (chance(None, Share(8, FEWEST - 1)).basis_points, chance(None, Share(0, 0)).basis) == (
        UNKNOWN,
        Basis.UNKNOWN,
    )
    assert chance(None, Share(2, 3 * FEWEST)).basis_points == 667, "rounded half up"


@given(st.one_of(st.none(), st.integers(0, WHOLE)), st.integers(0, 300), st.integers(0, 300), st.integers(0, 10**12))
def test_a_weighted_sum_lies_between_nothing_and_the_sum(said: int | None, part: int, rest: int, minor: int) -> None:
    assert 0 <= chance(said, Share(part, part + rest)).of(minor) <= minor


def test_a_deal_counts_once_in_each_stage_its_client_stood_in_while_it_was_open() -> None:
    deals = [
        Decided(1, NOON, NOON + timedelta(days=9), True, frozenset({10})),
        Decided(2, NOON, NOON + timedelta(days=9), False, frozenset({10, 12})),
        Decided(None, NOON, NOON + timedelta(days=9), False, frozenset({12})),
    ]
    moves = [
        Move(1, NOON - timedelta(days=1), 9),  # before it began
        Move(1, NOON + timedelta(days=1), 11),
        Move(1, NOON + timedelta(days=2), 10),
        Move(1, NOON + timedelta(days=3), 11),
        Move(1, NOON + timedelta(days=9), 13),  # when it was won: nothing was left to win from there
        Move(3, NOON + timedelta(days=1), 11),
    ]
    assert outcomes(deals, moves) == {10: Share(1, 2), 11: Share(1, 1), 12: Share(0, 2)}


def decide(session: Session, cast: Cast, won: int, lost: int) -> None:
    """Deals that began in the lane's second stage, went on to the third, and ended there."""
    lane = stages(session, SALES)
    for number in range(won + lost):
        client = make_client(session, cast.hunter, stage=1)
        deal, work = make_deal(session, client), engagement_of(client)
        work.stage.criteria = []
        session.add(work.move_to(lane[2], by=cast.hunter, at=AT + timedelta(days=1), seen=work.version))
        session.flush()
        end = {"by": cast.hunter, "at": AT + timedelta(days=2), "seen": deal.version}
        session.add(deal.win(**end) if number < won else deal.lose("price", **end))
        session.flush()


def test_stages_learn_from_events_what_became_of_their_deals(session: Session, cast: Cast) -> None:
    decide(session, cast, won=7, lost=3)
    first, second, third = stages(session, SALES)[:3]
    second.chance = 35_00
    for _ in range(2):
        assert keep_outcomes(session, AT.date() + timedelta(days=3)) == 2
    found = chances(session)
    assert (found[first.id].basis, found[second.id].basis) == (Basis.UNKNOWN, Basis.SET)
    assert (found[third.id].basis, found[third.id].basis_points) == (Basis.MEASURED, 70_00)
    assert keep_outcomes(session, AT.date() + timedelta(days=800)) == 0, "two years count"


def test_a_months_forecast_is_kept_once_and_never_changes(session: Session, cast: Cast) -> None:
    lane, month = stages(session, SALES), date(2026, 4, 1)
    lane[1].chance, lane[2].chance = 33_33, 50_00
    for stage, day, currency in (
        (1, date(2026, 4, 1), "RUB"),
        (1, date(2026, 4, 30), "RUB"),
        (2, date(2026, 4, 15), "USD"),
        (2, date(2026, 3, 31), "RUB"),
        (2, date(2026, 5, 1), "RUB"),
        (2, None, "RUB"),
    ):
        client = make_client(session, cast.hunter, stage=stage)
        make_deal(session, client, currency=currency, expected_on=day)
    assert keep_forecast(session, month) == 4, "three departments in the company's currency, one in dollars"
    assert keep_forecast(session, date(2026, 4, 2)) == 0
    kept = {(row.department, row.currency): row for row in session.scalars(select(DealForecast))}
    roubles, dollars = kept[SALES, "RUB"], kept[SALES, "USD"]
    assert (roubles.deals, roubles.one_off_minor, dollars.deals) == (2, 2 * dollars.one_off_minor, 1)
    assert (roubles.one_off_minor, roubles.weighted_one_off_minor) == (2_000_00, 666_60)
    assert dollars.weighted_one_off_minor * 2 == dollars.one_off_minor > 0
    assert (kept[Department.VIP, "RUB"].deals, kept[Department.VIP, "RUB"].weighted_monthly_minor) == (0, 0)
