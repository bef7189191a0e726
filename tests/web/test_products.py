"""The catalogue in the browser."""

from sqlalchemy import select

from tests.support.client import soup
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
