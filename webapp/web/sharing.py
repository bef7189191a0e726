"""Links to a sent proposal: making and revoking them; and the number of clients who answered."""

from flask import Blueprint, Response, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField

from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.domain.proposal import ProposalVersion
from webapp.domain.share_link import ShareLink
from webapp.queries import shares
from webapp.web import once
from webapp.web.access import actor, need, requires
from webapp.web.address import outside
from webapp.web.answers import fragment, see
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import DayField
from webapp.web.session import me

bp = Blueprint("sharing", __name__)

NEW = "share_link"
"""Where the session keeps a new link until the next page has shown it, once."""


class ShareForm(FlaskForm):
    """Until when the link works."""

    last_day = DayField(_l("Works until"))
    beyond = BooleanField(_l("Also after the proposal has expired, to read on"))


@bp.post("/proposals/versions/<int:id>/links")
@requires(Permission.PROPOSAL_SHARE, ProposalVersion)
def share(version: ProposalVersion) -> Response:
    form, back = ShareForm(), url_for("proposals.show", id=version.proposal_id, version=version.number, _anchor="links")
    if not form.validate_on_submit():
        return see(back, next(iter(form.last_day.errors), _("Please repeat that.")), "bad")
    try:
        with transaction() as written:
            once.take(written)
            token = ShareLink.make(
                written, version, form.last_day.data, by=me(), at=now(), beyond=bool(form.beyond.data)
            )
            once.leads_to(back)
    except Refused as refusal:
        return see(back, say(refusal), "bad")
    session[NEW] = {"version": version.id, "token": token}
    return see(back)


@bp.post("/proposals/links/<int:id>/revoked")
@requires(Permission.CLIENT_VIEW, ShareLink)
def revoke(link: ShareLink) -> Response:
    need(Permission.PROPOSAL_SHARE, link.shared)
    with transaction() as written:
        link = written.get_one(ShareLink, link.id, with_for_update=True)
        written.add(link.revoke(by=me(), at=now()))
    version = link.shared
    back = url_for("proposals.show", id=version.proposal_id, version=version.number, _anchor="links")
    return see(back, _("The link opens nothing any more."))


@bp.get("/proposals/answered")
@requires(Permission.CLIENT_VIEW)
def waiting() -> Response:
    """The number beside “Deals” in the menu, asked for by open pages."""
    return fragment("deals.html", "answered", count=shares.waiting_count(db.session(), actor()))


def just_made(version_id: int) -> str | None:
    """The address of the link that was made a moment ago, shown this once."""
    kept = session.get(NEW)
    if not kept or kept["version"] != version_id:
        return None
    session.pop(NEW)
    return outside("shared.show", token=kept["token"])
