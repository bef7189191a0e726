"""Exports for heads and the director. Each one is an event that says how much left the house.

Every export is a form that is posted: a link elsewhere, or a browser that reads ahead, makes none.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from flask import abort, Blueprint, request, Response, stream_with_context
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.event import event
from webapp.domain.permissions import Permission
from webapp.domain.user import Actor
from webapp.exchange.sheets import Cell, csv_lines, write_xlsx
from webapp.queries import export
from webapp.queries.clients import ClientRow, Wanted
from webapp.web.access import actor, requires
from webapp.web.client_list import Filters
from webapp.web.clock import now
from webapp.web.session import me

bp = Blueprint("exports", __name__)

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
"""What may be asked for, and what it is sent as."""


@bp.post("/clients/export")
@requires(Permission.CLIENTS_EXPORT)
def clients() -> Response:
    form, wanted = request.args.get("format", "csv"), Filters.asked().wanted
    if form not in TYPES:
        abort(400)
    with transaction() as session:
        told = {"format": form, "count": export.count(session, wanted)}
        session.add(event("client:exported", by=me(), at=now(), details=told))
    cells = _cells(actor(), wanted, get_locale())
    parts = csv_lines(_head(), cells) if form == "csv" else _workbook(_head(), _("Clients"), cells)
    answer = Response(stream_with_context(parts), mimetype=TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="baton-{actor().today(now()).isoformat()}.{form}"'
    return answer


def _head() -> list[str]:
    return [_(title) for title in export.HEAD]


def _workbook(head: list[str], title: str, cells: Iterator[list[Cell]]) -> Iterator[bytes]:
    """A workbook is a zip and complete only at its end: it is written beside, and disappears with the answer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clients.xlsx"
        write_xlsx(path, title, head, cells)
        with path.open("rb") as file:
            while part := file.read(65_536):
                yield part


def _cells(asker: Actor, wanted: Wanted, locale: Locale) -> Iterator[list[Cell]]:
    """The rows, read while they are sent: the request has ended by then, so that they need a session of their own."""
    with Session(db.engine) as session, force_locale(locale):
        for cells, client in export.rows(session, asker, wanted):
            yield _row(cells, client)


def _row(cells: tuple[str | int, ...], client: ClientRow) -> list[Cell]:
    touches = [lane.next_touch_on for lane in client.lanes if lane.next_touch_on]
    return [
        *cells[:-1],
        ", ".join(_(lane.department.label) for lane in client.lanes),
        ", ".join(_(lane.stage) for lane in client.lanes),
        ", ".join(lane.owner for lane in client.lanes),
        min(touches).isoformat() if touches else "",
        cells[-1],
    ]
