"""Bank statements: uploading, the preview, confirming, the result, undoing."""

from datetime import date
from pathlib import PurePath
from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.matching import REASONS
from webapp.domain.permissions import Permission
from webapp.domain.statement import Statement, StatementState
from webapp.domain.words import N_
from webapp.exchange.bounds import check_size, LARGEST_FILE
from webapp.exchange.statement.columns import FIELDS, Unmapped
from webapp.exchange.statement.importing import keep, left_of
from webapp.exchange.statement.preview import preview
from webapp.jobs import later
from webapp.queries import statements
from webapp.statements import bring_in, take_out
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.answers import fragment, page, see
from webapp.web.checks import clean
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.i18n import money
from webapp.web.session import me

bp = Blueprint("statements", __name__)


@bp.get("/statements")
@requires(Permission.STATEMENT_IMPORT)
def show_all() -> Response:
    return _list()


def _list(status: int = 200, refused: str = "", headings: tuple[str, ...] = ()) -> Response:
    """The statements so far. ``headings`` of a table that was not understood: a person says what they mean."""
    rows = statements.latest(db.session(), actor())
    return page(
        "statements.html",
        status,
        largest=LARGEST_FILE,
        rows=rows,
        refused=refused,
        headings=[(heading, heading) for heading in headings],
        chosen=_chosen(),
        meanings=FIELDS,
        states=StatementState,
    )


@bp.post("/statements")
@requires(Permission.STATEMENT_IMPORT)
def upload() -> Response:
    """Read the file and show what importing it would do. No payment is entered."""
    chosen = _chosen()
    try:
        name, content = _uploaded()
        found = preview(db.session(), name, content, db.session.get_one(Company, 1), chosen)
    except Unmapped as refusal:
        return _list(422, say(refusal), refusal.headings)
    except Refused as refusal:
        return _list(422, say(refusal))
    with transaction() as session:
        once.take(session)
        kept = keep(session, name, content, found, chosen, by=me(), at=now())
        url = once.leads_to(url_for("statements.show", id=kept.id))
    return see(url)


def _uploaded() -> tuple[str, bytes]:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Refused(N_("Choose a file"), field="file")
    name, content = clean(PurePath(sent.filename.replace("\\", "/")).name)[:200] or "file", sent.read()
    check_size(name, len(content))
    return name, content


def _chosen() -> dict[str, str]:
    """For a table: which heading a person chose for which meaning."""
    said = {meaning: clean(request.form.get(f"column-{meaning}", ""))[:80] for meaning in FIELDS}
    return {meaning: heading for meaning, heading in said.items() if heading}


@bp.get("/statements/<int:id>")
@requires(Permission.STATEMENT_IMPORT, Statement)
def show(statement: Statement) -> Response:
    return page("statement.html", **_shown(statement))


@bp.get("/statements/<int:id>/progress")
@requires(Permission.STATEMENT_IMPORT, Statement)
def show_progress(statement: Statement) -> Response:
    return fragment("statement.html", "state", **_shown(statement))


def _shown(statement: Statement) -> dict[str, Any]:
    sums, total = statement.counts.get("sums", {}), statement.counts.get("new", 0)
    left = left_of(db.session(), statement.id) if statement.state is StatementState.UNDOING else 0
    return {
        "gone": max(total - left, 0),
        "statement": statement,
        "states": StatementState,
        "reasons": REASONS,
        "shown": [_dated(each) for each in statement.preview.get("shown", [])],
        "strange": [_dated(each) for each in statement.preview.get("strange", [])],
        "sums": {
            sort: " · ".join(money(minor, currency, whole=True) for currency, minor in sums.get(sort, {}).items())
            for sort in ("matched", "left")
        },
    }


def _dated(each: dict[str, Any]) -> dict[str, Any]:
    dated = {**each, "day": date.fromisoformat(each["day"])}
    if "was_minor" in each:  # kept before a changed day or number was noticed too
        dated["was"] = {**dated, "minor": each["was_minor"]}
    return dated | ({"was": _dated(each["was"])} if "was" in each else {})


@bp.post("/statements/<int:id>/confirm")
@requires(Permission.STATEMENT_IMPORT, Statement)
def confirm(statement: Statement) -> Response:
    """Import exactly what was shown."""
    with transaction() as session:
        session.get_one(Statement, statement.id, with_for_update=True).confirm(at=now())
    later(bring_in, statement.id)
    return see(url_for("statements.show", id=statement.id))


@bp.post("/statements/<int:id>/drop")
@requires(Permission.STATEMENT_IMPORT, Statement)
def drop(statement: Statement) -> Response:
    with transaction() as session:
        session.get_one(Statement, statement.id, with_for_update=True).drop(at=now())
    return see(url_for("statements.show_all"), _("The file is dropped. Nothing was imported."))


@bp.post("/statements/<int:id>/undo")
@requires(Permission.STATEMENT_IMPORT, Statement)
def take_back(statement: Statement) -> Response:
    """A worker gives every payment of it back as written by mistake."""
    with transaction() as session:
        held = session.get_one(Statement, statement.id, with_for_update=True)
        session.add(held.take_back(by=me(), at=now()))
    later(take_out, statement.id)
    return see(url_for("statements.show", id=statement.id))
