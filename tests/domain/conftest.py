"""Tests of the domain are pure: entities in hand, or a database in memory. Reaching for a file fails and says why."""

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from tests.support import guards
from webapp.domain.model import Base


@pytest.fixture(autouse=True)
def _memory_only() -> Iterator[None]:
    with guards.memory_only():
        yield


@pytest.fixture(scope="session")
def tables() -> bytes:
    """An SQLite database with all tables, empty, as the bytes of its file."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    raw = engine.raw_connection()
    held = raw.driver_connection.serialize()
    raw.close()
    engine.dispose()
    return held


@pytest.fixture
def session(tables: bytes) -> Iterator[Session]:
    """A session on an empty database in memory with all tables and foreign keys, without triggers."""
    engine = create_engine("sqlite://", poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def fill(connection: sqlite3.Connection, record: object) -> None:
        connection.deserialize(tables)
        connection.execute("PRAGMA foreign_keys=ON")

    with Session(engine) as session:
        yield session
    engine.dispose()
