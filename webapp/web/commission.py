"""Commission: the months, a person's statement, and what the clients that he brought pay him."""

import tempfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.calendar import month_of
from webapp.domain.commission_reckoning import close
from webapp.domain.errors import Refused
from webapp.domain.money import Money
from webapp.domain.permissions import Permission
from webapp.domain.user import User
from webapp.exchange.sheets import Cell, write_xlsx
from webapp.queries import commission, earnings
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.commission_words import month_name, sentence
from webapp.web.errors import say
from webapp.web.session import me

bp = Blueprint("commission", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_LINES = 100_000


def asked_month(text: str) -> date:
    """``2026-03``, or 404."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(404)


@bp.get("/commission")
@requires(Permission.COMMISSION_REVIEW)
def show() -> Response:
    today = actor().today(now())
    asked = asked_month(request.args.get("month", month_of(today).isoformat()[:7]))
    return page(
        "commission.html",
        month=asked,
        months=commission.months(db.session(), actor()),
        people=commission.people(db.session(), actor(), asked),
        closing=commission.next_to_close(db.session(), today),
        as_of=commission.as_of(db.session()),
        month_name=month_name,
    )


@bp.post("/commission/<month>/closed")
@requires(Permission.COMMISSION_EDIT)
def close_month(month: str) -> Response:
    asked = asked_month(month)
    try:
        with transaction() as session:
            session.add(close(session, asked, by=me(), at=now()))
    except Refused as refusal:
        return see(url_for(".show", month=month), say(refusal), "error")
    return see(url_for(".show", month=month), _("%(month)s is closed for good.", month=month_name(asked)))


@bp.get("/commission/people/<int:id>/<month>")
@requires(Permission.COMMISSION_SEE, User)
def statement(person: User, month: str) -> Response:
    number = request.args.get("page", 1, int)
    if not 1 <= number < 10_000:
        abort(404)
    view = commission.statement(db.session(), actor(), person.id, asked_month(month), number)
    return page(
        "commission_statement.html", person=person, view=view, page=number, sentence=sentence, month_name=month_name
    )


@bp.get("/commission/people/<int:id>/<month>.xlsx")
@requires(Permission.COMMISSION_SEE, User)
def workbook(person: User, month: str) -> Response:
    """The statement with all its lines, whose sums can be added up; no cell is taken for a formula."""
    asked = asked_month(month)
    view = commission.statement(db.session(), actor(), person.id, asked, 1, MOST_LINES)
    head = [_("The client"), _("Paid on"), _("Base"), _("Percent"), _("Commission"), _("Currency"), _("Explanation")]
    rows: Iterator[list[Cell]] = (
        [
            row.client,
            row.received_on,
            Money(row.base_minor, row.currency).amount,
            Decimal(row.basis_points).scaleb(-2),
            Money(row.amount_minor, row.currency).amount,
            row.currency,
            sentence(row),
        ]
        for row in view.entries
    )
    answer = Response(_file(month_name(asked), head, rows), mimetype=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="commission-{person.id}-{month}.xlsx"'
    return answer


def _file(title: str, head: list[str], rows: Iterator[list[Cell]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement.xlsx"
        write_xlsx(path, title, head, rows)
        return path.read_bytes()


@bp.get("/commission/people/<int:id>")
@requires(Permission.COMMISSION_SEE, User)
def brought(person: User) -> Response:
    """What the clients he brought pay him, per client and month."""
    months = earnings.months_shown(month_of(actor().today(now())))
    return page(
        "commission_brought.html",
        person=person,
        months=months,
        charts=earnings.earnings(db.session(), actor(), person.id, months),
        as_of=commission.as_of(db.session()),
        month_name=month_name,
    )
