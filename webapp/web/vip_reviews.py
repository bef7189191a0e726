"""One quarter's review of the VIP list: look, decide line by line, hand to the director, approve."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.client import Client, name_key
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.permissions import Permission
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_approval import approve as approve_list
from webapp.domain.vip_approval import begin_handoff
from webapp.domain.vip_line import VipLine
from webapp.domain.vip_review import VipReview
from webapp.domain.vip_rules import VipStep
from webapp.domain.vip_tier import VipTier
from webapp.domain.words import N_
from webapp.queries.vip_review import line_row, review_page, WantedLines
from webapp.web.access import actor, can, load, requires
from webapp.web.answers import page, see
from webapp.web.attack_form import Seen
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import refuse
from webapp.web.queue_form import number_of
from webapp.web.session import me
from webapp.web.vip_forms import ByHandForm, DecisionForm, ReasonForm
from webapp.web.vip_words import why

bp = Blueprint("vip_reviews", __name__)


@bp.get("/vip/reviews/<int:id>")
@requires(Permission.VIP_VIEW, VipReview)
def show(review: VipReview) -> Response:
    asked = _asked()
    view = review_page(db.session(), actor(), review, asked)
    return page(
        "vip_review.html",
        review=review,
        asked=asked,
        view=view,
        why=why,
        address=lambda **other: _address(review, asked, **other),
        by_hand=ByHandForm(formdata=None),
        may_decide=review.state == "open" and can(Permission.VIP_DECIDE),
        may_approve=review.state == "ready" and can(Permission.VIP_APPROVE),
    )


@bp.route("/vip/lines/<int:id>", methods=["GET", "POST"])
@requires(Permission.VIP_DECIDE, VipLine)
def decide(line: VipLine) -> Response:
    form, back = DecisionForm(version=str(line.version)), _line_url(line)
    form.offer(line, VipTier.offered(db.session()), why(line.reasons))
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                tier = load(VipTier, form.tier_id.data) if form.tier_id.data else None
                step = VipStep(form.decision.data)
                told = line.decide(step, tier, form.reason.data or "", by=me(), at=now(), seen=form.seen)
                session.add(told)
            return see(back, _("%(client)s: decided.", client=line.client.name))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
            form.version.data = str(line.version)
    row = line_row(db.session(), actor(), line)
    return page("vip_line.html", status, form=form, row=row, why=why, title=row.client, back=back)


@bp.post("/vip/lines/<int:id>/handoff")
@requires(Permission.VIP_DECIDE, VipLine)
def hand_off(line: VipLine) -> Response:
    """Begin the hand-off that could not begin with the approval, or that was withdrawn."""
    try:
        with transaction() as session:
            handoff = begin_handoff(session, line, by=me(), at=now())
    except Refused as refusal:
        return see(_line_url(line), say(refusal), "bad")
    return see(url_for("handoffs.show", id=handoff.id), _("Drafted. Whoever gives the client completes it."))


@bp.post("/vip/reviews/<int:id>/rest")
@requires(Permission.VIP_DECIDE, VipReview)
def decide_rest(review: VipReview) -> Response:
    form = ReasonForm()
    return _click(
        review,
        lambda session: review.decide_rest(session, form.reason.data or "", by=me(), at=now(), seen=form.seen),
        _("The rest is decided as proposed."),
    )


@bp.post("/vip/reviews/<int:id>/clients")
@requires(Permission.VIP_DECIDE, VipReview)
def put_on(review: VipReview) -> Response:
    """A client whom no rule names, by its name or ИНН."""
    try:
        with transaction() as session:
            line = review.put_on(session, _found(session, ByHandForm().client.data or ""), by=me(), at=now())
    except Refused as refusal:
        return see(url_for(".show", id=review.id), say(refusal), "bad")
    return see(url_for(".decide", id=line.id))


@bp.post("/vip/reviews/<int:id>/reckoned")
@requires(Permission.VIP_DECIDE, VipReview)
def reckon(review: VipReview) -> Response:
    def verb(session: Session) -> Any:
        return review.reckon_anew(session, session.get_one(Company, 1), by=me(), at=now(), seen=Seen().seen)

    return _click(review, verb, _("Proposed anew by today's payments and settings."))


@bp.post("/vip/reviews/<int:id>/submitted")
@requires(Permission.VIP_DECIDE, VipReview)
def submit(review: VipReview) -> Response:
    return _click(
        review,
        lambda session: review.submit(session, by=me(), at=now(), seen=Seen().seen),
        _("The list waits for the director."),
    )


@bp.post("/vip/reviews/<int:id>/returned")
@requires(Permission.VIP_APPROVE, VipReview)
def give_back(review: VipReview) -> Response:
    form = ReasonForm()
    return _click(
        review,
        lambda session: review.give_back(form.reason.data or "", by=me(), at=now(), seen=form.seen),
        _("Given back to the heads."),
    )


@bp.post("/vip/reviews/<int:id>/approved")
@requires(Permission.VIP_APPROVE, VipReview)
def approve(review: VipReview) -> Response:
    def verb(session: Session) -> Any:
        company = session.get_one(Company, 1)
        return approve_list(session, review, company, by=me(), at=now(), seen=Seen().seen)

    return _click(review, verb, _("Approved. The hand-offs are drafted; each line says where its own stands."))


def _click(review: VipReview, verb: Callable[[Session], Any], said: str) -> Response:
    try:
        with transaction() as session:
            session.add(verb(session))
    except Refused as refusal:
        return see(url_for(".show", id=review.id), say(refusal), "bad")
    return see(url_for(".show", id=review.id), said)


def _found(session: Session, text: str) -> Client:
    """The one client of that name or ИНН."""
    key = name_key(text)
    if not key:
        raise Refused(N_("Write the client's name or ИНН"))
    found = session.scalars(
        select(Client).where(or_(Client.name_key == key, (Client.inn == text.strip()) & (Client.inn != ""))).limit(2)
    ).all()
    if len(found) != 1:
        raise Refused(N_("No client has this name or ИНН") if not found else N_("Several clients have this name"))
    return found[0]


def _line_url(line: VipLine) -> str:
    return url_for(".show", id=line.review_id, step=line.proposed.value, after=line.id - 1) + f"#line-{line.id}"


def _asked() -> WantedLines:
    """What the address asks for. What cannot be read is as if it were not asked."""
    step, best = request.args.get("step", ""), request.args.get("best", "")
    return WantedLines(
        VipStep(step) if step in set(VipStep) else None,
        SalesClass(best) if best in set(SalesClass) else None,
        "undecided" in request.args,
        "changes" in request.args,
        number_of(request.args.get("after")),
    )


def _address(review: VipReview, asked: WantedLines, **other: Any) -> str:
    """The same question, with something else in it; the first page unless a cursor is given."""
    kept: dict[str, Any] = {
        "step": asked.step,
        "best": asked.best,
        "undecided": "1" if asked.undecided else None,
        "changes": "1" if asked.changes else None,
    }
    return url_for(".show", id=review.id, **kept | other)
