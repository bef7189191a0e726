"""What a proposal looks like: the preview in the browser, its style, and the stored PDF."""

import re
from hashlib import sha256
from io import BytesIO

from flask import abort, Blueprint, current_app, Response, send_file, url_for

from webapp.db import db
from webapp.domain.company import Company
from webapp.domain.permissions import Permission
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_content import content
from webapp.pdf import document
from webapp.pdf.fetcher import FACES
from webapp.web.access import requires, signed_in
from webapp.web.clock import now

bp = Blueprint("file", __name__)

PREVIEW_POLICY = "default-src 'none'; style-src 'self'; font-src 'self'; frame-ancestors 'self'; base-uri 'none'"
"""A document has no script, no picture and no form: what a text smuggles in does nothing."""

UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
"""What file names may not hold on some system."""


@bp.get("/proposals/versions/<int:id>/preview")
@requires(Permission.PROPOSAL_VIEW, ProposalVersion)
def preview(version: ProposalVersion) -> Response:
    """The document as a page of HTML, from the same template as the PDF."""
    shown = version.printed
    if shown is None:
        company = db.session.get_one(Company, 1)
        shown = content(version, company, author=version.made_by, at=now())
    answer = Response(document.write(shown, stylesheets=(url_for("proposals.file.style"),)))
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return answer


@bp.get("/proposals/style.css")
@signed_in
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
    """The stored bytes, never printed anew; refused when they no longer have the recorded hash (rule 9)."""
    if version.file is None:
        abort(404)
    stored = version.file.content
    if sha256(stored).hexdigest() != version.file.sha256:
        current_app.logger.critical("stored file %s does not have its recorded hash", version.file_id)
        abort(500)
    answer = send_file(BytesIO(stored), "application/pdf", as_attachment=True, download_name=file_name(version))
    answer.set_etag(version.file.sha256)
    return answer


def file_name(version: ProposalVersion) -> str:
    """``КП-2026-17 v2 Ромашка.pdf``: what a customer finds in a folder a year later."""
    client = UNFIT.sub(" ", (version.printed or {})["to"]["name"])[:80].strip(" .")
    return f"{version.proposal.label} v{version.number} {client}.pdf"
