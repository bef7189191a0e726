"""The demo company's look: a template with a logo drawn here, leaflets of two products, and a batch half made."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from webapp.demo.world import World
from webapp.domain.client import Client
from webapp.domain.deal import Line
from webapp.domain.engagement import Engagement
from webapp.domain.file import StoredFile
from webapp.domain.product import Billing
from webapp.domain.product_file import ProductFile
from webapp.domain.proposal_batch import Offer, ProposalBatch
from webapp.domain.proposal_look import Blocks, Look
from webapp.domain.proposal_making import make
from webapp.domain.proposal_template import ProposalTemplate
from webapp.domain.words import Department
from webapp.exchange import logo, picture
from webapp.pdf.faces import font

SEA, SKY, PAPER = "#0b4f6c", "#e8f1f5", "#ffffff"
LOGO = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40">
<path d="M6 30 C26 4 54 4 60 30 C66 4 94 4 114 30" fill="none" stroke="{SEA}" stroke-width="5" stroke-linecap="round"/>
<path d="M33 13V30M60 30V20M87 13V30" fill="none" stroke="{SEA}" stroke-width="3"/>
<path d="M4 36 Q14 31 24 36 T44 36 T64 36 T84 36 T104 36 T118 36" fill="none" stroke="#1f8fb3" stroke-width="3"/>
</svg>"""

WITH_LEAFLETS = (3, 4)
"""Places of the products in the catalogue that have one."""

CLIENTS, MADE = 12, 4
"""Of the batch, and of those the ones that have their proposal when somebody paused it."""


def wear_a_look(world: World) -> None:
    """The template that proposals wear from the beginning, and the leaflets."""
    session, texts, head = world.session, world.texts, world.users["head_of_sales"]
    blocks = {language: Blocks(*words) for language, words in texts.look.items()}
    look = Look(texts.company["name"], SEA, cover=True, cover_colour=SEA, blocks=blocks)
    ProposalTemplate.add(session, look, StoredFile.store(session, *logo.cleaned(LOGO.encode())), by=head, at=world.now)
    for place in WITH_LEAFLETS:
        good, product = world.products[place]
        content, media_type = picture.cleaned(_leaflet(texts.company["name"], good.name, good.description))
        file = StoredFile.store(session, content, media_type)
        name = f"{texts.leaflet.format(product=good.name)}.jpg"
        world.leaflets[product.id] = ProductFile.add(session, product, file, name, by=head, at=world.now).id


def begin_a_batch(world: World) -> None:
    """A new product for clients of the Client department; the head paused it in the middle, to look at the first."""
    session, texts, at, head = world.session, world.texts, world.until, world.users["head_of_client"]
    good, product = world.products[WITH_LEAFLETS[-1]]
    name, title, text = texts.batch
    offer = Offer(
        title=title.format(product=good.name),
        language=world.company.language,
        currency=world.company.currency,
        lines=(Line(good.name, 4000, good.price * 100, Billing.MONTHLY, product.id),),
        text=text,
        terms=texts.terms,
        valid_days=21,
        attached=(world.leaflets[product.id],),
    )
    batch = ProposalBatch.start(
        session,
        name.format(product=good.name),
        _served(world),
        offer,
        ProposalTemplate.usual_one(session),
        by=head,
        at=at,
    )
    for item in batch.items[:MADE]:
        version = make(session, batch, item.client, world.company, at=at)
        session.flush()
        file = StoredFile.store(session, world.write_pdf(version.printed or {}), "application/pdf")
        session.add(version.store(file, at=at))
        item.made = version
    session.add(batch.pause(by=head, at=at, seen=batch.version))
    session.flush()


def _served(world: World) -> list[int]:
    """The first clients of the Client department by name."""
    served = (
        select(Client.id)
        .join(Engagement, Engagement.client_id == Client.id)
        .where(Engagement.department == Department.CLIENT, Engagement.closed_at.is_(None), Client.lost_at.is_(None))
        .order_by(Client.name_key)
        .limit(CLIENTS)
    )
    return list(world.session.scalars(served))


def _leaflet(firm: str, name: str, words: str) -> bytes:
    """A page as a picture, drawn with the shipped fonts."""
    sheet = Image.new("RGB", (840, 594), SKY)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, 840, 150), fill=SEA)
    pen.text((48, 44), name, PAPER, _letters("Bold", 52))
    pen.text((48, 210), "\n".join(_broken(words)), SEA, _letters("Regular", 32), spacing=14)
    for wave in range(-60, 900, 80):
        pen.arc((wave, 470, wave + 80, 530), 180, 360, fill="#1f8fb3", width=7)
    pen.text((48, 535), firm, SEA, _letters("Bold", 26))
    kept = BytesIO()
    sheet.save(kept, "PNG")
    return kept.getvalue()


def _broken(words: str, most: int = 40) -> list[str]:
    rows = [""]
    for word in words.split():
        if len(rows[-1]) + len(word) > most:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows


@cache
def _letters(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font(f"baton:PTSans-{weight}.ttf")), size)
