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
from sqlalchemy import create_engine, Engine, func, insert, Integer, MetaData, select, text
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


def sqlite_template(shared: Path, world: str, build: Build) -> Path:
    """The file that holds the world, built by the first who asks."""
    template = shared / f"template-{world}.db"
    once(shared, f"sqlite-{world}", lambda: build(f"sqlite:///{template}"))
    return template


def copy_rows(template: Path, engine: Engine, metadata: MetaData) -> None:
    """Fills PostgreSQL's empty tables with the rows of a template: telling all that happened takes far longer."""
    source = create_engine(f"sqlite:///{template}")
    with source.connect() as old, engine.begin() as new:
        new.execute(text("SET LOCAL session_replication_role = replica"))
        for table in metadata.tables.values():
            columns = [column for column in table.c if column.computed is None]
            rows = [row._asdict() for row in old.execute(select(*columns))]
            if rows:
                new.execute(insert(table), rows)
            if rows and "id" in table.c and isinstance(table.c.id.type, Integer):
                sequence = func.pg_get_serial_sequence(table.name, "id")
                new.execute(select(func.setval(sequence, max(row["id"] for row in rows))))
    source.dispose()


class SqliteDatabase:
    """A file that is overwritten from the world's template through SQLite's own backup."""

    kind = "sqlite"

    def __init__(self, shared: Path, own: Path, world: str, build: Build) -> None:
        self.template = sqlite_template(shared, world, build)
        self.path = own / f"{world}.db"
        self.url = f"sqlite:///{self.path}"
        self.source, self.target = sqlite3.connect(self.template), sqlite3.connect(self.path)
        self.target.execute("PRAGMA synchronous=OFF")  # a test's database outlives no crash
        self.restore()

    def restore(self) -> None:
        tries = iter(range(40))

        def patiently(status: int, remaining: int, total: int) -> None:
            if status != sqlite3.SQLITE_DONE and next(tries, None) is None:
                raise RuntimeError(LEFT_OPEN)

        self.source.backup(self.target, progress=patiently, sleep=0.1)

    def close(self) -> None:
        self.source.close()
        self.target.close()


class PostgresDatabase:
    """A database copied from the world's template once; afterwards the rows that a test touched are put back."""

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
        self._remember()

    def restore(self) -> None:
        try:
            self.connection.execute("CALL pristine.restore()")
        except psycopg.errors.LockNotAvailable as error:
            raise RuntimeError(LEFT_OPEN) from error

    def close(self) -> None:
        self.connection.close()

    def _remember(self) -> None:
        """Copies every row aside, and writes the procedure that brings them back, past all triggers and foreign keys.

        A row that came or changed since was written by a younger transaction than the last restoring one.
        """
        run = self.connection.execute
        run("DROP SCHEMA IF EXISTS pristine CASCADE")
        run("CREATE SCHEMA pristine")
        tables = [row[0] for row in run(_TABLES)]
        steps = [f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE;"]
        for table in tables:
            steps.append(f"DELETE FROM {table} WHERE age(xmin) < age(restored);")
            kept = table.replace("public.", "pristine.")
            columns, same = run(_COLUMNS, [table]).fetchone()
            run(f"CREATE TABLE {kept} AS SELECT {columns} FROM {table}")
            count = run(f"SELECT count(*) FROM {kept}").fetchone()[0]
            if count:
                steps.append(
                    f"IF (SELECT count(*) FROM {table}) <> {count} THEN "
                    f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE "
                    f"SELECT {columns} FROM {kept} AS kept "
                    f"WHERE NOT EXISTS (SELECT FROM {table} AS there WHERE {same}); END IF;"
                )
        for name, last in run("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"):
            steps.append(f"PERFORM setval('public.\"{name}\"', {last or 1}, {'true' if last else 'false'});")
        run("CREATE TABLE pristine.restored AS SELECT pg_current_xact_id()::xid AS by")
        run(_PROCEDURE.replace("STEPS", "\n".join(steps)))

    def _on(self, server, *statements: str) -> None:
        with psycopg.connect(self._plain(server), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @staticmethod
    def _plain(url) -> str:
        return url.set(drivername="postgresql").render_as_string(hide_password=False)


_TABLES = "SELECT format('public.%I', tablename) FROM pg_tables WHERE schemaname = 'public'"

_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ') FILTER (WHERE attgenerated = ''),
       string_agg(format('there.%%1$I = kept.%%1$I', attname), ' AND ') FILTER (WHERE attnum = ANY (indkey))
FROM pg_attribute JOIN pg_index ON indrelid = attrelid AND indisprimary
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""
"""What a table's rows are copied by, and when two of them are the same row."""

_PROCEDURE = """
CREATE PROCEDURE pristine.restore() LANGUAGE plpgsql AS $$
DECLARE restored xid := (SELECT by FROM pristine.restored);
BEGIN
SET LOCAL session_replication_role = replica;
SET LOCAL lock_timeout = '5s';
STEPS
UPDATE pristine.restored SET by = pg_current_xact_id()::xid;
END $$
"""
