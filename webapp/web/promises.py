"""Promises outside the contract: recording one, and how it ended."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from webapp.db import transaction
from webapp.domain.client import Client
from webapp.domain.permissions import Permission
from webapp.domain.promise import Promise
from webapp.web import once
from webapp.web.access import requires
from webapp.web.answers import page, see
from webapp.web.client_screen import stay
from webapp.web.clock import now
from webapp.web.session import me
from webapp.web.touch_forms import PromiseForm, ReasonForm

bp = Blueprint("promises", __name__)


@bp.route("/clients/<int:id>/promises/new", methods=["GET", "POST"])
@requires(Permission.PROMISE_ADD, Client)
def add(client: Client) -> Response:
    form, back = PromiseForm(), url_for("clients.show", id=client.id)
    if form.validate_on_submit():
        with transaction() as session:
            once.take(session)
            Promise.make(session, client, form.text.data, by=me(), at=now(), due_on=form.due_on.data)
            once.leads_to(back)
        return see(back, _("Recorded."))
    status = 422 if form.is_submitted() else 200
    return page("form.html", status, form=form, title=_("A promise to %(name)s", name=client.name), back=back)


@bp.post("/promises/<int:id>/kept")
@requires(Permission.PROMISE_CLOSE, Promise)
def keep(promise: Promise) -> Response:
    with transaction() as session:
        session.add(promise.keep(by=me(), at=now()))
    return stay(promise.client, _("A promise kept."))


@bp.route("/promises/<int:id>/broken", methods=["GET", "POST"])
@requires(Permission.PROMISE_CLOSE, Promise)
def break_off(promise: Promise) -> Response:
    form = ReasonForm()
    if form.validate_on_submit():
        with transaction() as session:
            session.add(promise.break_off(by=me(), at=now(), reason=form.reason.data))
        return stay(promise.client, _("Recorded. Tell the client before it finds out."))
    return page(
        "form.html",
        422 if form.is_submitted() else 200,
        form=form,
        title=_("Why could we not keep it?"),
        note=promise.text,
        back=url_for("clients.show", id=promise.client_id),
    )
