"""The VIP list: the programme as it stands, and its quarterly reviews."""

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.domain.vip_review import VipReview
from webapp.queries.vip_list import review_rows, vip_list, WantedMembers
from webapp.web.access import actor, LARGEST_ID, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.queue_form import number_of
from webapp.web.session import me
from webapp.web.vip_words import filled_share, quarter

bp = Blueprint("vip", __name__)
bp.add_app_template_filter(quarter, "quarter")
bp.add_app_template_filter(filled_share, "filled_share")


@bp.get("/vip")
@requires(Permission.VIP_VIEW)
def show() -> Response:
    asked = _asked()
    return page("vip.html", asked=asked, view=vip_list(db.session(), actor(), asked), address=_address)


@bp.get("/vip/reviews")
@requires(Permission.VIP_VIEW)
def reviews() -> Response:
    return page("vip_reviews.html", rows=review_rows(db.session(), actor()))


@bp.post("/vip/reviews")
@requires(Permission.VIP_DECIDE)
def begin() -> Response:
    """Open the review of the running quarter."""
    try:
        with transaction() as session:
            review = VipReview.begin(session, session.get_one(Company, 1), by=me(), at=now())
    except Refused as refusal:
        return see(url_for(".reviews"), say(refusal), "bad")
    return see(url_for("vip_reviews.show", id=review.id), _("The review is open: these are the proposals."))


def _asked() -> WantedMembers:
    """What the address asks for. What cannot be read is as if it were not asked."""
    name, _tilde, key = request.args.get("after", "").replace("\x00", "")[:300].rpartition("~")
    after = (name, int(key)) if key.isascii() and key.isdigit() and int(key) < LARGEST_ID else None
    return WantedMembers(number_of(request.args.get("tier")), number_of(request.args.get("owner")), after)


def _address(asked: WantedMembers, after: tuple[str, int] | None = None) -> str:
    return url_for(".show", tier=asked.tier_id, owner=asked.owner_id, after=f"{after[0]}~{after[1]}" if after else None)
