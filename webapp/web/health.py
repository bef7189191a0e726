"""Health: the radar over all clients, why one client's is what it is, and saying that it is another for a while."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.health_kept import HealthOverride
from webapp.domain.health_terms import Band
from webapp.domain.permissions import Permission
from webapp.queries.health_radar import radar, WantedHealth
from webapp.queries.health_why import why
from webapp.queries.people import owners
from webapp.web import once
from webapp.web.access import actor, can, LARGEST_ID, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import ChoiceField, DayField, LongTextField, refuse
from webapp.web.health_words import link, name, sentence, severity_of, worst_first
from webapp.web.session import me

bp = Blueprint("health", __name__)

USUAL_DAYS = 30
"""An override's end, as the form suggests it."""


class OverrideForm(FlaskForm):
    """A band that somebody says instead, why, and until when."""

    band = ChoiceField(_l("The client's health is"), Band, default=Band.AT_RISK)
    until = DayField(_l("Until"))
    reason = LongTextField(_l("Why"), longest=500)


@bp.get("/health")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    asked = _asked()
    found = radar(db.session(), actor(), asked, actor().today(now()))
    people = owners(db.session(), actor(), everybody=True)
    return page("radar.html", asked=asked, found=found, people=people, bands=worst_first(), address=_address)


@bp.get("/clients/<int:id>/health")
@requires(Permission.CLIENT_VIEW, Client)
def show(client: Client) -> Response:
    found = why(db.session(), actor(), client, actor().today(now()))
    may_say = client.lost_at is None and can(Permission.HEALTH_OVERRIDE, client)
    words = {"sentence": sentence, "link": link, "name": name, "severity_of": severity_of}
    return page("why.html", client=client, found=found, may_say=may_say, **words)


@bp.route("/clients/<int:id>/health/override", methods=["GET", "POST"])
@requires(Permission.HEALTH_OVERRIDE, Client)
def override(client: Client) -> Response:
    form, back = OverrideForm(), url_for(".show", id=client.id)
    form.band.choices = [(band.value, _(band.label)) for band in worst_first() if band is not Band.TOO_EARLY]
    if not form.is_submitted():
        form.until.data = actor().today(now()) + timedelta(days=USUAL_DAYS)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                said = form.band.data, form.reason.data, form.until.data
                HealthOverride.say(session, client, *said, by=me(), at=now())
                once.leads_to(back)
            return see(back, _("It holds until then."))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    title = _("Say that the health of %(name)s is another", name=client.name)
    note = _("The level stays as reckoned. The band that you say is shown until its day, with your name and reason.")
    return page("form.html", status, form=form, title=title, note=note, back=back)


@bp.post("/clients/<int:id>/health/reckoned")
@requires(Permission.HEALTH_OVERRIDE, Client)
def reckon_again(client: Client) -> Response:
    back = url_for(".show", id=client.id)
    try:
        with transaction() as session:
            said = HealthOverride.current(session, client.id)
            if said is not None:
                session.add(said.end(by=me(), at=now()))
    except Refused as refusal:
        return see(back, say(refusal), "bad")
    return see(back, _("What is reckoned holds again."))


def _asked() -> WantedHealth:
    args = request.args
    band = args.get("band", "")
    owner = args.get("owner", type=int)
    minor, _dot, client = args.get("after", "").partition(".")
    plain = minor.lstrip("-").isdigit() and client.isdigit() and len(minor) < 19 and len(client) < 19
    return WantedHealth(
        Band(band) if band in set(Band) else Band.CRITICAL,
        owner if owner is not None and 0 < owner < LARGEST_ID else None,
        band == "falling",
        (int(minor), int(client)) if plain else None,
    )


def _address(asked: WantedHealth, after: tuple[int, int] | None = None, **other: Any) -> str:
    """The same question with another page, or another band."""
    shown = "falling" if asked.falling else asked.band.value
    given = {"band": shown, "owner": asked.owner_id, "after": f"{after[0]}.{after[1]}" if after else None}
    return url_for(".show_all", **given | other)
