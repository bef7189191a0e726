"""Leaflets of the catalogue: kept with a product, chosen for a proposal, and sent, shared and recorded with it."""

from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import line, make_client, make_contact, make_deal
from tests.support.client import soup, StrictClient
from webapp.domain.deal import Deal
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.letter import Letter
from webapp.domain.product import Product
from webapp.domain.product_file import MOST_BYTES, MOST_FILES, OF_A_PRODUCT, ProductFile
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import AcceptanceRecord
from webapp.domain.share_link import ShareLink
from webapp.web.clock import now

PDF = b"%PDF-1.7 a leaflet"


@pytest.fixture
def product(session: Session, cast: Cast) -> Product:
    return Product.add(session, "Camera", 100_00, "RUB", by=cast.director, at=now())


@pytest.fixture
def deal(session: Session, cast: Cast) -> Deal:
    client = make_client(session, cast.hunter)
    make_contact(session, client, email="irina@client.test")
    return make_deal(session, client, line(1_220_00))


def make_file(session: Session, cast: Cast, product: Product, name: str = "Camera.pdf", content: bytes = PDF):
    file = StoredFile.store(session, content, "application/pdf")
    return ProductFile.add(session, product, file, name, by=cast.director, at=now())


def sent(session: Session, browser: StrictClient, deal: Deal, *files: ProductFile) -> ProposalVersion:
    """A version that somebody drafts with these files and sends."""
    page = browser.get(browser.post(f"/deals/{deal.id}/proposals").location)
    browser.submit(page, "form#draft", attached=[str(file.id) for file in files], then="look")
    proposal = session.scalars(select(Proposal).order_by(Proposal.id.desc())).first()
    browser.submit(browser.get(f"/proposals/{proposal.id}"), "form#send")
    session.expire_all()
    return proposal.last


def test_a_head_adds_and_removes_a_products_files(session, sign_in, cast, product) -> None:
    head, address = sign_in(cast.head_of_sales), f"/products/{product.id}/files"
    picture = BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    head.submit(head.get(address), "#add-file", file=(BytesIO(PDF), "../Брошюра 1.pdf"))
    head.submit(head.get(address), "#add-file", file=(BytesIO(picture.getvalue()), "x.png"), name="Look.png")
    assert [file.name for file in session.scalars(select(ProductFile).order_by(ProductFile.id))] == [
        "Брошюра 1.pdf",
        "Look.png.jpg",
    ]
    again = head.submit(head.get(address), "#add-file", file=(BytesIO(PDF), "other.pdf"))
    assert "already" in soup(again).select_one(".form-summary").get_text()
    wrong = head.submit(head.get(address), "#add-file", file=(BytesIO(b"#!/bin/sh"), "x.pdf"))
    assert wrong.status_code == 422
    link = soup(head.get(address)).select_one("a[href*='/products/files/']")["href"]
    answer = head.get(link)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    hunter = sign_in(cast.hunter)
    assert soup(hunter.get(address)).select_one("#add-file") is None
    assert hunter.post(address, data={"file": (BytesIO(PDF), "x.pdf")}).status_code == 403
    assert hunter.post("/products/files/1/removed").status_code == 403
    head.submit(head.get(address), "form[action*=removed]")
    told = session.scalars(select(Event.kind).where(Event.kind.in_(("product:attached", "product:detached")))).all()
    assert sorted(told) == ["product:attached", "product:attached", "product:detached"]


def test_a_leaflet_goes_out_with_the_proposal_and_is_recorded(session, sign_in, cast, product, deal, client) -> None:
    file, other = make_file(session, cast, product), make_file(session, cast, product, "Secret.pdf", PDF + b"2")
    hunter = sign_in(cast.hunter)
    version = sent(session, hunter, deal, file)
    named = {"name": "Camera.pdf", "sha256": sha256(PDF).hexdigest(), "media_type": "application/pdf"}
    assert version.printed["attachments"] == [named | {"bytes": len(PDF)}]
    assert "Camera.pdf" in " ".join(page.extract_text() for page in PdfReader(BytesIO(version.file.content)).pages)
    session.add(file.remove(by=cast.director, at=now()))
    token = ShareLink.make(session, version, version.valid_until, by=cast.hunter, at=now())
    session.commit()
    page = soup(client.get(f"/p/{token}"))
    link = page.select_one(".offer-attached a")
    assert link.get_text().strip() == "Camera.pdf"
    answer = client.get(link["href"])
    assert (answer.data, answer.headers["Referrer-Policy"]) == (PDF, "no-referrer")
    for place in (1, 2**40):
        assert client.get(f"/p/{token}/attachments/{place}").status_code == 404
    assert client.get(f"/p/{token}/attachments/-1").status_code == 404
    assert client.get(f"/products/files/{other.id}").status_code == 302
    shown = soup(hunter.get(f"/proposals/{version.proposal_id}")).select_one("#attached a")
    assert hunter.get(shown["href"]).data == PDF
    client.submit(client.get(f"/p/{token}"), "#form-accepted", name="Irina", agreed="y")
    record = session.scalars(select(AcceptanceRecord)).one().file.content
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(record)).pages)
    assert named["sha256"] in text.replace("\n", "").replace(" ", "")


def test_the_e_mail_brings_the_leaflet_too(session, sign_in, cast, product, deal) -> None:
    company = cast.company
    company.mail_host, company.mail_from, company.mail_port = "127.0.0.1", "office@baton.test", 1
    hunter = sign_in(cast.hunter)
    version = sent(session, hunter, deal, make_file(session, cast, product))
    address = f"/proposals/versions/{version.id}/letter"
    page = hunter.get(address)
    assert "Camera.pdf" in page.text
    hunter.submit(page, "form.stack")
    letter = session.scalars(select(Letter)).one()
    assert [one.name for one in letter.attachments][1:] == ["Camera.pdf"]
    assert letter.attachments[1].file.content == PDF


def test_what_cannot_go_out_with_one_proposal_is_refused(session, sign_in, cast, product, deal) -> None:
    files = [make_file(session, cast, product, f"{n}.pdf", PDF + bytes([n])) for n in range(MOST_FILES + 1)]
    hunter = sign_in(cast.hunter)
    page = hunter.get(hunter.post(f"/deals/{deal.id}/proposals").location)
    keys = [str(file.id) for file in files]
    many = hunter.submit(page, "form#draft", attached=keys)
    assert "At most 10 files" in soup(many).select_one(".form-summary").get_text()
    files[0].bytes = MOST_BYTES
    session.commit()
    large = hunter.submit(page, "form#draft", attached=keys[:2])
    assert "Together at most 15 MB" in soup(large).select_one(".form-summary").get_text()
    assert hunter.submit(page, "form#draft", attached=["99999"]).status_code == 422
    for number in range(MOST_FILES + 1, OF_A_PRODUCT):
        make_file(session, cast, product, "x.pdf", PDF + bytes([number]))
    with pytest.raises(Refused):
        make_file(session, cast, product, "x.pdf", PDF + b"one more")


def test_the_next_version_says_which_files_and_look_are_others(session, sign_in, cast, product, deal) -> None:
    hunter = sign_in(cast.hunter)
    version = sent(session, hunter, deal, make_file(session, cast, product))
    page = hunter.get(hunter.submit(hunter.get(f"/proposals/{version.proposal_id}"), "form#next").location)
    assert soup(page).select_one("[name=attached][checked]") is not None
    hunter.submit(page, "form#draft", attached=None)
    told = soup(hunter.get(f"/proposals/{version.proposal_id}")).select_one("#changes").get_text()
    assert "Attachments: Camera.pdf → –" in told
