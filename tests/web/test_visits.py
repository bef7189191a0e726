"""Telling of a visit: in one form and one transaction, once, by those who may, and never without a next touch."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from tests.attacks import make_competitor
from tests.cast import seat_day
from tests.factories import engagement_of, make_client, make_contact, make_product, make_task
from tests.support.client import soup
from webapp.domain.attack import Attack
from webapp.domain.event import Event
from webapp.domain.interaction import Interaction
from webapp.domain.task import Task, TaskKind
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose, VisitState

LATER = seat_day() + timedelta(days=60)
GOOD = {"outcome": "agreed", "next_on": LATER.isoformat(), "next_kind": "meeting"}


def planned(session, client, purpose=Purpose.REVIEW):
    return make_task(session, client, seat_day(), kind=TaskKind.MEETING, purpose=purpose)


def photo(**exif):
    picture, content = Image.new("RGB", (60, 40), "red"), BytesIO()
    tags = picture.getexif()
    tags[0x0112] = 6  # lies on its side
    tags[0x8825] = {1: "N", 2: (55.0, 45.0, 21.0)}
    tags[0x010F] = "Phone of Viktor"
    picture.save(content, "JPEG", exif=tags)
    return content.getvalue()


def test_a_visit_is_told_once_with_everything(session, cast, sign_in):
    client, rival = make_client(session, cast.vip), make_competitor(session, cast.director)
    ivan, olga = make_contact(session, client), make_contact(session, client, "Olga")
    product, task = make_product(session, cast.director), planned(session, client)
    browser = sign_in(cast.vip)
    page = browser.get(f"/tasks/{task.id}/visit")
    told = GOOD | {
        "met": [str(ivan.id), str(olga.id)],
        "reached": "yes",
        "mood": "good",
        "words": "Показали новый цех",
        f"told-{product.id}": "interested",
        "competitor_id": rival.id,
        "severity": "medium",
    }
    for number in range(2):
        sent = told | {"file": (BytesIO(photo()), "some/where/цех.JPG")}
        answer = browser.submit(page, "#visit-form", **sent)
        assert answer.status_code == 303, number
    visit = session.scalars(select(Visit).where(Visit.task_id == task.id)).one()
    assert answer.location.endswith(f"/visits/{visit.id}")
    assert (visit.state, visit.held_by, visit.product, visit.mood) == (VisitState.HELD, cast.vip, product, "good")
    assert session.scalar(select(func.count()).select_from(Interaction)) == 2
    attack = session.scalars(select(Attack)).one()
    assert (visit.attack_id, attack.signals[0].evidence) == (attack.id, "Показали новый цех")
    assert visit.next_task is not None
    assert (visit.next_task.due_on, visit.next_task.owner, visit.next_task.kind) == (LATER, cast.vip, "meeting")
    shown = browser.get(answer.location)
    assert "Ivan Petrov, Olga" in soup(shown).get_text()
    kept = Image.open(BytesIO(browser.get(f"/visits/{visit.id}/file").data))
    assert (kept.size, dict(kept.getexif()), visit.file_name) == ((40, 60), {}, "цех.jpg")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"next_on": ""}, "Please fill this in"),
        ({"next_on": (seat_day() - timedelta(days=3)).isoformat()}, "This day is over"),
        ({"outcome": None}, "Please choose"),
        ({"outcome": "great"}, "Not a valid choice"),
        ({"met": "999"}, "999"),
        ({"file": b"<svg onload=alert(1)>"}, "A photo (JPEG, PNG, WebP) or a PDF, please"),
        ({"file": b""}, "This file is empty"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(session, cast, sign_in, wrong, words):
    task = planned(session, make_client(session, cast.vip))
    browser = sign_in(cast.vip)
    session.commit()
    before = session.scalar(select(func.max(Event.id)))
    sent = {name: (BytesIO(value), "a.jpg") if name == "file" else value for name, value in wrong.items()}
    answer = browser.submit(browser.get(f"/tasks/{task.id}/visit"), "#visit-form", **(GOOD | sent))
    assert answer.status_code == 422
    assert words in soup(answer).select_one("#visit-form").get_text()
    session.expire_all()
    assert session.scalar(select(func.max(Event.id))) == before
    assert task.visit.is_to_come


def test_a_visit_that_a_phone_could_not_send_at_once_is_held_when_it_was_told(session, cast, sign_in):
    client = make_client(session, cast.vip)
    task, days = planned(session, client), timedelta(days=2)
    browser = sign_in(cast.vip)
    page = browser.get(f"/tasks/{task.id}/visit")
    assert browser.submit(page, "#visit-form", **GOOD, waited=int(days.total_seconds())).status_code == 303
    visit = session.scalars(select(Visit).where(Visit.task_id == task.id)).one()
    assert visit.held_on == seat_day() - days
    assert timedelta() <= visit.interaction.recorded_at - visit.held_at - days < timedelta(seconds=1)


def test_the_timeline_says_how_a_visit_ended_and_leads_to_it_or_why_it_was_not_held(session, cast, sign_in):
    client = make_client(session, cast.vip)
    held, missed = planned(session, client), planned(session, client, Purpose.PRODUCT)
    browser = sign_in(cast.vip)
    told = browser.submit(browser.get(f"/tasks/{held.id}/visit"), "#visit-form", **GOOD, mood="bad").location
    browser.submit(browser.get(f"/tasks/{missed.id}/visit"), "#missed-form", reason="road", next_on=LATER.isoformat())
    timeline = soup(browser.get(f"/clients/{client.id}")).select_one("#timeline")
    assert timeline.find("a", href=told.replace("http://localhost", ""))
    assert "Quarterly review · Agreed on something · Cold" in timeline.get_text()
    assert "Show a new product · Road or weather" in timeline.get_text()


def test_a_visit_that_was_not_held_is_planned_anew_with_its_purpose(session, cast, sign_in):
    client = make_client(session, cast.vip)
    task, browser = planned(session, client, Purpose.COMPLAINT), sign_in(cast.vip)
    page = browser.get(f"/tasks/{task.id}/visit")
    assert browser.submit(page, "#missed-form", reason="road").status_code == 422
    browser.submit(page, "#missed-form", reason="road", next_on=LATER.isoformat())
    session.expire_all()
    assert (task.visit.state, task.visit.reason) == (VisitState.NOT_HELD, "road")
    then = session.scalars(select(Task).where(Task.closed_at.is_(None))).one()
    assert (then.visit.purpose, engagement_of(client).next_touch_on) == (Purpose.COMPLAINT, LATER)


def test_a_visit_that_nobody_planned_is_told_by_any_department(session, cast, sign_in):
    client, browser = make_client(session, cast.vip), sign_in(cast.clerk)
    page = browser.get(f"/clients/{client.id}/visits/new")
    answer = browser.submit(page, "#visit-form", **GOOD, purpose="complaint", other="Ромашка")
    visit = session.scalars(select(Visit).where(Visit.task_id.is_(None))).one()
    assert (answer.status_code, visit.counts, visit.held_by) == (303, True, cast.clerk)
    assert session.scalars(select(Attack)).one().competitor.name == "Ромашка"


def test_only_the_owner_its_head_and_the_director_tell_of_a_planned_visit(session, cast, sign_in):
    task = planned(session, make_client(session, cast.vip))
    for part, status in {"clerk": 403, "head_of_sales": 403, "head_of_vip": 200, "director": 200}.items():
        assert sign_in(getattr(cast, part)).get(f"/tasks/{task.id}/visit").status_code == status
    plain = make_task(session, engagement_of(task.client).client)
    assert sign_in(cast.vip).get(f"/tasks/{plain.id}/visit").status_code == 404
