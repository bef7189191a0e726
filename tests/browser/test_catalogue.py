"""The catalogue at work: a condition is counted while it is typed, a quantity finds its price, a bundle comes apart."""

from playwright.sync_api import expect
from sqlalchemy import select

from webapp.domain.deal import Deal
from webapp.domain.engagement import Engagement
from webapp.domain.price_list import PriceEntry
from webapp.domain.product import BundlePart, Product
from webapp.domain.user import User


def test_from_a_condition_to_a_bundle_on_a_deal(session, page_for) -> None:
    sold = select(Deal).join(Deal.engagement).where(Engagement.department == "sales", Deal.status == "open")
    deal = session.scalars(sold.order_by(Deal.id).limit(1)).one()
    head = session.scalars(select(User).filter_by(role="head", department="sales")).one()
    bundle = session.scalars(select(Product).where(Product.bundle_off.is_not(None))).one()
    counted = session.scalars(select(PriceEntry).where(PriceEntry.from_quantity > 0).limit(1)).one()
    page = page_for(head, locale="en-GB")

    page.goto(f"/products/{bundle.id}")
    page.locator("#add-eligibility").click()
    everybody = page.locator("#suits b").text_content()
    page.get_by_label("Pays each month by contracts, at least").fill("1")
    expect(page.locator("#suits b")).not_to_have_text(everybody or "")
    some = page.locator("#suits b").text_content()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#eligibility")).to_contain_text(some or "")

    page.goto(f"/deals/{deal.id}/edit")
    line = page.locator("[data-lines-body] > tr").last
    line.get_by_label("Product").select_option(label=counted.product.name)
    line.get_by_label("Quantity").fill(str(counted.from_quantity // 1000))
    expect(line.locator("[id$=-why]")).to_contain_text(f"from {counted.from_quantity // 1000}")
    page.locator("#put_product").select_option(label=bundle.name)
    page.get_by_label("A bundle as its parts").check()
    page.locator("#put_quantity").press("Enter")
    for part in session.scalars(select(BundlePart).where(BundlePart.bundle_id == bundle.id)):
        expect(page.locator(f"[data-lines-body] input[value='{part.product.name}']").first).to_be_visible()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/deals/{deal.id}")
    session.rollback()
    session.refresh(deal)
    names = {line.name for line in deal.lines}
    assert {part.product.name for part in bundle.parts} <= names
