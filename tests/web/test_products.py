"""The catalogue in the browser."""

from sqlalchemy import select

from tests.cast import AT
from tests.factories import make_client, make_product
from tests.support.client import soup
from webapp.domain.price_list import PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Product
from webapp.domain.product_family import ProductFamily

FORM = "main form[method=post]"


def test_a_head_sorts_products_into_families(session, cast, sign_in) -> None:
    browser = sign_in(cast.head_of_vip)
    for name in ("Cloud", "Telephone"):
        assert browser.submit(browser.get("/products/families/new"), FORM, name=name).status_code == 303
    assert browser.submit(browser.get("/products/families/new"), FORM, name="Cloud").status_code == 422
    cloud, telephone = session.scalars(select(ProductFamily).order_by(ProductFamily.position)).all()
    added = browser.get("/products/new")
    browser.submit(added, FORM, name="Backup", price_minor="10", family_id=str(cloud.id))
    assert session.scalars(select(Product)).one().family is cloud
    listed = browser.get("/products/families")
    assert "1 product" in soup(listed).select_one(f"#family-{cloud.id}").get_text()
    assert soup(listed).select_one(f"form[action='/products/families/{cloud.id}/removed']") is None
    page = browser.get(f"/products/families/{telephone.id}")
    assert browser.submit(page, FORM, name="Phones").status_code == 303
    assert browser.submit(page, FORM, name="Seen before").status_code == 409
    browser.submit(browser.get("/products/families"), f"form[action='/products/families/{telephone.id}/above']")
    session.expire_all()
    assert session.scalars(select(ProductFamily.name).order_by(ProductFamily.position)).all() == ["Phones", "Cloud"]
    browser.submit(browser.get("/products/families"), f"form[action='/products/families/{telephone.id}/removed']")
    assert session.scalars(select(ProductFamily.name)).all() == ["Cloud"]
    assert sign_in(cast.hunter).get("/products/families/new").status_code == 403


def test_the_list_is_searched_and_tells_todays_price(session, cast, sign_in) -> None:
    family = ProductFamily.add(session, "Cloud", by=cast.director, at=AT)
    backup = make_product(session, cast.director, "Backup", family_id=family.id, price_minor=500_00)
    old = make_product(session, cast.director, "Tape", retired_at=AT)
    listed = PriceList.add(session, "Spring", "RUB", AT.date(), by=cast.director, at=AT)
    session.add(listed.price(backup, [Break(0, 450_00)], by=cast.director, at=AT, seen=1))
    browser = sign_in(cast.clerk)

    def shown(query: str) -> list[str]:
        return [each.get_text() for each in soup(browser.get(f"/products{query}")).select("tbody th a")]

    assert shown("") == ["Backup"]
    assert shown("?state=retired") == ["Tape"]
    assert shown("?state=all") == ["Backup", "Tape"]
    assert shown("?q=back") == shown(f"?family={family.id}") == ["Backup"]
    assert shown("?q=none&state=odd&family=x") == []
    row = soup(browser.get("/products")).select_one("tbody tr").get_text()
    assert ("450.00" in row, "Spring" in row) == (True, True)
    assert "Off sale since" in browser.get(f"/products/{old.id}").text


def test_a_head_keeps_price_lists(session, cast, sign_in) -> None:
    browser = sign_in(cast.head_of_client)
    backup, phone = (make_product(session, cast.director, name) for name in ("Backup", "Phone"))
    page = browser.get("/prices/new")
    wrong = browser.submit(page, FORM, name="Spring", starts_on="2026-03-01", ends_on="2026-02-01")
    assert (wrong.status_code, "ends after it starts" in wrong.text) == (422, True)
    where = browser.submit(page, FORM, name="Spring", starts_on="2026-03-01").location
    page = browser.get(f"{where}/products")
    for breaks, said in (("10: 5\n10: 4", "larger quantity"), ("x: 4", "not a quantity"), ("10: five", "not a sum")):
        refused = browser.submit(page, FORM, product_id=str(backup.id), breaks=breaks)
        assert (refused.status_code, said in refused.text) == (422, True)
    browser.submit(page, FORM, product_id=str(backup.id), breaks="1 234,50\n10: 1 100\n100: 999.99")
    listed = session.scalars(select(PriceList)).one()
    assert [(e.from_quantity, e.price_minor) for e in listed.entries] == [
        (0, 123450),
        (10_000, 110000),
        (100_000, 99999),
    ]
    assert browser.submit(page, FORM, product_id=str(phone.id), breaks="1").status_code == 409
    page = browser.get(f"{where}/products/{backup.id}")
    assert "10: 1100.00" in page.text
    assert browser.submit(page, FORM, breaks="").status_code == 303
    assert browser.get(f"{where}/products/{backup.id}").status_code == 404
    page = browser.get(f"{where}/edit")
    browser.submit(page, FORM, name="Early spring", ends_on="2026-05-31")
    assert "Early spring" in browser.get("/prices").text
    assert sign_in(cast.clerk).get(f"{where}/edit").status_code == 403
    browser.submit(browser.get(where), f"form[action='{where}/removed']")
    assert session.scalars(select(PriceList)).all() == []


