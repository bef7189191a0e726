"""The registry of competitors."""

from typing import Any

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.competitor import Competitor
from webapp.domain.errors import Refused, Stale
from webapp.domain.permissions import Permission
from webapp.queries.attacks import registry
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.attack_form import CompetitorForm, Seen
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.session import me

bp = Blueprint("competitors", __name__)


@bp.get("/competitors")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    return page("competitors.html", rows=registry(db.session(), actor()))


@bp.route("/competitors/new", methods=["GET", "POST"])
@requires(Permission.COMPETITOR_EDIT)
def add() -> Response:
    form, status, back = CompetitorForm(), 200, url_for(".show_all")
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                Competitor.add(session, form.name.data, form.note.data or "", by=me(), at=now())
                once.leads_to(back)
            return see(back, _("Added."))
        except Refused as refusal:
            status = _refused(form, refusal)
    return page("form.html", _status(form, status), form=form, title=_("New competitor"), back=back)


@bp.route("/competitors/<int:id>/edit", methods=["GET", "POST"])
@requires(Permission.COMPETITOR_EDIT, Competitor)
def change(competitor: Competitor) -> Response:
    form, status, back = CompetitorForm(obj=competitor), 200, url_for(".show_all")
    if form.validate_on_submit():
        try:
            with transaction() as session:
                note = form.note.data or ""
                told = competitor.change(session, form.name.data, note, by=me(), at=now(), seen=form.seen)
                session.add(told)
            return see(back, _("Changed."))
        except Refused as refusal:
            status = _refused(form, refusal)
            form.version.data = str(competitor.version)
    return page("form.html", _status(form, status), form=form, title=competitor.name, back=back)


@bp.post("/competitors/<int:id>/retired")
@requires(Permission.COMPETITOR_EDIT, Competitor)
def retire(competitor: Competitor) -> Response:
    return _click(competitor.retire)


@bp.post("/competitors/<int:id>/restored")
@requires(Permission.COMPETITOR_EDIT, Competitor)
def restore(competitor: Competitor) -> Response:
    return _click(competitor.restore)


def _click(verb: Any) -> Response:
    try:
        with transaction() as session:
            session.add(verb(by=me(), at=now(), seen=Seen().seen))
    except Refused as refusal:
        return see(url_for(".show_all"), _(refusal.message), "bad")
    return see(url_for(".show_all"), _("Changed."))


def _refused(form: CompetitorForm, refusal: Refused) -> int:
    refuse(form, refusal)
    return 409 if isinstance(refusal, Stale) else 422


def _status(form: CompetitorForm, status: int) -> int:
    return 422 if form.is_submitted() and status == 200 else status
