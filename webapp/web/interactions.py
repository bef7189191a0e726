"""Interactions: recording what happened, and planning the next touch in the same breath."""

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.interaction import Interaction
from webapp.domain.permissions import Permission
from webapp.domain.task import Task
from webapp.domain.telling import told_of
from webapp.queries.telling import tellable
from webapp.web import once
from webapp.web.access import actor, can, LARGEST_ID, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.session import me
from webapp.web.touch_forms import InteractionForm, lane_for, REACHED

bp = Blueprint("interactions", __name__)


@bp.route("/clients/<int:id>/interactions/new", methods=["GET", "POST"])
@requires(Permission.INTERACTION_ADD, Client)
def add(client: Client) -> Response:
    form = InteractionForm(**_planned(client))
    there = [contact for contact in client.contacts if contact.removed_at is None and contact.left_at is None]
    form.offer([(contact.id, contact.name) for contact in there], tellable(db.session(), actor(), client.id))
    back = url_for("clients.show", id=client.id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                _record(session, client, form)
                once.leads_to(back)
            return see(back, _("Recorded."))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    return page(
        "interaction_form.html", status, form=form, title=_("What happened with %(name)s", name=client.name), back=back
    )


def _record(session: Session, client: Client, form: InteractionForm) -> None:
    """The interaction; the task that it was is done; the next touch is planned."""
    by, at = me(), now()
    interaction = Interaction.record(
        session,
        client,
        form.kind.data,
        form.outcome.data,
        by=by,
        at=at,
        happened_at=form.happened_at.utc,
        contact=session.get(Contact, form.contact_id.data) if form.contact_id.data else None,
        purpose_reached=REACHED.get(form.reached.data),
        began=form.began.data,
    )
    told_of(session, interaction, form.told.data, by=by, at=at)
    task = _task(client, form.task.data)
    if task is not None:
        session.add(task.finish(by=by, at=at))
    if form.next_on.data:
        lane = lane_for(client, by.id, actor())
        kind, subject = form.next_kind.data, form.next_subject.data
        owner = by if actor().department is not None else lane.owner
        Task.plan(session, lane, kind, subject or kind.label, form.next_on.data, by=by, at=at, owner=owner)


def _planned(client: Client) -> dict[str, object]:
    """What the planned task that is being reported says already."""
    task = _task(client, request.values.get("task", ""))
    if task is None:
        return {}
    kind = task.kind if task.kind in ("call", "meeting", "email") else "call"
    return {"task": task.id, "kind": kind}


def _task(client: Client, key: str | None) -> Task | None:
    """The client's open task of that id, where the asker may close it."""
    number = int(key) if (key or "").isdigit() else 0
    task = db.session.get(Task, number) if 0 < number < LARGEST_ID else None
    if task is None or task.client_id != client.id or not task.is_open or not can(Permission.TASK_CLOSE, task):
        return None
    return task
