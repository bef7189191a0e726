"""A head gives proposals the company's look, sees it printed while typing, and has many clients get one."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_client
from webapp.domain.product import Product
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_template import ProposalTemplate
from webapp.web.clock import now

pytestmark = pytest.mark.fresh

LOGO = (
    """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><path fill="#0a5c36" d="M0 10L20 0L40 10z"/></svg>"""
)


def test_from_a_logo_to_a_proposal_for_each_of_many_clients(session: Session, cast: Cast, page_for, tmp_path: Path):
    for name in ("Alder", "Birch"):
        make_client(session, cast.hunter, name=name)
    Product.add(session, "Camera", 1_500_00, "RUB", by=cast.director, at=now())
    session.commit()
    (tmp_path / "logo.svg").write_text(LOGO)
    page = page_for(cast.head_of_sales)
    page.goto("/deals")
    page.get_by_role("link", name="Templates of proposals").click()
    page.get_by_role("link", name="New template").click()
    picture = page.locator(".template-pages img")
    page.get_by_label("Name", exact=True).fill("Autumn")
    expect(picture).to_be_visible()
    plain = picture.get_attribute("src")
    page.get_by_label("Accent").fill("#ffee00")
    expect(page.locator("#preview")).to_contain_text("can hardly be read")
    page.get_by_label("Accent").fill("#0a5c36")
    page.get_by_label("Logo").set_input_files(tmp_path / "logo.svg")
    page.get_by_label("Begin with a cover page").check()
    page.locator("#intro_en").fill("We are **glad** to write to you.")
    expect(page.locator("#preview")).to_contain_text("3 pages")
    expect(picture).not_to_have_attribute("src", plain)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_alt_text("The logo now")).to_be_visible()
    session.rollback()
    assert session.scalars(select(ProposalTemplate)).one().usual

    page.goto("/clients")
    page.get_by_role("link", name="Make proposals").click()
    page.get_by_label("Name of the batch").fill("Autumn")
    page.get_by_label("Title", exact=True).fill("Cameras for {client}")
    page.locator("#lines-0-product_id").select_option(label="Camera")
    page.get_by_role("button", name="Make the proposals").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Make them").click()
    expect(page.locator("#counts")).to_contain_text("2 of 2 printed")
    page.locator("#items a", has_text="P-").first.click()
    document = page.frame_locator("iframe.document")
    expect(document.locator(".cover-title")).to_have_text("Cameras for Alder")
    expect(document.locator(".cover-logo img")).to_be_visible()
    expect(document.locator("strong", has_text="glad")).to_be_visible()
    logo = document.locator(".cover-logo img").evaluate("image => image.naturalWidth")
    assert logo > 0, "the document's own policy refuses the logo"
    session.rollback()
    assert {version.state.value for version in session.scalars(select(ProposalVersion))} == {"sent"}
