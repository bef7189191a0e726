"""An engagement's stage and owner: one form for drag, keyboard and menu, and one for another owner."""

from typing import Any
from urllib.parse import urlsplit

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import bindparam, select
from sqlalchemy.orm.exc import StaleDataError
from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Incomplete, Refused, Stale
from webapp.domain.permissions import Permission
from webapp.domain.stage import lane_of, missing, Stage
from webapp.domain.user import User
from webapp.queries import people
from webapp.web.access import actor, LARGEST_ID, load, requires
from webapp.web.answers import by_htmx, current_page, fragment, page, regions, see, toast
from webapp.web.board import moved, partials
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import LongTextField, refuse
from webapp.web.session import me

bp = Blueprint("engagements", __name__)

NAME = select(Client.name).where(Client.id == bindparam("id"))


def _chosen(value: str | None) -> int | None:
    return int(value) if value else None


class OwnerForm(FlaskForm):
    owner_id = SelectField(_l("New owner"), [InputRequired(_l("Please choose"))], coerce=_chosen)
    reason = LongTextField(_l("Why"), longest=500)
    version = HiddenField()


@bp.get("/engagements/<int:id>/stage")
@requires(Permission.ENGAGEMENT_MOVE, Engagement)
def choose_stage(engagement: Engagement) -> Response:
    return page("move.html", **_choice(engagement))


@bp.post("/engagements/<int:id>/stage")
@requires(Permission.ENGAGEMENT_MOVE, Engagement)
def change_stage(engagement: Engagement) -> Response:
    """Sent twice, it moves once: where the client stands in the stage already, there is nothing to do."""
    left, stage_id, seen = engagement.stage_id, _number("stage_id"), _number("version")
    try:
        with transaction() as session:
            lane = lane_of(session, engagement.department)
            stage = next((stage for stage in lane if stage.id == stage_id), None) or load(Stage, stage_id)
            before = engagement.stage
            if moves := before is not stage:
                session.add(engagement.move_to(stage, by=me(), at=now(), seen=seen))
    except (Refused, StaleDataError) as error:
        return _refused(engagement, {left, stage_id}, error if isinstance(error, Refused) else Stale())
    client = db.session.connection().execute(NAME, {"id": engagement.client_id}).scalar()
    told = _("%(client)s: %(stage)s", client=client, stage=_(stage.name))
    if not _on_the_board():
        return see(url_for("board.show", _anchor=f"card-{engagement.id}"), told)
    shown = moved(engagement.id, before, stage, request.form) if moves else partials({stage_id}, request.form)
    return regions(shown, toast(told))


@bp.route("/engagements/<int:id>/owner", methods=["GET", "POST"])
@requires(Permission.ENGAGEMENT_REASSIGN, Engagement)
def change_owner(engagement: Engagement) -> Response:
    form = OwnerForm(version=str(engagement.version))
    colleagues = [
        (person.id, person.name)
        for person in people.owners(db.session(), actor(), everybody=True)
        if person.department is engagement.department and person.id != engagement.owner_id
    ]
    form.owner_id.choices = [("", ""), *colleagues]
    back = url_for("clients.show", id=engagement.client_id)
    status = 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                owner, seen = load(User, form.owner_id.data), _number("version")
                session.add(engagement.reassign(owner, by=me(), at=now(), reason=form.reason.data, seen=seen))
            return see(back, _("%(name)s answers for the client now.", name=owner.name))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
    elif form.is_submitted():
        status = 422
    title = _("Give %(client)s to another owner", client=engagement.client.name)
    return page("form.html", status, form=form, title=title, back=back, save=_("Give to the new owner"))


def _refused(engagement: Engagement, stages: set[int], refusal: Refused) -> Response:
    """What is missing, beside the fresh state: in the dialog, or on the board with the card back in its column."""
    status = 409 if isinstance(refusal, Stale) else 422
    told = _choice(engagement, refusal)
    if not by_htmx():
        return page("move.html", status, **told)
    if "dialog" in request.form:
        answer = fragment("move.html", "part", status=status, **told)
        answer.set_data(answer.get_data(as_text=True) + str(partials(stages, request.form)))
        return answer
    return regions(partials({*stages, engagement.stage_id}, request.form), toast(say(refusal), "danger"), status=status)


def _choice(engagement: Engagement, refusal: Refused | None = None) -> dict[str, Any]:
    """The lane's stages, what must be there before the client leaves this one forward, and why a move was refused."""
    return {
        "refusal": say(refusal) if refusal is not None else "",
        "lacks": isinstance(refusal, Incomplete),
        "engagement": engagement,
        "stages": lane_of(db.session(), engagement.department),
        "gaps": missing(engagement, engagement.stage, actor().today(now())),
    }


def _on_the_board() -> bool:
    """Whether the answer's regions are there to be filled; htmx may also ask from a client's page."""
    return by_htmx() and urlsplit(current_page()).path in (url_for("board.show"), request.path)


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 and int(text) < LARGEST_ID else abort(400)
