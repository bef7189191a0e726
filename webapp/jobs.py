"""Background work on a queue that lives beside the database: huey on SQLite, or on PostgreSQL with several hosts.

A job is a plain function of ids. It is queued after the transaction that makes it necessary was committed, may run
twice after a crash, and therefore checks first whether its work is still to be done. ``flask --app wsgi work`` runs
the jobs in processes of their own: a job that hangs is ended at its limit, and its memory goes with its process.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flask import current_app, Flask
from huey import crontab, Huey, PostgresHuey, SqliteHuey
from huey.api import Task
from huey.consumer import Consumer
from huey.signals import SIGNAL_INTERRUPTED

from webapp.db import db
from webapp.settings import Settings

Job = Callable[..., None]
JOBS: dict[str, Job] = {}
LIMITS: dict[str, int] = {}
SWEEPS: list[Callable[[], None]] = []

NightStep = Callable[[date], dict[str, int]]
NIGHTLY: dict[str, NightStep] = {}
"""What is done once for each day, in this order; ``webapp.nightly`` does it."""

JOBS_PER_PROCESS = 100
"""After so many jobs a worker process is replaced by a fresh one."""

GRACE = 30
"""Seconds that a stopping worker has for the job in hand; then it goes back into the queue."""


def job(function: Job) -> Job:
    """A function that may be queued, known by its name."""
    JOBS[function.__name__] = function
    return function


def limited(seconds: int) -> Callable[[Job], Job]:
    """A job that is ended by huey's ``TaskTimeout``, raised inside it, when it takes longer."""

    def decorate(function: Job) -> Job:
        LIMITS[function.__name__] = seconds
        return job(function)

    return decorate


def sweep(function: Callable[[], None]) -> Callable[[], None]:
    """A function run every minute: it finds work that a crash left undone and queues it again."""
    SWEEPS.append(function)
    return function


def nightly(name: str) -> Callable[[NightStep], NightStep]:
    """A step of the night's work, of that name. It gets the day at the company's seat and tells what it counted. It may
    be stopped in the middle and run again, also twice for one day: it does only what is still to be done."""

    def decorate(step: NightStep) -> NightStep:
        NIGHTLY[name] = step
        return step

    return decorate


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

        @huey.signal(SIGNAL_INTERRUPTED)
        def put_back(signal: str, task: Task) -> None:
            """The worker is being stopped: from the moment in which it took a job until that one is over."""
            if task.name == "run":
                name, args = task.args
                self.put(JOBS[name], *args)

        @huey.periodic_task(crontab(minute="*"), name="every_minute")
        def every_minute() -> None:
            with self.app.app_context():
                for function in SWEEPS:
                    function()

        @huey.on_startup("connections")
        def begin_process() -> None:
            with self.app.app_context():
                db.engine.dispose(close=False)  # connections are not shared with the process that forked this one

        self.run = run
        return huey

    def put(self, function: Job, *args: Any, at: datetime | None = None) -> None:
        """Queue the job; ``at`` delays it."""
        huey, name = self.huey, function.__name__
        huey.enqueue(self.run.s(name, list(args), eta=at, timeout=LIMITS.get(name)))

    def holds(self, function: Job, *args: Any) -> bool:
        """Whether the job waits in the queue already."""
        wanted = (function.__name__, list(args))
        return any(tuple(task.args) == wanted for task in self.huey.pending())

    def consumer(self) -> Consumer:
        """What works the queue off: SIGTERM lets the jobs in hand end, SIGINT puts them back at once."""
        return self.huey.create_consumer(
            workers=self.settings.printers,
            worker_type="process",
            periodic=True,
            max_delay=0.5,
            max_tasks=JOBS_PER_PROCESS,
            health_check_interval=1,
            graceful_signal="TERM",
            shutdown_timeout=GRACE,
        )


def make(settings: Settings) -> Huey:
    if settings.database.startswith("postgresql"):
        dsn = settings.database.replace("+psycopg", "")
        return PostgresHuey("baton", dsn=dsn, immediate=settings.testing, results=False)
    return SqliteHuey("baton", filename=str(settings.instance / "jobs.db"), immediate=settings.testing, results=False)


def register(app: Flask) -> None:
    app.extensions["baton-queue"] = Queue(app)


def queue() -> Queue:
    """The queue of the application at work."""
    found: Queue = current_app.extensions["baton-queue"]
    return found


def later(function: Job, *args: Any) -> None:
    """Do this in a worker, soon. Call it after the transaction."""
    queue().put(function, *args)
