"""What a proposal looks like: the preview in the browser, its style, and the stored PDF."""

import re
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask import abort, Blueprint, current_app, Response, send_file, url_for

from webapp.db import db
from webapp.domain.company import Company
from webapp.domain.file import StoredFile
from webapp.domain.permissions import Permission
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_answer import AcceptanceRecord
from webapp.domain.proposal_content import content
from webapp.pdf import document
from webapp.pdf.fetcher import FACES
from webapp.web.access import need, public, requires
from webapp.web.clock import now

bp = Blueprint("file", __name__)

PREVIEW_POLICY = "default-src 'none'; style-src 'self'; font-src 'self'; frame-ancestors 'self'; base-uri 'none'"
"""A document has no script, no picture and no form: what a text smuggles in does nothing."""

RECORDED = {"ru": "акцепт", "en": "acceptance"}
"""What is added to the document's name for the record of its acceptance."""

UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
"""What file names may not hold on some system."""


@bp.get("/proposals/versions/<int:id>/preview")
@requires(Permission.PROPOSAL_VIEW, ProposalVersion)
def preview(version: ProposalVersion) -> Response:
    """As it was frozen, or as the draft stands."""
    if version.printed is not None:
        return shown(version.printed)
    company = db.session.get_one(Company, 1)
    return shown(content(version, company, author=version.made_by, at=now()))


@bp.get("/proposals/style.css")
@public
def style() -> Response:
    faces = "".join(
        f'@font-face{{font-family:"Baton Sans";font-weight:{weight};font-style:{style};font-display:swap;'
        f'src:url("{url_for("static", filename="fonts/" + address.removeprefix("baton:"))}")}}\n'
        for address, (weight, style) in FACES.items()
    )
    return Response(faces + document.STYLE.read_text("utf-8"), mimetype="text/css")


@bp.get("/proposals/versions/<int:id>/file")
@requires(Permission.PROPOSAL_VIEW, ProposalVersion)
def download(version: ProposalVersion) -> Response:
    return stored(version.file, file_name(version)) if version.file is not None else abort(404)


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
    answer = send_file(BytesIO(file.content), "application/pdf", as_attachment=True, download_name=name)
    answer.set_etag(file.sha256)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def shown(what: Mapping[str, Any]) -> Response:
    """The document as a page of HTML, from the same template as the PDF."""
    answer = Response(document.write(what, stylesheets=(url_for("proposals.file.style"),)))
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return answer


def record_name(record: AcceptanceRecord) -> str:
    """As the document's, so that both stand beside each other in a folder."""
    version = record.answer.answered
    return file_name(version).replace(".pdf", f" {RECORDED[version.language]}.pdf")


def file_name(version: ProposalVersion) -> str:
    """``КП-2026-17 v2 Ромашка.pdf``: what a customer finds in a folder a year later."""
    client = UNFIT.sub(" ", (version.printed or {})["to"]["name"])[:80].strip(" .")
    return f"{version.proposal.label} v{version.number} {client}.pdf"
