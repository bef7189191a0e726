"""SQLite as we use it: one writes at a time, and whoever waits for that gets its turn."""

import sqlite3
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

PATIENCE, STEP = 10.0, 0.001
"""Seconds to wait for the write lock, and between two looks."""

LONG, ASIDE = 0.02, 0.004
"""A job that held the write lock for so many seconds steps aside for so many: longer than a few looks of who waits."""


def listen(engine: Engine) -> None:
    """Prepare each connection of the engine, and say BEGIN ourselves."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            f"busy_timeout={1000 * PATIENCE:.0f}",
            "synchronous=NORMAL",
            "cache_size=-32000",
            "temp_store=MEMORY",
            "mmap_size=268435456",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if connection.get_execution_options().get("writes", False):
            _begin_to_write(driver)
        else:
            driver.execute("BEGIN")


def step_aside(held: float) -> None:
    """Between two transactions of a job that held the write lock for so many seconds: let somebody else come to it."""
    if held > LONG:
        sleep(ASIDE)


def _begin_to_write(driver: sqlite3.Connection) -> None:
    """Take the write lock. SQLite's own waiting looks only each tenth of a second after a while: beside a job that
    writes one transaction after another it hardly ever looks between two of them. Source: sqliteDefaultBusyCallback in
    SQLite's src/main.c."""
    ends = monotonic() + PATIENCE
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > ends:
                    raise OperationalError("BEGIN IMMEDIATE", None, error) from error
            else:
                break
            sleep(STEP)
    finally:
        driver.execute(f"PRAGMA busy_timeout={1000 * PATIENCE:.0f}")