def test_the_next_list_is_made_from_this_one(session, cast, sign_in) -> None:
    backup, old = (make_product(session, cast.director, name) for name in ("Backup", "Tape"))
    listed = PriceList.add(session, "2026", "EUR", AT.date(), by=cast.director, at=AT)
    for product in (backup, old):
        session.add(
            listed.price(product, [Break(0, 1005), Break(5000, 7)], by=cast.director, at=AT, seen=listed.version)
        )
        session.flush()
    session.add(old.change(by=cast.director, at=AT, seen=old.version, retired_at=AT))
    browser = sign_in(cast.head_of_sales)
    page = browser.get(f"/prices/{listed.id}/copy")
    assert browser.submit(page, FORM, name="2026", starts_on="2027-01-01", percent="10").status_code == 422
    assert browser.submit(page, FORM, name="2027", starts_on="2027-01-01", percent="-91").status_code == 422
    where = browser.submit(page, FORM, name="2027", starts_on="2027-01-01", percent="10").location
    made = session.scalars(select(PriceList).filter_by(name="2027")).one()
    assert (where, made.currency) == (f"/prices/{made.id}", "EUR")
    assert [(e.product_id, e.from_quantity, e.price_minor) for e in made.entries] == [
        (backup.id, 0, 1106),
        (backup.id, 5000, 8),
    ]


def test_a_head_says_a_products_vat_from_a_date(session, cast, sign_in) -> None:
    browser, product = sign_in(cast.head_of_vip), make_product(session, cast.director, "Line")
    page = browser.get(f"/products/{product.id}/tax")
    assert browser.submit(page, FORM, starts_on="2024-01-01", tax="simplified_5").status_code == 422
    assert browser.submit(page, FORM, starts_on="2999-01-01", tax="reduced").status_code == 303
    session.expire_all()
    assert product.tax_changes == [["2999-01-01", "reduced"]]
    shown = soup(browser.get(f"/products/{product.id}"))
    assert "Reduced, 10" in shown.select_one("#tax-changes").get_text()
    assert "as usual for the currency" in shown.select_one("#price").get_text(), "today it is as before"
    stands = soup(browser.get(f"/products/{product.id}/tax")).select("#taxes-set li")
    assert [" ".join(each.get_text().split()) for each in stands] == [
        "at first: as usual for the currency", "from Jan 1, 2999: Reduced, 10 %",
    ]  # fmt: skip
    assert "Until Jan 1, 2999" in browser.get(f"/products/{product.id}/edit").text
    assert browser.submit(page, FORM, starts_on="2999-01-01", tax="zero").status_code == 409
    assert sign_in(cast.clerk).get(f"/products/{product.id}/tax").status_code == 403
    assert soup(sign_in(cast.clerk).get(f"/products/{product.id}")).select_one("#change-tax") is None


def test_a_head_puts_a_bundle_together(session, cast, sign_in) -> None:
    browser = sign_in(cast.head_of_vip)
    line, phone, office = (make_product(session, cast.director, name) for name in ("Line", "Phone", "Office"))
    page = browser.get(f"/products/{office.id}/parts")
    sent = {"lines-0-product_id": str(line.id), "lines-1-product_id": str(phone.id), "lines-1-quantity": "2,5"}
    assert browser.submit(page, FORM, **(sent | {"lines-1-quantity": "-1"})).status_code == 422
    assert browser.submit(page, FORM, **sent, priced="off", bundle_off="12.5").status_code == 303
    session.expire_all()
    assert [(part.product_id, part.quantity) for part in office.parts] == [(line.id, 1000), (phone.id, 2500)]
    assert office.bundle_off == 1250
    assert browser.submit(page, FORM, **sent).status_code == 409
    shown = soup(browser.get(f"/products/{office.id}"))
    assert "2.5" in shown.select_one("#parts").get_text()
    assert "306.25" in shown.select_one("#price").get_text()
    assert "Office" in soup(browser.get(f"/products/{line.id}")).select_one("#used").get_text()


