"""The job that prints what somebody is editing in a template, as a PDF and as a picture of its pages."""

from datetime import timedelta
from io import BytesIO

from PIL import Image
from sqlalchemy import delete, exists, select

from webapp.db import db, transaction
from webapp.domain.template_preview import TemplatePreview
from webapp.jobs import limited, sweep
from webapp.pdf import document
from webapp.web.clock import now

TIME_LIMIT = 60
DOTS = 110
"""To the inch: a page is as wide as the panel that shows it, on a sharp screen."""
MOST_PAGES = 4
"""Shown one below the other; the PDF has them all."""
BETWEEN = 12
"""Dots between two pages."""
DESK = (201, 207, 216)
KEPT = timedelta(days=1)


@limited(TIME_LIMIT)
def print_preview(preview_id: int) -> None:
    """Print what is wanted now, unless that happened already."""
    preview = db.session.get(TemplatePreview, preview_id)
    if preview is None or preview.is_printed:
        return
    key, content, logo = preview.key, preview.content, preview.logo
    db.session.rollback()
    named = (content["look"] or {}).get("logo")
    pdf = document.print_proposal(content, (logo, named["media_type"]) if logo and named else None)
    picture, pages = drawn(pdf)
    with transaction() as session:
        preview = session.get(TemplatePreview, preview_id, with_for_update=True)
        if preview is not None:
            preview.keep(key, pdf, picture, pages)


def drawn(pdf: bytes) -> tuple[bytes, int]:
    """The first pages as one picture, one below the other, and how many pages there are in all."""
    from pypdfium2 import PdfDocument

    with PdfDocument(pdf) as paper:
        pages = [paper[at].render(scale=DOTS / 72).to_pil() for at in range(min(len(paper), MOST_PAGES))]
        count = len(paper)
    height = sum(page.height for page in pages) + BETWEEN * (len(pages) - 1)
    whole = Image.new("RGB", (max(page.width for page in pages), height), DESK)
    top = 0
    for page in pages:
        whole.paste(page, (0, top))
        top += page.height + BETWEEN
    kept = BytesIO()
    whole.quantize(256).save(kept, "PNG")
    return kept.getvalue(), count


@sweep
def forget_old_previews() -> None:
    old = TemplatePreview.asked_at < now() - KEPT
    found = db.session.scalar(select(exists().where(old)))
    db.session.rollback()
    if found:
        with transaction() as session:
            session.execute(delete(TemplatePreview).where(old))
