"""A client in the browser: added without a duplicate, worked with, and read, by mouse, keyboard and phone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast, seat_day
from tests.factories import (
    engagement_of,
    line,
    make_client,
    make_contact,
    make_deal,
    make_interaction,
    make_offer,
    make_product,
    make_promise,
    make_task,
)
from webapp.domain.client import Client
from webapp.domain.product import Billing
from webapp.domain.words import Department

pytestmark = pytest.mark.fresh

Open = Callable[..., Page]


def settle(session: Session) -> None:
    """What the test arranged is there for the browser, and what the browser did is there for the test."""
    session.commit()
    session.expire_all()


def test_a_client_is_added_worked_with_and_sold_to(session: Session, cast: Cast, page_for: Open) -> None:
    make_client(session, cast.clerk, name="Northern Wind")
    make_product(session, cast.head_of_sales, "Fibre", price_minor=3000_00, billing=Billing.MONTHLY)
    settle(session)
    page = page_for(cast.hunter)
    page.goto("/clients/new")
    page.get_by_label("Name of the firm").press_sequentially("Nothern Wind")
    expect(page.locator("#check")).to_contain_text("Clara Clerk")
    page.get_by_label("ИНН").press_sequentially("7707083894")
    expect(page.locator("#inn-bad")).to_be_visible()
    page.get_by_label("ИНН").fill("7707083893")
    expect(page.locator("#inn-good")).to_be_visible()
    page.get_by_role("button", name="Add the client").click()
    page.get_by_label("This is another firm").check()
    page.get_by_role("button", name="Add the client").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothern Wind")

    page.get_by_role("link", name="Plan a touch").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("#due_on-error")).to_be_visible()
    dialog.get_by_label("Day").fill((seat_day() + timedelta(days=1)).isoformat())
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#next")).to_contain_text("Harry Hunter")

    page.locator("#next summary").click()
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.locator("#next")).to_contain_text("Nothing is planned")
    expect(page.locator("#timeline-entries")).to_contain_text("Finished a task")
    expect(page.locator("#toasts")).to_contain_text("Done")

    page.get_by_role("link", name="New deal").first.click()
    page.get_by_label("What they may buy").fill("Internet")
    first = page.locator("[data-line]").first
    first.get_by_label("Product").select_option(label="Fibre")
    first.get_by_label("Quantity").fill("1,5")
    expect(page.locator("#total-monthly")).to_contain_text("4,500")
    page.get_by_role("button", name="Add a line").click()
    last = page.locator("[data-line]").last
    last.get_by_label("Name on the deal").fill("Router")
    last.get_by_label("Price").fill("1 000")
    expect(page.locator("#total-one-off")).to_contain_text("1,000")
    page.get_by_role("button", name="Save").click()
    page.locator("summary", has_text="Close").click()
    page.get_by_role("button", name="Won", exact=True).click()
    expect(page.get_by_text("Open again")).to_be_visible()
    settle(session)
    assert session.scalars(select(Client).where(Client.name == "Nothern Wind")).one().attracted_by_id == cast.hunter.id


def test_it_all_works_without_scripts(session: Session, cast: Cast, page_for: Open) -> None:
    client = make_client(session, cast.hunter)
    task = make_task(session, client, seat_day())
    settle(session)
    page = page_for(cast.hunter, scripts=False)
    page.goto(f"/clients/{client.id}")
    page.locator("#next summary").click()
    page.get_by_role("link", name="Done: record what came of it").click()
    page.get_by_label("What came of it").fill("They will think")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#timeline-entries")).to_contain_text("They will think")
    settle(session)
    assert not task.is_open


def test_the_timeline_goes_on_where_it_stopped(session: Session, cast: Cast, page_for: Open) -> None:
    client = make_client(session, cast.hunter)
    for number in range(40):
        make_interaction(session, client, outcome=f"Round {number}.")
    make_deal(session, client)
    settle(session)
    page = page_for(cast.vip)
    page.goto(f"/clients/{client.id}")
    expect(page.locator(".timeline-item")).to_have_count(30)
    page.get_by_role("link", name="Earlier").click()
    expect(page.locator(".timeline-item")).to_have_count(43)
    page.locator("#timeline").get_by_role("link", name="Deals").click()
    expect(page.locator(".timeline-item")).to_have_count(1)
    expect(page.locator("#timeline .tab[aria-current]")).to_have_text("Deals")


def test_a_masked_phone_is_shown_in_place(session: Session, cast: Cast, page_for: Open) -> None:
    client = make_client(session, cast.hunter)
    make_contact(session, client)
    settle(session)
    page = page_for(cast.clerk)
    page.goto(f"/clients/{client.id}")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("link", name="+7 916 123-45-67")).to_be_visible()


def test_the_search_of_the_bar_leads_to_the_client_by_keyboard(session: Session, cast: Cast, page_for: Open) -> None:
    make_client(session, cast.hunter, name="ООО «Ромашка»")
    settle(session)
    page = page_for(cast.clerk)
    page.goto("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("РОМ", delay=20)
    expect(page.get_by_role("option")).to_contain_text("Ромашка")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("ООО «Ромашка»")


def test_every_screen_is_accessible_and_fits(
    session: Session, cast: Cast, page_for: Open, look: Callable[..., None]
) -> None:
    client = make_client(
        session, cast.hunter, name="A rather long name of a firm that goes on and on", inn="7707083893"
    )
    make_contact(session, client)
    make_task(session, client, seat_day() - timedelta(days=1))
    make_promise(session, client, due_on=seat_day() - timedelta(days=1))
    make_interaction(session, client)
    make_product(session, cast.head_of_sales)
    deal = make_deal(session, client, line(123_456_789_00), line(5_000_00, billing=Billing.MONTHLY))
    make_offer(session, client, Department.CLIENT)
    engagement_of(client)
    settle(session)
    page = page_for(cast.hunter)
    for path in (
        "/",
        "/clients",
        f"/clients/{client.id}",
        "/clients/new",
        f"/clients/{client.id}/edit",
        f"/clients/{client.id}/interactions/new",
        f"/clients/{client.id}/tasks/new",
        "/deals",
        f"/deals/{deal.id}",
        f"/deals/{deal.id}/edit",
        "/products",
    ):
        page.goto(path)
        look(page, last=True)
    director = page_for(cast.director)
    director.goto("/")
    look(director, last=True)
