"""Tasks: planning the next touch, and what became of it."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from webapp.db import transaction
from webapp.domain.client import Client
from webapp.domain.permissions import Permission
from webapp.domain.task import Task
from webapp.domain.user import User
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.client_screen import stay
from webapp.web.clock import now
from webapp.web.session import me
from webapp.web.touch_forms import lane_for, PostponeForm, TaskForm

bp = Blueprint("tasks", __name__)


@bp.route("/clients/<int:id>/tasks/new", methods=["GET", "POST"])
@requires(Permission.TASK_ADD, Client)
def add(client: Client) -> Response:
    form = TaskForm()
    form.offer(client, actor())
    back = url_for("clients.show", id=client.id)
    if form.validate_on_submit():
        with transaction() as session:
            once.take(session)
            owner = session.get_one(User, form.owner_id.data)
            Task.plan(
                session,
                lane_for(client, owner.id, actor()),
                form.kind.data,
                form.subject.data or form.kind.data.label,
                form.due_on.data,
                by=me(),
                at=now(),
                owner=owner,
                due_time=form.due_time.data,
            )
            once.leads_to(back)
        return see(back, _("Planned."))
    status = 422 if form.is_submitted() else 200
    return page("form.html", status, form=form, title=_("Next touch with %(name)s", name=client.name), back=back)


@bp.post("/tasks/<int:id>/finish")
@requires(Permission.TASK_CLOSE, Task)
def finish(task: Task) -> Response:
    with transaction() as session:
        session.add(task.finish(by=me(), at=now()))
    return stay(task.client, _("Done: %(subject)s", subject=_(task.subject)))


@bp.post("/tasks/<int:id>/cancel")
@requires(Permission.TASK_CLOSE, Task)
def cancel(task: Task) -> Response:
    with transaction() as session:
        session.add(task.cancel(by=me(), at=now()))
    return stay(task.client, _("Cancelled: %(subject)s", subject=_(task.subject)))


@bp.route("/tasks/<int:id>/postpone", methods=["GET", "POST"])
@requires(Permission.TASK_CLOSE, Task)
def postpone(task: Task) -> Response:
    form = PostponeForm(due_time=task.due_time)
    if form.validate_on_submit():
        with transaction() as session:
            session.add(task.postpone(form.due_on.data, by=me(), at=now(), due_time=form.due_time.data))
        return stay(task.client, _("Postponed."))
    return page(
        "form.html",
        422 if form.is_submitted() else 200,
        form=form,
        title=_("Postpone “%(subject)s”", subject=_(task.subject)),
        back=url_for("clients.show", id=task.client_id),
    )
