"""Background work on a queue that lives beside the database: huey on SQLite, or on PostgreSQL with several hosts.

A job is a plain function of ids. It is queued after the transaction that makes it necessary was committed, may run
twice after a crash, and therefore checks first whether its work is still to be done.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import current_app, Flask
from huey import crontab, Huey, PostgresHuey, SqliteHuey

from webapp.settings import Settings

Job = Callable[..., None]
JOBS: dict[str, Job] = {}
SWEEPS: list[Callable[[], None]] = []


def job(function: Job) -> Job:
    """A function that may be queued, known by its name."""
    JOBS[function.__name__] = function
    return function


def sweep(function: Callable[[], None]) -> Callable[[], None]:
    """A function run every minute: it finds work that a crash left undone and queues it again."""
    SWEEPS.append(function)
    return function


class Queue:
    """The application's queue. Tests run the work at once."""

    def __init__(self, app: Flask) -> None:
        self.app, self.settings = app, app.config["BATON"]

    @cached_property
    def huey(self) -> Huey:
        huey = make(self.settings)

        @huey.task(name="run")
        def run(name: str, args: list[Any]) -> None:
            with self.app.app_context():
                JOBS[name](*args)

        @huey.periodic_task(crontab(minute="*"), name="every_minute")
        def every_minute() -> None:
            with self.app.app_context():
                for function in SWEEPS:
                    function()

        self.run = run
        return huey

    def put(self, function: Job, *args: Any, at: datetime | None = None) -> None:
        """Queue the job; ``at`` delays it."""
        task = (self.huey and self.run).s(function.__name__, list(args), eta=at)
        self.huey.enqueue(task)


def make(settings: Settings) -> Huey:
    if settings.database.startswith("postgresql"):
        return PostgresHuey("baton", dsn=settings.database.replace("+psycopg", ""), immediate=settings.testing)
    return SqliteHuey("baton", filename=str(settings.instance / "jobs.db"), immediate=settings.testing)


def register(app: Flask) -> None:
    app.extensions["baton-queue"] = Queue(app)


def later(function: Job, *args: Any) -> None:
    """Do this in a worker, soon. Call it after the transaction."""
    current_app.extensions["baton-queue"].put(function, *args)
