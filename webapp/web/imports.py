"""Imports: uploading, the preview, confirming, the result, undoing."""

from pathlib import PurePath
from typing import Any

from flask import Blueprint, current_app, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.importing import Import, ImportState
from webapp.domain.money import CURRENCIES
from webapp.domain.permissions import Permission
from webapp.domain.undoing import undo
from webapp.domain.words import N_
from webapp.exchange.bounds import check_size, LARGEST_FILE
from webapp.exchange.crm_export import COLUMNS
from webapp.jobs import later
from webapp.queries import imports as asked
from webapp.web import held_rows, once
from webapp.web.access import actor, requires
from webapp.web.answers import fragment, page, see
from webapp.web.checks import clean
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.import_jobs import apply_import, progress, read_import
from webapp.web.import_words import WORDS
from webapp.web.session import me

bp = Blueprint("imports", __name__)
bp.register_blueprint(held_rows.bp)

MOST_FILES = 20
BESIDE = 64 * 1024
"""Bytes of a request that are not its files."""


@bp.get("/imports")
@requires(Permission.HELD_ROW_COMPLETE)
def show_all() -> Response:
    return _list()


def _list(status: int = 200, refused: str = "") -> Response:
    runs, held = asked.runs(db.session(), actor()), asked.held_count(db.session(), actor())
    return page(
        "imports.html",
        status,
        runs=runs,
        held=held,
        refused=refused,
        currencies=[(code, code) for code in CURRENCIES],
        states=ImportState,
        tables=COLUMNS,
        largest=LARGEST_FILE,
        together=current_app.config["MAX_CONTENT_LENGTH"] - BESIDE,
        **WORDS,
    )


@bp.post("/imports")
@requires(Permission.IMPORT_RUN)
def upload() -> Response:
    """Keep the files and read them in the background."""
    try:
        files, currency = _uploaded(), _currency()
    except Refused as refusal:
        return _list(422, say(refusal))
    with transaction() as session:
        once.take(session)
        run = Import.start(session, files, {"currency": currency, "matches": {}}, by=me(), at=now())
        url = once.leads_to(url_for("imports.show", id=run.id))
    later(read_import, run.id)
    return see(url)


def _uploaded() -> list[tuple[str, bytes]]:
    sent = [file for file in request.files.getlist("files") if file.filename]
    if not sent:
        raise Refused(N_("Choose at least one file"))
    if len(sent) > MOST_FILES:
        raise Refused(N_("At most %(count)s files at a time"), count=MOST_FILES)
    files = [(_plain_name(str(file.filename)), file.read()) for file in sent]
    for name, content in files:
        check_size(name, len(content))
    return files


def _plain_name(name: str) -> str:
    return clean(PurePath(name.replace("\\", "/")).name)[:200] or "file"


def _currency() -> str:
    currency = request.form.get("currency", "")
    return currency if currency in CURRENCIES else ""


@bp.get("/imports/<int:id>")
@requires(Permission.IMPORT_RUN, Import)
def show(run: Import) -> Response:
    return page("import.html", **_shown(run))


@bp.get("/imports/<int:id>/progress")
@requires(Permission.IMPORT_RUN, Import)
def show_progress(run: Import) -> Response:
    return fragment("import.html", "state", **_shown(run))


def _shown(run: Import) -> dict[str, Any]:
    done, total = progress(run.id) if run.state is ImportState.RUNNING else (0, 0)
    failure = say(Refused(run.failure["message"], **run.failure["values"])) if run.failure else ""
    return {"run": run, "done": done, "total": total, "failure": failure, "states": ImportState, **WORDS}


@bp.post("/imports/<int:id>/preview")
@requires(Permission.IMPORT_RUN, Import)
def preview(run: Import) -> Response:
    """Other answers to unknown names: plan anew."""
    return _preview_with(run, _matches(run))


@bp.post("/imports/<int:id>/confirm")
@requires(Permission.IMPORT_RUN, Import)
def confirm(run: Import) -> Response:
    """Import exactly what was shown. Answers that the preview does not show yet are previewed first."""
    matches = _matches(run)
    if matches != _chosen(run):
        return _preview_with(run, matches, _("This is the preview with your choices: look at it, then import."))
    with transaction():
        run.confirm(at=now())
    later(apply_import, run.id)
    return see(url_for("imports.show", id=run.id))


def _preview_with(run: Import, matches: dict[str, dict[str, str]], said: str | None = None) -> Response:
    with transaction():
        run.read_again({"matches": matches}, at=now())
    later(read_import, run.id)
    return see(url_for("imports.show", id=run.id), said, "info")


def _matches(run: Import) -> dict[str, dict[str, str]]:
    """Kind -> unknown name -> what the form says; only names that the preview offered count."""
    found: dict[str, dict[str, str]] = {}
    for number, match in enumerate(run.preview.get("matches", [])):
        chosen = request.form.get(f"match-{number}", match["chosen"])
        known = chosen if chosen in match["candidates"] else ""
        found.setdefault(match["kind"], {})[match["name"]] = known
    return found


def _chosen(run: Import) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for match in run.preview.get("matches", []):
        found.setdefault(match["kind"], {})[match["name"]] = match["chosen"]
    return found


@bp.post("/imports/<int:id>/drop")
@requires(Permission.IMPORT_RUN, Import)
def drop(run: Import) -> Response:
    with transaction():
        run.drop(at=now())
    return see(url_for("imports.show_all"), _("The files are dropped. Nothing was imported."))


@bp.post("/imports/<int:id>/undo")
@requires(Permission.IMPORT_RUN, Import)
def take_back(run: Import) -> Response:
    try:
        with transaction() as session:
            session.add(undo(session, run, by=me(), at=now()))
    except Refused as refusal:
        return page("import.html", 422, **_shown(run) | {"failure": say(refusal)})
    return see(url_for("imports.show", id=run.id), _("The import is undone: everything is as it was before."))
