"""The queue with a worker in a process of its own, as it runs for people, on each database."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import line, make_client, make_deal
from tests.support.apps import World
from tests.support.processes import flask, Running
from webapp import create_app
from webapp.domain.event import Event
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_content import content
from webapp.domain.proposal_state import VersionState
from webapp.jobs import Queue
from webapp.printing import OVERDUE, print_version
from webapp.settings import Settings
from webapp.web.clock import now

SLOW = 120
"""Lines: printing takes long enough to be interrupted."""


@pytest.fixture
def settings(world: World, tmp_path: Path) -> Settings:
    return Settings(database_url=world.database.url, instance=tmp_path, secret_key="x")


@pytest.fixture
def queue(settings: Settings) -> Iterator[Queue]:
    queue: Queue = create_app(settings).extensions["baton-queue"]
    queue.huey.flush()
    yield queue
    queue.huey.flush()
    queue.huey.storage.close()


@pytest.fixture
def work(settings: Settings) -> Iterator[Callable[[], Running]]:
    """``work()`` is a worker with one printer: a second one may take up what the interrupted first one puts back,
    before it stops itself."""
    started: list[Running] = []

    def start() -> Running:
        started.append(Running(flask("work"), settings))
        return started[-1]

    yield start
    for worker in started:
        if worker.runs:
            worker.kill()


@pytest.fixture
def freeze(session: Session, cast: Cast) -> Callable[..., ProposalVersion]:
    """A version that somebody sent: frozen and committed, its PDF not yet printed."""

    def made(lines: int = 1, *, ago: timedelta = timedelta()) -> ProposalVersion:
        deal = make_deal(session, make_client(session, cast.hunter), *[line(name="Item")] * lines)
        at = now() - ago
        version = Proposal.draft(session, deal, by=cast.hunter, at=at).last
        shown = content(version, cast.company, author=cast.hunter, at=at)
        session.add(version.send(shown, by=cast.hunter, at=at, seen=version.version))
        session.commit()
        return version

    return made


@pytest.fixture
def sent(session: Session) -> Callable[[ProposalVersion], bool]:
    def look(version: ProposalVersion) -> bool:
        session.rollback()
        session.expire_all()
        return version.state is VersionState.SENT

    return look


def prints(session: Session) -> int:
    return len(session.scalars(select(Event.id).where(Event.kind == "proposal:printed")).all())


def test_a_worker_prints_once_what_is_queued_also_twice_and_ends_when_asked(session, queue, work, freeze, sent) -> None:
    versions = [freeze() for _ in range(3)]
    for version in (*versions, *versions):
        queue.put(print_version, version.id)
    worker = work()
    worker.until(lambda: all(sent(version) for version in versions) and not queue.huey.pending_count())
    worker.terminate()
    assert worker.wait(20) == 0
    assert prints(session) == 3


def test_a_worker_that_is_asked_to_end_finishes_the_print_in_hand(queue, work, freeze, sent) -> None:
    version = freeze(SLOW)
    queue.put(print_version, version.id)
    worker = work()
    worker.until(lambda: not queue.holds(print_version, version.id))
    assert not sent(version)
    worker.terminate()
    assert worker.wait(40) == 0
    assert sent(version)


def test_an_interrupted_print_goes_back_into_the_queue(session, queue, work, freeze, sent) -> None:
    version = freeze(SLOW)
    queue.put(print_version, version.id)
    worker = work()
    worker.until(lambda: not queue.holds(print_version, version.id))
    worker.interrupt()
    assert worker.wait(20) is not None, "it ends"
    assert queue.holds(print_version, version.id) or sent(version)
    worker = work()
    worker.until(lambda: sent(version))
    assert prints(session) == 1


def test_what_a_killed_worker_had_in_hand_is_printed_once_by_the_next(session, queue, work, freeze, sent) -> None:
    version = freeze(SLOW, ago=2 * OVERDUE)
    queue.put(print_version, version.id)
    worker = work()
    worker.until(lambda: not queue.holds(print_version, version.id))
    worker.kill()
    assert not sent(version)
    worker = work()
    worker.until(lambda: sent(version))
    worker.until(lambda: not queue.huey.pending_count())
    worker.terminate()
    assert worker.wait(20) == 0
    assert prints(session) == 1
