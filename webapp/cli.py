"""Commands for operators: ``flask --app wsgi COMMAND``."""

import signal
import subprocess
import sys

import click
from flask import current_app, Flask

from webapp.cli_bounce import bounce_command
from webapp.cli_demo import demo_command
from webapp.cli_health import health_commands
from webapp.cli_import import import_command, stats_command
from webapp.cli_link import link_command
from webapp.cli_nightly import nightly_command
from webapp.cli_statement import statement_command
from webapp.jobs import queue


def register(app: Flask) -> None:
    for command in (
        bounce_command,
        demo_command,
        health_commands,
        import_command,
        link_command,
        nightly_command,
        serve,
        statement_command,
        stats_command,
        work,
    ):
        app.cli.add_command(command)


@click.command()
def serve() -> None:
    """Serve Baton: the web server and the worker that prints, until one of them ends."""
    settings = current_app.config["BATON"]
    commands = (
        [sys.executable, "-m", "gunicorn", "--config", "python:webapp.server", "wsgi:app"],
        [sys.executable, "-m", "flask", "--app", "wsgi", "work"],
    )
    click.echo(f"Baton serves at http://{settings.host}:{settings.port}")
    children = [subprocess.Popen(command) for command in commands]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # or the children would outlive this process
    try:
        while all(child.poll() is None for child in children):
            try:
                children[0].wait(timeout=1)
            except subprocess.TimeoutExpired:
                continue
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.terminate()
        codes = [child.wait() for child in children]
    sys.exit(max(abs(code) for code in codes))


@click.command()
def work() -> None:
    """Work off the queue: print PDFs, do what is due."""
    queue().consumer().run()
