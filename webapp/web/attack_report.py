"""What became of attacks: the report of the heads, on the screen and as a file."""

from collections.abc import Iterator
from datetime import date, timedelta

from babel.dates import format_skeleton
from flask import Blueprint, request, Response
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.attack_state import LOST_CAUSES
from webapp.domain.calendar import quarter_of
from webapp.domain.event import event
from webapp.domain.permissions import Permission
from webapp.exchange.sheets import Cell, csv_lines
from webapp.queries.attack_report import attack_report, AttackReport, Tally
from webapp.web.access import actor, requires
from webapp.web.answers import page
from webapp.web.clock import now
from webapp.web.handoff_words import worked
from webapp.web.session import me

bp = Blueprint("attack_report", __name__)


@bp.get("/attacks/report")
@requires(Permission.HEADS_VIEW)
def show() -> Response:
    wanted = _asked()
    report = attack_report(db.session(), actor(), now(), wanted)
    return page(
        "attack_report.html", report=report, wanted=wanted, causes=LOST_CAUSES, quarter_name=quarter_name, worked=worked
    )


@bp.post("/attacks/report/export")
@requires(Permission.CLIENTS_EXPORT)
def export() -> Response:
    """A line for each quarter and one for each rival, as CSV."""
    report = attack_report(db.session(), actor(), now(), _asked())
    with transaction() as session:
        told = {"format": "csv", "count": len(report.quarters) + len(report.rivals)}
        session.add(event("attack:exported", by=me(), at=now(), details=told))
    answer = Response("".join(csv_lines(_head(), _rows(report))), mimetype="text/csv; charset=utf-8")
    name = f"baton-attacks-{actor().today(now()).isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def quarter_name(quarter: date) -> str:
    """“Q3 2026”."""
    return str(format_skeleton("yQQQ", quarter, locale=get_locale() or "en"))


def _asked() -> date | None:
    """The quarter that the address names by one of its days; what cannot be read is as if it were not asked."""
    try:
        return quarter_of(date.fromisoformat(request.args.get("quarter", "")))
    except ValueError:
        return None


def _head() -> list[str]:
    return [
        _("Quarter"),
        _("Competitor"),
        _("Attacks"),
        _("Open"),
        _("Defended"),
        _("Lost"),
        _("False alarms"),
        _("Visited"),
        _("Median working hours to the visit"),
        _("In time"),
        _("In time, of"),
    ]


def _rows(report: AttackReport) -> Iterator[list[Cell]]:
    for quarter, tally in report.quarters:
        yield [quarter_name(quarter), "", *_cells(tally)]
    for rival, tally in report.rivals:
        yield ["", rival, *_cells(tally)]


def _cells(tally: Tally) -> list[Cell]:
    hours = "" if tally.reaction is None else tally.reaction // timedelta(hours=1)
    counts = (tally.raised, tally.open, tally.defended, tally.lost, tally.false_alarms, tally.visited)
    return [*counts, hours, tally.in_time.part, tally.in_time.whole]
