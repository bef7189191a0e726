"""Who may do what, as the permission table says it."""

from functools import reduce

from flask import Blueprint, Response
from flask_babel import gettext as _

from webapp.domain.permissions import Permission, Predicate, TABLE
from webapp.web.access import requires
from webapp.web.answers import page

bp = Blueprint("roles", __name__)


@bp.get("/roles")
@requires(Permission.ROLES_VIEW)
def show() -> Response:
    """Nothing here is written by hand: a permission that changes, changes here."""
    return page(
        "roles.html", rows=[(permission, [said(way) for way in TABLE[permission]]) for permission in Permission]
    )


def said(way: tuple[Predicate, ...]) -> str:
    """One row of the table in the reader's language: all of its predicates must hold."""
    sentences = [_(str(predicate.__doc__)) for predicate in way]
    return reduce(lambda one, other: _("%(one)s and %(other)s", one=one, other=other), sentences)
