"""Planning one visit: when, what for, where, whom to meet."""

from datetime import date

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.domain.product import Product
from webapp.domain.task import Task, TaskKind
from webapp.domain.visit_state import Purpose
from webapp.queries.visit_page import people_there
from webapp.web import once
from webapp.web.access import actor, LARGEST_ID, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.session import me
from webapp.web.touch_forms import lane_for
from webapp.web.visit_form import PlanForm

bp = Blueprint("visit_plan", __name__)


@bp.route("/tasks/<int:id>/visit/plan", methods=["GET", "POST"])
@requires(Permission.TASK_CLOSE, Task)
def change(task: Task) -> Response:
    """When, what for, where, whom to meet."""
    visit = task.visit or abort(404)
    form = PlanForm(obj=visit, due_on=task.due_on, due_time=task.due_time)
    form.offer(people_there(db.session(), task.client), visit)
    if form.validate_on_submit():
        with transaction() as session:
            by, at = me(), now()
            session.add(
                visit.change(form.purpose.data, form.place.data or "", _chosen(form, task.client), by=by, at=at)
            )
            if (form.due_on.data, form.due_time.data) != (task.due_on, task.due_time):
                session.add(task.postpone(form.due_on.data, by=by, at=at, due_time=form.due_time.data))
        return see(_week(task, form.due_on.data), _("Changed."))
    title = _("Visit to %(client)s", client=task.client.name)
    return page("form.html", _status(form), form=form, title=title, back=_week(task, task.due_on))


@bp.route("/clients/<int:id>/visits/plan", methods=["GET", "POST"])
@requires(Permission.TASK_ADD, Client)
def add(client: Client) -> Response:
    about, by = _about(), me()
    form = PlanForm(purpose=_purpose() if about is None else Purpose.PRODUCT)
    form.offer(people_there(db.session(), client), None)
    back = url_for("clients.show", id=client.id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                lane = lane_for(client, by.id, actor())
                Task.plan(
                    session,
                    lane,
                    TaskKind.MEETING,
                    form.purpose.data.label if about is None else about.name,
                    form.due_on.data,
                    by=by,
                    at=now(),
                    owner=by if actor().department is not None else lane.owner,
                    due_time=form.due_time.data,
                    purpose=form.purpose.data,
                    place=form.place.data or "",
                    whom=_chosen(form, client),
                    about=about,
                )
                once.leads_to(back)
            return see(back, _("Planned."))
        except Refused as refusal:
            refuse(form, refusal)
    title = _("Visit to %(client)s", client=client.name)
    note = {} if about is None else {"note": _("To show: %(product)s", product=about.name)}
    return page("form.html", _status(form), form=form, title=title, back=back, save=_("Plan the visit"), **note)


def _about() -> Product | None:
    """The product that the address names, where one may still be shown."""
    number = request.args.get("product", type=int) or 0
    product = db.session.get(Product, number) if 0 < number < LARGEST_ID else None
    return product if product is not None and product.retired_at is None else None


def _purpose() -> Purpose:
    """What the address says that the visit is for."""
    said = request.args.get("purpose")
    return Purpose(said) if said in set(Purpose) else Purpose.REVIEW


def _week(task: Task, day: date) -> str:
    """The week of the one who visits."""
    own = task.owner_id == actor().id
    return url_for("planner.show", week=day.isoformat(), person=None if own else task.owner_id)


def _chosen(form: PlanForm, client: Client) -> list[Contact]:
    return [contact for contact in client.contacts if contact.id in (form.met.data or ())]


def _status(form: PlanForm) -> int:
    return 422 if form.is_submitted() else 200
