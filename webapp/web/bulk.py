"""Several clients at once: chosen one by one, shown exactly as it will be, and only then done, all in one go."""

from datetime import date, timedelta
from typing import Any

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.db import db, transaction
from webapp.domain.absence import Absence
from webapp.domain.company import Company
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused
from webapp.domain.levelling import give, level, RULE
from webapp.domain.permissions import Permission
from webapp.domain.user import User
from webapp.queries.letter_batch import MOST, owing
from webapp.queries.queue import clerks
from webapp.queries.queue_card import Clerk
from webapp.queries.spread import held, Served, served
from webapp.web import once
from webapp.web.access import load, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.letter_batches import asked_kind, previewed
from webapp.web.queue import asked_clerk, known
from webapp.web.queue_form import number_of
from webapp.web.session import me

bp = Blueprint("bulk", __name__)


@bp.get("/queue/several")
@requires(Permission.QUEUE_VIEW)
def choose() -> Response:
    return page("bulk.html", **_listed())


@bp.post("/queue/several/letters")
@requires(Permission.INVOICE_EDIT)
def letters() -> Response:
    """What would be e-mailed to exactly these clients, about everything they owe. Nothing is written yet."""
    given, kind, wrong = _listed(), asked_kind(), ""
    chosen = _chosen(given)
    found = owing(db.session(), [row.client_id for row in chosen], kind, now())
    if not chosen:
        wrong = _("Choose at least one client")
    elif not db.session.get_one(Company, 1).sends_mail:
        wrong = _("E-mail is not set up yet: an administrator does that in the settings")
    elif len(found) > MOST:
        wrong = _("More than %(most)s invoices: choose fewer clients", most=MOST)
    if wrong:
        return page("bulk.html", 422, **given | {"wrong": [wrong], "chosen": {row.engagement_id for row in chosen}})
    owes = {client_id for _id, client_id in found}
    idle = [row.client for row in chosen if row.client_id not in owes]
    back = (url_for("bulk.choose", clerk=given["clerk_id"]), _("Several clients at once"))
    return previewed(kind, [invoice_id for invoice_id, _client in found], back=back, idle=idle)


@bp.post("/queue/several")
@requires(Permission.QUEUE_LEVEL)
def preview() -> Response:
    """What would happen to exactly these clients. Nothing is written yet."""
    given = _listed()
    chosen = _chosen(given)
    back, reason, wrong = _day("returns_on"), request.form.get("reason", "").strip(), []
    if not chosen:
        wrong.append(_("Choose at least one client"))
    if given["to"] is None:
        wrong.append(_("Choose a colleague"))
    if not reason:
        wrong.append(_("Say why"))
    if request.form.get("returns_on") and (back is None or back <= given["today"]):
        wrong.append(_("The day of return is to come"))
    if wrong:
        return page("bulk.html", 422, **given | {"wrong": wrong, "chosen": {row.engagement_id for row in chosen}})
    return page("bulk_preview.html", **given | {"rows": chosen, "back_on": back, "reason": reason})


@bp.post("/queue/several/apply")
@requires(Permission.QUEUE_LEVEL)
def apply() -> Response:
    """Give the clients of the preview to the colleague, for good or until a day."""
    user, colleague = _person("clerk"), _person("to")
    numbers = [number for number in map(number_of, request.form.getlist("engagement")) if number]
    back, reason = _day("returns_on"), request.form.get("reason", "")
    where = url_for("bulk.choose", clerk=user.id)
    with transaction() as session:
        once.take(session)
        if back is None:
            give(session, [(number, user.id, colleague.id) for number in numbers], reason, by=me(), at=now())
        else:
            engagements = [load(Engagement, number) for number in numbers]
            Absence.begin(session, user, colleague, engagements, back, reason, by=me(), at=now())
        once.leads_to(where)
    told = ngettext("%(num)s client goes to %(name)s.", "%(num)s clients go to %(name)s.", len(numbers),
                    name=colleague.name)  # fmt: skip
    return see(where, told)


@bp.route("/queue/level", methods=["GET", "POST"])
@requires(Permission.QUEUE_LEVEL)
def even_out() -> Response:
    """Who would give which clients to whom, so that all carry alike; and then so it is done."""
    wrong = ""
    if request.method == "POST":
        moves = [tuple(map(number_of, text.split("-"))) for text in request.form.getlist("move")]
        good = [(a, b, c) for a, b, c in (move for move in moves if len(move) == 3) if a and b and c]
        try:
            with transaction() as session:
                once.take(session)
                count = give(session, good, request.form.get("reason", ""), by=me(), at=now())
                once.leads_to(url_for("heads.show"))
            told = ngettext("%(num)s client changed hands.", "%(num)s clients changed hands.", count)
            return see(url_for("heads.show"), told)
        except Refused as refusal:
            wrong = say(refusal)
    people = _members()
    holding = held(db.session(), [person.id for person in people])
    moves_now = level(holding)
    rows = [(person, len(holding[person.id]), _after(person, holding, moves_now)) for person in people]
    names = {person.id: person.name for person in people}
    return page("level.html", 422 if wrong else 200, rows=rows, moves=moves_now, names=names, rule=RULE, wrong=wrong)


def _after(person: Clerk, holding: dict[int, Any], moves: list[Any]) -> int:
    came = sum(move.to_id == person.id for move in moves)
    return len(holding[person.id]) + came - sum(move.from_id == person.id for move in moves)


def _members() -> list[Clerk]:
    """Those among whom clients are spread: the clerks who are here, and the head only where there are none."""
    people = [person for person in clerks(db.session()) if person.stand_in_id is None]
    return [person for person in people if not person.head] or people


def _listed() -> dict[str, Any]:
    people = clerks(db.session())
    clerk_id = asked_clerk()
    known(clerk_id, people)
    to = number_of(request.values.get("to"))
    today = db.session.get_one(Company, 1).today(now())
    return {
        "people": people,
        "clerk_id": clerk_id,
        "names": {person.id: person.name for person in people},
        "to": to if to in {person.id for person in people} and to != clerk_id else None,
        "rows": served(db.session(), clerk_id),
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "chosen": set(),
        "wrong": [],
    }


def _chosen(given: dict[str, Any]) -> list[Served]:
    ticked = set(request.form.getlist("engagement"))
    return [row for row in given["rows"] if str(row.engagement_id) in ticked]


def _person(name: str) -> User:
    found: User = load(User, number_of(request.form.get(name)) or 0)
    return found


def _day(name: str) -> date | None:
    text = request.form.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        abort(400)
