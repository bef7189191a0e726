"""The catalogue as a file, out and in. An import is seen before it is written, and is written whole or not at all."""

import base64
import binascii
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.event import event
from webapp.domain.permissions import Permission
from webapp.domain.product import Billing
from webapp.domain.tax import TAX_RATES
from webapp.domain.words import Department, N_
from webapp.exchange.catalogue import read_catalogue
from webapp.exchange.catalogue_apply import apply_catalogue, Stopped
from webapp.exchange.catalogue_plan import plan_catalogue
from webapp.exchange.catalogue_planned import CataloguePlan
from webapp.exchange.catalogue_told import COLUMNS, IN_ROWS, MOST_FAULTS, Told, Words
from webapp.exchange.sheets import Cell, csv_lines, write_xlsx
from webapp.exchange.tables import read_tables
from webapp.queries.catalogue_table import whole
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.catalogue_cells import NO, shown_value, table, YES
from webapp.web.checks import clean
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.exports import TYPES
from webapp.web.i18n import LANGUAGES
from webapp.web.session import me

bp = Blueprint("catalogue_files", __name__)

LARGEST = 2 * 1024 * 1024
"""A catalogue of 20 000 prices is half of it."""
CHANGED = N_("The preview has changed: choose the file again")


@bp.url_value_preprocessor
def read_files(endpoint: str | None, values: object) -> None:
    request.max_form_memory_size = 4 * LARGEST


@bp.post("/products/export")
@requires(Permission.CLIENT_VIEW)
def export() -> Response:
    """The whole catalogue, for whoever may see it; that it left the house is an event."""
    form = request.args.get("format", "csv")
    if form not in TYPES:
        abort(400)
    catalogue = whole(db.session(), actor())
    with transaction() as session:
        told = {"format": form, "count": len(catalogue.products)}
        session.add(event("catalogue:exported", by=me(), at=now(), details=told))
    head, cells = [_(label) for label in COLUMNS.values()], table(catalogue)
    content = "".join(csv_lines(head, cells)) if form == "csv" else _workbook(head, cells)
    answer = Response(content, mimetype=TYPES[form])
    name = f"baton-catalogue-{actor().today(now()).isoformat()}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.route("/products/import", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT)
def bring() -> Response:
    """Choose a file, and see what it would change. Nothing is written yet."""
    if request.method == "GET":
        return _chosen()
    file = request.files.get("file")
    if file is None or not file.filename:
        return _chosen(_("Choose a file"))
    with file.stream as stream:
        content = stream.read(LARGEST + 1)
    return _previewed(clean(PurePath(str(file.filename).replace("\\", "/")).name)[:100] or "file", content)


@bp.post("/products/import/taken")
@requires(Permission.PRODUCT_EDIT)
def take() -> Response:
    """Write exactly what was shown. Where something else would be written by now, that is shown first."""
    name = clean(request.form.get("name", ""))[:100]
    try:
        content = base64.b64decode(request.form.get("file", ""), validate=True)
        told = _read(name, content)
    except (binascii.Error, ValueError):
        return _chosen(_(CHANGED))
    except Refused as refusal:
        return _chosen(say(refusal))
    back = url_for("products.show_all")
    try:
        with transaction() as session:
            plan = plan_catalogue(session, told)
            seen = not plan.faults and plan.digest == request.form.get("digest")
            if seen:
                once.take(session)
                session.add(apply_catalogue(session, plan, told, by=me(), at=now()))
                once.leads_to(back)
    except Refused as refusal:
        said = f"{refusal.name}: {say(refusal)}" if isinstance(refusal, Stopped) else say(refusal)
        return _chosen(said)
    if not seen:
        return _previewed(name, content, 409)
    return see(back, _said(plan))


def _said(plan: CataloguePlan) -> str:
    count = len({change.name for change in plan.products} | {each.product for each in plan.prices})
    return ngettext("Imported: %(num)s product is changed.", "Imported: %(num)s products are changed.", count)


def _chosen(wrong: str = "") -> Response:
    """The page with the file still to choose."""
    return page("catalogue_import.html", 422 if wrong else 200, plan=None, wrong=wrong, columns=list(COLUMNS.values()))


def _previewed(name: str, content: bytes, status: int = 200) -> Response:
    try:
        plan = plan_catalogue(db.session(), _read(name, content))
    except Refused as refusal:
        return _chosen(say(refusal))
    shown: dict[str, Any] = {"plan": plan, "name": name, "wrong": "", "moved": status == 409}
    shown["file"] = base64.b64encode(content).decode()
    faults = [(fault.line, _(COLUMNS[fault.column]), say(_refusal(fault))) for fault in plan.faults[:MOST_FAULTS]]
    status = 422 if plan.faults else status
    return page("catalogue_import.html", status, faults=faults, labels=COLUMNS | IN_ROWS, value=shown_value, **shown)


def _refusal(fault: Any) -> Refused:
    return Refused(fault.message, **fault.values)


def _read(name: str, content: bytes) -> Told:
    if len(content) > LARGEST:
        raise Refused(N_("The file is larger than 2 MB: import it in parts"))
    return read_catalogue(read_tables([(name, content)]), _words())


@cache
def _words() -> Words:
    """Columns and values in every language of ours, and as the database keeps them."""
    columns, values = {key: key for key in COLUMNS}, {}
    known = {billing.value: billing.label for billing in Billing} | {"yes": YES, "no": NO}
    known |= {rate.key: rate.label for rate in TAX_RATES} | {lane.value: lane.label for lane in Department}
    for locale in LANGUAGES:
        with force_locale(locale):
            columns |= {_(label).casefold(): key for key, label in COLUMNS.items()}
            values |= {_(label).casefold(): key for key, label in known.items()}
    return Words(columns, values | {key: key for key in known} | {"1": "yes", "0": "no"})


def _workbook(head: list[str], rows: Iterator[list[Cell]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.xlsx"
        write_xlsx(path, _("Products"), head, rows)
        return path.read_bytes()
