"""One's own visits in one's own calendar: the secret address, and what is read there."""

from typing import Any

from flask import abort, Blueprint, make_response, Response, session, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.calendar_feed import CalendarFeed
from webapp.domain.company import Company
from webapp.domain.permissions import allows, Permission
from webapp.domain.user import User
from webapp.exchange.calendar_file import Entry, write
from webapp.queries.planned_visits import founded_at, planned_visits, PlannedVisit
from webapp.web.access import actor, public, signed_in
from webapp.web.address import outside
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.i18n import translated
from webapp.web.security import limiter
from webapp.web.session import me

bp = Blueprint("calendar_feed", __name__)

LONGEST_TOKEN = 100


def unknown(answer: Response) -> bool:
    return answer.status_code == 404


@bp.get("/calendar/<token>.ics")
@public
@limiter.limit("60/minute")
@limiter.limit("10/15minutes", deduct_when=unknown)
def read(token: str) -> Response:
    """What a calendar that subscribed fetches. An address that is no longer good looks like one that never was."""
    user = CalendarFeed.reader(db.session(), token) if len(token) <= LONGEST_TOKEN else None
    if user is None or not allows(user.actor, Permission.CLIENT_VIEW):
        abort(404)
    company = db.session.get_one(Company, 1)
    with force_locale(user.language or company.language):
        body = _calendar(user)
    answer = make_response(body)
    answer.content_type = "text/calendar; charset=utf-8"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = 'inline; filename="visits.ics"'
    return answer


@bp.post("/profile/calendar")
@signed_in
def make() -> Response:
    """A new address; the one before stops working."""
    with transaction() as written:
        session["calendar"] = CalendarFeed.make(written, me(), at=now())
    return see(url_for(".show"))


@bp.get("/profile/calendar")
@signed_in
def show() -> Response:
    """The address, shown this once."""
    token = session.pop("calendar", None)
    if not token:
        return see(url_for("profile.show") + "#calendar")
    return page("calendar_feed.html", address=outside(".read", token=token))


@bp.post("/profile/calendar/revoked")
@signed_in
def revoke() -> Response:
    with transaction() as written:
        feed = CalendarFeed.of(written, actor().id)
        if feed is not None:
            written.add(feed.revoke(written, by=me(), at=now()))
    return see(url_for("profile.show") + "#calendar", _("The address works no more."))


def _calendar(user: User) -> bytes:
    visits = planned_visits(db.session(), user.actor, user.today(now()))
    founded = founded_at(db.session())
    home = f"{founded:%Y%m%d%H%M%S%f}.baton" if founded else "baton"
    return write(_("Visits · %(name)s", name=user.name), user.timezone, (_entry(visit, home) for visit in visits))


def _entry(visit: PlannedVisit, home: str) -> Entry:
    told: list[Any] = [translated(visit.subject), translated(visit.purpose.label) if visit.purpose else ""]
    return Entry(
        uid=f"visit-{visit.task_id}@{home}",
        sequence=visit.changes,
        changed_at=visit.changed_at,
        on=visit.on,
        at=visit.at,
        summary=_("Visit: %(client)s", client=visit.client),
        description="\n".join(part for part in told if part),
        where=visit.where,
        url=outside("clients.show", id=visit.client_id),
        cancelled=visit.cancelled,
        confirmed=visit.confirmed,
    )
