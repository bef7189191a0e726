"""One application over one database in one state, as a worker of the suite keeps it for all tests that ask for it."""

from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.support.client import StrictClient
from tests.support.databases import copy_rows, Database, PostgresDatabase, sqlite_template, SqliteDatabase
from tests.support.memory import arranging
from tests.support.serving import served
from tests.support.watch import Watch
from webapp import create_app
from webapp.db import db
from webapp.settings import Settings
from webapp.web.application import Application
from webapp.web.security import limiter
from webapp.web.session import SignedIn

ROOT = Path(__file__).parents[2]


LANGUAGES = {"demo": "en", "demo-ru": "ru"}
STATES = {"empty", "cast", *LANGUAGES}
"""What the database holds: nothing, the company and the people of the cast, or the demo company in a language."""


def beginning(fixtures: Collection[str]) -> str:
    """The state in which a test begins that asks for these fixtures, and not for the demo company."""
    return "cast" if "cast" in fixtures else "empty"


class World:
    """A migrated application: ``app``, its ``engine``, and browsers for it."""

    def __init__(self, kind: str, state: str, *, shared: Path, own: Path, worker: str) -> None:
        assert state in STATES, f"A test's own parameter is called state like the fixture, and asks for {state!r}"
        _keep_templates(shared / "templates")

        def build(url: str) -> None:
            app = application(url, own)
            with app.app_context():
                upgrade(str(ROOT / "migrations"))
                if state != "empty" and not url.startswith("sqlite"):
                    copy_rows(sqlite_template(shared, state, build), db.engine, db.metadata)
                elif state in LANGUAGES:
                    _load_demo(app, LANGUAGES[state])
                elif state == "cast":
                    with arranging(db.engine) as session:
                        Cast.gather(session)
                        session.commit()
                db.session.remove()
                db.engine.dispose()

        self.database: Database = (
            SqliteDatabase(shared, own, state, build)
            if kind == "sqlite"
            else PostgresDatabase(shared, worker, state, build)
        )
        self.app = application(self.database.url, own)
        self.app.test_client_class = StrictClient
        self.watch = Watch(self.app)
        with self.app.app_context():
            self.engine = db.engine
        self.test_session: Session | None = None
        self.open_things = ExitStack()
        self.served_at = ""

    def restore(self) -> None:
        """The state as it was built, whatever the last test did."""
        self.database.restore()
        self.watch.forget()
        limiter.reset()

    def client(self) -> StrictClient:
        client = self.app.test_client()
        client.before_request = self._settle
        return client

    def sign_in(self, user) -> StrictClient:
        """A browser whose session belongs to the user, without the cost of a password."""
        self._settle()
        client = self.client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = session_id(user), True
        return client

    def address(self) -> str:
        """Where the application serves browsers, from the first time somebody asks."""
        if not self.served_at:
            self.served_at = self.open_things.enter_context(served(self.app))
        return self.served_at

    def close(self) -> None:
        self.open_things.close()
        self.engine.dispose()
        self.database.close()

    def _settle(self) -> None:
        """What a test arranged is committed before the application looks; afterwards the test reads afresh."""
        if self.test_session is not None:
            self.test_session.commit()
            self.test_session.expire_all()


def _keep_templates(folder: Path) -> None:
    """All applications of a run share what one of them has compiled."""
    folder.mkdir(exist_ok=True)
    Application.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(folder))}


def _load_demo(app: Flask, language: str) -> None:
    told = app.test_cli_runner().invoke(args=["demo", "--language", language], catch_exceptions=False)
    assert told.exit_code == 0, told.output


def application(url: str, folder: Path) -> Flask:
    """The application as it runs for people, on a database of the tests; errors reach the test."""
    return create_app(Settings(database_url=url, secret_key="for tests only", instance=folder, testing=True))


def session_id(user) -> str:
    """What the session cookie holds for a user."""
    return SignedIn(user.actor, user.epoch).get_id()
