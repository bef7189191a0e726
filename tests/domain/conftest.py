"""Tests of the domain are pure: entities in hand, or a database in memory. Reaching for a file fails and says why."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.support import guards
from tests.support.memory import in_memory


@pytest.fixture(autouse=True)
def _memory_only() -> Iterator[None]:
    with guards.memory_only():
        yield


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session on a database in memory: empty, or with the cast where the test asks for it."""
    with in_memory(Cast.gather if "cast" in request.fixturenames else None) as session:
        yield session
