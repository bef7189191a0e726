"""The whole way of a new product in the demo company: told at a visit, offered with the head's approval, accepted on a
phone, paid for; and the launch counts who was told apart from what was sent."""

from datetime import datetime, timedelta, UTC

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db import transaction
from webapp.domain.awareness import Awareness
from webapp.domain.company import Company
from webapp.domain.contract import Contract
from webapp.domain.engagement import Engagement
from webapp.domain.invoice import Invoice
from webapp.domain.launch import Launch
from webapp.domain.launch_state import LaunchState
from webapp.domain.launch_touch import LaunchClient
from webapp.domain.money import WHOLE
from webapp.domain.payment import Payment
from webapp.domain.user import User
from webapp.domain.words import Department, Role
from webapp.jobs import NIGHTLY

pytestmark = pytest.mark.one_database

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/130.0 Mobile Safari/537.36"}


def number(page: Page, bar: str) -> int:
    return int(page.locator(f".funnel-{bar} .funnel-number b").first.inner_text())


def test_a_new_product_goes_from_a_visit_to_the_commission(session: Session, world, page_for, phone_for, axe, fits):
    session.get_one(Company, 1).discount_limits = {Role.MEMBER: 10_00, Role.HEAD: 30_00, Role.DIRECTOR: WHOLE}
    launch = session.scalars(select(Launch).where(Launch.state == LaunchState.RUNNING)).one()
    told = select(Awareness.id).where(
        Awareness.client_id == Engagement.client_id,
        Awareness.product_id == launch.product_id,
        Awareness.told_at.is_not(None),
    )
    old = select(Contract.id).where(
        Contract.client_id == Engagement.client_id, Contract.starts_on < datetime.now(UTC).date() - timedelta(days=150)
    )
    white = (
        select(Engagement)
        .join(LaunchClient, LaunchClient.client_id == Engagement.client_id)
        .where(LaunchClient.launch_id == launch.id, LaunchClient.refused.is_(False), Engagement.closed_at.is_(None))
        .where(Engagement.department != Department.SALES, ~told.exists(), old.exists())
        .order_by(Engagement.department.desc(), Engagement.id)
    )
    lane = session.scalars(white.limit(1)).one()
    client, visitor, product = lane.client, lane.owner, launch.product
    heads = select(User).where(User.role == Role.HEAD, User.department == lane.department)
    its_head = session.scalars(heads).one()
    session.commit()

    head = page_for(its_head)
    head.goto(f"/launches/{launch.id}")
    before, sold, sent = number(head, "told"), number(head, "sold"), number(head, "sent")

    vip = phone_for(visitor)
    vip.goto(f"/clients/{client.id}/visits/new")
    vip.get_by_label("Interested in a product").tap()
    vip.get_by_role("group", name="Did it reach its purpose?").get_by_label("Yes").tap()
    vip.get_by_label("What was it for?").select_option(label="Show a new product")
    vip.get_by_text("Told of a product").tap()
    vip.get_by_role("radiogroup", name=product.name).get_by_label("Interest").tap()
    vip.get_by_role("button", name="In a month").first.tap()
    vip.get_by_label("In your words").fill("They want it in both halls")
    fits(vip)
    vip.get_by_role("button", name="Held: save").tap()
    expect(vip.get_by_role("heading", name="Held")).to_be_visible()

    desk = page_for(visitor)
    desk.goto(f"/clients/{client.id}/deals/new?product={product.id}")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_role("button", name="Make a proposal").click()
    desk.get_by_label("Discount on everything, %").fill("20")
    desk.get_by_role("button", name="Save and look").click()
    address = desk.url
    desk.get_by_label("Why the client should get it").fill("Two halls at once")
    desk.get_by_role("button", name="Ask for approval").click()
    expect(desk.locator("#discount")).to_contain_text("Approval is asked for")
    head.goto(address)
    head.get_by_role("button", name="Approve the discount").click()
    expect(head.locator("#discount")).to_contain_text("The discount is approved")
    desk.goto(address)
    desk.locator("form#send button").click()
    desk.get_by_role("alertdialog").get_by_role("button", name="Send").click()
    expect(desk.locator("form#share")).to_be_visible()
    desk.get_by_role("button", name="Make a link").click()
    link = desk.locator("#new-link").input_value()

    theirs = phone_for(None)
    theirs.set_extra_http_headers(PHONE)
    theirs.goto(link)
    fits(theirs)
    theirs.get_by_label("Your name and position").fill("Irina Boss, director")
    theirs.get_by_label("I accept this proposal").check()
    theirs.get_by_role("button", name="Accept the proposal").click()
    expect(theirs.locator("#said")).to_contain_text("You accepted this proposal")

    head.goto(f"/launches/{launch.id}")
    assert (number(head, "told"), number(head, "sold"), number(head, "sent")) == (before + 1, sold + 1, sent)
    axe(head)

    session.rollback()
    contract = session.scalars(select(Contract).order_by(Contract.id.desc()).limit(1)).one()
    assert (contract.client_id, contract.product_id) == (client.id, product.id)
    with world.app.app_context(), transaction() as change:  # the month's invoice, and the client's money for it
        held, at = change.get_one(Contract, contract.id), datetime.now(UTC)
        month = held.starts_on.replace(day=1)
        invoice = Invoice.issue(
            change, held, month, Invoice.next_number(change, month.year), by=None, at=at, on=held.starts_on
        )
        change.flush()
        change.add(invoice.issued(by=None, at=at))
        paid = Payment.receive(
            change, invoice.total_minor, held.currency, at.date(), by=None, at=at, client=held.client
        )
        paid.allocate(change, invoice, by=None, at=at)
    with world.app.app_context():
        NIGHTLY["commission"](datetime.now(UTC).date())
    desk.goto(f"/commission/people/{visitor.id}/{datetime.now(UTC):%Y-%m}")
    line = desk.get_by_role("main")
    expect(line).to_contain_text(client.name)
    expect(line).to_contain_text("told the client of the product in person on")
    axe(desk)