def test_whom_a_product_suits_is_counted_while_it_is_edited(session, cast, sign_in) -> None:
    browser, product = sign_in(cast.head_of_sales), make_product(session, cast.director)
    for sector, employees in (("Trade", 5), ("Trade", 50), ("Industry", 500)):
        make_client(session, cast.hunter, sector=sector, employees=employees)
    page = browser.get(f"/products/{product.id}/eligibility")
    assert "Suits 3 of 3 clients" in page.text
    said = {"sectors": "Trade", "employees_from": "10", "currency": "RUB", "vip": "", "key": ""}
    counted = browser.post(f"/products/{product.id}/eligibility/count", data=said, htmx=True)
    assert "Suits 1 of 3 clients" in counted.text
    wrong = browser.post(f"/products/{product.id}/eligibility/count", data=said | {"employees_to": "2"}, htmx=True)
    assert "at least the first" in wrong.text
    assert "Suits 1 of 3 clients" in browser.submit(page, FORM, **said, then="count").text
    session.expire_all()
    assert product.eligibility == {}
    assert browser.submit(page, FORM, **(said | {"employees_from": "x"})).status_code == 422
    assert browser.submit(page, FORM, **said).status_code == 303
    session.expire_all()
    assert product.eligibility == {"sectors": ["Trade"], "employees_from": 10, "currency": "RUB"}
    assert browser.submit(page, FORM, **said).status_code == 409
    shown = soup(browser.get(f"/products/{product.id}")).select_one("#eligibility").get_text()
    assert ("Sector: Trade" in shown, "Employees: from 10" in shown) == (True, True)
    assert sign_in(cast.hunter).get(f"/products/{product.id}/eligibility").status_code == 403


def test_a_product_suits_whoever_meets_one_of_several_sets(session, cast, sign_in) -> None:
    browser, product = sign_in(cast.head_of_sales), make_product(session, cast.director)
    for sector, employees in (("Trade", 5), ("Trade", 50), ("Industry", 500), ("Farming", 1)):
        make_client(session, cast.hunter, sector=sector, employees=employees)
    where, empty = f"/products/{product.id}", {"currency": "RUB", "vip": "", "key": ""}
    for said in ({"sectors": "Trade", "employees_from": "10"}, {"sectors": "Industry"}):
        add = soup(browser.get(where)).select_one("#add-eligibility")
        assert browser.submit(browser.get(add["href"]), FORM, **empty, **said).status_code == 303
    session.expire_all()
    assert product.eligibility == {
        "any": [
            {"sectors": ["Trade"], "employees_from": 10, "currency": "RUB"},
            {"sectors": ["Industry"], "currency": "RUB"},
        ]
    }
    shown = soup(browser.get(where)).select_one("#eligibility").get_text(" ", strip=True)
    assert "Suits 2 of 4 clients" in shown
    assert "or else" in shown
    second = browser.get(f"{where}/eligibility?set=1")
    assert [each["value"] for each in soup(second).select("[name=sectors][checked]")] == ["Industry"]
    assert "or those of 1 other set" in second.text
    counted = browser.post(f"{where}/eligibility/count?set=1", data=empty | {"sectors": "Farming"}, htmx=True)
    assert "Suits 2 of 4 clients" in counted.text
    first = browser.get(f"{where}/eligibility?set=0")
    assert browser.submit(first, FORM, **empty, sectors=[], employees_from="").status_code == 303
    session.expire_all()
    assert product.eligibility == {"sectors": ["Industry"], "currency": "RUB"}, "a set without conditions is taken away"


def test_who_comes_too_late_sees_the_set_that_stands_there_now_and_overwrites_none(session, cast, sign_in) -> None:
    browser, product = sign_in(cast.head_of_sales), make_product(session, cast.director)
    for sector in ("Trade", "Industry"):
        make_client(session, cast.hunter, sector=sector)
    sets = [{"sectors": ["Trade"]}, {"sectors": ["Industry"]}]
    session.add(product.suit({"any": sets}, by=cast.director, at=AT, seen=product.version))
    session.commit()
    seen = browser.get(f"/products/{product.id}/eligibility?set=0")
    session.add(product.suit(sets[1], by=cast.director, at=AT, seen=product.version))
    session.commit()
    late = browser.submit(seen, FORM, employees_from="10")
    assert late.status_code == 409
    said = soup(late).select_one(".form-summary").get_text()
    assert ("Here is how it stands now" in said, "still stands here" in said) == (True, False)
    assert browser.submit(late, FORM).status_code == 303
    session.expire_all()
    assert product.eligibility == {"sectors": ["Industry"], "currency": "RUB"}


def test_a_page_of_many_products_costs_as_many_statements_as_one_of_few(session, cast, sign_in, statements) -> None:
    browser = sign_in(cast.clerk)
    counts = []
    for many in (1, 12):
        for _ in range(many):
            make_product(session, cast.director)
        with statements() as told:
            browser.get("/products")
        counts.append(len(told))
    assert counts[0] == counts[1]
