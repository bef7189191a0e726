"""The application in a process of its own, that a test may kill.

It begins as a copy of one that has loaded the application already: loading takes longer than most tests.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

from tests.support.sources import ROOT
from webapp import create_app
from webapp.settings import Settings

PATIENCE, PAUSE = 3_000, 0.02
"""Looks before a test gives up, and the seconds between them."""

_loaded = multiprocessing.get_context("forkserver")
_loaded.set_forkserver_preload(["flask.cli", "webapp"])


class Running:
    """A process with a group of its own. ``printers`` are the processes of its worker, if it begins one."""

    def __init__(self, work: Callable[[], object], settings: Settings, *, printers: int = 1) -> None:
        environment = {
            "DATABASE_URL": settings.database_url,
            "INSTANCE": str(settings.instance),
            "SECRET_KEY": "x",
            "PRINTERS": str(printers),
        }
        self._process = _loaded.Process(target=_begin, args=(work, environment))
        self._process.start()

    @property
    def runs(self) -> bool:
        return self._process.is_alive()

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to become true while the process works."""
        for _ in range(PATIENCE):
            if condition():
                return
            self._process.join(PAUSE)
            assert self.runs, f"it ended with {self._process.exitcode}"
        raise AssertionError("waited in vain")

    def wait(self, seconds: float) -> int | None:
        """Its exit code, when it has ended by then."""
        self._process.join(seconds)
        return self._process.exitcode

    def terminate(self) -> None:
        """It alone is asked to end."""
        self._process.terminate()

    def interrupt(self) -> None:
        """It and all that it began hear Ctrl+C."""
        os.killpg(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """It and all that it began end at once."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.join()


def flask(*words: str) -> Callable[[], object]:
    """The command ``flask --app wsgi …``, as it is typed."""
    return partial(_type, words)


def within(job: Callable[[], object]) -> Callable[[], object]:
    """A job, run once and not through the queue."""
    return partial(_run, job)


def _begin(work: Callable[[], object], environment: dict[str, str]) -> None:
    os.setsid()
    os.chdir(ROOT)
    os.environ.update(environment)
    work()


def _type(words: tuple[str, ...]) -> None:
    from flask.cli import main

    sys.argv = ["flask", "--app", "wsgi", *words]
    main()


def _run(job: Callable[[], object]) -> None:
    with create_app().app_context():
        job()
