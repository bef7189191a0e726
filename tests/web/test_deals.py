"""Deals and the catalogue in the browser: lines are typed, sums are the server's."""

import pytest
from sqlalchemy import func, select

from tests.cast import AT
from tests.factories import line, make_client, make_contract, make_deal, make_product
from tests.support.client import soup
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.product import Billing, Product

ROUTER = {
    "lines-0-product_id": "0",
    "lines-0-name": "Router",
    "lines-0-quantity": "2,5",
    "lines-0-price": "1 200,50",
    "lines-0-billing": "one_off",
}


def new_deal(browser, client, **fields):
    page = browser.get(f"/clients/{client.id}/deals/new")
    return browser.submit(page, "form#deal-form", **({"name": "Internet", "currency": "RUB"} | ROUTER | fields))


def only_deal(session):
    return session.scalars(select(Deal)).one()


def test_a_deal_is_written_down_with_its_lines(session, cast, sign_in):
    product = make_product(session, cast.head_of_sales, "Fibre", price_minor=3000_00, billing=Billing.MONTHLY)
    client = make_client(session, cast.hunter)
    answer = new_deal(
        sign_in(cast.hunter), client, **{"lines-1-product_id": str(product.id), "expected_on": "2027-01-31"}
    )
    deal = only_deal(session)
    assert answer.location == f"/deals/{deal.id}"
    assert [(row.name, row.quantity, row.price_minor, row.product_id) for row in deal.lines] == [
        ("Router", 2500, 1200_50, None),
        ("Fibre", 1000, 3000_00, product.id),
    ]
    assert (deal.one_off_minor, deal.monthly_minor, deal.owner) == (3001_25, 3000_00, cast.hunter)


def test_sent_twice_it_is_one_deal(session, cast, sign_in):
    client, browser = make_client(session, cast.hunter), sign_in(cast.hunter)
    page = browser.get(f"/clients/{client.id}/deals/new")
    first, second = (browser.submit(page, "form#deal-form", name="Internet") for _ in range(2))
    assert first.location == second.location
    assert session.scalar(select(func.count()).select_from(Deal)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lines-0-quantity", "-1"),
        ("lines-0-quantity", "0"),
        ("lines-0-quantity", "1.0005"),
        ("lines-0-quantity", "NaN"),
        ("lines-0-quantity", "9999999999"),
        ("lines-0-price", "-1"),
        ("lines-0-price", "99999999999999999"),
        ("lines-0-price", "=1+1"),
        ("lines-0-name", ""),
        ("expected_on", "2026-02-30"),
        ("name", ""),
        ("currency", "XXX"),
    ],
)
def test_a_mistake_in_a_line_is_said_there(session, cast, sign_in, field, value):
    client = make_client(session, cast.hunter)
    answer = new_deal(sign_in(cast.hunter), client, **{field: value})
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error"), soup(answer).select_one(".form-summary")
    assert session.scalar(select(func.count()).select_from(Deal)) == 0


def test_what_is_wrong_in_lines_is_listed_above_by_line_and_field(session, cast, sign_in):
    wrong = {"lines-1-name": "Care", "lines-1-quantity": "-3", "lines-1-price": "9" * 25, "lines-2-product_id": "99999"}
    wrong["lines-2-billing"] = "one_off"
    answer = new_deal(sign_in(cast.hunter), make_client(session, cast.hunter), **ROUTER, **wrong)
    summary = soup(answer).select_one(".form-summary")
    assert {link.get_text(): link["href"] for link in summary.select("a")} == {
        "Line 2, Quantity": "#lines-1-quantity",
        "Line 2, Price": "#lines-1-price",
        "Line 3, Name on the deal": "#lines-2-name",
    }
    assert "{" not in summary.get_text()
    assert answer.status_code == 422
    assert session.scalar(select(func.count(Deal.id))) == 0


