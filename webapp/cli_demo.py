"""``flask --app wsgi demo``: load the demo company into an empty database, and say how to enter it."""

import json

import click
from flask.cli import with_appcontext

from webapp import demo
from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.web.clock import now


@click.command("demo")
@click.option("--language", type=click.Choice(sorted(demo.LANGUAGES)), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the logins as JSON.")
@with_appcontext
def demo_command(language: str, as_json: bool) -> None:
    """Load the demo company and print its logins. Loaded already, it only prints them again."""
    if not demo.loaded(db.session()):
        if db.session.get(Company, 1) is not None:
            raise click.ClickException("This database holds a company. The demo needs an empty one: set DATABASE_URL.")
        with transaction() as session:
            demo.load(session, language, now())
    logins = demo.loaded(db.session())
    if as_json:
        click.echo(json.dumps([login.shown() for login in logins], ensure_ascii=False, indent=2))
        return
    rows = [tuple(login.shown().values()) for login in logins]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
