"""Launches of new products: the list, one launch with its funnel, its terms, and starting, pausing and ending it."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.launch import Launch
from webapp.domain.launch_state import BASELINE, Step
from webapp.domain.permissions import Permission
from webapp.jobs import later
from webapp.launching import close_launch, spread_launch
from webapp.queries.launch_choices import leaders, on_sale
from webapp.queries.launch_page import launch_page
from webapp.queries.launches import launches
from webapp.queries.proposal_batches import batches_of_launch
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.address import site
from webapp.web.answers import page, see
from webapp.web.attack_form import Seen
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import refuse
from webapp.web.launch_form import LaunchForm
from webapp.web.launch_words import coming, goals, steps_drawn
from webapp.web.queue_form import number_of
from webapp.web.session import me

bp = Blueprint("launches", __name__)

USUAL = {"use_visit": True, "use_call": True, "use_email": True, "use_leaflet": True, "week_visit": 4, "week_call": 20}
"""What a new launch begins with. No source gives the numbers: they are a start."""
USUAL_DAYS = timedelta(days=60)


@bp.get("/launches")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    return page("launches.html", rows=launches(db.session(), actor()))


@bp.route("/launches/new", methods=["GET", "POST"])
@requires(Permission.LAUNCH_RUN)
def add() -> Response:
    company, today = db.session.get_one(Company, 1), actor().today(now())
    dates = {"starts_on": today, "ends_on": today + USUAL_DAYS, "currency": company.currency}
    product = number_of(request.args.get("product"))
    form = LaunchForm(data=USUAL | dates | {"owner_id": actor().id, "product_id": product})
    form.offer(on_sale(db.session(), actor()), leaders(db.session(), actor()))
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                launch = Launch.draft(session, form.channels(), by=me(), at=now(), **form.said(session))
                url = once.leads_to(url_for("launch_audience.show", id=launch.id))
            return see(url, _("Now choose whom it is for."))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    return page("launch_form.html", status, form=form, title=_("New launch"), back=url_for(".show_all"))


@bp.route("/launches/<int:id>/edit", methods=["GET", "POST"])
@requires(Permission.LAUNCH_RUN, Launch)
def change(launch: Launch) -> Response:
    form, back, status = LaunchForm.of(launch), url_for(".show", id=launch.id), 200
    products = on_sale(db.session(), actor(), beside=launch.product_id)
    form.offer(products, leaders(db.session(), actor(), beside=launch.owner_id))
    if form.validate_on_submit():
        try:
            with transaction() as session:
                said = form.said(session)
                session.add(launch.change(form.channels(), by=me(), at=now(), seen=form.seen, **said))
            return see(back, _("Changed."))
        except Refused as refusal:
            refuse(form, refusal)
            status, form.version.data = 409 if isinstance(refusal, Stale) else 422, str(launch.version)
    elif form.is_submitted():
        status = 422
    return page("launch_form.html", status, form=form, title=launch.name, back=back)


@bp.get("/launches/<int:id>")
@requires(Permission.CLIENT_VIEW, Launch)
def show(launch: Launch) -> Response:
    after = number_of(request.args.get("after")) or 0
    view = launch_page(db.session(), actor(), launch, after)
    return page(
        "launch.html",
        launch=launch,
        view=view,
        after=after,
        baseline=BASELINE,
        goals=goals(launch, view),
        drawn=steps_drawn(launch, view),
        coming=coming(view.untold),
        batches=batches_of_launch(db.session(), actor(), launch),
        Step=Step,
    )


@bp.post("/launches/<int:id>/started")
@requires(Permission.LAUNCH_RUN, Launch)
def start(launch: Launch) -> Response:
    address, today = site(), actor().today(now())

    def verb(seen: int) -> Event:
        return launch.start(address, by=me(), at=now(), today=today, seen=seen)

    return _click(launch, verb, _("Started. The work is being spread."), spread_launch)


@bp.post("/launches/<int:id>/paused")
@requires(Permission.LAUNCH_RUN, Launch)
def pause(launch: Launch) -> Response:
    return _click(
        launch, lambda seen: launch.pause(by=me(), at=now(), seen=seen), _("Paused. What was given out stays.")
    )


@bp.post("/launches/<int:id>/resumed")
@requires(Permission.LAUNCH_RUN, Launch)
def resume(launch: Launch) -> Response:
    return _click(launch, lambda seen: launch.resume(by=me(), at=now(), seen=seen), _("It goes on."), spread_launch)


@bp.post("/launches/<int:id>/ended")
@requires(Permission.LAUNCH_RUN, Launch)
def end(launch: Launch) -> Response:
    return _click(
        launch,
        lambda seen: launch.end(by=me(), at=now(), seen=seen),
        _("Ended. What was not done is taken back."),
        close_launch,
    )


def _click(
    launch: Launch, verb: Callable[[int], Event], said: str, then: Callable[..., None] | None = None
) -> Response:
    back = url_for(".show", id=launch.id)
    try:
        with transaction() as session:
            held: Session = session
            held.refresh(launch, with_for_update=True)
            held.add(verb(Seen().seen))
    except Refused as refusal:
        return see(back, say(refusal), "bad")
    if then is not None:
        later(then, launch.id)
    return see(back, said)
