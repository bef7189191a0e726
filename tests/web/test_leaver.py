"""If somebody leaves: the head sees what hangs on them alone, and passes it on with a visit first."""

from datetime import datetime, timedelta, UTC

import pytest
from sqlalchemy import select

from tests.factories import engagement_of, make_client, make_contact, make_contract, make_interaction
from tests.support.client import soup
from webapp.domain.engagement import Engagement
from webapp.domain.event import Event
from webapp.domain.interaction import InteractionKind
from webapp.domain.leaver import VISIT_FIRST
from webapp.domain.task import Task
from webapp.domain.thread_keeping import everybody, keep
from webapp.queries.leaver import leaver

NOW = datetime.now(UTC)
CALL = InteractionKind.CALL


def talk(session, client, *people, days=1):
    contact = make_contact(session, client)
    for person in people:
        make_interaction(session, client, CALL, by=person, contact=contact, at=NOW - timedelta(days=days))


@pytest.fixture
def clients(session, cast):
    """One that hangs on the clerk alone and pays, one that pays more, one with two threads, one of a colleague's."""
    alone, large, known, others = (
        make_client(session, cast.clerk, name=name) for name in ("Alone", "Large", "Known", "Theirs")
    )
    make_contract(session, alone, 100_00)
    make_contract(session, large, 900_00)
    talk(session, alone, cast.clerk)
    talk(session, large, cast.clerk, cast.former)
    talk(session, known, cast.clerk, cast.vip)
    talk(session, others, cast.clerk)
    engagement_of(others).owner = cast.other_clerk
    session.flush()
    keep(session, everybody(session, at=NOW, days=90), at=NOW)
    session.commit()
    return alone, large, known, others


def send(browser, leaver, chosen, **fields):
    data = {"clients": [client.id for client in chosen], "reason": "Leaves on Friday"} | fields
    return browser.post(f"/departments/leaver/{leaver.id}", data=data)


def test_what_hangs_on_one_person_stands_in_the_order_of_what_it_pays(session, cast, clients):
    found = leaver(session, cast.head_of_client.actor, cast.clerk, NOW.date())
    assert [(row.client, row.owned) for row in found.rows] == [("Large", True), ("Alone", True), ("Theirs", False)]
    assert found.count == 3


@pytest.mark.parametrize(
    ("part", "status"),
    [("head_of_client", 200), ("director", 200), ("head_of_vip", 403), ("clerk", 403), ("administrator", 403)],
)
def test_the_own_head_and_directors_prepare_it(session, cast, sign_in, clients, part, status):
    browser = sign_in(cast.users[part])
    assert browser.get(f"/departments/leaver/{cast.clerk.id}").status_code == status
    if status == 403:
        assert send(browser, cast.clerk, clients[:1], colleague_id=cast.other_clerk.id).status_code == 403
        session.rollback()
        assert engagement_of(clients[0]).owner_id == cast.clerk.id


def test_the_chosen_get_a_new_owner_and_the_head_visits_first(session, cast, sign_in, clients):
    alone, large, _known, _others = clients
    browser = sign_in(cast.head_of_client)
    page = soup(browser.get(f"/departments/leaver/{cast.clerk.id}"))
    assert page.find("a", href=f"/clients?owner={cast.clerk.id}"), "the others they answer for are a click away"
    assert [box["value"] for box in page.select("[name=clients]")] == [str(large.id), str(alone.id)]
    assert send(browser, cast.clerk, [large], colleague_id=cast.other_clerk.id).status_code == 303
    session.rollback()
    owners = {row.client_id: row.owner_id for row in session.execute(select(Engagement.client_id, Engagement.owner_id))}
    assert (owners[large.id], owners[alone.id]) == (cast.other_clerk.id, cast.clerk.id)
    visit = session.scalars(select(Task)).one()
    assert (visit.client_id, visit.owner_id, visit.kind, visit.subject) == (
        large.id,
        cast.head_of_client.id,
        "meeting",
        VISIT_FIRST,
    )
    told = session.scalars(select(Event).where(Event.kind == "engagement:reassigned")).one()
    assert told.details["reason"] == "Leaves on Friday"


@pytest.mark.parametrize("fault", [{"reason": ""}, {"clients": []}, {"colleague_id": 0}])
def test_without_reason_client_or_colleague_nothing_happens(session, cast, sign_in, clients, fault):
    fields = {"colleague_id": cast.other_clerk.id} | fault
    assert send(sign_in(cast.head_of_client), cast.clerk, clients[:1], **fields).status_code == 422
    session.rollback()
    assert engagement_of(clients[0]).owner_id == cast.clerk.id
    assert session.scalars(select(Task)).all() == []


def test_a_client_of_somebody_else_is_not_passed_on(session, cast, sign_in, clients):
    answer = send(sign_in(cast.head_of_client), cast.clerk, clients[3:], colleague_id=cast.head_of_client.id)
    assert answer.status_code == 422
    session.rollback()
    assert engagement_of(clients[3]).owner_id == cast.other_clerk.id


def test_the_page_costs_the_same_with_one_and_with_thirty(session, cast, statements, clients):
    def cost() -> int:
        session.commit()
        actor, user = cast.director.actor, cast.clerk
        user.name  # noqa: B018 - read anew before it counts
        with statements() as seen:
            leaver(session, actor, user, NOW.date())
        return len(seen)

    few = cost()
    for _ in range(27):
        talk(session, make_client(session, cast.clerk), cast.clerk)
    session.flush()
    keep(session, everybody(session, at=NOW, days=90), at=NOW)
    assert cost() == few
