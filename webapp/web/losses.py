"""Losses: recording that a client is lost, and that it is ours again."""

from typing import Any

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField
from wtforms.validators import StopValidation

from webapp.db import db, transaction
from webapp.domain.attack import Attack
from webapp.domain.calendar import last_day
from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.errors import Refused
from webapp.domain.loss import Loss, LOSS_CAUSES, running_contracts
from webapp.domain.permissions import Permission
from webapp.domain.stage import first_stage
from webapp.domain.user import User
from webapp.queries import attacks, people
from webapp.queries.client_money import client_money
from webapp.web.access import actor, LARGEST_ID, load, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import DayField, LongTextField, presence, refuse
from webapp.web.session import me

bp = Blueprint("losses", __name__)


class LossForm(FlaskForm):
    """Why the client is lost, to whom, since when; and until when its contracts run."""

    cause = SelectField(
        _l("Why"), presence(True), choices=lambda: [("", ""), *((key, _(why)) for key, why in LOSS_CAUSES.items())]
    )
    competitor_id = SelectField(_l("To which competitor"), coerce=lambda text: int(text) if text else None)
    lost_on = DayField(_l("Since when"))
    ends_on = DayField(_l("Last day of the running contracts"), required=False)
    note = LongTextField(_l("What happened, what we learned"), required=False, longest=4000, render_kw={"rows": 3})

    def validate_lost_on(self, field: Any) -> None:
        if field.data is not None and field.data > actor().today(now()):
            raise StopValidation(_("This day is to come"))


class WonBackForm(FlaskForm):
    """Who answers for the client from now on, in the first stage of their lane."""

    owner_id = SelectField(_l("Owner"), presence(True), coerce=lambda text: int(text) if text else None)
    mistaken = BooleanField(_l("It never was lost: the record was a mistake, and counts nowhere"))


@bp.route("/clients/<int:id>/lost", methods=["GET", "POST"])
@requires(Permission.CLIENT_LOSE, Client)
def lose(client: Client) -> Response:
    today, back = actor().today(now()), url_for("clients.show", id=client.id)
    running = running_contracts(db.session(), client, today)
    form = LossForm(lost_on=today, ends_on=last_day(today), **_known(client))
    form.competitor_id.choices = [("", _("None of them")), *attacks.offered(db.session())]
    if not running:
        del form.ends_on
    if form.validate_on_submit():
        try:
            with transaction() as session:
                _record(session, client, form)
            return see(back, _("Recorded. All work with this client ended."))
        except Refused as refusal:
            refuse(form, refusal)
    return page(
        "loss.html",
        422 if form.is_submitted() else 200,
        form=form,
        title=_("%(name)s is lost", name=client.name),
        back=back,
        save=_("Record the loss"),
        client=client,
        running=running,
        money=client_money(db.session(), actor(), client.id, today),
    )


@bp.route("/clients/<int:id>/won-back", methods=["GET", "POST"])
@requires(Permission.CLIENT_WIN_BACK, Client)
def win_back(client: Client) -> Response:
    loss, back = Loss.current(db.session(), client) or abort(404), url_for("clients.show", id=client.id)
    form = WonBackForm()
    choices = [(one.id, f"{one.name} · {_(one.department.label)}") for one in people.owners(db.session(), actor())]
    form.owner_id.choices = [("", ""), *choices]
    if form.validate_on_submit():
        try:
            with transaction() as session:
                owner = load(User, form.owner_id.data)
                stage = first_stage(session, owner.department)
                loss.win_back(session, owner, stage, by=me(), at=now(), mistaken=form.mistaken.data)
            return see(back, _("%(name)s answers for the client now.", name=owner.name))
        except Refused as refusal:
            refuse(form, refusal)
    note = _("What ended with the loss stays ended: plan the next touch, conclude contracts anew.")
    title = _("%(name)s is ours again", name=client.name)
    return page("form.html", 422 if form.is_submitted() else 200, form=form, title=title, back=back, note=note)


def _record(session: Any, client: Client, form: LossForm) -> None:
    rival = load(Competitor, form.competitor_id.data) if form.competitor_id.data else None
    ends_on = form.ends_on.data if "ends_on" in form else None
    note = form.note.data or ""
    given = {"by": me(), "at": now(), "competitor": rival, "note": note, "ends_on": ends_on}
    Loss.record(session, client, form.cause.data, form.lost_on.data, **given)


def _known(client: Client) -> dict[str, Any]:
    """What an attack says already: the one that led here."""
    number = request.args.get("attack", type=int)
    attack = db.session.get(Attack, number) if number is not None and 0 < number < LARGEST_ID else None
    if attack is None or attack.client_id != client.id:
        return {}
    return {"competitor_id": attack.competitor_id, "cause": attack.cause, "note": attack.outcome}
