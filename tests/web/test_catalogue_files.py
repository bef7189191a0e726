"""The catalogue as a file: out, in, seen before it is written, whole or not at all."""

import io
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, func, select

from tests.cast import AT
from tests.factories import make_product
from tests.support.client import soup
from webapp.domain.bundling import Part
from webapp.domain.eligibility import Eligibility, EligibilityRule
from webapp.domain.event import Event
from webapp.domain.price_list import PriceEntry, PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Billing, BundlePart, Product
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


EVERY_CONDITION = {
    "sectors": ["Trade", 'Wood; "planks"'],
    "cities": ["Омск"],
    "lanes": ["client", "vip"],
    "employees_from": 2,
    "employees_to": 40,
    "currency": "EUR",
    "monthly_from": 0,
    "monthly_to": 12_345,
    "vip": False,
    "key": True,
}


@pytest.fixture
def full(session, cast) -> list[Product]:
    """A catalogue with a bundle, prices, VAT from a date, and two sets of conditions."""
    by, cloud = cast.director, ProductFamily.add(session, "Cloud", by=cast.director, at=AT)
    line, phone = (make_product(session, by, name, billing=Billing.MONTHLY) for name in ("Line", "Phone; red"))
    office = make_product(session, by, "Office", billing=Billing.MONTHLY, tax="reduced", family_id=cloud.id)
    parts = [Part(phone.id, 2500), Part(line.id, 1000)]
    session.add(office.bundle(session, parts, 1250, by=by, at=AT, seen=office.version))
    session.flush()
    for key, day in (("zero", date(2026, 6, 1)), ("", date(2027, 1, 1))):
        session.add(office.tax_from(key, day, by=by, at=AT, seen=office.version))
        session.flush()
    owned = {"owns": [phone.id], "owns_families": [cloud.id], "lacks": [line.id]}
    rule = {"any": [{**EVERY_CONDITION, **owned}, {"lacks_families": [cloud.id]}]}
    session.add(office.suit(rule, by=by, at=AT, seen=office.version))
    spring = PriceList.add(session, "Spring", "RUB", AT.date(), by=by, at=AT)
    session.add(spring.price(office, [Break(0, 999), Break(5000, 900)], by=by, at=AT, seen=spring.version))
    session.commit()
    return [line, phone, office]


@pytest.mark.parametrize(("language", "form"), [("en", "csv"), ("ru", "xlsx")])
def test_an_export_restores_bundles_rules_and_taxes_in_an_empty_catalogue(
    session, cast, browser, full, language, form
) -> None:
    cast.head_of_sales.language = language
    session.commit()
    exported = browser.post(f"/products/export?format={form}").data
    same = upload(browser, exported, f"all.{form}")
    assert soup(same).select_one("#faults, #catalogue-changes") is None
    for table in (PriceEntry, PriceList, BundlePart, Product, ProductFamily):
        session.execute(delete(table))
    session.commit()
    page = upload(browser, exported, f"all.{form}")
    shown = soup(page).select_one("#catalogue-changes").get_text()
    assert "Phone; red × 2" in shown
    assert 'Trade; "Wood; ""planks"""' in shown
    assert take(browser, page).status_code == 303
    line, office, phone = products(session)
    assert ([(part.product, part.quantity) for part in office.parts], office.bundle_off) == (
        [(phone, 2500), (line, 1000)],
        1250,
    )
    assert (office.tax, office.tax_changes) == ("reduced", [["2026-06-01", "zero"], ["2027-01-01", ""]])
    first, second = EligibilityRule.of_json(office.eligibility).sets
    owned = {"owns": frozenset({phone.id}), "owns_families": frozenset({office.family_id})}
    assert first == replace(Eligibility.of_json(EVERY_CONDITION), **owned, lacks=frozenset({line.id}))
    assert second == Eligibility(lacks_families=frozenset({office.family_id}))
    if form == "csv":  # a workbook holds the moment of its making
        assert browser.post(f"/products/export?format={form}").data == exported
    again = upload(browser, exported, f"all.{form}")
    assert soup(again).select_one("#faults, #catalogue-changes") is None


def test_a_family_that_is_gone_is_a_question_mark_which_no_import_takes(session, browser, full) -> None:
    office = full[-1]
    session.add(office.suit({"owns_families": [9_999]}, by=None, at=AT, seen=office.version))
    session.commit()
    exported = browser.post("/products/export?format=csv")
    assert exported.status_code == 200
    assert "no “?”" in soup(upload(browser, exported.data)).select_one("#faults").get_text()


