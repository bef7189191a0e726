"""Visits: telling in a minute what came of one, or why it was not held; reading what was told."""

from io import BytesIO
from typing import Any

from flask import abort, Blueprint, request, Response, send_file, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.domain.task import Task
from webapp.domain.visit import Visit
from webapp.exchange import picture
from webapp.queries.visit_page import visit_choices, VisitChoices
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.session import me
from webapp.web.visit_form import MissedForm, soon, VisitForm
from webapp.web.visit_report import Report, report_held, report_missed

bp = Blueprint("visits", __name__)


@bp.route("/tasks/<int:id>/visit", methods=["GET", "POST"])
@requires(Permission.TASK_CLOSE, Task)
def tell(task: Task) -> Response:
    """What came of a planned visit; one that was told is read."""
    visit = _visit(task)
    if visit.held_at is not None and request.method == "GET":
        return see(url_for(".show", id=visit.id))
    return _held(task.client, visit)


@bp.route("/clients/<int:id>/visits/new", methods=["GET", "POST"])
@requires(Permission.INTERACTION_ADD, Client)
def add(client: Client) -> Response:
    """What came of a visit that nobody planned."""
    return _held(client, None)


@bp.post("/tasks/<int:id>/visit/missed")
@requires(Permission.TASK_CLOSE, Task)
def miss(task: Task) -> Response:
    visit, form = _visit(task), MissedForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                report_missed(session, visit, form)
                url = once.leads_to(url_for("clients.show", id=task.client_id))
            return see(url, _("Recorded. It is planned anew."))
        except Refused as refusal:
            refuse(form, refusal)
    return _page(422, task.client, visit, VisitForm(formdata=None), form, "missed")


@bp.get("/visits/<int:id>")
@requires(Permission.CLIENT_VIEW, Visit)
def show(visit: Visit) -> Response:
    return page("visit.html", visit=visit, met=[row.contact for row in visit.people if row.interaction_id])


@bp.get("/visits/<int:id>/file")
@requires(Permission.CLIENT_VIEW, Visit)
def download(visit: Visit) -> Response:
    if visit.file is None:
        abort(404)
    paper = visit.file.media_type == picture.PAPER
    answer = send_file(
        BytesIO(visit.file.content), visit.file.media_type, as_attachment=paper, download_name=visit.file_name
    )
    answer.set_etag(visit.file.sha256)
    return answer


def _visit(task: Task) -> Visit:
    return task.visit or abort(404)


def _held(client: Client, visit: Visit | None) -> Response:
    form, choices = VisitForm(), visit_choices(db.session(), actor(), client, visit and visit.about_id)
    form.offer(choices, visit)
    if form.validate_on_submit():
        try:
            report = Report.of(form)
            with transaction() as session:
                once.take(session)
                told = report_held(session, client, visit, report, by=me(), at=now())
                url = once.leads_to(url_for(".show", id=told.id))
            return see(url, _("Recorded."))
        except Refused as refusal:
            refuse(form, refusal)
    return _page(422 if form.is_submitted() else 200, client, visit, form, MissedForm(formdata=None), "", choices)


def _page(
    status: int,
    client: Client,
    visit: Visit | None,
    form: VisitForm,
    missed: MissedForm,
    opened: str,
    choices: VisitChoices | None = None,
) -> Response:
    if choices is None:
        choices = visit_choices(db.session(), actor(), client, visit and visit.about_id)
        form.offer(choices, visit)
    context: dict[str, Any] = {"client": client, "visit": visit, "form": form, "missed": missed, "opened": opened}
    days = soon(actor().today(now()), choices.norm_days)
    return page("visit_tell.html", status, **context, days=days, rivals=choices.rivals, largest=picture.LARGEST)
