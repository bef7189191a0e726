"""What a client reads by a link: the document on a page, its PDF, what is attached, the record of the acceptance."""

from flask import abort, Blueprint, g, Response, url_for

from webapp.db import db
from webapp.domain.proposal_answer import AcceptanceRecord, ProposalAnswer
from webapp.domain.share_link import ShareLink
from webapp.web import proposal_file
from webapp.web.access import public
from webapp.web.clock import now
from webapp.web.shared_access import by_link, note_reading, READING

bp = Blueprint("files", __name__)


@bp.get("/document")
@public
@READING
@by_link
def look(link: ShareLink) -> Response:
    return proposal_file.shown(link.shared.printed or {}, url_for("shared.files.logo", token=g.token))


@bp.get("/logo")
@public
@READING
@by_link
def logo(link: ShareLink) -> Response:
    return proposal_file.drawn(link.shared.printed or {})


@bp.get("/file")
@public
@READING
@by_link
def download(link: ShareLink) -> Response:
    note_reading(link, now())
    file = link.shared.file or abort(404)  # only what was sent is shared, and that has its file
    return proposal_file.stored(file, proposal_file.file_name(link.shared))


@bp.get("/record")
@public
@READING
@by_link
def record(link: ShareLink) -> Response:
    """The record of an acceptance that came by this link; others are not this visitor's."""
    found = record_of(link)
    return proposal_file.stored(found.file, proposal_file.record_name(found)) if found else abort(404)


@bp.get("/attachments/<int:place>")
@public
@READING
@by_link
def attachment(link: ShareLink, place: int) -> Response:
    """A file that was sent with the document."""
    return proposal_file.attached(link.shared.printed or {}, place)


def record_of(link: ShareLink) -> AcceptanceRecord | None:
    """The printed record of the acceptance that came by this link."""
    accepted = ProposalAnswer.acceptance_of(db.session(), link.shared.proposal_id)
    return accepted.record if accepted is not None and accepted.link_id == link.id else None
