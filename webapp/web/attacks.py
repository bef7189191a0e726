"""Attacks: a signal from any client's page, the list, one attack with its evidence, and how it ended."""

from datetime import datetime
from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.attack import Attack
from webapp.domain.attack_state import AttackState, LOST_CAUSES
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.competitor import Competitor
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.permissions import Permission
from webapp.domain.rival_thread import RivalThread
from webapp.jobs import later
from webapp.posting import post_letters
from webapp.queries import attacks
from webapp.queries.attacks import WantedAttacks
from webapp.web import once
from webapp.web.access import actor, can, LARGEST_ID, load, requires
from webapp.web.alarms import alarm
from webapp.web.answers import fragment, page, see
from webapp.web.attack_form import LossForm, OutcomeForm, Seen, SignalForm
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.session import me

bp = Blueprint("attacks", __name__)


@bp.get("/attacks")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    asked = _asked()
    found = attacks.list_attacks(db.session(), actor(), asked)
    return page("attacks.html", asked=asked, found=found, rivals=attacks.offered(db.session()), address=_address)


@bp.get("/attacks/waiting")
@requires(Permission.CLIENT_VIEW)
def waiting() -> Response:
    """The number beside “Attacks” in the menu, asked for by open pages."""
    return fragment("attacks.html", "waiting", count=attacks.waiting(db.session(), actor()))


@bp.route("/clients/<int:id>/attacks/new", methods=["GET", "POST"])
@requires(Permission.ATTACK_RAISE, Client)
def signal(client: Client) -> Response:
    form, back = SignalForm(), url_for("clients.show", id=client.id)
    there = [(contact.id, contact.name) for contact in client.contacts if contact.there]
    form.offer(attacks.offered(db.session()), there)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                attack = _raise(session, client, form)
                mailed = alarm(session, attack, form.evidence.data, by=me(), at=now())
                once.leads_to(back)
            if mailed:
                later(post_letters)
            return see(back, _("The alarm is raised: %(name)s knows of it.", name=attack.owner.name))
        except Refused as refusal:
            refuse(form, refusal)
    title = _("A competitor is after %(name)s", name=client.name)
    return page("attack_signal.html", status, form=form, title=title, back=back, save=_("Raise the alarm"))


@bp.get("/attacks/<int:id>")
@requires(Permission.CLIENT_VIEW, Attack)
def show(attack: Attack) -> Response:
    return page(
        "attack.html",
        attack=attack,
        row=attacks.one(db.session(), actor(), attack.id),
        signals=attacks.signals_of(db.session(), actor(), attack.id),
        causes=LOST_CAUSES,
        may_defend=attack.is_open and can(Permission.ATTACK_DEFEND, attack),
        may_lose_all=attack.state is AttackState.LOST
        and attack.client.lost_at is None
        and can(Permission.CLIENT_LOSE, attack.client),
    )


@bp.post("/attacks/<int:id>/taken")
@requires(Permission.ATTACK_DEFEND, Attack)
def take_up(attack: Attack) -> Response:
    try:
        with transaction() as session:
            session.add(attack.take_up(by=me(), at=now(), seen=Seen().seen))
    except Refused as refusal:
        return see(url_for(".show", id=attack.id), _(refusal.message), "bad")
    return see(url_for(".show", id=attack.id), _("Recorded. Visit the client by the deadline."))


@bp.route("/attacks/<int:id>/defended", methods=["GET", "POST"])
@requires(Permission.ATTACK_DEFEND, Attack)
def defend(attack: Attack) -> Response:
    form = OutcomeForm(version=str(attack.version))
    title = _("What kept %(name)s?", name=attack.client.name)
    return _ended(attack, form, title, lambda: attack.defend(form.outcome.data, by=me(), at=now(), seen=form.seen))


@bp.route("/attacks/<int:id>/lost", methods=["GET", "POST"])
@requires(Permission.ATTACK_DEFEND, Attack)
def lose(attack: Attack) -> Response:
    form = LossForm(version=str(attack.version))
    title = _("Why was %(name)s lost?", name=attack.client.name)
    return _ended(
        attack, form, title, lambda: attack.lose(form.cause.data, form.outcome.data, by=me(), at=now(), seen=form.seen)
    )


@bp.route("/attacks/<int:id>/false-alarm", methods=["GET", "POST"])
@requires(Permission.ATTACK_DEFEND, Attack)
def dismiss(attack: Attack) -> Response:
    form = OutcomeForm(version=str(attack.version))
    title = _("Why was it a false alarm?")
    return _ended(attack, form, title, lambda: attack.dismiss(form.outcome.data, by=me(), at=now(), seen=form.seen))


def _raise(session: Any, client: Client, form: SignalForm) -> Attack:
    by, at = me(), now()
    rival = (
        load(Competitor, form.competitor_id.data)
        if form.competitor_id.data
        else Competitor.named(session, form.other.data, by=by, at=at)
    )
    if form.contact_id.data:
        RivalThread.note(session, load(Contact, form.contact_id.data), rival, by=by, at=at)
    return Attack.signal(
        session,
        client,
        rival,
        form.kind.data,
        form.evidence.data,
        form.severity.data,
        by=by,
        at=at,
        company=session.get_one(Company, 1),
    )


def _ended(attack: Attack, form: Any, title: str, verb: Any) -> Response:
    back, status = url_for(".show", id=attack.id), 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                told: Event = verb()
                session.add(told)
            return see(back, _("Recorded."))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
            form.version.data = str(attack.version)
    return page("form.html", status, form=form, title=title, back=back)


def _asked() -> WantedAttacks:
    """What the address asks for. What cannot be read is as if it were not asked."""
    number = request.args.get("competitor", type=int)
    moment, _tilde, key = request.args.get("after", "").partition("~")
    try:
        after = (datetime.fromisoformat(moment), int(key)) if key else None
    except ValueError:
        after = None
    if after is not None and (after[0].tzinfo is None or not 0 < after[1] < LARGEST_ID):
        after = None
    return WantedAttacks(
        request.args.get("state") == "ended",
        "mine" in request.args,
        number if number is not None and 0 < number < LARGEST_ID else None,
        after,
    )


def _address(asked: WantedAttacks, after: tuple[datetime, int] | None = None) -> str:
    return url_for(
        ".show_all",
        state="ended" if asked.ended else None,
        mine="1" if asked.mine else None,
        competitor=asked.competitor_id,
        after=f"{after[0].isoformat()}~{after[1]}" if after else None,
    )
