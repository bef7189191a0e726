"""The own calendar: a secret address, read by other programs; what is in it, and what never is."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, UTC

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, seat_day
from tests.factories import make_client, make_contact, make_task
from tests.support.client import soup
from webapp.domain.calendar_feed import CalendarFeed
from webapp.domain.contact import Contact
from webapp.domain.task import Task, TaskKind
from webapp.domain.words import Role
from webapp.exchange.calendar_file import Entry, write
from webapp.queries.planned_visits import planned_visits
from webapp.web.security import limiter


@pytest.fixture(autouse=True)
def _fresh_throttle(app) -> Iterator[None]:
    limiter.reset()
    yield
    limiter.reset()


SOON = seat_day() + timedelta(days=20)


def visit(session: Session, cast: Cast, **fields) -> Task:
    client = make_client(session, cast.vip, name="ООО «Очень длинное название клиента, которое не уместится в строку»",
                         city="Тула", address="ул. Мира, 1")  # fmt: skip
    return make_task(session, client, SOON, kind=TaskKind.MEETING, subject="Show the new price list", **fields)


def address(browser, form: str = "#calendar-form") -> str:
    answer = browser.submit(browser.get("/profile"), form)
    shown = soup(browser.get(answer.location)).select_one("#address").get_text()
    return shown.removeprefix("http://localhost")


def events(answer) -> list:
    assert answer.status_code == 200
    return Calendar.from_ical(answer.data).walk("VEVENT")


def test_the_profile_says_on_which_of_ones_own_days_the_address_was_made(session, cast, sign_in) -> None:
    CalendarFeed.make(session, cast.vip, at=datetime(2026, 3, 1, 22, 30, tzinfo=UTC))
    session.commit()
    assert "Mar 2, 2026" in soup(sign_in(cast.vip).get("/profile")).select_one("#calendar").get_text()


def test_a_calendar_subscribes_and_follows_each_change(session, cast: Cast, sign_in, client) -> None:
    task = visit(session, cast, due_time=time(14, 30))
    make_task(session, make_client(session, cast.vip), SOON)
    make_task(session, make_client(session, cast.head_of_vip), SOON, kind=TaskKind.MEETING)
    path = address(sign_in(cast.vip))
    answer = client.get(path)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75
    (first,) = events(answer)
    assert first["summary"].endswith("которое не уместится в строку»")
    assert (first["location"], str(first["status"])) == ("Тула, ул. Мира, 1", "TENTATIVE")
    assert first.decoded("dtstart").isoformat() == f"{SOON}T14:30:00+03:00"
    assert b"BEGIN:VTIMEZONE" in answer.data
    later = SOON + timedelta(days=1)
    session.add(task.postpone(later, by=cast.vip, at=AT + timedelta(hours=1)))
    session.commit()
    (second,) = events(client.get(path))
    assert (second["uid"], second["sequence"]) == (first["uid"], first["sequence"] + 1)
    assert second.decoded("dtstart") == later, "without a time it takes the whole day"
    session.add(task.cancel(by=cast.vip, at=AT + timedelta(hours=2)))
    session.commit()
    (third,) = events(client.get(path))
    assert (third["uid"], str(third["status"]), third["sequence"]) == (first["uid"], "CANCELLED", 2)


def test_nothing_personal_leaves_the_house(session, cast: Cast, sign_in, client) -> None:
    task = visit(session, cast)
    contact = make_contact(session, task.client, "Pavel Secretive", phone="+79160000001", email="pavel@secret.test",
                           note="A quiet note")  # fmt: skip
    session.add(contact.know(date(1980, 5, 17), "Loves fishing", by=cast.vip, at=AT, seen=contact.version))
    session.commit()
    body = client.get(address(sign_in(cast.vip))).get_data(as_text=True).replace("\r\n ", "")
    kept = session.scalars(select(Contact)).one()
    for word in (kept.phone, kept.email, kept.note, kept.name, kept.personal_note, "1980", "0517", "05-17"):
        assert word not in body
    assert "Show the new price list" in body


def test_an_address_is_renewed_and_revoked(session, cast: Cast, sign_in, client) -> None:
    visit(session, cast)
    browser = sign_in(cast.vip)
    old = address(browser)
    assert session.scalars(select(CalendarFeed.token_hash)).one() not in old
    assert "profile" in browser.get("/profile/calendar").location, "it is shown once"
    new = address(browser)
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    browser.submit(browser.get("/profile"), "#calendar-off")
    gone = client.get(new)
    assert gone.status_code == 404
    assert gone.data == client.get("/calendar/never-was.ics").data


def test_who_left_has_no_calendar(session, cast: Cast, sign_in, client) -> None:
    path = address(sign_in(cast.vip))
    session.add(cast.vip.deactivate(session, by=cast.director, at=AT, holds=0))
    session.commit()
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("ends", ["password", "everywhere", "administrator", "role"])
def test_what_ends_the_sessions_ends_the_address(session, cast: Cast, sign_in, client, ends: str) -> None:
    browser = sign_in(cast.vip)
    path = address(browser)
    assert client.get(path).status_code == 200
    assert browser.get("/profile").text.count("calendar-off") == 1
    vip, by = cast.vip, cast.director
    told = {
        "password": lambda: vip.choose_password("$argon2id$new", at=AT),
        "everywhere": lambda: vip.end_sessions(by=vip, at=AT),
        "administrator": lambda: vip.end_sessions(by=by, at=AT),
        "role": lambda: vip.change(session, role=Role.HEAD, head_id=None, by=by, at=AT),
    }
    session.add(told[ends]())
    session.commit()
    gone = client.get(path)
    assert gone.status_code == 404
    assert gone.data == client.get("/calendar/never-was.ics").data
    page = sign_in(vip).get("/profile")
    assert "ended with your sessions" in page.text
    assert "calendar-off" not in page.text
    assert client.get(address(sign_in(vip))).status_code == 200
    assert client.get(path).status_code == 404


def test_other_changes_keep_the_address(session, cast: Cast, sign_in, client) -> None:
    path = address(sign_in(cast.vip))
    session.add(cast.vip.change(session, name="Vera", language="ru", by=cast.vip, at=AT))
    session.commit()
    assert client.get(path).status_code == 200


def test_guessing_is_throttled(session, cast: Cast, client) -> None:
    answers = [client.get(f"/calendar/guess{number}.ics").status_code for number in range(12)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_one_visit_costs_what_thirty_cost(session, cast: Cast, statements) -> None:
    counts = []
    for more in (1, 29):
        for _number in range(more):
            visit(session, cast)
        session.flush()
        with statements() as seen:
            found = planned_visits(session, cast.vip.actor, SOON)
        counts.append(len(seen))
    assert len(found) == 30
    assert counts == [2, 2]


@pytest.mark.parametrize("text", ["a;b,c\\d\ne", "ы" * 200, "BEGIN:VEVENT\r\nUID:evil"])
def test_what_people_wrote_stays_text(text: str) -> None:
    entry = Entry("1@x", 0, AT, SOON, None, text, text, text, "http://x/1", cancelled=False, confirmed=True)
    body = write("Name", "Europe/Moscow", [entry])
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert str(event["summary"]).split() == text.split()
    assert body.count(b"BEGIN:VEVENT") - body.count(b"SUMMARY:BEGIN:VEVENT") <= 3
