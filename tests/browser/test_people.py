"""The map of the people at a client: read as a picture, changed by keyboard where it stands."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from webapp.domain.contact import Contact
from webapp.domain.engagement import Engagement
from webapp.domain.standing import Attitude
from webapp.domain.thread import Thread
from webapp.domain.user import User


@pytest.fixture
def known(session):
    """A client with several contacts, all of them there, and threads; and its owner."""
    gone = Contact.left_at.is_not(None) | Contact.removed_at.is_not(None)
    contacts = select(Contact.client_id).group_by(Contact.client_id)
    contacts = contacts.having(func.count() > 2, func.count().filter(gone) == 0)
    client_id, owner_id = session.execute(
        select(Engagement.client_id, Engagement.owner_id)
        .where(Engagement.closed_at.is_(None), Engagement.client_id.in_(contacts))
        .where(Engagement.client_id.in_(select(Thread.client_id)))
        .limit(1)
    ).one()
    return client_id, session.get_one(User, owner_id)


def test_the_map_is_changed_by_keyboard_where_it_stands(session, known, page_for):
    client_id, owner = known
    page = page_for(owner, locale="en-GB")
    page.goto(f"/clients/{client_id}/people")
    people = page.locator(".map-person")
    page.get_by_role("group", name="Map of the people").focus()
    for person in (0, 1, 2):
        page.keyboard.press("Tab")
        expect(people.nth(person)).to_be_focused()
    changed = int(people.nth(2).get_attribute("id").removeprefix("map-"))
    boss = people.nth(1).locator("b").text_content()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Attitude to us").focus()
    page.keyboard.type("Against")
    dialog.get_by_label("Reports to").focus()
    page.keyboard.type(boss)
    dialog.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#map-{changed}.map-bad")).to_be_focused()
    expect(page.locator(f"#person-{changed}")).to_contain_text(f"reports to {boss}")
    session.rollback()
    contact = session.get_one(Contact, changed)
    assert (contact.client_id, contact.attitude) == (client_id, Attitude.AGAINST)
    assert session.get_one(Contact, contact.reports_to_id).name == boss


def test_on_a_phone_the_map_is_moved_and_the_page_is_not(known, page_for):
    client_id, owner = known
    page = page_for(owner, width=360)
    page.goto(f"/clients/{client_id}/people")
    expect(page.locator(".map svg:not(.icon)")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('.map').scrollWidth > document.querySelector('.map').clientWidth")
    badge = page.locator(".panel .cluster > .badge").first
    badge.evaluate("badge => { badge.textContent = 'Общается с конкурентом: '.repeat(4); }")
    assert badge.evaluate("badge => badge.offsetWidth <= badge.parentElement.clientWidth")
