"""The client's page and its timeline: complete, masked where it must be, and no dearer for a busy client."""

from datetime import timedelta

import pytest

from tests.cast import AT, TODAY
from tests.factories import (
    line,
    make_client,
    make_contact,
    make_deal,
    make_engagement,
    make_interaction,
    make_invoice,
    make_offer,
    make_promise,
    make_task,
)
from webapp.domain.event import EVENT_KINDS
from webapp.domain.words import Department
from webapp.queries.client_page import client_page
from webapp.queries.timeline import GROUPS, KINDS, PAGE, timeline


def busy(session, owner, times, **fields):
    client = make_client(session, owner, **fields)
    for number in range(times):
        make_contact(session, client, f"Contact {number}")
        make_task(session, client, TODAY + timedelta(days=number))
        make_promise(session, client)
        make_interaction(session, client)
        make_invoice(session, client)
        make_deal(session, client, line(100), line(200))
    return client


def test_a_busy_client_costs_as_many_statements_as_a_quiet_one(session, cast, sign_in, statements):
    quiet, full = busy(session, cast.hunter, 1), busy(session, cast.hunter, 30)
    browser = sign_in(cast.clerk)
    browser.get(f"/clients/{quiet.id}")
    asked = []
    for client in (quiet, full):
        with statements() as seen:
            assert browser.get(f"/clients/{client.id}").status_code == 200
        asked.append(len(seen))
    assert asked[0] == asked[1]
    assert asked[0] <= 15


@pytest.mark.parametrize("path", ["/clients", "/deals", "/clients/search?q=nothing", "/"])
def test_a_long_list_costs_as_many_statements_as_a_short_one(session, cast, sign_in, statements, path):
    asked = []
    for times in (1, 29):
        for _ in range(times):
            busy(session, cast.hunter, 1)
        browser = sign_in(cast.hunter)
        browser.get(path)
        with statements() as seen:
            assert browser.get(path).status_code == 200
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_the_page_shows_every_lane_and_what_the_asker_may_do(session, cast):
    client = make_client(session, cast.clerk)
    make_engagement(session, client, cast.vip)
    clerk = client_page(session, cast.clerk.actor, client, TODAY)
    assert [(lane.department, lane.owner) for lane in clerk.lanes] == [("client", "Clara Clerk"), ("vip", "Victor Vip")]
    assert clerk.lanes[0].receivers == (Department.SALES,), "VIP works with the client already"
    assert clerk.lanes[1].receivers == ()
    assert (clerk.may_edit, clerk.may_add_deal) == (True, True)
    hunter = client_page(session, cast.hunter.actor, client, TODAY)
    assert (hunter.may_edit, hunter.may_add_deal) == (False, False)
    assert client_page(session, cast.head_of_vip.actor, client, TODAY).lanes[1].may_reassign


def test_a_masked_contact_says_only_that_there_is_something(session, cast):
    client = make_client(session, cast.hunter)
    make_contact(session, client)
    make_contact(session, client, "Nobody", phone="", email="")
    masked, empty = client_page(session, cast.clerk.actor, client, TODAY).contacts
    assert (masked.phone, masked.email, masked.hidden) == ("", "", True)
    assert not empty.hidden
    (shown, _) = client_page(session, cast.other_hunter.actor, client, TODAY).contacts
    assert (shown.phone, shown.hidden) == ("+79161234567", False)


def test_what_waits_for_an_answer_stands_on_top(session, cast):
    client = make_client(session, cast.hunter)
    handoff = make_offer(session, client, Department.CLIENT)
    page = client_page(session, cast.clerk.actor, client, TODAY)
    assert page.handoff is not None
    assert (page.handoff.id, page.handoff.label) == (handoff.id, "Offered")


def test_only_what_is_open_is_next(session, cast):
    client = make_client(session, cast.hunter)
    done, later = make_task(session, client, TODAY), make_task(session, client, TODAY + timedelta(days=2))
    kept = make_promise(session, client)
    session.add_all([done.finish(by=cast.hunter, at=AT), kept.keep(by=cast.hunter, at=AT)])
    page = client_page(session, cast.hunter.actor, client, TODAY)
    assert [task.id for task in page.tasks] == [later.id]
    assert page.promises == ()


def test_the_timeline_is_read_page_by_page_without_a_gap(session, cast):
    client, other = make_client(session, cast.hunter), make_client(session, cast.hunter)
    for number in range(PAGE * 2):
        make_interaction(session, client, outcome=str(number))
        make_interaction(session, other)
    read, before = [], {}
    while True:
        page = timeline(session, cast.vip.actor, client.id, **before)
        read += page.entries
        if page.earlier is None:
            break
        before = {"before": page.earlier}
    assert [entry.details["outcome"] for entry in read if entry.kind == "interaction:added"] == [
        str(number) for number in reversed(range(PAGE * 2))
    ]
    assert [entry.kind for entry in read[-2:]] == ["engagement:opened", "client:added"]


def test_groups_divide_the_kinds_that_a_client_can_have() -> None:
    grouped = [kind for kinds in KINDS.values() for kind in kinds]
    assert len(grouped) == len(set(grouped))
    others = {kind.partition(":")[0] for kind in set(EVENT_KINDS) - set(grouped)}
    assert others <= {
        "absence",
        "batch",
        "calendarfeed",
        "catalogue",
        "commission",
        "company",
        "competitor",
        "family",
        "healthmodel",
        "launch",
        "lettertext",
        "nightly",
        "plan",
        "pricelist",
        "product",
        "rule",
        "script",
        "stage",
        "statement",
        "template",
        "user",
        "viptier",
    }


def test_a_group_shows_its_kinds_only(session, cast):
    client = busy(session, cast.hunter, 2)
    for group, (_, subjects) in GROUPS.items():
        kinds = {entry.kind for entry in timeline(session, cast.vip.actor, client.id, group=group).entries}
        assert kinds
        assert {kind.partition(":")[0] for kind in kinds} <= subjects
