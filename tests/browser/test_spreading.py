"""Clients change hands in a browser: for an absence, to level the load, after initial attraction, to VIP and back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast, seat_day
from tests.factories import (
    engagement_of,
    make_client,
    make_contact,
    make_contract,
    make_payment,
    make_product,
    make_task,
)
from webapp.commissions import read_payments
from webapp.domain.attraction import AttractionKind
from webapp.domain.client import Client
from webapp.domain.event import Event
from webapp.domain.invoice import Invoice
from webapp.domain.product import Billing, Product
from webapp.domain.task import TaskKind
from webapp.domain.user import User
from webapp.domain.words import Department
from webapp.web.clock import now

pytestmark = pytest.mark.fresh


def owners(session: Session, clients: list[Client]) -> list[User]:
    session.rollback()
    session.expire_all()
    return [engagement_of(client, Department.CLIENT).owner for client in clients]


def test_a_head_spreads_a_clerks_clients_for_an_absence_and_they_come_back_by_themselves(
    page_for: Callable[..., Page], session: Session, cast: Cast, app: Flask, axe: Callable[..., None]
) -> None:
    clients = [make_client(session, cast.clerk, name=name, at=now()) for name in ("Alder", "Birch", "Cedar")]
    make_task(session, clients[0], seat_day(), at=now())
    session.commit()
    back = seat_day() + timedelta(days=10)
    page = page_for(cast.head_of_client)
    page.goto("/queue")
    page.get_by_label("Whose queue").select_option(label=cast.clerk.name)
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Several at once").click()
    for name in ("Alder", "Cedar"):
        page.get_by_label(name).check()
    page.get_by_label("Colleague", exact=True).select_option(label=cast.other_clerk.name)
    page.get_by_label("Come back on").fill(back.isoformat())
    page.get_by_label("Why").fill("Holiday")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#what")).to_contain_text("From Clara Clerk to Otto Otherclerk, clients: 2.")
    expect(page.locator("#what")).to_contain_text(f"{back.day}, {back.year} they come back by themselves")
    expect(page.locator("#chosen li")).to_contain_text(["Alder", "Cedar"])
    axe(page)
    assert owners(session, clients) == [cast.clerk] * 3, "a preview writes nothing"
    page.get_by_role("button", name="Give these clients").click()
    expect(page.locator("#toasts")).to_contain_text("2 clients go to Otto Otherclerk")
    expect(page.locator("#whose-clients li")).to_contain_text(["Birch"])
    assert owners(session, clients) == [cast.other_clerk, cast.clerk, cast.other_clerk]

    stand_in = page_for(cast.other_clerk)
    stand_in.goto("/queue")
    expect(stand_in.locator("[data-queue-title]")).to_have_text("Alder")
    expect(stand_in.locator("#colleague option:checked")).to_have_text(cast.head_of_client.name)
    for day, wanted in ((back - timedelta(days=1), cast.other_clerk), (back, cast.clerk)):
        told = app.test_cli_runner().invoke(args=["nightly", "--date", day.isoformat(), "--step", "absences"])
        assert told.exit_code == 0, told.output
        assert owners(session, clients) == [wanted, cast.clerk, wanted]
    page.goto(f"/clients/{clients[0].id}")
    expect(page.locator("main")).to_contain_text("Back from absence")


def test_a_head_levels_the_load_by_what_the_preview_shows(
    page_for: Callable[..., Page], session: Session, cast: Cast, axe: Callable[..., None], fits: Callable[[Page], None]
) -> None:
    clients = [make_client(session, cast.clerk, at=now()) for _ in range(7)]
    make_client(session, cast.other_clerk, at=now())
    session.commit()
    page = page_for(cast.head_of_client)
    page.goto("/departments")
    page.get_by_role("link", name="Level the load").click()
    expect(page.locator("#loads li")).to_contain_text(["Clara Clerk", "Otto Otherclerk"])
    expect(page.locator("#loads li").nth(0)).to_contain_text("7 → 4")
    expect(page.locator("#loads li").nth(1)).to_contain_text("1 → 4")
    expect(page.locator("#moves li")).to_have_count(3)
    axe(page)
    fits(page)
    kept, *given = page.locator("#moves li label").all_inner_texts()
    page.get_by_label(kept.strip(), exact=True).uncheck()
    assert owners(session, clients) == [cast.clerk] * 7
    page.get_by_label("Why").fill("To level the load")
    page.get_by_role("button", name="Give these clients").click()
    expect(page.locator("#toasts")).to_contain_text("2 clients changed hands")
    gone = [client.name for client, owner in zip(clients, owners(session, clients), strict=True) if owner != cast.clerk]
    assert sorted(gone) == sorted(name.strip() for name in given), "what was unticked stays"
    row = page.locator("#load-client tr", has_text="Otto Otherclerk")
    expect(row.locator("td").first).to_have_text("3")


def paid(session: Session, cast: Cast, app: Flask, client: Client, product: Product) -> None:
    """One more payment for the product came, and the ledger has read it."""
    contract = make_contract(session, client, 100_00, seat_day(), billing=Billing.ONE_OFF, product=product, at=now())
    number = Invoice.next_number(session, seat_day().year)
    month = seat_day().replace(day=1)
    invoice = Invoice.issue(session, contract, month, number, by=None, at=now(), on=seat_day())
    session.flush()
    payment = make_payment(session, 100_00, seat_day(), client=client, at=now())
    payment.allocate(session, invoice, by=cast.clerk, at=now())
    session.commit()
    with app.app_context():
        read_payments()


def test_when_a_products_own_period_ends_hunter_and_head_see_whom_to_hand_off(
    page_for: Callable[..., Page], session: Session, cast: Cast, app: Flask
) -> None:
    """The company's period is one payment; that of the product, which a director sets on its page, is two."""
    product = make_product(session, cast.director, "Telephony", billing=Billing.MONTHLY)
    client = make_client(session, cast.hunter, name="Camomile", at=now())
    client.attracted_by = cast.hunter
    session.commit()
    director = page_for(cast.director)
    director.goto(f"/products/{product.id}/edit")
    director.locator("[name=attraction_kind]").select_option(AttractionKind.PAYMENTS.value)
    director.locator("[name=attraction_size]").fill("2")
    director.get_by_role("button", name="Save").click()
    expect(director.locator("#toasts")).to_be_visible()

    hunter, head, stranger = page_for(cast.hunter), page_for(cast.head_of_client), page_for(cast.other_hunter)
    paid(session, cast, app, client, product)
    for page in (hunter, head, stranger):
        page.goto("/")
        expect(page.locator("#ready")).to_have_count(0)
    paid(session, cast, app, client, product)
    for page in (hunter, head):
        page.goto("/")
        expect(page.locator("#ready")).to_contain_text("Camomile")
    stranger.goto("/")
    expect(stranger.locator("#ready")).to_have_count(0)
    hunter.locator("#ready").get_by_role("link", name="Camomile").click()
    expect(hunter.locator("main")).to_contain_text("The period of initial attraction ended on")
    hunter.get_by_role("button", name="Hand off").first.click()
    expect(hunter.get_by_label("Why they bought")).to_be_visible()


