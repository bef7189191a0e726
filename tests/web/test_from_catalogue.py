"""Putting products of the catalogue on deals and proposals: price and tax of the day, a bundle whole or apart."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import AT
from tests.factories import make_client, make_deal, make_product
from tests.support.client import soup
from webapp.domain.bundling import Part
from webapp.domain.deal import Deal, Line
from webapp.domain.eligibility import Eligibility
from webapp.domain.price_list import PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Billing, Product
from webapp.domain.proposal import ProposalVersion

MONTHLY = {"billing": Billing.MONTHLY}


@pytest.fixture
def bundle(session, cast) -> Product:
    """A line and three seats, together for a tenth less; seats are cheaper from three on."""
    by, at = cast.director, AT
    line = make_product(session, by, "Line", price_minor=1000_00, unit="line", **MONTHLY)
    seat = make_product(session, by, "Seat", price_minor=333_00, unit="seat", tax="reduced", **MONTHLY)
    office = make_product(session, by, "Office", price_minor=0, tax="zero", **MONTHLY)
    session.add(office.bundle(session, [Part(line.id, 1000), Part(seat.id, 3000)], 1000, by=by, at=at, seen=1))
    spring = PriceList.add(session, "Spring", "RUB", AT.date() - timedelta(500), by=by, at=at)
    session.add(spring.price(seat, [Break(3000, 300_01)], by=by, at=at, seen=1))
    session.flush()
    return office


def lines_of(page) -> list[tuple[str, ...]]:
    """Name, quantity and price of each row that the form shows."""
    rows = soup(page).select("[data-lines-body] > tr")
    return [
        tuple(row.select_one(f"[name$=-{name}]")["value"] for name in ("name", "quantity", "price"))
        for row in rows
        if row.select_one("[name$=-name]").get("value")
    ]


def test_a_quantity_finds_its_price_on_a_deal(session, cast, sign_in, bundle) -> None:
    browser, client = sign_in(cast.hunter), make_client(session, cast.hunter)
    seat = session.scalars(select(Product).filter_by(name="Seat")).one()
    page = browser.get(f"/clients/{client.id}/deals/new")
    sent = {"then": "product", "put_product": str(seat.id), "put_quantity": "5", "currency": "RUB", "name": "Seats"}
    shown = browser.submit(page, "form#deal-form", **sent)
    assert (shown.status_code, lines_of(shown)) == (200, [("Seat", "5", "300.01")])
    assert "list “Spring” · from 3" in soup(shown).select_one("#lines-0-why").get_text()
    assert session.scalars(select(Deal)).all() == []
    assert browser.submit(shown, "form#deal-form").status_code == 303
    deal = session.scalars(select(Deal)).one()
    assert [(each.product_id, each.price_minor, deal.monthly_minor) for each in deal.lines] == [
        (seat.id, 300_01, 1500_05)
    ]


def test_a_line_without_a_price_is_priced_by_its_quantity(session, cast, sign_in, bundle) -> None:
    browser, client = sign_in(cast.hunter), make_client(session, cast.hunter)
    seat = session.scalars(select(Product).filter_by(name="Seat")).one()
    sent = {"name": "Seats", "currency": "RUB", "lines-0-product_id": str(seat.id), "lines-0-quantity": "3"}
    page = browser.get(f"/clients/{client.id}/deals/new")
    said = browser.post("/deals/totals", data=sent, htmx=True)
    assert "list “Spring” · from 3" in said.text
    browser.submit(page, "form#deal-form", **sent)
    assert session.scalars(select(Deal)).one().lines[0].price_minor == 300_01


def test_a_bundle_comes_whole_or_apart_to_the_same_sum(session, cast, sign_in, bundle) -> None:
    browser, client = sign_in(cast.hunter), make_client(session, cast.hunter)
    for apart in (None, "y"):
        page = browser.get(f"/clients/{client.id}/deals/new")
        sent = {"then": "product", "put_product": str(bundle.id), "put_quantity": "2", "put_apart": apart}
        shown = browser.submit(page, "form#deal-form", name="Office", currency="RUB", **sent)
        browser.submit(shown, "form#deal-form")
    whole, taken = session.scalars(select(Deal).order_by(Deal.id)).all()
    assert [each.name for each in whole.lines] == ["Office"]
    assert {each.name for each in taken.lines} == {"Line", "Seat"}
    assert whole.monthly_minor == taken.monthly_minor == 2 * 1710_03


def test_what_cannot_be_put_says_so_and_keeps_what_was_typed(session, cast, sign_in, bundle) -> None:
    browser, client = sign_in(cast.hunter), make_client(session, cast.hunter)
    page = browser.get(f"/clients/{client.id}/deals/new")
    for fields, said in (
        ({"put_product": "0"}, "Choose a product"),
        ({"put_product": str(bundle.id), "put_quantity": "-1"}, "above zero"),
        ({"put_product": str(bundle.id), "put_quantity": "1.5", "put_apart": "y"}, "whole numbers"),
        ({"put_product": str(bundle.id), "put_apart": "y", "currency": "EUR"}, "has no price in EUR"),
    ):
        given = {"then": "product", "currency": "RUB", "lines-0-name": "Mine", "lines-0-price": "7"} | fields
        shown = browser.submit(page, "form#deal-form", **given)
        assert (shown.status_code, said in shown.text) == (422, True)
        assert lines_of(shown)[0][0] == "Mine"


def test_a_proposal_takes_price_and_tax_of_its_date(session, cast, sign_in, bundle) -> None:
    deal = make_deal(session, make_client(session, cast.hunter))
    browser = sign_in(cast.hunter)
    version_id = int(browser.post(f"/deals/{deal.id}/proposals").location.split("/")[-2])
    page = browser.get(f"/proposals/versions/{version_id}/edit")
    sent = {"then": "product", "put_product": str(bundle.id), "put_quantity": "1", "put_apart": "y"}
    shown = browser.submit(page, "form#draft", **sent)
    assert shown.status_code == 200
    version = session.get(ProposalVersion, version_id)
    before = len(version.lines)
    assert browser.submit(shown, "form#draft", then="edit").status_code == 303
    session.refresh(version)
    added = version.lines[before:]
    assert next((each["name"], each["unit"], each["tax"]) for each in added) == ("Line", "line", "standard")
    assert {each["tax"] for each in added if each["name"] == "Seat"} == {"reduced"}
    assert [each["product_id"] for each in added if each["name"] == "Seat"] == [bundle.parts[1].product_id]
    without = browser.submit(page, "form#draft", prices="without", **(sent | {"put_apart": None}))
    assert lines_of(without)[-1] == ("Office", "1", "1710.03")


def test_a_proposals_line_keeps_its_product_until_somebody_takes_it_away(session, cast, sign_in, bundle) -> None:
    seat = session.scalars(select(Product).filter_by(name="Seat")).one()
    deal = make_deal(session, make_client(session, cast.hunter), Line("Seat", 1000, 1_00, Billing.MONTHLY, seat.id))
    browser = sign_in(cast.hunter)
    version_id = int(browser.post(f"/deals/{deal.id}/proposals").location.split("/")[-2])
    version, url = session.get(ProposalVersion, version_id), f"/proposals/versions/{version_id}/edit"
    page = browser.get(url)
    assert "Of the catalogue: Seat" in soup(page).select_one(".line-product").get_text()
    browser.submit(page, "form#draft", then="edit", **{"lines-0-name": "A seat for your office"})
    assert [(each["name"], each["product_id"]) for each in version.lines] == [("A seat for your office", seat.id)]
    unknown = browser.submit(browser.get(url), "form#draft", then="edit", **{"lines-0-product_id": "999"})
    assert (unknown.status_code, "Choose a product" in unknown.text) == (422, True)
    browser.submit(browser.get(url), "form#draft", then="edit", **{"lines-0-product_id": None})
    session.refresh(version)
    assert [each["product_id"] for each in version.lines] == [None]
    assert not soup(browser.get(url)).select(".line-product")


def test_a_proposal_made_from_a_deal_has_the_taxes_of_its_products(session, cast, sign_in, bundle) -> None:
    deal = make_deal(session, make_client(session, cast.hunter))
    seat = session.scalars(select(Product).filter_by(name="Seat")).one()
    deal.lines[0].product_id = seat.id
    browser = sign_in(cast.hunter)
    version_id = int(browser.post(f"/deals/{deal.id}/proposals").location.split("/")[-2])
    assert session.get(ProposalVersion, version_id).lines[0]["tax"] == "reduced"


def test_a_deal_says_which_product_may_not_suit_its_client(session, cast, sign_in, bundle) -> None:
    client = make_client(session, cast.hunter, sector="Trade", employees=3)
    deal, seat = make_deal(session, client), session.scalars(select(Product).filter_by(name="Seat")).one()
    deal.lines[0].product_id = seat.id
    asked = Eligibility(
        sectors=frozenset({"Industry"}), employees_from=10, owns=frozenset({bundle.id}), lanes=frozenset({"vip"})
    )
    session.add(seat.suit(asked.as_json(), by=cast.director, at=AT, seen=seat.version))
    shown = soup(sign_in(cast.hunter).get(f"/deals/{deal.id}")).select_one(".notice-warn").get_text()
    for said in ("“Seat”", "not one of: Industry", "3 employees, fewer than 10", "none of these: Office", "VIP"):
        assert said in shown
