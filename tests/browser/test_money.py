"""From a won deal to what is owed: contract, invoice, its document, a credit note."""

from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from playwright.sync_api import expect, Page
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import line, make_client, make_deal
from webapp.domain.calendar import month_of, months_on
from webapp.domain.product import Billing
from webapp.nightly import day_due
from webapp.web.clock import now

pytestmark = pytest.mark.fresh

REQUISITES = {
    "legal_name": "ООО «Северный мост»",
    "inn": "0000000018",
    "kpp": "000001001",
    "bank_name": "АО «Банк Набережных»",
    "bank_bic": "040000017",
    "bank_account": "40702810700000000018",
    "correspondent_account": "30101810000000000017",
}


def test_a_won_deal_becomes_money_that_is_owed(
    session: Session, cast: Cast, app: Flask, page_for, axe, fits, tmp_path: Path
) -> None:
    for name, value in REQUISITES.items():
        setattr(cast.company, name, value)
    client = make_client(session, cast.hunter, name="Romashka")
    seats = line(1_000_00, quantity=3, name="Seat", billing=Billing.MONTHLY)
    deal = make_deal(session, client, seats, line(500_00, name="Set-up"), name="Telephones")
    session.commit()
    page: Page = page_for(cast.hunter)

    page.goto(f"/deals/{deal.id}")
    page.get_by_text("Close", exact=True).click()
    page.get_by_role("button", name="Won").click()
    page.get_by_role("link", name="Conclude the contract").click()
    first = months_on(month_of(day_due(cast.company, now())), -1)
    page.get_by_label("First day").fill(first.isoformat())
    page.get_by_label("Number of the paper").fill("7/26")
    axe(page)
    fits(page)
    page.get_by_role("button", name="Conclude").click()
    expect(page.get_by_role("row").filter(has_text="Seat × 3")).to_contain_text("3,000.00 a month")
    page.go_back()
    expect(page.get_by_text("Concluded from this deal already")).to_be_visible()
    expect(page.locator("main [type=checkbox]:checked")).to_have_count(0)
    page.go_forward()

    night = app.test_cli_runner().invoke(args=["nightly"])
    assert "3 invoices" in night.output, night.output

    page.goto(f"/clients/{client.id}")
    expect(page.locator("#money")).to_contain_text("3 invoices owed")
    page.locator("#money").get_by_role("link", name="3 invoices owed").click()
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_role("row").filter(has_text="Seat").first.get_by_role("link").first.click()
    axe(page)
    fits(page)
    with page.expect_download() as got:
        page.get_by_role("link", name="PDF").click()
    got.value.save_as(tmp_path / "invoice.pdf")
    picture = pypdfium2.PdfDocument(tmp_path / "invoice.pdf")[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    assert "|Sum=300000|" in code.text
    assert page.get_by_text("More actions").count() == 0, "a hunter takes nothing back"

    address = page.url
    clerk: Page = page_for(cast.clerk)
    clerk.goto(address)
    clerk.get_by_label("More actions").click()
    clerk.get_by_role("link", name="Credit note").click()
    clerk.get_by_label("How much is taken back").fill("250")
    clerk.get_by_label("Why").fill("No line for two days")
    clerk.get_by_role("button", name="Write the credit note").click()
    expect(clerk.locator(".tile").nth(2)).to_contain_text("2,750.00")
    with clerk.expect_download() as got:
        clerk.locator("#credits").get_by_role("link").click()
    assert got.value.suggested_filename.startswith("Credit note 1-")

    clerk.get_by_label("More actions").click()
    clerk.get_by_role("link", name="The client disputes it").click()
    clerk.get_by_label("Why").select_option(label="The sum is wrong")
    clerk.get_by_role("button", name="Save").click()
    expect(clerk.get_by_text("Disputed since")).to_be_visible()
    clerk.get_by_role("button", name="It is settled").click()
    expect(clerk.get_by_text("Disputed since")).to_have_count(0)
