"""Hand-offs: the inbox, the checklist, offer, answer, introduction."""

from datetime import datetime
from typing import Any

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Incomplete, Refused, Stale
from webapp.domain.handoff import HandOff
from webapp.domain.permissions import allows, Permission
from webapp.domain.route import ROUTES
from webapp.domain.stage import first_stage
from webapp.domain.user import User
from webapp.domain.words import Department, N_
from webapp.queries.client_money import client_money
from webapp.queries.handoff_facts import facts_for
from webapp.queries.handoff_page import handoff_page, names
from webapp.queries.handoffs import inbox as inbox_of
from webapp.queries.handoffs import waiting as count_waiting
from webapp.queries.timeline import Timeline
from webapp.web import story
from webapp.web.access import actor, load, need, requires
from webapp.web.answers import by_htmx, fragment, page, see
from webapp.web.checks import clean
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.handoff_words import suggestions, sums, working_time
from webapp.web.session import me

bp = Blueprint("handoffs", __name__)
bp.add_app_template_filter(working_time, "working_time")
bp.add_app_template_global(sums)

LONGEST = 4_000
"""Characters of one answer."""


@bp.get("/handoffs")
@requires(Permission.CLIENT_VIEW)
def inbox() -> Response:
    return page("handoffs.html", inbox=inbox_of(db.session(), actor(), now()))


@bp.get("/handoffs/waiting")
@requires(Permission.CLIENT_VIEW)
def waiting() -> Response:
    """The number beside “Hand-offs” in the menu, asked for by open pages."""
    return fragment("handoffs.html", "waiting", count=count_waiting(db.session(), actor(), now()))


@bp.post("/clients/<int:id>/handoffs")
@requires(Permission.CLIENT_VIEW, Client)
def draft(client: Client) -> Response:
    """Begin a hand-off, or go to the one that the client is in already."""
    receiver = _department("receiver") or abort(400)
    engagement = _giving(client, receiver)
    need(Permission.HANDOFF_OFFER, engagement)
    with transaction() as session:
        client.hold(session)
        handoff = HandOff.pending(session, client)
        if handoff is None or not handoff.engagement.is_open:
            handoff = HandOff.draft(session, engagement, receiver, by=me(), at=now())
    return see(url_for("handoffs.show", id=handoff.id))


@bp.get("/handoffs/<int:id>")
@requires(Permission.CLIENT_VIEW, HandOff)
def show(handoff: HandOff) -> Response:
    return _shown(handoff)


@bp.post("/handoffs/<int:id>/answers")
@requires(Permission.HANDOFF_OFFER, HandOff)
def change(handoff: HandOff) -> Response:
    if by_htmx():
        return _write_line(handoff)
    answers = _answers(handoff)
    try:
        _write(handoff, answers)
    except Refused as refusal:
        return _shown(handoff, refusal, answers)
    return see(url_for("handoffs.show", id=handoff.id), _("Saved"))


@bp.post("/handoffs/<int:id>/offer")
@requires(Permission.HANDOFF_OFFER, HandOff)
def offer(handoff: HandOff) -> Response:
    """Save the checklist as it stands on the page; then offer the client, unless something required is missing."""
    answers = _answers(handoff)
    try:
        _write(handoff, answers)
        with transaction() as session:
            session.refresh(handoff, with_for_update=True)
            company = session.get_one(Company, 1)
            session.add(handoff.offer(by=me(), at=now(), company=company, seen=handoff.version))
    except Refused as refusal:
        return _shown(handoff, refusal, answers)
    return see(url_for("handoffs.show", id=handoff.id), _("Offered. Until it is accepted, you stay responsible."))


@bp.post("/handoffs/<int:id>/withdrawal")
@requires(Permission.HANDOFF_OFFER, HandOff)
def withdraw(handoff: HandOff) -> Response:
    with transaction() as session:
        session.add(handoff.withdraw(by=me(), at=now(), seen=_seen()))
    return see(url_for("clients.show", id=handoff.client_id), _("The hand-off was withdrawn"))


@bp.post("/handoffs/<int:id>/acceptance")
@requires(Permission.HANDOFF_ANSWER, HandOff)
def accept(handoff: HandOff) -> Response:
    chosen = request.form.get("owner_id", 0, type=int)
    if not chosen:
        return _shown(handoff, Refused(N_("Choose the owner")))
    owner = load(User, chosen)
    try:
        with transaction() as session:
            entry = first_stage(session, handoff.receiver)
            handoff.accept(session, owner, entry, by=me(), at=now(), seen=_seen())
    except Refused as refusal:
        return _shown(handoff, refusal)
    told = _("%(client)s is accepted; the owner is %(owner)s", client=handoff.client.name, owner=owner.name)
    return see(url_for("clients.show", id=handoff.client_id), told)


