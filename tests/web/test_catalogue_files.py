"""The catalogue as a file: out, in, seen before it is written, whole or not at all."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from tests.cast import AT
from tests.factories import make_product
from tests.support.client import soup
from webapp.domain.bundling import Part
from webapp.domain.event import Event
from webapp.domain.price_list import PriceEntry, PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily

HEAD = (
    "Product;Family;Unit;Billing;Price;Currency;VAT;Off sale;"
    "Price list;Currency of the list;In force from;Last day;From quantity;Price by the list\n"
)
TABLE = f"""{HEAD}Backup;Cloud;TB;Monthly;35,50;RUB;standard;no;Spring;RUB;01.03.2026;;;30
;;;;;;;;;;;;;
Backup;;;;;;;;Spring;;;;10;25,25
Cable;Works;m;One-off;75;;;yes;;;;;;
"""


@pytest.fixture
def browser(cast, sign_in):
    return sign_in(cast.head_of_sales)


def upload(browser, text: str | bytes, name: str = "catalogue.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return browser.post("/products/import", data={"file": (io.BytesIO(content), name)})


def take(browser, page):
    return browser.submit(page, "form#catalogue-changes")


def products(session) -> list[Product]:
    session.expire_all()
    return list(session.scalars(select(Product).order_by(Product.name)))


def test_a_file_is_seen_then_written_and_the_second_time_changes_nothing(session, browser) -> None:
    page = upload(browser, TABLE)
    assert "New families: Cloud, Works" in soup(page).get_text()
    assert products(session) == []
    assert take(browser, page).location == "/products"
    backup, cable = products(session)
    assert (backup.family.name, backup.unit, backup.billing, backup.price_minor) == (
        "Cloud",
        "TB",
        Billing.MONTHLY,
        3550,
    )
    assert (cable.currency, cable.tax, cable.retired_at is not None) == ("RUB", "", True)
    listed = session.scalars(select(PriceList)).one()
    assert [(entry.from_quantity, entry.price_minor) for entry in listed.entries] == [(0, 3000), (10_000, 2525)]
    told = session.scalar(select(func.count()).select_from(Event))
    assert "Nothing to change" in upload(browser, TABLE).text
    assert session.scalar(select(func.count()).select_from(Event)) == told


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_export_read_again_changes_nothing(session, cast, browser, form, language) -> None:
    cast.head_of_sales.language = language
    take(browser, upload(browser, TABLE))
    evil = make_product(session, cast.director, "=1+1", description="@cmd", unit="-x", tax="reduced")
    listed = session.scalars(select(PriceList)).one()
    session.add(listed.price(evil, [Break(1500, 999)], by=cast.director, at=AT, seen=listed.version))
    answer = browser.post(f"/products/export?format={form}")
    if form == "csv":
        assert "'=1+1" in answer.get_data(as_text=True)
        assert "\r\nBackup;;;;;;;;;Spring;" in answer.get_data(as_text=True)
    else:
        sheet = load_workbook(io.BytesIO(answer.data)).active
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    again = upload(browser, answer.data, f"catalogue.{form}")
    assert soup(again).select_one("#faults, #catalogue-changes") is None
    assert again.status_code == 200
    told = session.scalars(select(Event).filter_by(kind="catalogue:exported")).one()
    assert told.details == {"format": form, "count": 3}


def test_what_changed_by_hand_and_by_file_is_shown_as_was_and_now(session, browser) -> None:
    take(browser, upload(browser, TABLE))
    page = upload(browser, "Product;Price;Price list;From quantity;Price by the list\nBackup;40;Spring;;31\n")
    shown = soup(page).select_one("#catalogue-changes").get_text()
    assert "35.50 → 40.00" in shown
    take(browser, page)
    backup, cable = products(session)
    assert (backup.price_minor, backup.family.name, cable.price_minor) == (4000, "Cloud", 7500)
    assert session.scalars(select(PriceEntry.price_minor)).all() == [3100]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("Product;Price\nA;five\n", "Line 2, Price", "not a sum"),
        ("Product;Price\nA;-5\n", "Line 2, Price", "not negative"),
        ("Product;Price\nA;\n", "Line 2, Price", "needs a price"),
        ("Product;Price\n;5\n", "Line 2, Product", "not named"),
        ("Product;Price;Currency\nA;5;XXX\n", "Line 2, Currency", "no currency"),
        ("Product;Price;Billing\nA;5;yearly\n", "Line 2, Billing", "not understood"),
        ("Product;Price;VAT\nA;5;21\n", "Line 2, VAT", "not understood"),
        ("Product;Price\nA;5\nA;6\n", "Line 3, Price", "Line 2 says something else"),
        ("Product;Price;Price by the list\nA;5;4\n", "Line 2, Price list", "not named"),
        ("Product;Price;Price list;Price by the list\nA;5;New;4\n", "Line 2, In force from", "needs this"),
        ("Product;Price;Price list;From quantity\nA;5;L;x\n", "Line 2, From quantity", "no quantity"),
        ("Product;Price;Price list;In force from\nA;5;L;31.02.2026\n", "Line 2, In force from", "no date"),
        ("Product;Price\n" + "A" * 201 + ";5\n", "Line 2, Product", "At most 200"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_column_and_nothing_is_written(session, browser, text, line, said) -> None:
    page = upload(browser, f"{text}Good;1\n")
    faults = soup(page).select_one("#faults").get_text(" ")
    assert (page.status_code, line in faults, said in faults) == (422, True, True)
    assert soup(page).select_one("#catalogue-changes") is None
    assert products(session) == []


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bxx", b"A;B\n1;2\n", b"Product;Price\n" * 99, b"PK\x03\x04no"])
def test_what_is_no_catalogue_is_refused(session, browser, content, monkeypatch) -> None:
    monkeypatch.setattr("webapp.web.catalogue_files.LARGEST", 1000)
    assert upload(browser, content).status_code == 422
    assert browser.post("/products/import", data={}).status_code == 422
    for sent in ({"file": "no base64"}, {"file": "QTtC", "name": "x"}, {}):
        assert browser.post("/products/import/taken", data=sent).status_code == 422


def test_another_change_meanwhile_is_shown_before_anything_is_written(session, cast, browser) -> None:
    page = upload(browser, "Product;Price\nA;5\n")
    make_product(session, cast.director, "A", price_minor=700)
    shown = take(browser, page)
    assert (shown.status_code, "7.00 → 5.00" in soup(shown).get_text()) == (409, True)
    assert [each.price_minor for each in products(session)] == [700]
    take(browser, shown)
    assert [each.price_minor for each in products(session)] == [500]


def test_where_the_domain_refuses_one_thing_nothing_is_written(session, cast, browser) -> None:
    line, office = (make_product(session, cast.director, name) for name in ("Line", "Office"))
    session.add(office.bundle(session, [Part(line.id, 1000)], None, by=cast.director, at=AT, seen=1))
    page = upload(browser, "Product;Price;Billing;Family\nAnew;5;;Fresh\nLine;5;monthly;Fresh\n")
    refused = take(browser, page)
    assert (refused.status_code, "Line: In a bundle all are billed alike" in refused.text) == (422, True)
    assert [each.name for each in products(session)] == ["Line", "Office"]
    assert session.scalars(select(ProductFamily)).all() == []


def test_who_sees_the_catalogue_exports_it_and_heads_import_it(session, cast, sign_in) -> None:
    assert sign_in(cast.clerk).post("/products/export?format=csv").status_code == 200
    assert sign_in(cast.clerk).post("/products/export?format=exe").status_code == 400
    assert sign_in(cast.clerk).get("/products/import").status_code == 403
    assert sign_in(cast.administrator).post("/products/export").status_code == 403
