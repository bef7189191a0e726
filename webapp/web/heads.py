"""The heads' page: what is late, who carries how much, whom nobody is going to call."""

from flask import Blueprint, Response

from webapp.db import db
from webapp.domain.permissions import Permission
from webapp.queries.blind_spots import blind_spots
from webapp.queries.heads import heads_page
from webapp.web.access import actor, requires
from webapp.web.answers import page
from webapp.web.clock import now

bp = Blueprint("heads", __name__)


@bp.get("/departments")
@requires(Permission.HEADS_VIEW)
def show() -> Response:
    today = actor().today(now())
    view = heads_page(db.session(), actor(), now())
    return page("heads.html", view=view, blind=blind_spots(db.session(), actor(), today), today=today)
