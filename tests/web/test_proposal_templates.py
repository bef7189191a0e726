"""Templates of proposals: the look and the words of the company, edited with a preview, frozen with what was sent."""

from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import line, make_client, make_deal
from tests.support.client import soup, StrictClient
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_content import content
from webapp.domain.proposal_look import Blocks, Look
from webapp.domain.proposal_template import ProposalTemplate
from webapp.domain.share_link import ShareLink
from webapp.domain.template_preview import TemplatePreview
from webapp.previewing import forget_old_previews, KEPT
from webapp.printing import print_version
from webapp.web.clock import now

NASTY = "<script>alert(1)</script><img src=http://127.0.0.1:9/x>{{ 7*7 }}{% raw %}"
PREVIEW = "/proposals/templates/preview?template=0"
LOOK = Look(
    "Autumn",
    accent="#0a5c36",
    cover=True,
    cover_colour="#0a5c36",
    requisites=("phone",),
    blocks={"en": Blocks("For *you*", "We are glad.", "Ours.", "With regards,", "Olga Head, sales")},
)


def logo(colour: str = "red") -> bytes:
    kept = BytesIO()
    Image.new("RGB", (120, 40), colour).save(kept, "PNG")
    return kept.getvalue()


@pytest.fixture
def template(session: Session, cast: Cast) -> ProposalTemplate:
    file = StoredFile.store(session, logo(), "image/png")
    made = ProposalTemplate.add(session, LOOK, file, by=cast.director, at=now())
    session.commit()
    return made


@pytest.fixture
def version(session: Session, cast: Cast, template: ProposalTemplate) -> ProposalVersion:
    cast.company.legal_name, cast.company.phone = "Full Name Ltd", "+7 495 000-00-00"
    deal = make_deal(session, make_client(session, cast.hunter), line(1_220_00, name="Cable"))
    version = Proposal.draft(session, deal, by=cast.hunter, at=now()).last
    version.language = "en"
    session.commit()
    return version


def send(app, session: Session, cast: Cast, version: ProposalVersion) -> bytes:
    shown = content(version, cast.company, author=cast.hunter, at=now())
    session.add(version.send(shown, by=cast.hunter, at=now(), seen=version.version))
    session.commit()
    with app.app_context():
        print_version(version.id)
    session.rollback()
    session.expire_all()
    return version.file.content


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_a_draft_wears_the_usual_look_and_what_was_sent_keeps_it_for_ever(app, session, cast, version, template):
    assert version.template is template
    pdf = send(app, session, cast, version)
    reader = PdfReader(BytesIO(pdf))
    text = words(pdf)
    for said in ("We are glad.", "Ours.", "With regards, Olga Head, sales", "For you", "+7 495 000-00-00"):
        assert said in text
    assert "Yours sincerely" not in text
    assert "Full Name Ltd" not in reader.pages[1].extract_text().split("Olga Head")[0]
    assert [len(page.images) for page in reader.pages] == [1, 1]
    template.change(session, Look("Winter"), None, by=cast.director, at=now(), seen=template.version)
    template.retire(by=cast.director, at=now(), seen=template.version)
    session.commit()
    assert version.printed["look"]["template"] == {"name": "Autumn", "version": 1}
    assert (
        version.printed["look"]["logo"]["sha256"]
        == session.scalars(select(StoredFile.sha256).order_by(StoredFile.id)).first()
    )
    assert ProposalTemplate.usual_one(session) is None


def test_the_page_of_a_link_shows_the_look_and_its_logo(app, session, cast, version, client: StrictClient) -> None:
    send(app, session, cast, version)
    token = ShareLink.make(session, version, version.valid_until, by=cast.hunter, at=now())
    session.commit()
    page = soup(client.get(f"/p/{token}/document"))
    assert page.select_one(".cover-logo img")["src"] == f"/p/{token}/logo"
    assert client.get(f"/p/{token}/logo").data == logo()
    assert soup(client.get(f"/p/{token}")).select_one(".offer-firm img")["src"] == f"/p/{token}/logo"
    style = client.get(page.select_one("link")["href"])
    assert ".kind{color:#0a5c36}" in style.text
    evil = client.get("/proposals/style.css?accent=red}body{background:url(//evil)&ink=%23000000")
    assert "evil" not in evil.text
    assert client.get(f"/proposals/versions/{version.id}/logo").status_code == 302


