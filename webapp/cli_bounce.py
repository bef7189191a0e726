"""``flask --app wsgi bounce``: the mail server hands over what came back; see the README for Postfix and Exim."""

import sys

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from webapp.db import transaction
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterState
from webapp.exchange.mail import read_bounce
from webapp.web.clock import now

LARGEST = 20 * 1024 * 1024
TRY_LATER = 75
"""EX_TEMPFAIL: the mail server keeps the message and calls again."""


@click.command("bounce")
@with_appcontext
def bounce_command() -> None:
    """Read a delivery status message from standard input and note on its letter that it came back.

    Any other message is left alone: the command then says so and succeeds, or the mail server would answer it.
    """
    raw = sys.stdin.buffer.read(LARGEST)
    try:
        found = read_bounce(raw)
    except (RecursionError, ValueError, LookupError):
        found = None
    if found is None:
        click.echo("This is no delivery status message")
        return
    if not found.failed:
        click.echo("This message reports no failure")
        return
    try:
        count = _note(found.message_ids, found.reason)
    except OperationalError as error:
        click.echo(f"The database does not answer: {type(error.orig).__name__}", err=True)
        sys.exit(TRY_LATER)
    click.echo("Noted" if count else "No letter of ours, or it was noted before")


def _note(message_ids: tuple[str, ...], reason: str) -> int:
    """How many letters came back by this message; one that was noted before stays as it is."""
    with transaction() as session:
        letters = session.scalars(select(Letter).where(Letter.message_id.in_(message_ids)).with_for_update()).all()
        news = [letter for letter in letters if letter.may_become(LetterState.BOUNCED)]
        session.add_all(letter.bounce(reason, by=None, at=now()) for letter in news)
    return len(news)