ANSWERS = {
    "Why personal visits": "They grow",
    "Why it goes back": "A tender of their own",
    "What was done": "Two visits, a survey",
    "What they use": "Ten lines",
    "How they pay": "On time",
    "Promises outside the contract": "none",
    "Open problems": "none",
}


def hand_over(giver: Page, receiver: Page, client: Client, way: str) -> None:
    """The giver fills what the checklist asks for and offers; the receiver accepts and takes the client over."""
    giver.goto(f"/clients/{client.id}")
    giver.get_by_role("button", name=f"Hand off: {way}").click()
    expect(giver.get_by_role("button", name="Offer to")).to_be_visible()
    expect(giver.get_by_label("Who decides")).to_have_value("Anna Orlova, decides")
    for label, text in ANSWERS.items():
        field = giver.get_by_label(label)
        if field.count():
            field.fill(text)
    giver.get_by_role("button", name="Offer to").click()
    expect(giver.get_by_text("stays responsible until the client is accepted")).to_be_visible()
    receiver.goto("/handoffs")
    receiver.get_by_role("link", name=f"Answer the hand-off of {client.name}").click()
    expect(receiver.locator("main")).to_contain_text("They grow" if way.endswith("VIP") else "A tender of their own")
    receiver.get_by_role("button", name="Accept the client").click()
    expect(receiver.get_by_role("heading", name=client.name)).to_be_visible()


def lanes(session: Session, client: Client) -> dict[Department, User]:
    session.rollback()
    session.expire_all()
    return {lane.department: lane.owner for lane in client.open_engagements}


def test_a_client_goes_to_the_vip_department_and_back_to_sales(
    page_for: Callable[..., Page], session: Session, cast: Cast
) -> None:
    """The clerk goes on serving whom VIP visits; whoever attracted the client stays on record all the way."""
    client = make_client(session, cast.clerk, name="Acme", at=now())
    client.attracted_by = cast.other_hunter
    make_contact(session, client, "Anna Orlova", decision_role="decides")
    call = make_task(session, client, seat_day(), subject="Call about the bill", at=now())
    meeting = make_task(session, client, seat_day(), subject="See the plant", kind=TaskKind.MEETING, at=now())
    session.commit()
    clerk, vip, head = page_for(cast.clerk), page_for(cast.head_of_vip), page_for(cast.head_of_sales)

    hand_over(clerk, vip, client, "Client → VIP")
    visits, serves, sells = Department.VIP, Department.CLIENT, Department.SALES
    held = lanes(session, client)
    assert set(held) == {visits, serves}
    assert (held[serves], held[visits].department) == (cast.clerk, visits)
    assert [call.engagement.department, meeting.engagement.department] == [serves, visits]

    hand_over(page_for(held[visits]), head, client, "VIP → Sales")
    held = lanes(session, client)
    assert set(held) == {sells, serves}
    assert (held[serves], held[sells].department) == (cast.clerk, sells)
    assert [call.engagement.department, meeting.engagement.department] == [serves, sells]
    assert client.attracted_by == cast.other_hunter
    accepted = select(Event.details).where(Event.kind == "handoff:accepted").order_by(Event.id)
    assert [(told["giver"], told["receiver"]) for told in session.scalars(accepted)] == [
        ("client", "vip"),
        ("vip", "sales"),
    ]
    head.goto(f"/clients/{client.id}")
    expect(head.locator("main")).to_contain_text("Client → VIP")
    expect(head.locator("main")).to_contain_text("VIP → Sales")