def test_a_head_edits_a_template_and_sees_it_printed(session, sign_in, cast) -> None:
    head = sign_in(cast.head_of_sales)
    page = head.get("/proposals/templates/new")
    fields = {"name": "Autumn", "accent": "#0a5c36", "cover_colour": "#0a5c36", "intro_en": "**Glad** to", "cover": "y"}
    fields |= {"shown": "en", "requisites": ["phone"]}
    sent = {**fields, "logo": (BytesIO(logo()), "logo.png")}
    shown = head.post(PREVIEW, data=sent, htmx=True)
    assert shown.status_code == 200
    assert session.scalars(select(ProposalTemplate)).all() == []
    assert "Glad to" in words(head.get("/proposals/templates/preview/file").data)
    picture = Image.open(BytesIO(head.get(soup(shown).select_one("img")["src"]).data))
    assert picture.height > 2 * picture.width
    answer = head.submit(page, "#template", **{**fields, "logo": (BytesIO(logo()), "logo.png")})
    assert answer.status_code == 303
    template = session.scalars(select(ProposalTemplate)).one()
    assert template.usual
    assert head.get(f"/proposals/templates/{template.id}/logo").mimetype == "image/png"
    form = head.get(answer.location)
    assert head.submit(form, "#template", without_logo="y", name="Winter").status_code == 303
    session.expire_all()
    assert (template.name, template.logo) == ("Winter", None)
    assert head.submit(form, "#template", name="Spring").status_code == 409
    assert "Winter" in head.get("/proposals/templates").text
    assert sign_in(cast.hunter).get("/proposals/templates").status_code == 403
    assert sign_in(cast.other_hunter).get("/proposals/templates/preview/file").status_code == 403
    told = session.scalars(select(Event.kind).where(Event.kind.like("template:%"))).all()
    assert told == ["template:added", "template:changed"]


def test_a_preview_is_its_askers_own_and_goes_after_a_day(app, session, sign_in, cast) -> None:
    head, other = sign_in(cast.head_of_sales), sign_in(cast.head_of_vip)
    refused = head.post(
        PREVIEW, data={"name": "A", "accent": "#ffffff", "cover_colour": "#000000", "shown": "ru"}, htmx=True
    )
    assert "can hardly be read" in refused.text
    head.post(PREVIEW, data={"name": "A", "accent": "#000000", "cover_colour": "#000000", "shown": "ru"}, htmx=True)
    assert head.get("/proposals/templates/preview/picture").status_code == 200
    assert other.get("/proposals/templates/preview/picture").status_code == 404
    session.scalars(select(TemplatePreview)).one().asked_at -= 2 * KEPT
    session.commit()
    with app.app_context():
        forget_old_previews()
    session.rollback()
    assert session.scalars(select(TemplatePreview)).all() == []


def test_a_hostile_template_changes_nothing_and_fetches_nothing(app, session, cast, version, template) -> None:
    blocks = Blocks(NASTY, NASTY, NASTY, NASTY[:60], NASTY[:60])
    session.add(
        template.change(session, Look("A", cover=True, blocks={"en": blocks}), template.logo, by=cast.director,
                        at=now(), seen=template.version)
    )  # fmt: skip
    pdf = send(app, session, cast, version)
    text = words(pdf).replace(" ", "")
    assert text.count("{{7*7}}") == 3
    assert "<script>alert(1)</script>" in text
    assert [len(page.images) for page in PdfReader(BytesIO(pdf)).pages] == [1, 1]


@pytest.mark.parametrize(("route", "status"), [("/proposals/templates/new", 422), (PREVIEW, 200)])
def test_ten_megabytes_of_text_change_nothing(session, sign_in, cast, route: str, status: int) -> None:
    fields = {"name": "A", "accent": "#000000", "cover_colour": "#000000", "shown": "ru", "intro_en": "x" * 10_000_000}
    answer = sign_in(cast.head_of_sales).post(route, data=fields)
    assert answer.status_code == status
    assert "At most 5000 characters" in answer.text
    assert session.scalars(select(ProposalTemplate)).all() == []
    assert session.scalars(select(TemplatePreview)).all() == []


@pytest.mark.parametrize(
    ("look", "field"),
    [
        (Look(" "), "name"),
        (Look("A", accent="red"), "accent"),
        (Look("A", accent="#ffee00"), "accent"),
        (Look("A", accent="#123456;}"), "accent"),
        (Look("A", cover_colour="url(//x)"), "cover_colour"),
        (Look("A", requisites=("password_hash",)), "requisites"),
        (Look("A", blocks={"en": Blocks(intro="x" * 5001)}), "intro_en"),
        (Look("A", blocks={"ru": Blocks(closing="a\nb")}), "closing_ru"),
        (Look("A", blocks={"ru": Blocks(terms="a\0b")}), "terms_ru"),
    ],
)
def test_a_look_that_cannot_be_read_or_printed_is_refused(look: Look, field: str) -> None:
    with pytest.raises(Refused) as refused:
        look.check()
    assert refused.value.field == field


def test_of_several_one_is_the_usual_one(session, cast, template) -> None:
    other = ProposalTemplate.add(session, Look("Other"), by=cast.director, at=now())
    assert not other.usual
    session.add(other.use(session, by=cast.director, at=now(), seen=other.version))
    session.flush()
    assert ProposalTemplate.usual_one(session) is other
    with pytest.raises(Stale):
        other.retire(by=cast.director, at=now(), seen=7)
    with pytest.raises(Refused):
        ProposalTemplate.add(session, Look("Other"), by=cast.director, at=now())
    session.add(other.retire(by=cast.director, at=now(), seen=other.version))
    session.flush()
    with pytest.raises(Refused):
        other.use(session, by=cast.director, at=now(), seen=other.version)
    session.rollback()
