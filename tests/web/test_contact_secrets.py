"""Birthdays and personal notes are seen by those who may, and nowhere else."""

import re
from datetime import date, datetime, UTC

import pytest
from flask import url_for
from sqlalchemy import select

from tests.attacks import make_attack
from tests.factories import make_client, make_contact, make_deal, make_interaction, make_invoice, make_letter, make_task
from tests.support.client import soup
from webapp.domain.calendar_feed import CalendarFeed
from webapp.domain.contact import Contact
from webapp.domain.coverage import BlindSpot
from webapp.domain.event import Event
from webapp.domain.interaction import InteractionKind
from webapp.domain.task import Task, TaskKind
from webapp.domain.thread import Thread
from webapp.domain.thread_keeping import keep

NOTE = "Collects pre-war cameras"
BIRTHDAY = date(1977, 4, 13)
MAY = {"clerk", "head_of_client", "director"}


@pytest.fixture
def contact(session, cast):
    client = make_client(session, cast.clerk, name="Romashka")
    contact = make_contact(session, client, birthday=BIRTHDAY, personal_note=NOTE)
    make_interaction(session, client, InteractionKind.CALL, by=cast.clerk, contact=contact, at=datetime.now(UTC))
    session.commit()
    return contact


EVERYBODY = ["clerk", "other_clerk", "head_of_client", "hunter", "head_of_sales", "vip", "head_of_vip", "director"]


@pytest.mark.parametrize("part", EVERYBODY)
def test_only_owners_their_heads_and_directors_see_what_is_personal(session, cast, sign_in, contact, part):
    browser = sign_in(cast.users[part])
    page = browser.get(f"/clients/{contact.client_id}/people")
    assert page.status_code == 200
    assert (NOTE in page.text, "Apr 13, 1977" in page.text) == (part in MAY, part in MAY)
    assert browser.get(f"/contacts/{contact.id}/personal").status_code == (200 if part in MAY else 403)


TOLD = {"people.show", "contacts.change_personal", "contact_data.show", "contact_merge.show"}
"""Where those who may see it find it."""

SECRET = re.compile(rf"{NOTE}|1977|0413|04-13|Apr(il)? 13|13 апр")
NAMES = {
    "part": "picture",
    "kind": "invoice",
    "language": "en",
    "department": "sales",
    "format": "csv",
    "month": "2026-03",
}


@pytest.mark.parametrize("part", ["clerk", "other_clerk", "head_of_vip"])
def test_no_other_address_tells_it_whatever_it_answers(app, session, cast, sign_in, contact, part):
    """Every page, fragment, file, feed and card that there is, of the contact and of all that hangs on it."""
    client = contact.client
    make_task(session, client, kind=TaskKind.MEETING, subject="Visit", at=datetime.now(UTC))
    make_deal(session, client), make_invoice(session, client), make_letter(session, client, contact=contact)
    make_attack(session, client, cast)
    token = CalendarFeed.make(session, cast.users[part], at=datetime.now(UTC))
    other = make_contact(session, client, "Ivan P.")
    session.commit()
    browser, told = sign_in(cast.users[part]), set()
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint not in {"static", "login.leave"}:
            values = {
                name: 1
                if type(kind).__name__ == "IntegerConverter"
                else token
                if name == "token"
                else NAMES.get(name, "x")
                for name, kind in rule._converters.items()
            }
            with app.test_request_context():
                address = url_for(rule.endpoint, **values)
            answer = browser.get(f"{address}?other={other.id}&q=cameras")
            told |= {rule.endpoint} if SECRET.search(answer.data.decode(errors="replace")) else set()
    posts = [f"/contacts/{contact.id}/reveal", *([] if part in MAY else [f"/contacts/{contact.id}/data/export"])]
    told |= {address for address in posts if SECRET.search(browser.post(address).text)}
    assert told == (TOLD - ({"contact_data.show"} if part == "clerk" else set()) if part in MAY else set())


def test_a_refused_change_changes_nothing(session, cast, sign_in, contact):
    data = {"version": contact.version, "birthday": "1990-01-01", "personal_note": "Overwritten"}
    assert sign_in(cast.vip).post(f"/contacts/{contact.id}/personal", data=data).status_code == 403
    session.rollback()
    assert session.get_one(Contact, contact.id).personal_note == NOTE
    assert sign_in(cast.clerk).post(f"/contacts/{contact.id}/personal", data=data).status_code == 303
    session.rollback()
    assert session.get_one(Contact, contact.id).personal_note == "Overwritten"
    told = session.scalars(select(Event).where(Event.kind == "contact:personal")).one()
    assert told.details == {"name": contact.name}
    late = data | {"birthday": "2999-01-01"}
    assert sign_in(cast.clerk).post(f"/contacts/{contact.id}/personal", data=late).status_code == 422


def test_a_contact_that_left_ends_its_threads_at_once_and_a_task_asks_who_replaces_it(session, cast, sign_in, contact):
    keep(session, [contact.client_id], at=datetime.now(UTC))
    session.commit()
    assert session.scalars(select(BlindSpot.ours)).one() == 1
    session.commit()
    browser = sign_in(cast.clerk)
    assert browser.post(f"/contacts/{contact.id}/left").status_code == 303
    session.rollback()
    assert session.scalars(select(Thread)).all() == []
    assert session.scalars(select(BlindSpot.ours)).one() == 0
    assert session.scalars(select(Task.subject)).one() == "Find out who replaces the contact who left"
    page = soup(browser.get(f"/clients/{contact.client_id}"))
    assert "left" in page.select_one(f"#contact-{contact.id} .badge").text
    assert browser.post(f"/contacts/{contact.id}/left").status_code == 303
    assert session.scalars(select(Event.kind).where(Event.kind == "contact:left")).all() == ["contact:left"]
    session.commit()
    assert browser.post(f"/contacts/{contact.id}/returned").status_code == 303
    session.rollback()
    assert session.scalars(select(Thread.user_id)).all() == [cast.clerk.id]


def test_a_circle_is_refused_at_its_field(session, cast, sign_in, contact):
    boss = make_contact(session, contact.client, "Boss", reports_to_id=contact.id)
    session.commit()
    answer = sign_in(cast.clerk).post(
        f"/contacts/{contact.id}",
        data={
            "version": contact.version,
            "name": contact.name,
            "decision_role": "decides",
            "influence": "high",
            "attitude": "friendly",
            "reports_to_id": boss.id,
        },
    )
    assert answer.status_code == 422
    assert "Nobody reports to themselves" in answer.text
    session.rollback()
    assert session.get_one(Contact, contact.id).reports_to_id is None
