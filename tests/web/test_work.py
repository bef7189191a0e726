"""Daily work on a client's page: touches, promises, contacts; and the first page that asks for them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.cast import seat_day
from tests.factories import (
    engagement_of,
    make_client,
    make_contact,
    make_deal,
    make_engagement,
    make_offer,
    make_promise,
    make_task,
)
from tests.support.client import soup
from webapp.domain.contact import Contact
from webapp.domain.interaction import Interaction
from webapp.domain.promise import Promise
from webapp.domain.task import Task, TaskKind
from webapp.domain.words import Department
from webapp.web.clock import now

NEXT_WEEK = seat_day() + timedelta(days=7)


def fill(browser, url, **fields):
    return browser.submit(browser.get(url), "main form", **fields)


def test_the_next_touch_is_planned_once(session, cast, sign_in):
    client, browser = make_client(session, cast.hunter), sign_in(cast.hunter)
    page = browser.get(f"/clients/{client.id}/tasks/new")
    for _ in range(2):
        browser.submit(page, "main form", due_on=NEXT_WEEK.isoformat(), kind="meeting", due_time="10:30")
    task = session.scalars(select(Task)).one()
    assert (task.due_on, task.kind, task.owner, task.subject) == (NEXT_WEEK, TaskKind.MEETING, cast.hunter, "Visit")
    assert engagement_of(client).next_touch_on == NEXT_WEEK


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("due_on", ""),
        ("due_on", "2027-02-30"),
        ("due_on", "2020-01-01"),
        ("due_on", "9999-99-99"),
        ("due_time", "25:00"),
        ("kind", "seance"),
        ("owner_id", "999"),
    ],
)
def test_a_task_that_cannot_be_is_refused_at_its_field(session, cast, sign_in, field, value):
    client = make_client(session, cast.hunter)
    good = {"due_on": NEXT_WEEK.isoformat()}
    answer = fill(sign_in(cast.hunter), f"/clients/{client.id}/tasks/new", **(good | {field: value}))
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error")
    assert session.scalar(select(func.count()).select_from(Task)) == 0


def test_each_departments_task_stands_in_its_own_work(session, cast, sign_in):
    client = make_client(session, cast.clerk)
    vip = make_engagement(session, client, cast.vip)
    fill(sign_in(cast.vip), f"/clients/{client.id}/tasks/new", due_on=NEXT_WEEK.isoformat())
    assert (vip.next_touch_on, engagement_of(client, Department.CLIENT).next_touch_on) == (NEXT_WEEK, None)


def test_finishing_answers_with_the_page_in_place(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    task = make_task(session, client, seat_day())
    answer = sign_in(cast.hunter).post(f"/tasks/{task.id}/finish", data={"here": "client"}, htmx="div#client")
    assert soup(answer).select_one("#client #next .empty")
    assert "Done" in soup(answer).select_one("[data-toast]").text
    session.refresh(task)
    assert task.outcome == "done"


def test_a_task_is_finished_once(session, cast, sign_in):
    task, browser = make_task(session, make_client(session, cast.hunter)), sign_in(cast.hunter)
    assert browser.post(f"/tasks/{task.id}/finish").status_code == 303
    assert browser.post(f"/tasks/{task.id}/cancel").status_code == 422


@pytest.mark.parametrize("action", ["finish", "cancel", "postpone"])
def test_a_stranger_to_the_task_does_not_close_it(session, cast, sign_in, action):
    task = make_task(session, make_client(session, cast.hunter))
    for part in ("clerk", "other_hunter", "head_of_vip"):
        assert sign_in(cast.users[part]).post(f"/tasks/{task.id}/{action}").status_code == 403
    session.refresh(task)
    assert task.is_open


def test_postponing_moves_the_next_touch(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    task = make_task(session, client, seat_day())
    fill(sign_in(cast.hunter), f"/tasks/{task.id}/postpone", due_on=NEXT_WEEK.isoformat())
    assert engagement_of(client).next_touch_on == NEXT_WEEK


def test_a_planned_visit_is_reported_and_the_next_one_planned_in_one_go(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    contact = make_contact(session, client)
    task = make_task(session, client, seat_day(), kind=TaskKind.MEETING)
    answer = fill(
        sign_in(cast.hunter),
        f"/clients/{client.id}/interactions/new?task={task.id}",
        outcome="They like it",
        reached="yes",
        next_on=NEXT_WEEK.isoformat(),
        next_kind="email",
    )
    assert answer.status_code == 303
    held = session.scalars(select(Interaction)).one()
    assert (held.kind, held.contact, held.purpose_reached, held.user) == ("meeting", contact, True, cast.hunter)
    session.refresh(task)
    assert (task.outcome, engagement_of(client).next_touch_on) == ("done", NEXT_WEEK)


def test_nobody_elses_task_is_finished_by_reporting(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    task = make_task(session, client, seat_day())
    other = make_task(session, make_client(session, cast.clerk), seat_day())
    for number in (task.id, other.id, 99999, "x"):
        fill(sign_in(cast.clerk), f"/clients/{client.id}/interactions/new?task={number}", outcome="Chat", task=number)
    assert session.scalar(select(func.count()).select_from(Interaction)) == 4
    session.refresh(task)
    assert task.is_open


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("happened_at", (now() + timedelta(days=2)).strftime("%Y-%m-%dT10:00")),
        ("happened_at", "2026-02-30T10:00"),
        ("happened_at", "0001-01-01T00:00"),
        ("outcome", "  "),
        ("contact_id", "77"),
        ("next_on", "2020-01-01"),
    ],
)
def test_an_interaction_that_cannot_be_is_refused_at_its_field(session, cast, sign_in, field, value):
    client = make_client(session, cast.hunter)
    answer = fill(sign_in(cast.hunter), f"/clients/{client.id}/interactions/new", **({"outcome": "x"} | {field: value}))
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error")
    assert session.scalar(select(func.count()).select_from(Interaction)) == 0


def test_a_promise_is_recorded_kept_or_not(session, cast, sign_in):
    client, browser = make_client(session, cast.hunter), sign_in(cast.hunter)
    fill(browser, f"/clients/{client.id}/promises/new", text="Free delivery", due_on=NEXT_WEEK.isoformat())
    promise = session.scalars(select(Promise)).one()
    other = make_promise(session, client)
    browser.post(f"/promises/{promise.id}/kept")
    assert fill(browser, f"/promises/{other.id}/broken", reason="").status_code == 422
    fill(browser, f"/promises/{other.id}/broken", reason="No truck")
    session.refresh(promise)
    session.refresh(other)
    assert promise.kept_at
    assert other.broken_at
    assert browser.post(f"/promises/{promise.id}/kept").status_code == 422
    assert "No truck" in browser.get(f"/clients/{client.id}").text


def test_a_contact_is_added_changed_and_removed(session, cast, sign_in):
    client, browser = make_client(session, cast.hunter), sign_in(cast.hunter)
    fill(browser, f"/clients/{client.id}/contacts/new", name="Ivan", phone="8 916 123 45 67", decision_role="decides")
    contact = session.scalars(select(Contact)).one()
    page = browser.get(f"/contacts/{contact.id}")
    assert browser.submit(page, "main form", position="Director").status_code == 303
    stale = browser.submit(page, "main form", position="Cook")
    assert (stale.status_code, soup(stale).select_one("#position")["value"]) == (409, "Cook")
    browser.submit(browser.get(f"/contacts/{contact.id}"), "form[action$=remove]")
    session.refresh(contact)
    assert (contact.position, contact.phone, contact.name) == ("Director", "", "Ivan")
    assert contact.removed_at


def test_home_asks_each_role_for_its_own_work(session, cast, sign_in):
    client = make_client(session, cast.hunter, name="Hunted")
    make_task(session, client, seat_day() - timedelta(days=3), subject="Overdue call")
    make_promise(session, client, due_on=seat_day())
    deal = make_deal(session, client)
    session.add(deal.win(by=cast.hunter, at=now(), seen=deal.version))
    make_deal(session, client, name="Expected deal")
    make_offer(session, client, Department.CLIENT)
    make_client(session, cast.clerk, name="Unplanned")

    hunter = soup(sign_in(cast.hunter).get("/"))
    assert "Overdue call" in hunter.select_one("#touches").text
    assert "Hunted" in hunter.select_one("#brought").text
    assert "Expected deal" in hunter.select_one("#expected").text
    assert "Offered" in hunter.select_one("#outgoing").text
    assert sign_in(cast.clerk).get("/").location == "/queue"
    clerk = soup(sign_in(cast.clerk).get("/?all=1"))
    assert "Hunted" in clerk.select_one("#incoming").text
    assert "Unplanned" in clerk.select_one("#unplanned").text
    assert not clerk.select_one("#expected")
    director = soup(sign_in(cast.director).get("/"))
    assert [head.text for head in director.select("#departments h2")] == ["Sales", "Client", "VIP"]
    assert "look into the inbox" in sign_in(cast.vip).get("/").text


def test_done_on_home_stays_there(session, cast, sign_in):
    task = make_task(session, make_client(session, cast.hunter), seat_day())
    browser = sign_in(cast.hunter)
    answer = browser.submit(browser.get("/"), f"form[action='/tasks/{task.id}/finish']")
    assert answer.location == "/"
