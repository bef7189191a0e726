from datetime import timedelta

import pytest

from tests.cast import AT, TODAY
from tests.factories import make_client, make_deal, make_offer, make_task
from webapp.domain.money import Money
from webapp.domain.words import Department
from webapp.queries.heads import heads_page
from webapp.queries.load import least_loaded, loads

SALES, CLIENT, VIP = Department


def test_the_head_sees_the_own_department_and_the_director_all(session, cast):
    assert [lane.department for lane in heads_page(session, cast.head_of_client.actor, AT).departments] == [CLIENT]
    assert [lane.department for lane in heads_page(session, cast.director.actor, AT).departments] == list(Department)


def test_blind_spots_are_counted_as_the_board_counts_them(session, cast):
    late, today, none = (make_client(session, cast.hunter) for _ in range(3))
    make_task(session, late, TODAY - timedelta(days=1))
    make_task(session, today, TODAY)
    old = make_client(session, cast.hunter, at=AT - timedelta(days=15))
    make_task(session, old, TODAY + timedelta(days=1))
    edge = make_client(session, cast.hunter, at=AT - timedelta(days=14))
    make_task(session, edge, TODAY + timedelta(days=1))
    session.flush()
    page = heads_page(session, cast.head_of_sales.actor, AT)
    (lane,) = page.departments
    assert (lane.clients, lane.late, lane.untouched, lane.overstaying) == (5, 1, 1, 1)
    assert [spot.client_id for spot in page.untouched] == [none.id]
    assert [spot.client_id for spot in page.overstaying] == [old.id]


def test_load_per_person(session, cast):
    client = make_client(session, cast.hunter)
    make_task(session, client, TODAY - timedelta(days=1))
    make_task(session, client, TODAY + timedelta(days=6))
    make_task(session, client, TODAY + timedelta(days=7))
    make_deal(session, client)
    make_deal(session, client, currency="USD")
    session.flush()
    load = {person.name: person for person in loads(session, [SALES], TODAY)}[cast.hunter.name]
    assert (load.clients, load.due, load.overdue, load.late) == (1, 2, 1, 1)
    assert load.one_off == (Money(100_000, "RUB"), Money(100_000, "USD"))


def test_those_who_left_are_no_possible_owners(session, cast):
    assert cast.former.name not in {person.name for person in loads(session, [CLIENT], TODAY)}


def test_the_least_loaded_member_is_suggested_and_a_head_only_alone(session, cast):
    make_client(session, cast.clerk)
    session.flush()
    people = loads(session, [CLIENT], TODAY)
    assert least_loaded(people).user_id == cast.other_clerk.id
    assert least_loaded([person for person in people if person.role == "head"]).user_id == cast.head_of_client.id
    assert least_loaded([]) is None


def test_offers_past_their_time_come_first_and_only_those(session, cast):
    late = make_offer(session, make_client(session, cast.hunter), CLIENT, at=AT - timedelta(days=7))
    make_offer(session, make_client(session, cast.hunter), CLIENT, at=AT)
    page = heads_page(session, cast.head_of_client.actor, AT)
    assert [row.id for row in page.past] == [late.id]
    assert page.past[0].past
    assert (page.departments[0].waiting, page.departments[0].past) == (2, 1)
    assert heads_page(session, cast.head_of_sales.actor, AT).past != ()
    assert heads_page(session, cast.head_of_vip.actor, AT).past == ()


@pytest.mark.parametrize("part", ["head_of_sales", "director"])
def test_the_page_costs_the_same_with_one_and_with_thirty(session, cast, statements, part):
    actor = cast.users[part].actor

    def cost() -> int:
        session.flush()
        session.expire_all()
        with statements() as seen:
            heads_page(session, actor, AT)
        return len(seen)

    make_offer(session, make_client(session, cast.hunter), CLIENT, at=AT - timedelta(days=7))
    few = cost()
    for _ in range(29):
        client = make_client(session, cast.hunter, at=AT - timedelta(days=30))
        make_deal(session, client)
        make_offer(session, client, CLIENT, at=AT - timedelta(days=7))
    assert cost() == few


@pytest.mark.parametrize(
    ("part", "status"), [("director", 200), ("head_of_vip", 200), ("clerk", 403), ("administrator", 403)]
)
def test_heads_and_the_director_see_the_page(session, cast, sign_in, part, status):
    make_offer(session, make_client(session, cast.clerk, name="Acme"), VIP)
    assert sign_in(cast.users[part]).get("/departments").status_code == status