@bp.post("/handoffs/<int:id>/return")
@requires(Permission.HANDOFF_ANSWER, HandOff)
def send_back(handoff: HandOff) -> Response:
    gaps, because = request.form.getlist("gaps"), clean(request.form.get("because", ""))[:LONGEST]
    try:
        with transaction() as session:
            session.add(handoff.send_back(gaps, because, by=me(), at=now(), seen=_seen()))
    except Refused as refusal:
        return _shown(handoff, refusal, because=because, gaps=gaps)
    return see(url_for("handoffs.inbox"), _("Returned; the giver sees the gaps"))


@bp.post("/handoffs/<int:id>/introduction")
@requires(Permission.CLIENT_VIEW, HandOff)
def introduce(handoff: HandOff) -> Response:
    """Either side may say that the client has met the new owner."""
    if not allows(actor(), Permission.HANDOFF_ANSWER, handoff):
        need(Permission.HANDOFF_OFFER, handoff)
    with transaction() as session:
        session.add(handoff.introduce(by=me(), at=now(), seen=_seen()))
    return see(url_for("handoffs.show", id=handoff.id), _("The client knows its new owner"))


def _department(name: str) -> Department | None:
    word = request.form.get(name, "")
    return Department(word) if word in set(Department) else None


def _giving(client: Client, receiver: Department) -> Engagement:
    """The engagement that gives: the one named, or the first that has a way there; the asker's own before others."""
    named = _department("giver")
    ways = [
        engagement
        for engagement in client.open_engagements
        if (engagement.department, receiver) in ROUTES and named in (None, engagement.department)
    ]
    ways.sort(key=lambda engagement: not allows(actor(), Permission.HANDOFF_OFFER, engagement))
    return ways[0] if ways else abort(400)


def _seen() -> int:
    return request.form.get("version", 0, type=int)


def _answers(handoff: HandOff) -> dict[str, str]:
    keys = [item.key for item in handoff.route.checklist]
    return {key: clean(request.form[key])[:LONGEST] for key in keys if key in request.form}


def _write(handoff: HandOff, answers: dict[str, str]) -> None:
    """What differs from what is stored. A line that was saved on leaving it, a moment before, is no conflict."""
    if not handoff.differing(answers):
        return
    with transaction() as session:
        session.refresh(handoff, with_for_update=True)  # a line still being saved is waited for, not stumbled over
        kept = all(_was(key) == handoff.answers.get(key, "") for key in handoff.differing(answers))
        session.add(handoff.fill(answers, by=me(), at=now(), seen=handoff.version if kept else _seen()))


def _was(key: str) -> str:
    """What stood in the line when the person saw it."""
    return clean(request.form.get(f"was-{key}", ""))


def _write_line(handoff: HandOff) -> Response:
    """One line saved while it is typed; the rest of the page stays as it is."""
    key = request.form.get("only", "")
    text, was = clean(request.form.get(key, ""))[:LONGEST], _was(key)
    refusal = None
    try:
        if handoff.differing({key: text}):
            with transaction() as session:
                session.add(handoff.fill_line(key, text, was, by=me(), at=now()))
    except Refused as found:
        db.session.rollback()
        refusal = found
    view = handoff_page(db.session(), actor(), handoff, now())
    line = next((line for line in view.lines if line.item.key == key), None)
    status = 200 if refusal is None else 409 if isinstance(refusal, Stale) else 422
    said = say(refusal) if refusal else _("Saved")
    return fragment("handoff.html", "written", status=status, handoff=handoff, view=view, line=line, said=said)


def _shown(
    handoff: HandOff,
    refusal: Refused | None = None,
    typed: dict[str, str] | None = None,
    because: str = "",
    gaps: list[str] | None = None,
) -> Response:
    """The page; after a refusal with what was typed, so that nothing is lost."""
    db.session.rollback()
    at = now()
    view = handoff_page(db.session(), actor(), handoff, at)
    known = suggestions(facts_for(db.session(), handoff)) if view.may_write else {}
    status = 200 if refusal is None else 409 if isinstance(refusal, Stale) else 422
    return page(
        "handoff.html",
        status,
        handoff=handoff,
        view=view,
        who=names(db.session(), handoff),
        known=known,
        typed=typed or {},
        refusal=say(refusal) if refusal else "",
        blocked=isinstance(refusal, Incomplete),
        because=because,
        gaps=gaps or [],
        money=client_money(db.session(), actor(), handoff.client_id, actor().today(at)),
        days=_told(view.history, handoff, at),
    )


def _told(history: tuple[Any, ...], handoff: HandOff, at: datetime) -> list[story.Day]:
    return story.days(Timeline(handoff.client_id, "", history, None), actor(), at)
