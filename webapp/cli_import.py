"""The commands ``import`` and ``stats``."""

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Incomplete, Refused
from webapp.domain.founding import found_company
from webapp.domain.importing import Import
from webapp.domain.undoing import undo
from webapp.exchange.apply import apply_plan
from webapp.exchange.planned import Plan
from webapp.exchange.running import CURRENCY_OF, plan_files
from webapp.exchange.tables import read_path
from webapp.queries.stats import stats
from webapp.web.clock import now

PLURALS = {"user": "users", "product": "products", "client": "clients", "deal": "deals"}


class Said(click.ClickException):
    """A refusal as one line, without a trace."""

    def __init__(self, refusal: Refused) -> None:
        gaps = f" {'; '.join(refusal.gaps)}" if isinstance(refusal, Incomplete) else ""
        super().__init__(f"{refusal}{gaps}")


def unready(error: DBAPIError) -> click.ClickException:
    """The database as one line; most often it was not migrated yet."""
    said = str(error.orig).splitlines()[0]
    return click.ClickException(f"The database says: {said}. Was it migrated (flask --app wsgi db upgrade)?")


@click.command("import")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask: import, and accept the suggested matches that are sure.")
@click.option("--preview", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--currency", default="", metavar="CODE", help="The currency of the amounts, unless the export's own.")
@click.option("--company", default="Our company", metavar="NAME", help="Names the company where there is none yet.")
@click.option(
    "--undo", "undone", type=click.IntRange(1, 2**62), metavar="ID", help="Take an import back. Needs no PATHS."
)
@with_appcontext
def import_command(
    paths: tuple[Path, ...], yes: bool, preview: bool, as_json: bool, currency: str, company: str, undone: int | None
) -> None:
    """Import clients, products, people and deals from PATHS: a folder, files (CSV, XLSX) or a ZIP of them.

    The kind of export is recognised by its columns. Built in is a CRM export of four tables (and a dictionary that is
    not needed): accounts, products, sales teams, sales pipeline; any of them may be left out. UTF-8 and Cyrillic
    encodings, commas, semicolons and tabs are recognised.

    It prints, by kind, what was created, updated (only fields that changed in the file, and never what a person
    changed in Baton since), left unchanged and held back. Rows that cannot come in as they stand are held back with
    their problem and completed later in the browser. Importing the same files again changes nothing. Everything is
    written, or nothing is.

    \b
    flask --app wsgi import export/ --preview
    flask --app wsgi import export.zip --yes --json
    flask --app wsgi import accounts.csv sales_pipeline.csv --currency EUR
    flask --app wsgi import --undo 3
    """
    try:
        if undone is not None:
            _undo(undone, as_json)
        elif not paths:
            raise click.UsageError("Name a folder, files or a ZIP to import, or --undo ID.")
        else:
            _import(list(paths), yes, preview, as_json, currency.upper(), company)
    except Refused as refusal:
        raise Said(refusal) from None
    except DBAPIError as error:
        raise unready(error) from None


@click.command("stats")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def stats_command(as_json: bool) -> None:
    """Count clients, engagements per lane and stage, deals per status with their sums, held-back rows and hand-offs.

    A deal that an import held back is known but stands on nobody's board: deals.open.count counts it too,
    deals.open.of_which_held_back says how many those are, deals.open.on_the_board how many are worked on.
    Sums hold what stands in Baton, in minor units (minor) and exactly in major ones (major); monthly sums apart.
    """
    try:
        told = stats(db.session())
    except DBAPIError as error:
        raise unready(error) from None
    click.echo(json.dumps(told, ensure_ascii=False, indent=None if as_json else 2))


def _import(paths: list[Path], yes: bool, preview: bool, as_json: bool, currency: str, company: str) -> None:
    files = [file for path in paths for file in read_path(path)]
    plan = plan_files(db.session(), files, currency, {})
    told = _told(plan)
    if preview or plan.is_empty:
        return _print(told, as_json)
    if not yes:
        _print(told, as_json=False)
        click.confirm("Import this?", abort=True, err=True)
    with transaction() as session:
        done = _apply(session, files, currency, company, expected=plan.counts)
    return _print({"import": done.id, **told}, as_json)


def _apply(session: Session, files: list[tuple[str, bytes]], currency: str, company: str, expected: Any) -> Import:
    """Plan again within the writing transaction, so that what was previewed is what is written."""
    at = now()
    if session.get(Company, 1, with_for_update=True) is None:
        found_company(session, company, at=at, currency=currency or CURRENCY_OF["crm-opportunities"])
    run = Import.start(session, files, {"currency": currency, "matches": {}}, by=None, at=at)
    plan = plan_files(session, files, currency, {})
    if plan.counts != expected:
        raise Refused("Somebody changed the data meanwhile: look at the preview again")
    run.show(plan.source, plan.counts, {}, at=at)
    run.confirm(at=at)
    session.flush()
    stages = apply_plan(session, plan, run, by=None, at=at).stages
    session.add(run.finish(plan.counts, tuple(sorted(stages)), by=None, at=at))
    return run


def _undo(number: int, as_json: bool) -> None:
    with transaction() as session:
        run = session.get(Import, number)
        if run is None:
            raise click.ClickException(f"There is no import {number}.")
        session.add(undo(session, run, by=None, at=now()))
        told = {"undone": number, "removed": _plural(run.counts["created"]), "restored": _plural(run.counts["updated"])}
    _print(told, as_json)


def _told(plan: Plan) -> dict[str, Any]:
    matches = sorted(plan.matches.values(), key=lambda match: -match.rows)
    return {
        "source": plan.source,
        "currency": plan.currency,
        **{sort: _plural(counts) for sort, counts in plan.counts.items()},
        "matches": [
            {"kind": match.kind, "name": match.name, "rows": match.rows, "match": match.chosen or None}
            | ({"perhaps": match.suggestion} if match.suggestion and not match.chosen else {})
            for match in matches
        ],
    }


def _plural(counts: dict[str, int]) -> dict[str, int]:
    return {PLURALS[kind]: count for kind, count in counts.items()}


def _print(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, value in told.items():
        if isinstance(value, dict):
            shown = ", ".join(f"{count} {kind}" for kind, count in value.items() if count) or "nothing"
            click.echo(f"{name.replace('_', ' ')}: {shown}")
        elif isinstance(value, list):
            for match in value:
                meant = match["match"] or f"held back (perhaps {match.get('perhaps', 'nothing close')})"
                click.echo(f"unknown {match['kind']} “{match['name']}” in {match['rows']} rows: {meant}")
        else:
            click.echo(f"{name}: {value}")