def test_a_sum_of_lines_that_is_too_large_is_refused_whole(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    answer = new_deal(sign_in(cast.hunter), client, **{"lines-0-quantity": "1000000", "lines-0-price": "9999999999999"})
    assert answer.status_code == 422
    said = soup(answer).select_one(".form-summary a")
    assert "too large" in said.get_text()
    assert soup(answer).select_one(said["href"]).select_one("[data-line]")


def test_the_totals_are_counted_by_the_server_as_one_types(cast, sign_in):
    typed = {"currency": "USD", **ROUTER, "lines-1-name": "Care", "lines-1-price": "10", "lines-1-billing": "monthly"}
    answer = sign_in(cast.clerk).post("/deals/totals", data=typed, htmx=True)
    assert soup(answer).select_one("#total-one-off").text.strip() == "$3,001.25"
    assert soup(answer).select_one("#total-monthly").text.strip() == "$10.00"
    broken = sign_in(cast.clerk).post("/deals/totals", data=typed | {"lines-0-price": "abc"}, htmx=True)
    assert soup(broken).select_one("#total-one-off").text.strip() == "$0.00"


def test_a_product_of_another_currency_brings_no_price(session, cast, sign_in):
    product = make_product(session, cast.head_of_sales, "Fibre", price_minor=3000_00, currency="USD")
    new_deal(sign_in(cast.hunter), make_client(session, cast.hunter), **{"lines-1-product_id": str(product.id)})
    assert [row.price_minor for row in only_deal(session).lines] == [1200_50, None]


def test_a_deal_is_changed_and_a_stale_change_is_not(session, cast, sign_in):
    deal = make_deal(session, make_client(session, cast.hunter), line(100_00, quantity=3))
    browser = sign_in(cast.hunter)
    page = browser.get(f"/deals/{deal.id}/edit")
    assert "300" in soup(page).select_one("#lines-0-total").text
    assert browser.submit(page, "form#deal-form", **{"lines-0-quantity": "4"}).status_code == 303
    session.refresh(deal)
    assert deal.one_off_minor == 400_00
    stale = browser.submit(page, "form#deal-form", name="Theirs")
    assert stale.status_code == 409
    assert soup(stale).select_one("#name")["value"] == "Theirs"
    session.refresh(deal)
    assert deal.name == "Deal"


def test_won_lost_and_open_again(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    deal, browser = make_deal(session, client), sign_in(cast.hunter)
    browser.submit(browser.get(f"/deals/{deal.id}"), f"form[action$='/{deal.id}/won']")
    session.refresh(deal)
    session.refresh(client)
    assert (deal.status, client.attracted_by) == (DealStatus.WON, cast.hunter)
    browser.submit(browser.get(f"/deals/{deal.id}"), "form[action$='/reopened']")
    asked = browser.get(f"/deals/{deal.id}/lost")
    browser.submit(asked, "main form", reason="competitor", competitor="Rival <b>")
    session.refresh(deal)
    assert (deal.status, deal.lost_reason, deal.competitor) == (DealStatus.LOST, "competitor", "Rival <b>")
    assert "Chose a competitor" in browser.get(f"/deals/{deal.id}").text


def test_before_a_deal_with_contracts_is_opened_again_somebody_asks(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    deal, browser = make_deal(session, client), sign_in(cast.hunter)
    session.add(deal.win(by=cast.hunter, at=AT, seen=deal.version))
    session.commit()
    button = "form[action$='/reopened'] button"
    assert "data-confirm" not in soup(browser.get(f"/deals/{deal.id}")).select_one(button).attrs
    make_contract(session, client, deal=deal)
    session.commit()
    assert "contracts" in soup(browser.get(f"/deals/{deal.id}")).select_one(button)["data-confirm"]


def test_a_deal_is_not_won_twice(session, cast, sign_in):
    deal, browser = make_deal(session, make_client(session, cast.hunter)), sign_in(cast.hunter)
    page = browser.get(f"/deals/{deal.id}")
    first = browser.submit(page, f"form[action$='/{deal.id}/won']")
    again = browser.submit(page, f"form[action$='/{deal.id}/won']")
    assert (first.status_code, again.status_code) == (303, 409)


def test_the_list_is_narrowed_and_added_up_over_all_rows(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    for _ in range(60):
        make_deal(session, client, line(10_00))
    lost = make_deal(session, client, line(5_00), name="Gone")
    session.add(lost.lose("price", by=cast.hunter, at=AT, seen=lost.version))
    make_deal(session, make_client(session, cast.clerk), line(7_00), name="Clerk's")
    browser = sign_in(cast.vip)
    page = soup(browser.get(f"/deals?owner={cast.hunter.id}"))
    assert len(page.select("tbody tr")) == 50
    assert "60 deals" in page.select_one(".tiles").text
    rest = soup(browser.get(page.select_one("a[rel=next]")["href"]))
    assert len(rest.select("tbody tr")) == 10
    assert "Gone" in browser.get("/deals?status=lost").text
    assert "Clerk" in soup(browser.get("/deals?status=all&department=client")).select_one("tbody").text
    for odd in ("after=x", "after=2026-13-01~5", "status=odd&owner=x&department=%00", "owner=-1"):
        assert browser.get(f"/deals?{odd}").status_code == 200


def test_the_catalogue_is_kept_by_heads(session, cast, sign_in):
    browser = sign_in(cast.head_of_vip)
    page = browser.get("/products/new")
    for _ in range(2):
        answer = browser.submit(page, "main form", name="Fibre", price_minor="1 000", billing="monthly")
        assert answer.status_code == 303
    product = session.scalars(select(Product)).one()
    assert (product.price_minor, product.billing) == (1000_00, Billing.MONTHLY)
    for name in ("Fibre", "FIBRE"):
        same = browser.submit(browser.get("/products/new"), "main form", name=name, price_minor="5")
        assert "of this name already" in soup(same).select_one("#name-field").text
    assert browser.submit(browser.get(f"/products/{product.id}/edit"), "main form", name="fibre").status_code == 303
    assert browser.submit(browser.get(f"/products/{product.id}/edit"), "main form", name="Fibre").status_code == 303
    seen, retiring = (browser.get(url) for url in (f"/products/{product.id}/edit", f"/products/{product.id}"))
    button = f"form[action='/products/{product.id}/retired']"
    browser.submit(retiring, button)
    session.refresh(product)
    assert product.retired_at is not None
    browser.submit(retiring, button)
    stale = browser.submit(seen, "main form", price_minor="7")
    assert (stale.status_code, "Somebody changed this" in stale.text) == (409, True)
    session.refresh(product)
    assert (product.retired_at is not None, product.price_minor) == (True, 1000_00)
    assert browser.submit(stale, "main form", price_minor="7").status_code == 303
    assert sign_in(cast.hunter).get("/products").status_code == 200
    for url in (
        "/products/new",
        f"/products/{product.id}/edit",
        f"/products/{product.id}/retired",
        "/products/999/edit",
    ):
        assert sign_in(cast.hunter).post(url, data={"name": "x"}).status_code == 403
