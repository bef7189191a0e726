"""Access links: an invited user, or one who forgot, chooses a password."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.access_link import AccessLink
from webapp.domain.errors import Refused
from webapp.web import passwords
from webapp.web.access import public
from webapp.web.answers import page
from webapp.web.clock import now
from webapp.web.entering import begin
from webapp.web.profile_form import NewPasswordForm
from webapp.web.security import limiter

bp = Blueprint("links", __name__)


@bp.route("/link/<token>", methods=["GET", "POST"])
@public
@limiter.limit("60/minute")
def show(token: str) -> Response:
    """Looking uses nothing up: mail programs look at links before people do."""
    link = AccessLink.find(db.session, token)
    if link is None or not link.usable(now()):
        return page("link.html", 410, link=None)
    form = NewPasswordForm()
    user = link.user
    if form.validate_on_submit() and form.check_for(user.name, user.email or ""):
        return take(token, form)
    return page("link.html", 422 if form.is_submitted() else 200, link=link, form=form)


def take(token: str, form: NewPasswordForm) -> Response:
    """Set the password and let the user in, through the second factor where there is one."""
    password_hash = passwords.make(form.password.data)
    try:
        with transaction() as written:
            user = AccessLink.spend(written, token, password_hash, at=now())
    except Refused:
        return page("link.html", 410, link=None)
    return begin(user, after=url_for("home.show"), greeting=_("Welcome, %(name)s!", name=user.name))
