"""What a proposal looks like: the preview in the browser, its style, and the stored PDF."""

import re
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask import abort, Blueprint, current_app, request, Response, send_file, url_for
from sqlalchemy import select

from webapp.db import db
from webapp.domain.company import Company
from webapp.domain.file import StoredFile
from webapp.domain.permissions import Permission
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_answer import AcceptanceRecord
from webapp.domain.proposal_content import content
from webapp.domain.proposal_template import logo_of
from webapp.pdf import document
from webapp.pdf.faces import FACES
from webapp.pdf.look import look_style
from webapp.web.access import need, public, requires
from webapp.web.clock import now

bp = Blueprint("file", __name__)

PREVIEW_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; frame-ancestors 'self'; base-uri 'none'"
)
"""A document has no script, no form and no picture but the logo: what a text smuggles in does nothing."""

LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Opened by itself, a drawing is as powerless as within a page."""

RECORDED = {"ru": "акцепт", "en": "acceptance"}
"""What is added to the document's name for the record of its acceptance."""

COVER = ("background", "ink")
"""The colours of a cover page."""

UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
"""What file names may not hold on some system."""


@bp.get("/proposals/versions/<int:id>/preview")
@requires(Permission.PROPOSAL_VIEW, ProposalVersion)
def preview(version: ProposalVersion) -> Response:
    return shown(_content(version), url_for(".logo", id=version.id))


@bp.get("/proposals/versions/<int:id>/logo")
@requires(Permission.PROPOSAL_VIEW, ProposalVersion)
def logo(version: ProposalVersion) -> Response:
    return drawn(_content(version))


@bp.get("/proposals/style.css")
@public
def style() -> Response:
    faces = "".join(
        f'@font-face{{font-family:"Baton Sans";font-weight:{weight};font-style:{style};font-display:swap;'
        f'src:url("{url_for("static", filename="fonts/" + address.removeprefix("baton:"))}")}}\n'
        for address, (weight, style) in FACES.items()
    )
    said = {name: request.args.get(name, "") for name in ("accent", "background", "ink")}
    colours = look_style({"accent": said["accent"], "cover": said})
    return Response(faces + document.STYLE.read_text("utf-8") + colours, mimetype="text/css")


@bp.get("/proposals/versions/<int:id>/file")
@requires(Permission.PROPOSAL_VIEW, ProposalVersion)
def download(version: ProposalVersion) -> Response:
    return stored(version.file, file_name(version)) if version.file is not None else abort(404)


@bp.get("/proposals/versions/<int:id>/attachments/<int:place>")
@requires(Permission.PROPOSAL_VIEW, ProposalVersion)
def attachment(version: ProposalVersion, place: int) -> Response:
    return attached(_content(version), place)


@bp.get("/proposals/records/<int:id>/file")
@requires(Permission.CLIENT_VIEW, AcceptanceRecord)
def record(record: AcceptanceRecord) -> Response:
    """The printed record of an acceptance."""
    need(Permission.PROPOSAL_VIEW, record.answer.answered)
    return stored(record.file, record_name(record))


def stored(file: StoredFile, name: str) -> Response:
    """The stored bytes, never printed anew; refused when they no longer have the recorded hash (rule 9)."""
    if sha256(file.content).hexdigest() != file.sha256:
        current_app.logger.critical("stored file %s does not have its recorded hash", file.id)
        abort(500)
    answer = send_file(BytesIO(file.content), file.media_type, as_attachment=True, download_name=name)
    answer.set_etag(file.sha256)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def shown(what: Mapping[str, Any], logo_address: str) -> Response:
    """The document as a page of HTML, from the same template as the PDF."""
    look = what.get("look") or {}
    colours = {"accent": look.get("accent"), **{name: (look.get("cover") or {}).get(name) for name in COVER}}
    answer = Response(document.write(what, (url_for("proposals.file.style", **colours),), logo_address))
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return answer


def drawn(what: Mapping[str, Any]) -> Response:
    """The logo that a document shows."""
    content, media_type = logo_of(db.session(), what) or abort(404)
    answer = send_file(BytesIO(content), media_type)
    answer.headers["Content-Security-Policy"] = LOGO_POLICY
    return answer


def _content(version: ProposalVersion) -> Mapping[str, Any]:
    """As it was frozen, or as the draft stands."""
    if version.printed is not None:
        return version.printed
    return content(version, db.session.get_one(Company, 1), author=version.made_by, at=now())


def attached(what: Mapping[str, Any], place: int) -> Response:
    """A file that was sent with a document, by its place in the document's list."""
    files = what.get("attachments", ())
    if not 0 <= place < len(files):
        abort(404)
    named = files[place]
    file = db.session.scalars(select(StoredFile).where(StoredFile.sha256 == named["sha256"])).one()
    return stored(file, named["name"])


def record_name(record: AcceptanceRecord) -> str:
    """As the document's, so that both stand beside each other in a folder."""
    version = record.answer.answered
    return file_name(version).replace(".pdf", f" {RECORDED[version.language]}.pdf")


def file_name(version: ProposalVersion) -> str:
    """``КП-2026-17 v2 Ромашка.pdf``: what a customer finds in a folder a year later."""
    client = UNFIT.sub(" ", (version.printed or {})["to"]["name"])[:80].strip(" .")
    return f"{version.proposal.label} v{version.number} {client}.pdf"
