"""The plan of collecting: the month of every clerk for the head, the own one for a clerk, and setting it."""

from datetime import date

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from webapp.db import db, transaction
from webapp.domain.aging import AGE_BANDS
from webapp.domain.calendar import month_of, months_on
from webapp.domain.collection_plan import CollectionPlan
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.forecast import RULE
from webapp.domain.permissions import Permission
from webapp.domain.user import User
from webapp.queries.collecting import plan_page
from webapp.queries.progress import progress
from webapp.queries.queue import clerks
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import LAST_DAY, MoneyField, refuse, TextField
from webapp.web.i18n import month as month_words
from webapp.web.queue import asked_clerk, known, may_choose
from webapp.web.queue_form import number_of
from webapp.web.session import me

bp = Blueprint("plan", __name__)


class PlanForm(FlaskForm):
    """The sum of one clerk's month in one currency; another currency has another plan."""

    currency = HiddenField()
    amount_minor = MoneyField(_l("To collect"))
    reason = TextField(_l("Why"), required=False, longest=300)


@bp.get("/plan")
@requires(Permission.QUEUE_VIEW)
def show() -> Response:
    """All clerks side by side for the head and a director; one of them, or oneself, in full."""
    at, people = now(), clerks(db.session())
    company = db.session.get_one(Company, 1)
    month = asked_month(company.today(at))
    everybody = may_choose() and number_of(request.args.get("clerk")) is None
    chosen = None if everybody else asked_clerk()
    if chosen is not None:
        known(chosen, people)
    names = {person.id: person.name for person in people if everybody or person.id == chosen}
    view = plan_page(db.session(), names, month, company, at)
    months, settings = ((), ()) if chosen is None else progress(db.session(), chosen, company.currency, month)
    return page(
        "plan.html",
        view=view,
        clerk=None if chosen is None else (chosen, names.get(chosen, "")),
        people=people,
        company=company,
        ages=AGE_BANDS,
        rule=RULE,
        own=chosen == actor().id,
        before=months_on(month, -1),
        after=months_on(month, 1),
        months=months,
        history=settings,
    )


@bp.route("/plan/<int:id>/set", methods=["GET", "POST"])
@requires(Permission.PLAN_SET, User)
def change(clerk: User) -> Response:
    """Set a clerk's plan of a month anew. What was set before stays in the history."""
    company = db.session.get_one(Company, 1)
    month = asked_month(company.today(now()))
    currency = request.values.get("currency", company.currency)
    stands = CollectionPlan.latest(db.session(), clerk.id, month, currency)
    form = PlanForm(currency=currency, amount_minor=stands and stands.amount_minor)
    form.reason.flags.required = stands is not None
    back = url_for("plan.show", clerk=clerk.id, month=month.isoformat())
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                fields = {"by": me(), "at": now(), "reason": form.reason.data or ""}
                CollectionPlan.set(session, clerk, month, form.amount_minor.data, currency, **fields)
                once.leads_to(back)
            return see(back, _("The plan is set."))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    title = _("Plan of %(name)s, %(month)s", name=clerk.name, month=month_words(month))
    note = _("In %(currency)s. A change of a plan that is set says why; what was set before stays on record.",
             currency=currency)  # fmt: skip
    return page("form.html", status, form=form, title=title, note=note, back=back)


def asked_month(today: date) -> date:
    """The month of the address, or the running one."""
    text = request.args.get("month")
    try:
        month = month_of(date.fromisoformat(text)) if text else month_of(today)
    except ValueError:
        abort(404)
    return month if date(2000, 1, 1) <= month <= LAST_DAY else abort(404)
