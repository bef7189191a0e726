"""Who knows whom: what is recorded makes threads at once, and the heads see whom too few of ours know."""

from datetime import datetime, timedelta, UTC

import pytest
from sqlalchemy import select

from tests.attacks import make_competitor
from tests.factories import make_client, make_contact, make_contract, make_engagement, make_interaction
from tests.support.client import soup
from webapp.domain.client import Client
from webapp.domain.coverage import BlindSpot
from webapp.domain.event import Event
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.thread import Thread
from webapp.domain.thread_keeping import everybody, keep
from webapp.nightly_threads import keep_threads
from webapp.queries.blind_spots import blind_spots
from webapp.queries.client_people import client_people

NOW = datetime.now(UTC)
MEETING, CALL = InteractionKind.MEETING, InteractionKind.CALL


def keep_all(session):
    session.flush()
    keep(session, everybody(session, at=NOW, days=90), at=NOW)
    session.commit()


@pytest.fixture
def served(session, cast):
    client = make_client(session, cast.clerk, name="Romashka")
    make_engagement(session, client, cast.vip)
    make_contact(session, client, "Ivan Petrov", position="Chief engineer")
    session.flush()
    return client


def test_what_is_recorded_is_a_thread_at_once(session, cast, sign_in, served):
    page = sign_in(cast.clerk).get(f"/clients/{served.id}/interactions/new")
    assert [option["value"] for option in soup(page).select("[name=began] option")] == ["", "we", "they"]
    answer = sign_in(cast.clerk).post(
        f"/clients/{served.id}/interactions/new",
        data={
            "kind": "call",
            "contact_id": served.contacts[0].id,
            "outcome": "They asked for a visit",
            "reached": "",
            "began": "they",
            "next_kind": "call",
        },
    )
    assert answer.status_code == 303
    session.expire_all()
    assert session.scalars(select(Interaction.began)).one() == "they"
    thread = session.scalars(select(Thread)).one()
    assert (thread.user_id, thread.facts["theirs"], thread.points["recency"]) == (cast.clerk.id, 1, 30)
    assert session.scalars(select(BlindSpot.ours)).one() == 1


def test_the_page_says_why_a_thread_is_as_strong_as_it_is(session, cast, sign_in, served):
    make_interaction(session, served, MEETING, by=cast.clerk, contact=served.contacts[0], at=NOW - timedelta(days=3))
    keep_all(session)
    page = soup(sign_in(cast.hunter).get(f"/clients/{served.id}/people"))
    panel = page.select_one(f"#person-{served.contacts[0].id}")
    rows = [[cell.get_text(" ", strip=True) for cell in row.select("th,td")] for row in panel.select("tbody tr")]
    assert [row[:2] for row in rows] == [
        ["Recency", "30 of 30"],
        ["Frequency", "4 of 25"],
        ["Both ways", "7 of 15"],
        ["Depth", "15 of 15"],
        ["Seniority", "0 of 15"],
    ]
    assert rows[0][2] == "3 days ago"
    assert "1 of ours in live contact, 2 are needed" in page.select_one(".notice").get_text(" ", strip=True)


def test_a_competitors_threads_come_with_a_signal_or_by_hand_and_end(session, cast, sign_in, served):
    north, south = (make_competitor(session, cast.director, name) for name in ("North", "South"))
    (contact,), browser = served.contacts, sign_in(cast.clerk)
    people, form = f"/clients/{served.id}/people", "main form[method=post]"
    said = {"competitor_id": str(north.id), "contact_id": str(contact.id), "evidence": "They had lunch"}
    for _ in range(2):
        hunter = sign_in(cast.hunter)
        assert hunter.submit(hunter.get(f"/clients/{served.id}/attacks/new"), form, **said).status_code == 303
    page = soup(browser.get(people))
    assert [box.get_text(strip=True) for box in page.select(".map-rival")] == ["North"]
    assert len(page.select(".map-talk")) == 1
    assert "North talks to them" in page.select_one(f"#person-{contact.id}").get_text()
    asked = browser.get(f"/contacts/{contact.id}?here=people")
    boxes = [(box["value"], box.has_attr("checked")) for box in soup(asked).select("[name=rivals]")]
    assert boxes == [(str(north.id), True), (str(south.id), False)]
    assert browser.submit(asked, form, rivals=[str(south.id)]).location == people
    assert [box.get_text(strip=True) for box in soup(browser.get(people)).select(".map-rival")] == ["South"]
    told = session.scalars(select(Event).where(Event.kind.like("contact:rival%")).order_by(Event.id)).all()
    assert [(event.kind, event.details["name"]) for event in told] == [
        ("contact:rivalnoted", "Ivan Petrov · North"),
        ("contact:rivalended", "Ivan Petrov · North"),
        ("contact:rivalnoted", "Ivan Petrov · South"),
    ]
    session.add(contact.leave(by=cast.clerk, at=NOW))
    late = hunter.submit(hunter.get(f"/clients/{served.id}/attacks/new"), form, **said)
    assert late.status_code == 422


