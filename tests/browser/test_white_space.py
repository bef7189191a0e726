"""The matrix by keyboard: through hundreds of clients, into a cell and back, with a rival noted and a visit planned."""

from datetime import datetime, timedelta, UTC

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.attacks import make_attack
from tests.cast import Cast, seat_day
from tests.factories import make_client, make_product
from webapp.domain.awareness import Awareness
from webapp.domain.model import WhiteSpace
from webapp.domain.product_family import ProductFamily
from webapp.domain.rival_supply import RivalSupply
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose

CLIENTS, NAMES = 230, ("Internet", "Telephony", "Hosting")
MARKS = {"2": "5800 58 1250000 RUB"}
PRIZES = {"2": [5800, 7, 12, 1, 1, {"RUB": [12_500_00, 7]}]}


def told(session: Session, cast: Cast) -> None:
    """Clients that stand in the matrix by their number, the first of them at the top."""
    at = datetime.now(UTC) - timedelta(days=3)
    for name in NAMES:
        family = ProductFamily.add(session, name, by=cast.director, at=at)
        make_product(session, cast.director, f"{name} 1", family_id=family.id)
    clients = [make_client(session, cast.vip, name=f"Client {number:03}") for number in range(CLIENTS)]
    make_attack(session, clients[0], cast)
    for place, client in enumerate(clients):
        session.add(WhiteSpace(client_id=client.id, score=5800 - place, prizes=PRIZES, marks=MARKS))
    Awareness.note_all(session, clients[0].id, [1], "buy", by=None, at=at)
    session.commit()


@pytest.mark.fresh
def test_the_matrix_is_walked_by_keyboard_and_acted_upon_from_its_cells(
    session: Session, cast: Cast, page_for, axe, fits
) -> None:
    told(session, cast)
    page: Page = page_for(cast.vip)
    page.goto("/whitespace")
    rows, grid = page.locator("#matrix tr[aria-rowindex]:has(td)"), page.get_by_role("grid")
    assert grid.get_attribute("aria-rowcount") == str(CLIENTS + 1)
    expect(page.get_by_role("gridcell").first).to_have_text("owned")
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    axe(page)
    fits(page)

    page.locator("#matrix td a").first.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    focused = page.locator("#matrix a:focus")
    expect(focused).to_have_attribute("href", "/clients/3/whitespace/2")
    expect(page.locator("#matrix a[tabindex='0']")).to_have_count(1)
    page.keyboard.press("Control+End")
    expect(focused).to_have_attribute("href", f"/clients/{CLIENTS}/whitespace/2")
    expect(focused).to_be_in_viewport()
    assert rows.count() <= 120, "only the windows around what is seen are in the page"
    page.keyboard.press("PageUp")
    page.keyboard.press("Home")
    expect(page.locator("#matrix th a:focus")).to_be_in_viewport()
    page.locator("#matrix").evaluate("box => { box.scrollTop = box.scrollHeight / 2; }")
    expect(page.locator("#matrix .ws-waiting")).to_have_count(0)
    middle = page.get_by_role("rowheader", name=f"Client {CLIENTS // 2:03}")
    expect(middle).to_be_in_viewport()
    page.keyboard.press("Control+Home")
    expect(page.locator("#matrix th a:focus")).to_have_text("Client 000")

    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("7 of 12 clients like this own it; they pay RUB")
    axe(page, within="#remote")
    dialog.locator(".ws-rivals button").first.click()
    expect(dialog).to_be_hidden()
    first = page.locator("#matrix tr[aria-rowindex='2']")
    expect(first).to_contain_text("rival")
    expect(focused).to_have_attribute("href", "/clients/1/whitespace/2")
    session.rollback()
    assert session.scalars(select(RivalSupply.family_id)).all() == [2]

    page.keyboard.press("Enter")
    dialog.get_by_label("Why it does not").fill("They build their own")
    dialog.get_by_role("button", name="Not eligible").click()
    expect(first).to_contain_text("unsuited")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    dialog.get_by_role("link", name="Plan a visit to show Hosting 1").click()
    expect(page.get_by_text("To show: Hosting 1")).to_be_visible()
    page.get_by_label("Day", exact=True).fill((seat_day() + timedelta(days=5)).isoformat())
    page.get_by_role("button", name="Plan the visit").click()
    page.wait_for_url("**/clients/1")
    expect(page.locator("#white-space")).to_contain_text("Too few clients are like this one")
    session.rollback()
    assert session.scalars(select(Visit.purpose).where(Visit.about_id == 3)).all() == [Purpose.PRODUCT]
