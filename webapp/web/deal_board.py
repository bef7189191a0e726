"""The deals board, how deals end, and what each month promised against what it brought."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, request, Response
from flask_babel import gettext as _

from webapp.db import db
from webapp.domain.calendar import last_day, month_of, months_on, quarter_of
from webapp.domain.company import Company
from webapp.domain.deal import LOST_REASONS
from webapp.domain.deal_chance import RULE
from webapp.domain.permissions import Permission
from webapp.domain.words import Department
from webapp.queries.deal_board import deal_board
from webapp.queries.deal_forecasts import deal_forecasts
from webapp.queries.deal_outcomes import deal_outcomes
from webapp.queries.people import owners
from webapp.web.access import actor, LARGEST_ID, requires
from webapp.web.answers import page
from webapp.web.clock import now
from webapp.web.deal_bars import draw

bp = Blueprint("deal_board", __name__)


@bp.get("/deals/board")
@requires(Permission.CLIENT_VIEW)
def show() -> Response:
    """One department's open deals; the own one where the address names none."""
    department = _department() or actor().department or Department.SALES
    people, today = owners(db.session, actor(), everybody=True), actor().today(now())
    asked = request.args.get("owner", type=int)
    owner = asked if asked is not None and 0 < asked < LARGEST_ID else None
    return page(
        "deal_board.html",
        board=deal_board(db.session(), actor(), department, today, owner),
        department=department,
        owner=owner,
        people=[person for person in people if person.department is department],
        today=today,
        rule=RULE,
    )


@bp.get("/deals/outcomes")
@requires(Permission.HEADS_VIEW)
def outcomes() -> Response:
    """The last twelve months, unless the address names other days."""
    today = actor().today(now())
    usual = months_on(month_of(today), -11), today
    since, until = _day("from") or usual[0], _day("to") or usual[1]
    since, until = min(since, until), max(since, until)
    return page(
        "deal_outcomes.html",
        found=deal_outcomes(db.session(), actor(), since, until),
        since=since,
        until=until,
        periods=_periods(today),
        reasons=LOST_REASONS,
    )


@bp.get("/deals/forecast")
@requires(Permission.HEADS_VIEW)
def forecast() -> Response:
    """A year, in one currency, of one department or of all."""
    own, department = db.session.get_one(Company, 1).currency, _department()
    currencies = [request.args.get("currency", own), own]
    found = deal_forecasts(db.session(), actor(), actor().today(now()), currencies, department)
    rows = found.rows[::-1]
    return page(
        "deal_forecast.html",
        found=found,
        department=department,
        one_off=draw([(row.month, row.one_off) for row in rows], found.currency),
        monthly=draw([(row.month, row.monthly) for row in rows], found.currency),
        rule=RULE,
    )


def _periods(today: date) -> Sequence[tuple[str, date, date]]:
    """What is asked for most, by name."""
    quarter = quarter_of(today)
    before = months_on(quarter, -3)
    return (
        (_("Last 12 months"), months_on(month_of(today), -11), today),
        (_("This quarter"), quarter, today),
        (_("Last quarter"), before, last_day(months_on(before, 2))),
        (_("Last two years"), months_on(month_of(today), -23), today),
    )


def _department() -> Department | None:
    asked = request.args.get("department", "")
    return Department(asked) if asked in set(Department) else None


def _day(name: str) -> date | None:
    """The day that the address names; what cannot be read is as if it were not asked."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
