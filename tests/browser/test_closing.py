"""A proposal closes: a head approves the discount, the client accepts on a phone, and the contract stands."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import line, make_client, make_deal, make_product
from webapp.domain.deal import Line
from webapp.domain.money import WHOLE
from webapp.domain.product import Billing
from webapp.domain.words import Role

pytestmark = pytest.mark.fresh

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/130.0 Mobile Safari/537.36"}


def test_a_proposal_from_the_heads_approval_to_the_contract(
    session: Session,
    cast: Cast,
    page_for: Callable[..., Page],
    phone_for: Callable[..., Page],
    axe: Callable[..., None],
    fits: Callable[[Page], None],
) -> None:
    cast.company.discount_limits = {Role.MEMBER: 10_00, Role.HEAD: 30_00, Role.DIRECTOR: WHOLE}
    access = make_product(session, cast.head_of_sales, "Internet access", billing=Billing.MONTHLY)
    deal = make_deal(
        session,
        make_client(session, cast.hunter, name="Ромашка"),
        line(1_000_00, name="Set-up"),
        Line("Internet access", 1000, 500_00, Billing.MONTHLY, access.id),
        name="Connect the office",
    )
    session.commit()

    hunter = page_for(cast.hunter)
    hunter.goto(f"/deals/{deal.id}")
    hunter.get_by_role("button", name="Make a proposal").click()
    hunter.get_by_label("Discount on everything, %").fill("20")
    expect(hunter.locator("#totals")).to_contain_text("800.00")
    hunter.get_by_role("button", name="Save and look").click()
    expect(hunter.locator("#ask-discount")).to_contain_text("above your limit of 10")
    address = hunter.url
    hunter.get_by_label("Why the client should get it").fill("They take two years")
    hunter.get_by_role("button", name="Ask for approval").click()
    expect(hunter.locator("#discount")).to_contain_text("Approval is asked for")

    head = page_for(cast.head_of_sales)
    head.goto(address)
    axe(head)
    head.get_by_role("button", name="Approve the discount").click()
    expect(head.locator("#discount")).to_contain_text("The discount is approved")

    hunter.goto(address)
    hunter.locator("form#send button").click()
    hunter.get_by_role("alertdialog").get_by_role("button", name="Send").click()
    expect(hunter.locator("form#share")).to_be_visible()
    hunter.get_by_role("button", name="Make a link").click()
    link = hunter.locator("#new-link").input_value()
    axe(hunter)

    client = phone_for(None)
    client.set_extra_http_headers(PHONE)
    client.goto(link)
    expect(client.get_by_role("heading", name="Connect the office")).to_be_visible()
    fits(client)
    axe(client)
    client.get_by_label("Your name and position").fill("Irina Boss, director")
    client.get_by_role("button", name="Accept the proposal").click()
    expect(client.get_by_text("Please tick this to accept")).to_be_visible()
    client.get_by_label("I accept this proposal").check()
    client.get_by_role("button", name="Accept the proposal").click()
    expect(client.locator("#said")).to_contain_text("You accepted this proposal")
    axe(client)
    with client.expect_download() as saved:
        client.get_by_role("link", name="Record of the acceptance").click()
    assert "acceptance" in saved.value.suggested_filename

    hunter.goto("/deals")
    expect(hunter.locator("#answered-rail")).to_contain_text("1")
    expect(hunter.locator("#answers")).to_contain_text("Irina Boss, director")
    hunter.goto(f"/deals/{deal.id}")
    expect(hunter.locator("#contracts")).to_contain_text("400.00")
    expect(hunter.locator("#proposals")).to_contain_text("Accepted by the client")
    expect(hunter.locator("#proposals")).to_contain_text("opened once")
