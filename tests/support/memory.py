"""Databases in memory, each a copy of one that was made once: to make all tables takes too long for every test."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import create_engine, Engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from webapp.domain.model import Base

Filling = Callable[[Session], object]


@contextmanager
def arranging(engine: Engine) -> Iterator[Session]:
    """A session that needs no event for what it puts there; what the application changes does."""
    with Session(engine) as session:
        event.listen(session, "after_flush", lambda session, context: session.info.pop("changed", None))
        yield session


@contextmanager
def in_memory(filled: Filling | None = None) -> Iterator[Session]:
    """A session on a database of its own with all tables and foreign keys, without triggers: empty, or ``filled``."""
    held = _made(filled)
    engine = create_engine("sqlite://", poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def copy(connection: sqlite3.Connection, record: object) -> None:
        connection.deserialize(held)
        connection.execute("PRAGMA foreign_keys=ON")

    try:
        with arranging(engine) as session:
            yield session
    finally:
        engine.dispose()


@cache
def _made(filled: Filling | None) -> bytes:
    """The file that such a database would be."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    if filled is not None:
        with arranging(engine) as session:
            filled(session)
            session.commit()
    connection = engine.raw_connection()
    held = connection.driver_connection.serialize()
    connection.close()
    engine.dispose()
    return held