def test_rows_replace_parts_and_sets_and_add_to_the_taxes(session, browser, full) -> None:
    _line, _phone, office = full
    page = upload(
        browser,
        "Product;Part of the bundle;Quantity of the part;VAT changes on;VAT from then on;Suits: sectors\n"
        "Office;Line;3;01.09.2026;reduced;Trade\nOffice;;;;;Farming, fishing\n",
    )
    shown = soup(page).select_one("#catalogue-changes").get_text()
    assert "Phone; red × 2.5, Line × 1 → Line × 3" in shown
    assert "Sep 1, 2026: Reduced, 10" in shown
    told = session.scalar(select(func.max(Event.id)))
    assert take(browser, page).status_code == 303
    session.expire_all()
    assert [(part.product.name, part.quantity) for part in office.parts] == [("Line", 3000)]
    assert office.bundle_off == 1250, "the file says nothing of it"
    assert office.tax_changes == [["2026-06-01", "zero"], ["2026-09-01", "reduced"], ["2027-01-01", ""]]
    assert office.eligibility == {"any": [{"sectors": ["Trade"]}, {"sectors": ["Farming, fishing"]}]}
    kinds = session.scalars(select(Event.kind).where(Event.id > told).order_by(Event.id)).all()
    assert kinds == ["product:bundled", "product:taxed", "product:suited", "catalogue:imported"]


@pytest.mark.parametrize(
    ("rows", "changes"),
    [
        ("Office;01.06.2026;reduced\n", [["2027-01-01", ""]]),
        ("Office;01.06.2026;reduced\nOffice;01.01.2027;reduced\n", []),
        (
            "Office;01.03.2026;zero\nOffice;01.04.2026;reduced\n",
            [["2026-03-01", "zero"], ["2026-04-01", "reduced"], ["2026-06-01", "zero"], ["2027-01-01", ""]],
        ),
        ("Office;01.06.2026;none\nOffice;01.01.2027;none\n", [["2026-06-01", "none"]]),
    ],
)
def test_taxes_become_what_the_preview_says_also_where_a_row_takes_a_change_back(
    session, browser, full, rows, changes
) -> None:
    text = f"Product;VAT changes on;VAT from then on\n{rows}"
    assert take(browser, upload(browser, text)).status_code == 303
    session.expire_all()
    assert full[-1].tax_changes == changes
    assert soup(upload(browser, text)).select_one("#faults, #catalogue-changes") is None


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("Product;Part of the bundle\nBox;Line\nBox;Nothing\n", "Line 3, Part of the bundle", "no “Nothing”"),
        ("Product;Part of the bundle\nBox;Line\nBox;Line\n", "Line 3, Part of the bundle", "each product once"),
        ("Product;Part of the bundle\nBox;Box\n", "Line 2, Part of the bundle", "each product once"),
        ("Product;Part of the bundle\nBox;Office\n", "Line 2, Part of the bundle", "no bundles"),
        ("Product;Part of the bundle\nLine;Box\n", "Line 2, Part of the bundle", "part of a bundle"),
        ("Product;Billing;Part of the bundle\nBox;One-off;Line\n", "Line 2, Part of the bundle", "billed"),
        ("Product;Part of the bundle;Quantity of the part\nBox;Line;0\n", "Line 2, Quantity of the part", "above zero"),
        ("Product;Part of the bundle;Quantity of the part\nBox;;2\n", "Line 2, Part of the bundle", "not named"),
        ("Product;Off the parts (%)\nBox;5\n", "Line 2, Off the parts (%)", "Name the parts"),
        ("Product;Off the parts (%)\nOffice;101\n", "Line 2, Off the parts (%)", "no percent from 0"),
        ("Product;VAT changes on;VAT from then on\nBox;soon;zero\n", "Line 2, VAT changes on", "no date"),
        (
            "Product;VAT changes on;VAT from then on\nBox;2010-01-01;simplified_5\n",
            "Line 2, VAT from then on",
            "in force",
        ),
        ("Product;VAT changes on;VAT from then on\nBox;;zero\n", "Line 2, VAT changes on", "from which day"),
        ("Product;VAT changes on\nBox;2027-01-01\nBox;2027-01-01\n", "Line 3, VAT changes on", "on one day"),
        ("Product;Suits: owns one of the products\nBox;Line\nBox;Lime\n", "Line 3, Suits: owns one", "no “Lime”"),
        ("Product;Suits: owns none of the families\nBox;Clouds\n", "Line 2, Suits: owns none", "no “Clouds”"),
        ("Product;Suits: employees from;Suits: employees to\nBox;5;4\n", "Line 2, Suits: employees to", "at least"),
        ('Product;Suits: departments\nBox;"Sales; Bakery"\n', "Line 2, Suits: departments", "Bakery"),
        ("Product;Suits: VIP programme\nBox;maybe\n", "Line 2, Suits: VIP programme", "not understood"),
        ("Product;Suits: pays a month from\nBox;much\n", "Line 2, Suits: pays a month from", "not a sum"),
        ("Product;Suits: sectors\n" + "Box;Trade\n" * 11, "Line 2, Suits: sectors", "At most 10 sets"),
    ],
)
def test_what_rows_cannot_say_is_said_at_the_row(session, cast, browser, full, text, line, said) -> None:
    make_product(session, cast.director, "Box", billing=Billing.MONTHLY)
    page = upload(browser, text)
    faults = soup(page).select_one("#faults").get_text(" ")
    assert (page.status_code, line in faults, said in faults) == (422, True, True), faults


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
        ("Product;Price\nGOOD;5\n", "Line 2, Product", "but for its capitals"),
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
