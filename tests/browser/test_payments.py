"""The queue of unclaimed payments in a real browser: the demo company's, by mouse, by keyboard, and without scripts."""

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.payer import Payer
from webapp.domain.payment import Payment
from webapp.domain.user import User
from webapp.domain.words import Role


@pytest.fixture
def clerk(session: Session) -> User:
    user = session.scalars(
        select(User).where(User.role == Role.MEMBER, User.department == "client").order_by(User.id)
    ).first()
    session.expunge(user)
    session.rollback()
    return user


def claimed(session: Session) -> int:
    """Payments of the demo company's strangers that have a client now."""
    session.rollback()
    return session.scalar(
        select(func.count()).where(Payment.client_id.is_not(None), Payment.payer_account.like("408178100%"))
    )


def test_two_payments_are_matched_with_two_clicks_each(page_for, session, clerk, axe, fits) -> None:
    page: Page = page_for(clerk)
    page.goto("/payments")
    rows = page.locator("li.payment")
    expect(rows).to_have_count(3)
    axe(page)
    fits(page)
    for left in (2, 1):
        row = rows.filter(has=page.locator(".suggestion")).first
        row.get_by_label("This payer pays for this client").first.check()
        row.get_by_role("button", name="Confirm").first.click()
        expect(rows).to_have_count(left)
        expect(page.locator("#toasts .toast")).to_have_count(3 - left)
    axe(page)
    assert claimed(session) == 2
    assert session.scalar(select(func.count()).select_from(Payer)) == 2


def test_two_payments_are_matched_by_keyboard_only(page_for, session, clerk) -> None:
    page: Page = page_for(clerk)
    page.goto("/payments")
    rows = page.locator("li.payment")
    first = rows.filter(has=page.locator(".suggestion")).first
    first.get_by_role("button", name="Confirm").first.focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    following = rows.filter(has=page.locator(".suggestion")).first
    expect(following.get_by_role("button", name="Confirm").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.get_by_role("link", name="Find the client")).to_be_focused()
    assert claimed(session) == 2


def test_it_works_without_scripts_and_the_rest_is_set_aside(page_for, session, clerk) -> None:
    page: Page = page_for(clerk, scripts=False)
    page.goto("/payments")
    rows = page.locator("li.payment")
    rows.get_by_role("button", name="Confirm").first.click()
    expect(rows).to_have_count(2)
    rows.last.get_by_role("link", name="Set it aside").click()
    page.get_by_label("Why").fill("Our own transfer")
    page.get_by_role("button", name="Save").click()
    expect(rows).to_have_count(1)
    assert claimed(session) == 1


def test_a_payment_is_found_a_client_spread_and_taken_off(page_for, session, clerk, axe, fits) -> None:
    page: Page = page_for(clerk, width=360)
    page.goto("/payments")
    page.get_by_role("link", name="Find the client").first.click()
    axe(page)
    fits(page)
    page.get_by_role("button", name="Confirm").first.click()
    expect(page.locator("#covers li")).to_have_count(1)
    page.get_by_role("button", name="Take off").click()
    expect(page.locator("#covers li")).to_have_count(2)
    expect(page.locator("#spread")).to_be_visible()
    axe(page)
    fits(page)
    field = page.locator("#spread input[inputmode=decimal]").first
    field.fill("999999999")
    page.get_by_role("button", name="Cover these").click()
    expect(page.locator("#spread .field-error").first).to_contain_text("owed")
    axe(page)
    page.get_by_role("button", name="Use for what is owed").click()
    expect(page.locator("#covers li").last).to_be_visible()
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Money went back").click()
    page.get_by_label("Why").fill("Paid twice")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#returns")).to_contain_text("Paid twice")
    axe(page)
    fits(page)
