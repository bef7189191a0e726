"""The week planner: who is due by the norm, one form that puts a visit on a day, and whose week one may see."""

from datetime import date, datetime, time, timedelta, UTC

import pytest
from sqlalchemy import select

from tests.attacks import make_attack
from tests.cast import seat_day
from tests.factories import make_client, make_contact, make_task
from tests.support.client import soup
from webapp.domain.calendar import gone
from webapp.domain.task import Task, TaskKind
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose, VisitOutcome, VisitState
from webapp.queries.planner import opening_monday, week
from webapp.queries.visits import norm_and_fact
from webapp.queries.visits_due import due_clients
from webapp.web.clock import now

LATER = seat_day() + timedelta(days=60)


def this_monday() -> date:
    return seat_day() - timedelta(days=seat_day().weekday())


def visited(session, cast, client, ago, purpose=Purpose.REVIEW, by=None, reached=True):
    """A visit held so many days ago that nobody planned, and a call afterwards."""
    at = now() - timedelta(days=ago)
    visit, by = Visit.unplanned(session, client, purpose), by or cast.vip
    then = make_task(session, client, seat_day() + timedelta(days=5), at=at)
    session.add(
        visit.hold(session, VisitOutcome.WARM, "Well", by=by, at=at, company=cast.company, then=then, reached=reached)
    )
    session.flush()
    return visit


def test_after_the_last_working_day_the_coming_week_opens_unless_a_visit_is_left_in_this_one(session, cast):
    friday = datetime(2026, 3, 6, tzinfo=UTC).date()
    saturday, sunday, monday = (friday + timedelta(days=count) for count in (1, 2, 3))
    this = monday - timedelta(days=7)

    def opened(*days):
        return [opening_monday(session, cast.vip.id, day) for day in days]

    assert opened(friday, saturday, sunday, monday) == [this, monday, monday, monday]
    task = make_task(session, make_client(session, cast.vip), saturday, kind=TaskKind.MEETING)
    assert opened(saturday, sunday) == [this, monday]
    session.add(task.cancel(by=cast.vip, at=now()))
    change = {"by": cast.director, "at": now()}
    session.add(cast.company.change(**change, holidays=[friday.isoformat(), monday.isoformat()]))
    assert opened(friday, sunday, monday) == [monday, monday, monday]
    session.add(cast.company.change(**change, workdays=[1, 2, 3, 4, 6], holidays=[]))
    assert opened(friday, saturday, sunday) == [this, this, monday]


def test_the_planner_opens_that_week_and_any_other_that_is_asked_for(session, cast, sign_in, monkeypatch):
    sunday = seat_day() - timedelta(days=seat_day().weekday() + 1)
    monkeypatch.setattr("webapp.web.planner.now", lambda: datetime.combine(sunday, time(12), UTC))
    browser = sign_in(cast.vip)

    def shown(address):
        return soup(browser.get(address)).select_one("input[name=week]")["value"]

    assert shown("/visits") == this_monday().isoformat()
    assert shown(f"/visits?week={sunday}") == (this_monday() - timedelta(days=7)).isoformat()


def due(session, cast):
    view = week(session, cast.vip.actor, cast.vip.id, this_monday(), now())
    return [(where, [each.client_id for each in clients]) for where, clients in view.due]


def test_the_norm_asks_for_those_longest_not_visited_by_district_and_attacks_first(session, cast):
    old, begun = now() - timedelta(days=200), now() - timedelta(days=80)
    fresh = make_client(session, cast.vip, at=old, district="Сокол")
    visited(session, cast, fresh, ago=10)
    stale = make_client(session, cast.vip, at=old, district="Центр")
    visited(session, cast, stale, ago=100)
    staler = make_client(session, cast.vip, at=old, district="Сокол")
    visited(session, cast, staler, ago=120)
    aimless = make_client(session, cast.vip, at=old, city="Тверь")
    visited(session, cast, aimless, ago=5, purpose=None)
    new = make_client(session, cast.vip, at=begun, district="Центр")
    make_client(session, cast.vip, at=now(), district="Центр")
    planned = make_client(session, cast.vip, at=old, district="Центр")
    make_task(session, planned, LATER, kind=TaskKind.MEETING)
    make_client(session, cast.clerk, at=old, district="Центр")
    attacked = make_client(session, cast.vip, at=now(), district="Центр")
    attack = make_attack(session, attacked, cast)
    session.add(attack.visit.cancel(by=cast.vip, at=now()))
    session.flush()
    assert due(session, cast) == [
        ("", [attacked.id]),
        ("Тверь", [aimless.id]),
        ("Сокол", [staler.id]),
        ("Центр", [stale.id, new.id]),
    ]
    session.add(cast.company.change(by=cast.director, at=now(), visit_days=365))
    session.flush()
    assert due(session, cast) == [("", [attacked.id])]


def test_the_norm_counts_from_the_day_at_the_companys_seat(session, cast):
    evening = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)  # half past one at night in Moscow
    make_client(session, cast.vip, at=evening)
    session.flush()
    (client,), _ = due_clients(session, cast.vip.id, cast.company, seat_day())
    assert client.due_on == date(2026, 3, 3) + timedelta(days=cast.company.visit_days)


