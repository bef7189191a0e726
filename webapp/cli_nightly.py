"""``flask --app wsgi nightly``: do the night's work now, for today or for another day."""

from datetime import datetime

import click
from flask.cli import with_appcontext

from webapp import (  # noqa: F401  (their steps are known by name)
    commissions,
    nightly_deals,
    nightly_health,
    nightly_proposals,
    nightly_queue,
    nightly_threads,
    nightly_white_space,
)
from webapp.db import db
from webapp.domain.company import Company
from webapp.jobs import NIGHTLY
from webapp.nightly import alone, day_due, do
from webapp.web.clock import now


@click.command("nightly")
@click.option("--date", "asked", type=click.DateTime(["%Y-%m-%d"]), help="The day, instead of the one that is due.")
@click.option("--step", metavar="NAME", help="Only this step.")
@with_appcontext
def nightly_command(asked: datetime | None, step: str | None) -> None:
    """Do the night's work: raise and invoice contracts, and whatever else is done once a day.

    It happens by itself each night. What is done already is not done again: the command may be repeated, also after
    it was interrupted. A day to come writes its invoices early, dated on that day.
    """
    company = db.session.get(Company, 1)
    if company is None:
        raise click.ClickException("There is no company in this database yet.")
    if step is not None and step not in NIGHTLY:
        raise click.UsageError(f"There is no step {step}; there are {', '.join(NIGHTLY)}.")
    day = asked.date() if asked is not None else day_due(company, now())
    with alone() as mine:
        if not mine:
            raise click.ClickException("The night's work is being done by another process.")
        for name in [step] if step else list(NIGHTLY):
            counts = ", ".join(f"{count} {what}" for what, count in do(name, day).items())
            click.echo(f"{day} {name}: {counts or 'done'}")
