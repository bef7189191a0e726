"""The week planner of visits: one form puts a visit on a day, whether by drag, by keyboard or by the menu."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from flask import abort, Blueprint, request, Response, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.calendar import gone
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.permissions import Permission
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.visit_state import Purpose
from webapp.domain.words import Department, N_
from webapp.queries import people
from webapp.queries.planner import monday_of, opening_monday, Week, week
from webapp.queries.visits import month_of_person
from webapp.web import once
from webapp.web.access import actor, load, need, requires
from webapp.web.answers import by_htmx, current_page, fragment, page, partial, regions, see, toast
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.i18n import day as day_words
from webapp.web.session import me
from webapp.web.touch_forms import lane_for

bp = Blueprint("planner", __name__)


@lru_cache(2048)
def _weekday(day: date, locale: str) -> str:
    return format_date(day, "EEE, d MMM", locale=locale)


bp.add_app_template_filter(lambda day: _weekday(day, str(get_locale() or "en")), "weekday")

FURTHEST = timedelta(days=366)


@bp.get("/visits")
@requires(Permission.CLIENT_VIEW)
def show() -> Response:
    """One's own week; a head and a director choose whose."""
    person = _person()
    at = now()
    view = week(db.session(), actor(), person.id, _monday(person), at)
    today = actor().today(at)
    norm = month_of_person(db.session(), person.id, today)
    return page("planner.html", norm=norm, even=gone(today), colleagues=_colleagues(), **_shown(person, view))


@bp.route("/visits/place", methods=["GET", "POST"])
@requires(Permission.CLIENT_VIEW)
def place() -> Response:
    """The menu of days, and what drag, keyboard and menu send: a planned task or a due client, and a day."""
    person = _person()
    if request.method == "GET":
        return page("planner_place.html", subject=_subject(), **_days(person))
    on, told = _day("on"), ""
    try:
        with transaction() as session:
            once.take(session)
            told = _put(session, person, on)
            once.leads_to(_address(person, _monday(person)))
    except Refused as refusal:
        return _answer(person, say(refusal), "danger", 409 if isinstance(refusal, Stale) else 422)
    return _answer(person, told, "success", 200)


@bp.post("/tasks/<int:id>/visit/called")
@requires(Permission.TASK_CLOSE, Task)
def call_ahead(task: Task) -> Response:
    visit = task.visit or abort(404)
    with transaction() as session:
        session.add(visit.call_ahead(by=me(), at=now()))
    return _answer(task.owner, _("%(client)s expects you.", client=task.client.name), "success", 200)


def _put(session: Any, person: User, on: date) -> str:
    """Move the planned visit, or plan one to the client that is due. A repeat changes nothing."""
    if on < actor().today(now()):
        raise Refused(N_("This day is over"))
    subject = _subject()
    if isinstance(subject, Task):
        if subject.due_on.isoformat() != request.form.get("was"):
            raise Stale
        if subject.due_on != on:
            session.add(subject.postpone(on, by=me(), at=now(), due_time=subject.due_time))
        return _("%(client)s: %(day)s", client=subject.client.name, day=day_words(on))
    asked = request.form.get("purpose")
    purpose = Purpose(asked) if asked in set(Purpose) else Purpose.REVIEW
    lane = lane_for(subject, person.id, actor())
    kind, by, at = TaskKind.MEETING, me(), now()
    Task.plan(session, lane, kind, purpose.label, on, by=by, at=at, owner=person, purpose=purpose)
    return _("%(client)s: %(day)s", client=subject.name, day=day_words(on))


def _answer(person: User, told: str, tone: str, status: int) -> Response:
    """The week anew where it is on the screen, else the way back to it."""
    if by_htmx() and urlsplit(current_page()).path == url_for(".show"):
        view = week(db.session(), actor(), person.id, _monday(person), now())
        shown = fragment("planner.html", "week", **_shown(person, view)).get_data(as_text=True)
        return regions(partial("#week", shown), toast(told, tone), status=status)
    return see(_address(person, _monday(person)), told, tone)


def _shown(person: User, view: Week) -> dict[str, Any]:
    today = db.session.get_one(Company, 1).today(now())
    return {
        "view": view,
        "person": person,
        "today": today,
        "as_list": request.values.get("view") == "list",
        "address": lambda monday, **more: _address(person, monday, **more),
        "own": person.id == actor().id,
    }


def _days(person: User) -> dict[str, Any]:
    """The days that the menu offers: from today on to the end of the week after the one that is shown."""
    today, monday = db.session.get_one(Company, 1).today(now()), _monday(person)
    company = db.session.get_one(Company, 1)
    days = [monday + timedelta(days=count) for count in range(14)]
    days = [day for day in days if day >= today and company.hours.works_on(day)]
    return {"days": days, "person": person, "monday": monday, "back": _address(person, monday)}


def _subject() -> Task | Client:
    """What is to be placed: ``task`` or ``client`` of the request; 403 where the asker may not."""
    number = request.values.get("task", type=int)
    if number is not None:
        task: Task = load(Task, number)
        need(Permission.TASK_CLOSE, task)
        return task
    client: Client = load(Client, request.values.get("client", 0, type=int))
    need(Permission.TASK_ADD, client)
    return client


def _person() -> User:
    """Whose week: ``person`` of the request, else one's own; a director's first look is at the VIP department."""
    number = request.values.get("person", type=int)
    if number is None and actor().department is None:
        colleagues = _colleagues()
        number = colleagues[0].id if colleagues else None
    if number is None or number == actor().id:
        return me()
    user: User = load(User, number)
    need(Permission.VISITS_SEE, user)
    return user


def _colleagues() -> list[people.Person]:
    """Whose weeks the asker may open; the VIP department first."""
    if not (actor().is_head or actor().is_director):
        return []
    found = people.owners(db.session(), actor())
    return sorted(found, key=lambda person: person.department is not Department.VIP)


def _monday(person: User) -> date:
    """The Monday of the week that is asked for, else of the one that opens by itself."""
    today = actor().today(now())
    asked = _readable(request.values.get("week", ""))
    if asked is not None and abs(asked - today) <= FURTHEST:
        return monday_of(asked)
    return opening_monday(db.session(), person.id, today)


def _day(name: str) -> date:
    found = _readable(request.form.get(name, ""))
    return found if found is not None and found < date(2999, 1, 1) else abort(400)


def _readable(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _address(person: User, monday: date, **more: Any) -> str:
    own = person.id == actor().id
    asked = {"view": "list" if request.values.get("view") == "list" else None} | more
    return url_for(".show", week=monday.isoformat(), person=None if own else person.id, **asked)