def test_a_planned_visit_goes_to_another_day_and_only_from_where_it_was_seen(session, cast, sign_in):
    client, browser = make_client(session, cast.vip), sign_in(cast.vip)
    task = make_task(session, client, seat_day(), kind=TaskKind.MEETING, purpose=Purpose.PRODUCT)
    seen = {"task": task.id, "was": seat_day().isoformat(), "on": LATER.isoformat()}
    assert browser.post("/visits/place", data=seen).status_code == 303
    session.refresh(task)
    assert task.due_on == LATER
    answer = browser.post("/visits/place", data=seen | {"on": seat_day().isoformat()}, htmx=True)
    session.refresh(task)
    assert (answer.status_code, task.due_on) == (204, LATER)
    over = browser.post(
        "/visits/place", data=seen | {"was": LATER.isoformat(), "on": (seat_day() - timedelta(days=2)).isoformat()}
    )
    assert "This day is over" in soup(browser.get(over.location)).get_text()


def test_a_client_that_is_due_gets_a_visit_once(session, cast, sign_in):
    client, browser = make_client(session, cast.vip), sign_in(cast.head_of_vip)
    menu = browser.get(f"/visits/place?client={client.id}&purpose=review&person={cast.vip.id}")
    day = soup(menu).select_one("button[name=on]")["value"]
    for _ in range(2):
        assert browser.submit(menu, "main form", on=day).status_code == 303
    task = session.scalars(select(Task).where(Task.kind == TaskKind.MEETING)).one()
    assert (task.owner, task.due_on.isoformat(), task.visit.purpose) == (cast.vip, day, Purpose.REVIEW)


@pytest.mark.parametrize(
    ("part", "status"), [("vip", 200), ("head_of_vip", 200), ("director", 200), ("clerk", 403), ("head_of_sales", 403)]
)
def test_a_week_is_seen_by_its_owner_their_head_and_the_director(session, cast, sign_in, part, status):
    client = make_client(session, cast.vip, name="Ромашка")
    task = make_task(session, client, seat_day(), kind=TaskKind.MEETING)
    browser = sign_in(getattr(cast, part))
    answer = browser.get(f"/visits?person={cast.vip.id}")
    assert (answer.status_code, "Ромашка" in answer.get_data(as_text=True)) == (status, status == 200)
    sent = {"task": task.id, "was": seat_day().isoformat(), "on": LATER.isoformat(), "person": cast.vip.id}
    assert (browser.post("/visits/place", data=sent).status_code == 403) == (status == 403)


def test_whom_to_call_ahead_is_told_with_a_phone_only_to_those_who_may_see_it(session, cast):
    view = week(session, cast.vip.actor, cast.vip.id, this_monday(), now())
    client = make_client(session, cast.vip)
    contact = make_contact(session, client)
    for owner in (cast.vip, cast.clerk):
        make_task(
            session, client, view.calls_on, kind=TaskKind.MEETING, owner=owner, whom=[contact], purpose=Purpose.REVIEW
        )
    (mine,) = week(session, cast.vip.actor, cast.vip.id, this_monday(), now()).calls
    assert (mine.person, mine.phone) == (contact.name, contact.phone)
    (theirs,) = week(session, cast.clerk.actor, cast.clerk.id, this_monday(), now()).calls
    assert (theirs.person, theirs.phone) == (contact.name, "")
    visit = session.get(Task, mine.task_id).visit
    session.add(visit.call_ahead(by=cast.vip, at=now()))
    session.flush()
    assert week(session, cast.vip.actor, cast.vip.id, this_monday(), now()).calls == ()
    assert visit.state is VisitState.CONFIRMED


def test_only_held_visits_with_a_purpose_count_against_the_norm(session, cast):
    session.add(cast.company.change(by=cast.director, at=now(), visit_days=15))
    clients = [make_client(session, cast.vip, at=now() - timedelta(days=99)) for _ in range(3)]
    visited(session, cast, clients[0], ago=0)
    visited(session, cast, clients[1], ago=0, reached=False)
    visited(session, cast, clients[1], ago=0, purpose=None)
    visited(session, cast, clients[2], ago=0, by=cast.head_of_vip)
    ticked = make_task(session, clients[2], seat_day(), kind=TaskKind.MEETING, purpose=Purpose.REVIEW)
    session.add(ticked.finish(by=cast.vip, at=now()))
    make_task(session, clients[2], seat_day(), kind=TaskKind.MEETING)
    month = seat_day().replace(day=1)
    row = {each.user_id: each for each in norm_and_fact(session, cast.head_of_vip.actor, month)}[cast.vip.id]
    assert (row.clients, row.norm, row.held, row.reached, row.aimless) == (3, 6, 2, 1, 1)
    assert (row.untold, row.planned) == (1, 1)


def test_a_full_week_costs_as_many_statements_as_an_empty_one(session, cast, sign_in, statements):
    browser, counts = sign_in(cast.vip), []
    for number in range(2):
        session.commit()
        with statements() as asked:
            browser.get("/visits")
        counts.append(len(asked))
        for each in range(30 * (1 - number)):
            client = make_client(session, cast.vip, at=now() - timedelta(days=200))
            if each % 3:
                make_task(session, client, this_monday() + timedelta(days=each % 5), kind=TaskKind.MEETING)
            if not each % 5:
                visited(session, cast, client, ago=each % 9)
    assert counts[0] == counts[1] <= 14


def test_a_page_asks_for_the_company_once(cast, sign_in, statements):
    browser = sign_in(cast.vip)
    browser.get("/visits")
    with statements() as seen:
        assert browser.get("/visits").status_code == 200
    assert sum("FROM company" in statement for statement in seen) == 1


def test_a_month_is_over_with_its_last_day_however_long_it_is():
    assert [gone(date(2026, month, day)) for month, day in ((2, 28), (11, 30), (12, 31), (11, 15))] == [
        10_000, 10_000, 10_000, 5_000,
    ]  # fmt: skip
