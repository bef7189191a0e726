"""Fixtures that every test can ask for. The guide: the database under test is real and every test starts from the same.

``--database`` chooses on which databases a test that asks for one runs: sqlite (the default), postgresql or both.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from tests import factories
from tests.cast import Cast
from tests.support import guards
from tests.support import statements as counting
from tests.support.apps import beginning, World
from tests.support.client import StrictClient
from tests.support.databases import POSTGRES_URL
from tests.support.memory import arranging
from tests.support.postgres import PrivatePostgres

gc.disable()  # until the tests are collected, which makes half a million objects that stay
guards.install()
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql", "both"], default="sqlite", help="where tests run")


def pytest_configure(config: pytest.Config) -> None:
    """Starts the run's PostgreSQL in the process that starts the workers, which inherit its address."""
    if hasattr(config, "workerinput") or config.option.database == "sqlite" or config.option.collectonly:
        return
    given = os.environ.get("TEST_DATABASE_URL")
    if not given:
        server = PrivatePostgres()
        config.add_cleanup(server.stop)
        server.start()
    os.environ[POSTGRES_URL] = given or server.url()


def pytest_collection_finish() -> None:
    """What stands by now is never looked through for garbage again: that took half the time of collecting."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that stands on a database runs once on each of those asked for, but in a browser only where it is
    marked so: there it is about pages and scripts, and tests/web asks both databases what the views ask."""
    if "database" not in metafunc.fixturenames:
        return
    asked = metafunc.config.option.database
    kinds = ["sqlite", "postgresql"] if asked == "both" else [asked]
    if not _needs_both(metafunc):
        kinds = kinds[:1]
    metafunc.parametrize("database", kinds, indirect=True)


def _needs_both(metafunc: pytest.Metafunc) -> bool:
    marked = metafunc.definition.get_closest_marker
    return bool(marked("both_databases")) if "browser" in metafunc.fixturenames else not marked("one_database")


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], World]]:
    """The applications of this worker by kind of database and state, each made when first asked for."""
    own = tmp_path_factory.getbasetemp()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    shared = own if worker == "alone" else own.parent
    made: dict[tuple[str, str], World] = {}

    def world(kind: str, state: str) -> World:
        if (kind, state) not in made:
            made[kind, state] = World(kind, state, shared=shared, own=own, worker=worker)
        return made[kind, state]

    yield world
    for each in made.values():
        each.close()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Which database this test runs on: ``sqlite`` or ``postgresql``. Asking for it makes the test run on each."""
    return request.param


@pytest.fixture
def state(request: pytest.FixtureRequest) -> str:
    """What the database holds before the test: ``demo`` for one that is marked so, the ``cast`` for one that asks for
    it, else ``empty``."""
    return "demo" if request.node.get_closest_marker("demo") else beginning(request.fixturenames)


@pytest.fixture
def world(worlds: Callable[[str, str], World], database: str, state: str) -> World:
    """The application with its database in the state that this test needs."""
    world = worlds(database, state)
    world.restore()
    factories.number_anew()
    return world


@pytest.fixture
def app(world: World) -> Flask:
    """The application over a migrated database without rows. No context is pushed: ``with app.app_context():``."""
    return world.app


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    """A session of the test's own. The client commits it before each request, and it reads afresh afterwards.

    What a test arranges needs no event; what the application changes does.
    """
    with arranging(world.engine) as session:
        world.test_session = session
        yield session
        world.test_session = None
        session.rollback()


@pytest.fixture
def client(world: World) -> StrictClient:
    """A visitor who has not logged in; every HTML answer is read strictly."""
    return world.client()


@pytest.fixture
def sign_in(world: World) -> Callable[..., StrictClient]:
    """``sign_in(user)`` is a new browser in which that user has logged in."""
    return world.sign_in


@pytest.fixture
def statements(world: World) -> Callable[[], AbstractContextManager[list[str]]]:
    """``with statements() as seen:`` counts what the database was asked within."""
    return lambda: counting.counted(world.engine)


@pytest.fixture
def cast(session: Session) -> Cast:
    """The company, its default stages and its people by name: ``cast.hunter``, ``cast.head_of_client``, …"""
    return Cast.found(session)
