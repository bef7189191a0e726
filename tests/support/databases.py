"""The databases tests run on. Each test finds the same state, made by real migrations, and commits for real.

A *world* is such a state: ``empty`` (migrated, nothing else), ``demo`` (the demo company) or ``demo-ru`` (the Russian
one). It is built once per run and shared by all workers; every worker has its own copy, and :meth:`restore` puts the
copy back in milliseconds.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy.engine import make_url

POSTGRES_URL = "BATON_TEST_POSTGRES"
"""Environment variable with the address of the run's PostgreSQL server, set before the workers start."""

LEFT_OPEN = "The last test left a transaction open: close its session, or end its thread."

Build = Callable[[str], None]
"""Brings the empty database at an address to a world's state."""


class Database(Protocol):
    """One worker's own copy of a world."""

    kind: str
    url: str

    def restore(self) -> None:
        """Undoes whatever the last test committed."""

    def close(self) -> None:
        """Lets go of what the copy holds open."""


def once(folder: Path, name: str, build: Callable[[], None]) -> None:
    """Runs ``build`` in the first process that comes; the others wait for it."""
    ready = folder / f"{name}.ready"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            build()
            ready.touch()


class SqliteDatabase:
    """A file that is overwritten from the world's template through SQLite's own backup."""

    kind = "sqlite"

    def __init__(self, shared: Path, own: Path, world: str, build: Build) -> None:
        self.template = shared / f"template-{world}.db"
        once(shared, f"sqlite-{world}", lambda: build(f"sqlite:///{self.template}"))
        self.path = own / f"{world}.db"
        self.url = f"sqlite:///{self.path}"
        self.restore()

    def restore(self) -> None:
        source, target = sqlite3.connect(self.template), sqlite3.connect(self.path)
        tries = iter(range(40))

        def patiently(status: int, remaining: int, total: int) -> None:
            if status != sqlite3.SQLITE_DONE and next(tries, None) is None:
                raise RuntimeError(LEFT_OPEN)

        try:
            target.execute("PRAGMA synchronous=OFF")  # a test's database outlives no crash
            source.backup(target, progress=patiently, sleep=0.1)
        finally:
            source.close()
            target.close()

    def close(self) -> None:
        pass


class PostgresDatabase:
    """A database copied from the world's template once; afterwards its rows are put back by one batch of SQL."""

    kind = "postgresql"

    def __init__(self, shared: Path, worker: str, world: str, build: Build) -> None:
        server = make_url(os.environ[POSTGRES_URL])
        template, name = f"template_{world}", f"{world}_{worker}"
        self.url = server.set(database=name).render_as_string(hide_password=False)
        template_url = server.set(database=template).render_as_string(hide_password=False)

        def make_template() -> None:
            self._on(server, f'DROP DATABASE IF EXISTS "{template}"', f'CREATE DATABASE "{template}"')
            build(template_url)
            self._on(server, f'ALTER DATABASE "{template}" ALLOW_CONNECTIONS false')

        once(shared, f"postgresql-{world}", make_template)
        copy = f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'
        once(shared, f"postgresql-{name}", lambda: self._on(server, f'DROP DATABASE IF EXISTS "{name}"', copy))
        self.connection = psycopg.connect(self._plain(make_url(self.url)), autocommit=True)
        self.restoring = self._remember()

    def restore(self) -> None:
        try:
            with self.connection.transaction():
                self.connection.execute(self.restoring)
        except psycopg.errors.LockNotAvailable as error:
            raise RuntimeError(LEFT_OPEN) from error

    def close(self) -> None:
        self.connection.close()

    def _remember(self) -> str:
        """Copies every row aside and returns the SQL that brings them back, past all triggers and foreign keys."""
        run = self.connection.execute
        run("DROP SCHEMA IF EXISTS pristine CASCADE")
        run("CREATE SCHEMA pristine")
        tables = [row[0] for row in run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        clear, fill = [], []
        for table in tables:
            clear.append(f'DELETE FROM public."{table}";')
            held = run(f'SELECT 1 FROM public."{table}" LIMIT 1').fetchone()
            if held:
                columns = ", ".join(f'"{row[0]}"' for row in run(_STORED_COLUMNS, [table]))
                run(f'CREATE TABLE pristine."{table}" AS SELECT {columns} FROM public."{table}"')
                fill.append(
                    f'INSERT INTO public."{table}" ({columns}) OVERRIDING SYSTEM VALUE '
                    f'SELECT {columns} FROM pristine."{table}";'
                )
        numbers = [
            f"SELECT setval('public.\"{name}\"', {last or 1}, {'true' if last else 'false'});"
            for name, last in run("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        ]
        settings = "SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '5s';"
        return "\n".join([settings, *clear, *fill, *numbers])

    def _on(self, server, *statements: str) -> None:
        with psycopg.connect(self._plain(server), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @staticmethod
    def _plain(url) -> str:
        return url.set(drivername="postgresql").render_as_string(hide_password=False)


_STORED_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
