"""``flask --app wsgi health``: does the health of clients tell the truth?"""

import json

import click
from flask.cli import with_appcontext

from webapp.db import db
from webapp.domain.company import Company
from webapp.studies import backtest
from webapp.web.clock import now


@click.group("health")
def health_commands() -> None:
    """The health of clients."""


@health_commands.command("backtest")
@click.option("--json", "as_json", is_flag=True, help="All figures as one JSON object.")
@with_appcontext
def backtest_command(as_json: bool) -> None:
    """Judge the running model by the losses of two years, beside the naive rules. Writes nothing."""
    company = db.session.get(Company, 1)
    if company is None:
        raise click.ClickException("There is no company in this database yet.")
    found = backtest(db.session(), company.today(now()))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(f"{found['lost']} losses in {found['looks']} looks, model {found['model']}: {found['verdict']}")
    for rule in found.get("rules", ()):
        click.echo(f"{rule['key']:>10}: ranks a lost client above one who stayed {rule['auc']['value']:.0%}")
