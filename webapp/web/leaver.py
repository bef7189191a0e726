"""If somebody leaves: the clients that hang on them alone, and passing those on before it is too late."""

from flask import Blueprint, Response, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField

from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.leaver import save_threads
from webapp.domain.permissions import Permission
from webapp.domain.user import User
from webapp.queries.leaver import Leaver, leaver
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import presence, refuse, TextField
from webapp.web.session import me

bp = Blueprint("leaver", __name__)


class LeaverForm(FlaskForm):
    """Which clients go to whom, and why."""

    clients = SelectMultipleField(_l("Clients"), coerce=int)
    colleague_id = SelectField(_l("Colleague"), presence(True), coerce=int)
    reason = TextField(_l("Reason"), longest=300)

    def offer(self, found: Leaver) -> None:
        self.clients.choices = [(row.client_id, row.client) for row in found.rows if row.owned]
        self.colleague_id.choices = list(found.colleagues)


@bp.route("/departments/leaver/<int:id>", methods=["GET", "POST"])
@requires(Permission.LEAVER_PREPARE, User)
def show(user: User) -> Response:
    found, form = leaver(db.session(), actor(), user, actor().today(now())), LeaverForm()
    form.offer(found)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                colleague = session.get_one(User, form.colleague_id.data)
                chosen, reason = form.clients.data or [], form.reason.data
                count = save_threads(session, user, chosen, colleague, by=me(), at=now(), reason=reason)
                once.leads_to(url_for(".show", id=user.id))
            done = ngettext("%(num)s client has a new owner.", "%(num)s clients have a new owner.", count)
            return see(url_for(".show", id=user.id), done)
        except Refused as refusal:
            refuse(form, refusal)
    return page("leaver.html", 422 if form.is_submitted() else 200, form=form, found=found, user=user)