def test_an_administrator_sees_nobody(session, cast, sign_in, served):
    session.commit()
    assert sign_in(cast.administrator).get(f"/clients/{served.id}/people").status_code == 403


def test_blind_spots_stand_in_the_order_of_what_they_pay(session, cast, sign_in):
    clients = [make_client(session, cast.clerk, name=name) for name in ("Small", "Large", "Foreign", "Nothing")]
    for client, minor, currency in zip(clients, (1_000_00, 9_000_00, 50_00), ("RUB", "RUB", "USD"), strict=False):
        make_contract(session, client, minor, currency=currency)
    keep_all(session)
    rows = blind_spots(session, cast.director.actor, NOW.date()).rows
    assert [row.client for row in rows] == ["Large", "Small", "Nothing", "Foreign"]
    panel = soup(sign_in(cast.head_of_client).get("/departments")).select_one("#blind")
    assert [name.text for name in panel.select("b")] == ["Large", "Small", "Nothing", "Foreign"]
    assert "0 of 2 people in live contact" in panel.text
    for head in (cast.head_of_client, cast.director):
        home = soup(sign_in(head).get("/")).select_one("#blind")
        assert [name.text for name in home.select(".row-title")] == ["Large", "Small", "Nothing", "Foreign"]
        sums = [row.text.strip() for row in home.select(".row-end")]
        assert ["9,000" in sums[0], "1,000" in sums[1], sums[2], "50" in sums[3]] == [True, True, "", True]
        assert home.select_one(".badge").text.strip() == "4"


def test_a_head_sees_the_blind_spots_of_the_own_department(session, cast):
    make_client(session, cast.clerk, name="Served")
    both = make_client(session, cast.clerk, name="Both")
    make_engagement(session, both, cast.vip)
    keep_all(session)
    names = {
        part: {row.client for row in blind_spots(session, cast.users[part].actor, NOW.date()).rows}
        for part in ("head_of_sales", "head_of_client", "head_of_vip")
    }
    assert names == {"head_of_sales": set(), "head_of_client": {"Served", "Both"}, "head_of_vip": {"Both"}}


def test_whoever_marks_a_key_client_sees_what_is_missing(session, cast, sign_in, served):
    for person in (cast.clerk, cast.vip):
        make_interaction(session, served, CALL, by=person, contact=served.contacts[0], at=NOW)
    keep_all(session)
    assert session.scalars(select(BlindSpot)).all() == []
    browser = sign_in(cast.head_of_vip)
    answer = browser.post(
        f"/clients/{served.id}/edit",
        data={"version": served.version, "name": served.name, "revenue_currency": "RUB", "key": "y"},
    )
    assert answer.status_code == 303
    session.expire_all()
    assert session.get_one(Client, served.id).key
    assert "A key client also needs a head" in soup(browser.get(f"/clients/{served.id}/people")).text
    assert session.scalars(select(BlindSpot.needed)).one() == 3


def test_the_night_sees_who_left_and_what_faded(session, cast, app, served):
    for person, days in ((cast.clerk, 1), (cast.vip, 89), (cast.head_of_vip, 1)):
        make_interaction(session, served, CALL, by=person, contact=served.contacts[0], at=NOW - timedelta(days=days))
    keep_all(session)
    assert session.scalars(select(BlindSpot)).all() == []
    cast.vip.deactivated_at = cast.head_of_vip.deactivated_at = NOW
    session.commit()
    with app.app_context():
        assert keep_threads(NOW.date()) == {"clients": 1}
    session.rollback()
    assert session.scalars(select(Thread.user_id)).all() == [cast.clerk.id]
    assert session.scalars(select(BlindSpot.ours)).all() == [1]


@pytest.mark.parametrize("part", ["head_of_client", "director"])
def test_both_lists_cost_the_same_with_one_and_with_thirty(session, cast, statements, part):
    actor = cast.users[part].actor

    def cost(client) -> int:
        keep_all(session)
        session.expire_all()
        with statements() as seen:
            blind_spots(session, actor, NOW.date())
            client_people(session, actor, session.get_one(Client, client), NOW.date())
        return len(seen)

    def known(client):
        for person in (cast.clerk, cast.vip, cast.hunter):
            make_interaction(session, client, CALL, by=person, contact=make_contact(session, client), at=NOW)

    first = make_client(session, cast.clerk)
    few = cost(first.id)
    for _ in range(29):
        make_client(session, cast.clerk)
    for _ in range(10):
        known(first)
    assert cost(first.id) == few


def test_keeping_costs_the_same_for_one_and_for_thirty_clients(session, cast, statements):
    clients = [make_client(session, cast.clerk) for _ in range(30)]
    for place, client in enumerate(clients):
        kind = CALL if place % 2 else InteractionKind.EMAIL
        make_interaction(session, client, kind, by=cast.clerk, contact=make_contact(session, client), at=NOW)
    keep_all(session)

    def cost(some) -> int:
        with statements() as seen:
            keep(session, some, at=NOW)
        return len(seen)

    numbers = [client.id for client in clients]
    cost(numbers)
    assert cost(numbers[:1]) == cost(numbers)
