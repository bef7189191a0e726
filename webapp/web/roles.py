"""Who may do what, as the permission table says it."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webapp.domain.permissions import Permission, TABLE
from webapp.web.access import requires
from webapp.web.answers import page

bp = Blueprint("roles", __name__)


@bp.get("/roles")
@requires(Permission.ROLES_VIEW)
def show() -> Response:
    """Nothing here is written by hand: a permission that changes, changes here."""
    rows = [
        (permission, [_(" and ").join(_(predicate.__doc__ or "") for predicate in row) for row in TABLE[permission]])
        for permission in Permission
    ]
    return page("roles.html", rows=rows)
