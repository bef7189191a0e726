"""``flask --app wsgi link EMAIL``: how the operator lets in a director who forgot the password and has no colleague."""

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.db import db, transaction
from webapp.domain.access_link import AccessLink
from webapp.domain.errors import Refused
from webapp.queries import users
from webapp.web.clock import now


@click.command("link")
@click.argument("email")
@click.option("--without-second-factor", is_flag=True, help="Switch the second factor off: phone and codes are lost.")
@with_appcontext
def link_command(email: str, without_second_factor: bool) -> None:
    """Print a link by which the user of this E-MAIL chooses a password: once, within seven days."""
    user = users.by_email(db.session(), email.strip().lower())
    if user is None:
        raise click.ClickException(f"Nobody logs in as {email}")
    try:
        with transaction() as written:
            if without_second_factor:
                written.add(user.stop_second_factor(by=None, at=now(), required=False))
            token = AccessLink.make(written, user, by=None, at=now())
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from None
    settings = current_app.config["BATON"]
    click.echo(f"{settings.public_url or f'http://{settings.host}:{settings.port}'}/link/{token}")
