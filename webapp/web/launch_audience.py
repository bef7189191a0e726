"""Whom a launch is for: try a rule, see how many fit and some of them, then freeze them."""

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.db import db, transaction
from webapp.domain import launch_audience as audience
from webapp.domain.errors import Refused
from webapp.domain.launch import Launch
from webapp.domain.launch_audience import AudienceRule
from webapp.domain.launch_state import LaunchState
from webapp.domain.permissions import Permission
from webapp.queries.launch_choices import choices, fitting
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.attack_form import Seen
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.launch_form import AudienceForm
from webapp.web.session import me

bp = Blueprint("launch_audience", __name__)


@bp.get("/launches/<int:id>/audience")
@requires(Permission.LAUNCH_RUN, Launch)
def show(launch: Launch) -> Response:
    if launch.size or launch.state is not LaunchState.DRAFT:
        return see(url_for("launches.show", id=launch.id))
    form = AudienceForm(request.args)
    form.offer(choices(db.session(), actor()), None if request.args else AudienceRule.read(launch.rule), actor())
    status = 200 if not request.args or _in_order(form) else 422
    rule = form.rule() if status == 200 else AudienceRule()
    number, sample = fitting(db.session(), actor(), rule, launch.product, at=now())
    return page("launch_audience.html", status, launch=launch, form=form, number=number, sample=sample)


@bp.post("/launches/<int:id>/audience")
@requires(Permission.LAUNCH_RUN, Launch)
def freeze(launch: Launch) -> Response:
    form, back = AudienceForm(request.form), url_for(".show", id=launch.id)
    form.offer(choices(db.session(), actor()), None, actor())
    if not _in_order(form):
        return see(back, _("Please repeat that."), "bad")
    rule = form.rule()
    try:
        with transaction() as session:
            session.refresh(launch, with_for_update=True)
            launch.check_open(form.seen)
            size = audience.freeze(session, launch, rule, at=now()) if not launch.size else launch.size
            told = launch.freeze(size, by=me(), at=now(), seen=form.seen)
            launch.look(rule.told())
            session.add(told)
    except Refused as refusal:
        return see(back, say(refusal), "bad")
    said = ngettext("%(num)s client is in the audience.", "%(num)s clients are in the audience.", size)
    return see(url_for("launches.show", id=launch.id), said)


@bp.post("/launches/<int:id>/audience/opened")
@requires(Permission.LAUNCH_RUN, Launch)
def thaw(launch: Launch) -> Response:
    try:
        with transaction() as session:
            session.refresh(launch, with_for_update=True)
            session.add(launch.thaw(by=me(), at=now(), seen=Seen().seen))
            audience.forget(session, launch)
    except Refused as refusal:
        return see(url_for("launches.show", id=launch.id), say(refusal), "bad")
    return see(url_for(".show", id=launch.id), _("Choose whom it is for."))


def _in_order(form: AudienceForm) -> bool:
    """Asked by GET, the form carries no token; sent, the application has checked it before."""
    return all(form[name].validate(form) for name in (*form.LISTS, "owns", "owner_id", "quiet_days"))
