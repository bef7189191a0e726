"""Visits against the norm, person by person and month by month: for heads and directors."""

from datetime import date

from flask import Blueprint, request, Response

from webapp.db import db
from webapp.domain.calendar import gone, month_of, months_on
from webapp.domain.company import Company
from webapp.domain.permissions import Permission
from webapp.queries.visits import norm_and_fact
from webapp.web.access import actor, requires
from webapp.web.answers import page
from webapp.web.clock import now

bp = Blueprint("visit_norm", __name__)


@bp.get("/visits/norm")
@requires(Permission.HEADS_VIEW)
def show() -> Response:
    company = db.session.get_one(Company, 1)
    today = company.today(now())
    month = _asked(today)
    return page(
        "visit_norm.html",
        rows=norm_and_fact(db.session(), actor(), month),
        month=month,
        before=months_on(month, -1),
        after=months_on(month, 1) if month < month_of(today) else None,
        even=gone(today) if month == month_of(today) else 10_000,
        usual=company.visit_days,
    )


def _asked(today: date) -> date:
    """The month of the address; this one where it names none, or one to come."""
    try:
        month = month_of(date.fromisoformat(f"{request.args.get('month', '')}-01"))
    except ValueError:
        return month_of(today)
    return month if date(2000, 1, 1) <= month <= today else month_of(today)
