"""The command ``statement``."""

import json
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from webapp.cli_import import Said, unready
from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.statement import Statement
from webapp.exchange.statement.importing import keep
from webapp.exchange.statement.preview import Preview, preview
from webapp.statements import bring_in, take_out
from webapp.web.clock import now


@click.command("statement")
@click.argument("path", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask: import it.")
@click.option("--preview", "only_preview", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--undo", "undone", type=click.IntRange(1, 2**62), metavar="ID", help="Take a statement back.")
@with_appcontext
def statement_command(path: Path | None, yes: bool, only_preview: bool, as_json: bool, undone: int | None) -> None:
    """Import the bank statement in PATH: 1CClientBankExchange, a table (CSV, XLSX) or camt.053.

    Payments that are known are not entered again; what is certain is matched with invoices, the rest waits for a person
    in the browser. A statement of somebody else, one that breaks off or does not balance is refused whole.
    """
    company = db.session.get(Company, 1)
    if company is None:
        raise click.ClickException("There is no company in this database yet.")
    try:
        if undone is not None:
            return _undo(undone, as_json)
        if path is None:
            raise click.UsageError("Name a file to import, or --undo ID.")
        found = preview(db.session(), path.name, path.read_bytes(), company, {}, most=None)
        if only_preview:
            return _print(found.told, as_json)
        if not yes:
            _print(found.told, as_json=False)
            click.confirm("Import this?", abort=True, err=True)
        _import(path, found, as_json)
    except Refused as refusal:
        raise Said(refusal) from None
    except DBAPIError as error:
        raise unready(error) from None


def _import(path: Path, found: Preview, as_json: bool) -> None:
    with transaction() as session:
        statement = keep(session, path.name, path.read_bytes(), found, {}, by=None, at=now())
        statement.confirm(at=now())
        number = statement.id
    bring_in(number)
    _print({"statement": number, **found.told}, as_json)


def _undo(number: int, as_json: bool) -> None:
    with transaction() as session:
        statement = session.get(Statement, number, with_for_update=True)
        if statement is None:
            raise click.ClickException(f"There is no statement {number}.")
        session.add(statement.take_back(by=None, at=now()))
    take_out(number)
    _print({"undone": number}, as_json)


def _print(told: dict[str, object], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, value in told.items():
        click.echo(f"{name.replace('_', ' ')}: {value}")
