"""What the board shows: order, heads over all rows, filters, pages, and the same price for one card and for thirty."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.attacks import make_attack
from tests.cast import AT, Cast, stages, TODAY
from tests.factories import (
    engagement_of,
    line,
    make_client,
    make_deal,
    make_engagement,
    make_handoff,
    make_offer,
    make_task,
)
from webapp.domain.commission import AttractionPeriod
from webapp.domain.handoff_state import HandOffState
from webapp.domain.product import Billing
from webapp.domain.user import Actor
from webapp.domain.words import Department
from webapp.queries import board
from webapp.queries.board import Column
from webapp.queries.board_cards import Card
from webapp.queries.board_heads import Sum
from webapp.queries.board_order import Filters, Place

ALL = Filters()


def column(session: Session, actor: Actor, filters: Filters = ALL, at=AT, department=Department.SALES) -> Column:
    """The first column of a lane."""
    found = board.columns(session, actor, filters, at, [stages(session, department)[0].id])
    return found[0]


def names(found: Column) -> list[str]:
    return [card.client for card in found.cards]


def only(found: Column) -> Card:
    (card,) = found.cards
    return card


def test_overdue_stands_first_then_today_then_nothing_planned_then_later(session: Session, cast: Cast) -> None:
    for name, days in (
        ("later", 5),
        ("none", None),
        ("today", 0),
        ("longest overdue", -9),
        ("overdue", -1),
        ("soon", 1),
    ):
        client = make_client(session, cast.hunter, name=name)
        if days is not None:
            make_task(session, client, TODAY + timedelta(days=days))

    found = column(session, cast.hunter.actor)

    assert names(found) == ["longest overdue", "overdue", "today", "none", "soon", "later"]


def test_today_is_the_readers_own(session: Session, cast: Cast) -> None:
    """At 23:00 in Moscow it is tomorrow already in Vladivostok: what is due there tomorrow is due today."""
    make_task(session, make_client(session, cast.hunter, name="due"), TODAY + timedelta(days=1))
    make_client(session, cast.hunter, name="none")
    evening = AT.replace(hour=20)
    far = Actor(
        **{name: getattr(cast.hunter.actor, name) for name in Actor.__slots__} | {"timezone": "Asia/Vladivostok"}
    )

    assert names(column(session, cast.hunter.actor, at=evening)) == ["none", "due"]
    assert names(column(session, far, at=evening)) == ["due", "none"]


def test_a_head_counts_and_sums_all_rows_and_never_adds_currencies(session: Session, cast: Cast) -> None:
    for _ in range(25):
        make_deal(session, make_client(session, cast.hunter), line(100_00), line(10_00, billing=Billing.MONTHLY))
    client = make_client(session, cast.other_hunter)
    make_deal(session, client, line(7_00), currency="USD")
    lost = make_deal(session, client, line(5_00_00))
    session.add(lost.lose("price", by=cast.hunter, at=AT, seen=lost.version))

    found = column(session, cast.hunter.actor)

    assert (found.count, len(found.cards)) == (26, 20)
    assert found.money == (Sum("RUB", 2500_00, 250_00), Sum("USD", 7_00, 0))


def test_a_card_says_owner_days_limit_waiting_hand_off_other_lanes_and_open_money(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter, name="Acme", at=AT - timedelta(days=15))
    make_engagement(session, client, cast.vip)
    make_deal(session, client, line(50_00), department=Department.SALES)
    make_offer(session, client, Department.CLIENT, giver=Department.SALES)

    card = only(column(session, cast.hunter.actor))

    assert (card.client, card.owner, card.days, card.over_limit) == ("Acme", "Harry Hunter", 15, True)
    assert card.waiting == (HandOffState.OFFERED, Department.CLIENT)
    assert (card.lanes, card.money) == ((Department.VIP,), (Sum("RUB", 50_00, 0),))
    other = only(column(session, cast.vip.actor, department=Department.VIP))
    assert (other.lanes, other.money, other.days, other.over_limit) == ((Department.SALES,), (), 0, False)


def test_a_card_says_that_a_competitor_is_after_the_client_until_the_last_attack_ended(
    session: Session, cast: Cast
) -> None:
    client = make_client(session, cast.hunter)
    make_client(session, cast.hunter, name="left in peace")
    attacks = [make_attack(session, client, cast) for _ in range(2)]
    for attack in attacks:
        assert [card.client for card in column(session, cast.hunter.actor).cards if card.attacked] == [client.name]
        session.add(attack.defend("They stay", by=cast.hunter, at=AT, seen=attack.version))
        session.flush()
    assert not any(card.attacked for card in column(session, cast.hunter.actor).cards)


def test_a_card_says_that_a_client_past_its_initial_attraction_is_to_be_handed_off(
    session: Session, cast: Cast
) -> None:
    over, before, passing, served = (make_client(session, cast.hunter, name=name) for name in "abcd")
    for client, ended in ((over, TODAY), (before, TODAY + timedelta(days=1)), (passing, TODAY), (served, TODAY)):
        session.add(AttractionPeriod(client_id=client.id, product=0, started_on=TODAY, ended_on=ended))
    make_offer(session, passing, Department.CLIENT)
    make_engagement(session, served, cast.clerk)
    assert [card.client for card in column(session, cast.hunter.actor).cards if card.ripe] == ["a"]
    lane = column(session, cast.clerk.actor, department=Department.CLIENT)
    assert [card.ripe for card in lane.cards] == [False]


def test_a_drafted_hand_off_does_not_wait_for_anybody(session: Session, cast: Cast) -> None:
    make_handoff(session, make_client(session, cast.hunter), Department.CLIENT)

    assert only(column(session, cast.hunter.actor)).waiting is None


def test_a_closed_engagement_is_not_on_the_board(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    make_engagement(session, client, cast.vip)
    session.add(engagement_of(client, Department.SALES).close(by=cast.director, at=AT, reason="Gone"))
    session.flush()

    assert column(session, cast.hunter.actor).count == 0
    assert only(column(session, cast.hunter.actor, department=Department.VIP)).lanes == ()


@pytest.mark.parametrize(
    ("part", "movable"),
    [("hunter", True), ("other_hunter", False), ("head_of_sales", True), ("head_of_client", False), ("director", True)],
)
def test_a_card_is_movable_for_its_owner_their_head_and_directors(
    session: Session, cast: Cast, part: str, movable: bool
) -> None:
    make_client(session, cast.hunter)

    assert only(column(session, cast.actors[part])).movable is movable


def test_filters_apply_to_cards_counts_and_sums_alike(session: Session, cast: Cast) -> None:
    mine = make_client(session, cast.hunter, name="ООО «Ромашка»")
    other = make_client(session, cast.other_hunter, name="Ромашка Юг")
    make_client(session, cast.hunter, name="100% _Лотос_")
    make_task(session, mine, TODAY - timedelta(days=1))
    make_task(session, other, TODAY)
    make_deal(session, mine, line(1_00))
    make_deal(session, other, line(2_00))
    reader = cast.hunter.actor

    by_owner = column(session, reader, Filters(owner_id=cast.other_hunter.id))
    by_name = column(session, reader, Filters(name="ромашка"))
    overdue = column(session, reader, Filters(overdue=True))
    nothing = column(session, reader, Filters(name="100% _лотос_", owner_id=cast.other_hunter.id))

    assert (names(by_owner), by_owner.count, by_owner.money) == (["Ромашка Юг"], 1, (Sum("RUB", 2_00, 0),))
    assert (names(by_name), by_name.count) == (["ООО «Ромашка»", "Ромашка Юг"], 2)
    assert (names(overdue), overdue.count, overdue.money) == (["ООО «Ромашка»"], 1, (Sum("RUB", 1_00, 0),))
    assert (names(nothing), nothing.count, nothing.money) == ([], 0, ())
    assert names(column(session, reader, Filters(name="100% _лотос_"))) == ["100% _Лотос_"]


def test_every_lane_is_shown_the_readers_own_first(session: Session, cast: Cast) -> None:
    def order(actor: Actor, filters: Filters = ALL) -> list[Department]:
        return [lane.department for lane in board.lanes(session, actor, filters, AT)]

    assert order(cast.vip.actor) == [Department.VIP, Department.SALES, Department.CLIENT]
    assert order(cast.director.actor) == [Department.SALES, Department.CLIENT, Department.VIP]
    assert order(cast.vip.actor, Filters(lane=Department.CLIENT)) == [Department.CLIENT]


def test_pages_together_show_every_card_once_in_the_order_of_the_whole(session: Session, cast: Cast) -> None:
    days = [-3, -3, 0, None, None, 2, 2, 7]
    for number in range(48):
        client = make_client(session, cast.hunter, name=f"{number:02}")
        if (day := days[number % 8]) is not None:
            make_task(session, client, TODAY + timedelta(days=day))
    reader, stage = cast.hunter.actor, stages(session, Department.SALES)[0].id
    whole = board.columns(session, reader, ALL, AT, [stage], {stage: 60})[0]

    found = column(session, reader)
    seen = names(found)
    while found.after is not None:
        next_one = board.following(session, reader, ALL, AT, stage, Place.parse(str(found.after)), len(seen))
        assert next_one is not None
        found = next_one
        seen += names(found)
        assert found.shown == len(seen)

    assert len(seen) == 48
    assert seen == names(whole)
    assert whole.after is None


@pytest.mark.one_database
@pytest.mark.parametrize(
    "text", ["", "0", "3.2026-01-01.1", "0..1", "1.2026-01-01.1", "0.2026-13-01.1", "0.x.1", "1..1.1"]
)
def test_a_place_that_nobody_wrote_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 whatever is wrong with it
        Place.parse(text)


def test_one_card_and_thirty_cost_the_same_statements(session: Session, cast: Cast, statements) -> None:
    def fill(count: int) -> int:
        for _ in range(count):
            client = make_client(session, cast.hunter)
            make_deal(session, client)
            make_task(session, client)
            make_engagement(session, client, cast.vip)
            make_offer(session, client, Department.CLIENT, giver=Department.SALES)
        session.flush()
        with statements() as seen:
            board.lanes(session, cast.hunter.actor, ALL, AT)
        return len(seen)

    assert fill(1) == fill(29) == 4
