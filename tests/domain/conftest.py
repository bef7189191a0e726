"""Tests of the domain are pure: entities in hand, or a database in memory. Reaching for a file fails and says why."""

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


@pytest.fixture
def session() -> Iterator[Session]:
    """A session on an empty database in memory with all tables and foreign keys, without triggers."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()
