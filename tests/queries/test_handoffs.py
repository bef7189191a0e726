from datetime import timedelta

from tests.cast import AT
from tests.factories import engagement_of, make_client, make_deal, make_handoff, make_offer
from webapp.domain.money import Money
from webapp.domain.words import Department
from webapp.queries.handoff_page import handoff_page
from webapp.queries.handoffs import inbox, waiting

SALES, CLIENT, VIP = Department


def test_everybody_finds_a_hand_off_where_it_concerns_them(session, cast):
    offered = make_offer(session, make_client(session, cast.hunter), CLIENT).id
    drafted = make_handoff(session, make_client(session, cast.hunter), CLIENT).id
    returned = make_offer(session, make_client(session, cast.hunter), CLIENT)
    session.add(returned.send_back(["who_decides"], "", by=cast.clerk, at=AT, seen=returned.version))
    session.flush()

    def lists(user) -> dict[str, list[int]]:
        found = inbox(session, user.actor, AT)
        return {name: [row.id for row in getattr(found, name)] for name in ("waiting", "returned", "drafts", "offered")}

    nothing = {"waiting": [], "returned": [], "drafts": [], "offered": []}
    own = nothing | {"returned": [returned.id], "drafts": [drafted], "offered": [offered]}
    assert lists(cast.hunter) == own
    assert lists(cast.head_of_sales) == own
    assert lists(cast.other_hunter) == nothing
    assert lists(cast.clerk) == nothing | {"waiting": [offered]}
    assert lists(cast.vip) == nothing
    assert lists(cast.director) == own | {"waiting": [offered], "offered": []}


def test_the_number_in_the_menu_counts_what_asks_for_me(session, cast):
    returned = make_offer(session, make_client(session, cast.hunter), CLIENT, at=AT - timedelta(days=7))
    make_offer(session, make_client(session, cast.hunter), CLIENT, at=AT - timedelta(days=7))
    session.add(returned.send_back([], "Why?", by=cast.clerk, at=AT, seen=returned.version))
    make_offer(session, make_client(session, cast.hunter), CLIENT, at=AT)
    session.flush()
    people = (cast.clerk, cast.hunter, cast.other_hunter, cast.vip, cast.director, cast.administrator)
    assert [waiting(session, user.actor, AT) for user in people] == [2, 1, 0, 0, 1, 0]


def test_the_clock_tells_working_time(session, cast):
    make_offer(session, make_client(session, cast.hunter), CLIENT, at=AT)
    (row,) = inbox(session, cast.clerk.actor, AT + timedelta(hours=3)).waiting
    assert (row.left, row.past) == (timedelta(hours=5), False)
    (row,) = inbox(session, cast.clerk.actor, AT + timedelta(days=1, hours=3)).waiting
    assert (row.left, row.past) == (timedelta(hours=-4), True), "nine hours of work a day"


def test_sums_are_of_the_deals_that_come_along(session, cast):
    client = make_client(session, cast.hunter)
    make_deal(session, client)
    make_deal(session, client, currency="USD")
    won = make_deal(session, client)
    session.add(won.win(by=cast.hunter, at=AT, seen=won.version))
    make_offer(session, client, CLIENT)
    (row,) = inbox(session, cast.clerk.actor, AT).waiting
    assert row.one_off == (Money(100_000, "RUB"), Money(100_000, "USD"))


def test_what_was_decided_long_ago_is_not_listed(session, cast):
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    session.add(handoff.withdraw(by=cast.hunter, at=AT, seen=handoff.version))
    session.flush()
    assert [row.id for row in inbox(session, cast.hunter.actor, AT).decided] == [handoff.id]
    assert inbox(session, cast.hunter.actor, AT + timedelta(days=31)).decided == ()


def test_who_serves_the_client_already_is_suggested(session, cast):
    client = make_client(session, cast.clerk)
    make_client(session, cast.clerk)
    from_vip = make_client(session, cast.vip)
    first = make_offer(session, from_vip, CLIENT)
    assert handoff_page(session, cast.head_of_client.actor, first, AT).suggested == cast.other_clerk.id
    handoff = make_offer(session, client, SALES)
    assert engagement_of(client).owner == cast.clerk
    assert handoff_page(session, cast.hunter.actor, handoff, AT).suggested in {cast.hunter.id, cast.other_hunter.id}
    assert handoff_page(session, cast.clerk.actor, handoff, AT).people == ()
