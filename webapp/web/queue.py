"""The clerk's queue: what to do now, why, and what came of it. The answer to an outcome holds the next item."""

from collections.abc import Sequence
from typing import Any

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from jinja2_fragments.flask import render_block
from sqlalchemy.orm.exc import StaleDataError

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.permissions import Permission
from webapp.domain.queue_return import after_working_days
from webapp.domain.words import Department
from webapp.queries.queue import clerks, queue_and_plan, queue_card, queue_page, QueuePage
from webapp.queries.queue_card import Card, Clerk, colleague_for
from webapp.web import once
from webapp.web.access import actor, can, LARGEST_ID, requires
from webapp.web.answers import by_htmx, fragment, page, partial, regions, see, toast
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.queue_form import number_of, OutcomeForm
from webapp.web.queue_forms import Colleagues, outcomes, rows, Setting
from webapp.web.queue_outcomes import record
from webapp.web.queue_words import script, why
from webapp.web.session import me

bp = Blueprint("queue", __name__)


@bp.get("/queue")
@requires(Permission.QUEUE_VIEW)
def show() -> Response:
    return page("queue.html", **whole(request.args.get("item", type=int)))


@bp.get("/queue/items/<int:id>")
@requires(Permission.QUEUE_VIEW, Client)
def item(client: Client) -> Response:
    """Another item of the queue in hand: its card. Where it was dealt with meanwhile, the queue as it is now."""
    clerk_id, company = asked_clerk(), db.session.get_one(Company, 1)
    card = queue_card(db.session(), actor(), clerk_id, client)
    if card is None:
        return regions(partial("#queue-work", render_block("queue.html", "work", **context()), "innerHTML"))
    return fragment("queue.html", "card", **beside(card, company, clerk_id))


@bp.post("/queue/items/<int:id>")
@requires(Permission.QUEUE_WORK, Client)
def work(client: Client) -> Response:
    """How the item ended, and the next one."""
    form = OutcomeForm()
    try:
        if not form.validate_on_submit():
            return _again(client, form)
        with transaction() as session:
            once.take(session)
            record(session, client, form, by=me(), at=now())
            once.leads_to(_back())
    except (Refused, StaleDataError) as error:
        refuse(form, error if isinstance(error, Refused) else Stale())
        return _again(client, form)
    told = _("%(client)s: %(outcome)s", client=client.name, outcome=_(form.outcome.data.label))
    if not by_htmx():
        return see(_back(), told)
    once.anew()
    answer = fragment("queue.html", "work", **context())
    answer.data += toast(told).encode()
    return answer


def whole(wanted: int | None = None, form: OutcomeForm | None = None) -> dict[str, Any]:
    """The page: the work, and above it plan against fact."""
    clerk_id, company = asked_clerk(), db.session.get_one(Company, 1)
    today, wanted = company.today(now()), _possible(wanted)
    view, plan = queue_and_plan(db.session(), actor(), clerk_id, company, today, wanted=wanted)
    return _shown(view, clerk_id, company, form) | {"plan": plan}


def context(wanted: int | None = None, form: OutcomeForm | None = None) -> dict[str, Any]:
    """The work: the queue that is asked for, with an item in hand. It is one's own or, for the head and a director, a
    clerk's. ``form`` is what was sent and refused."""
    clerk_id, company = asked_clerk(), db.session.get_one(Company, 1)
    view = queue_page(db.session(), actor(), clerk_id, wanted=_possible(wanted))
    return _shown(view, clerk_id, company, form)


def _possible(number: int | None) -> int | None:
    return number if (number or 0) < LARGEST_ID else None


def _shown(view: QueuePage, clerk_id: int, company: Company, form: OutcomeForm | None) -> dict[str, Any]:
    own = clerk_id == actor().id
    known(clerk_id, view.clerks)
    return {
        "view": view,
        "clerks": view.clerks if may_choose() else (),
        "clerk_id": clerk_id,
        "own": own,
        "rows": rows(view, "" if own else f"clerk={clerk_id}"),
        **beside(view.card, company, clerk_id, form),
    }


def beside(card: Card | None, company: Company, clerk_id: int, form: OutcomeForm | None = None) -> dict[str, Any]:
    """What the card of an item shows, with the forms for its outcomes."""
    at = now()
    today = company.today(at)
    hands = colleagues(card.clerks if card else (), clerk_id)
    tomorrow = after_working_days(company, today, 1)
    setting = Setting(int(at.timestamp()), clerk_id, today, tomorrow, company.currency, hands)
    return {
        "card": card,
        "company": company,
        "today": today,
        "why": why,
        "script": script(card, company, actor().name),
        "outcomes": outcomes(card, setting, form),
    }


def colleagues(clerks: Sequence[Clerk], clerk_id: int) -> Colleagues:
    """To whom an item may go, with the colleague and the reason to begin with."""
    chosen = colleague_for(clerks, clerk_id)
    away = any(clerk.id == clerk_id and clerk.stand_in_id is not None for clerk in clerks)
    people = tuple((clerk.id, clerk.name) for clerk in clerks if clerk.id != clerk_id)
    return Colleagues(people, str(chosen.id) if chosen else "", "stands_in" if away else "room")


def may_choose() -> bool:
    """Whether the actor may look at everybody's queue: the head, and a director."""
    return can(Permission.QUEUE_LEVEL)


def asked_clerk() -> int:
    """Whose queue: the address names somebody, or it is one's own; a director's begins with the first clerk."""
    asked, own = number_of(request.values.get("clerk")), actor().id
    if asked not in (None, own) and not may_choose():
        abort(403)
    if asked is None and actor().department is not Department.CLIENT:
        return next((person.id for person in clerks(db.session())), own)
    return asked or own


def known(clerk_id: int, people: Sequence[Clerk]) -> None:
    """404 for a queue that nobody has."""
    if clerk_id != actor().id and clerk_id not in {person.id for person in people}:
        abort(404)


def _again(client: Client, form: OutcomeForm) -> Response:
    """The same item with what is wrong said at its field, and what was typed kept."""
    db.session.rollback()
    if by_htmx():
        return fragment("queue.html", "work", status=422, **context(client.id, form))
    return page("queue.html", 422, **whole(client.id, form))


def _back() -> str:
    clerk = number_of(request.form.get("clerk"))
    return url_for("queue.show", clerk=clerk if clerk != actor().id else None)
