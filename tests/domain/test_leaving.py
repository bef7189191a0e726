"""Before somebody leaves, a colleague answers for everything they had."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import engagement_of, make_client, make_deal, make_promise, make_task
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.leaving import hand_over, Holdings, holdings


@pytest.fixture
def clients(session: Session, cast: Cast):
    """Two clients of the hunter's with work, and one of his colleague's in which he has a task and a promise."""
    mine = [make_client(session, cast.hunter), make_client(session, cast.hunter)]
    make_task(session, mine[0])
    make_deal(session, mine[0])
    make_promise(session, mine[1])
    others = make_client(session, cast.other_hunter)
    make_task(session, others, owner=cast.hunter)
    make_promise(session, others, owner=cast.hunter)
    return [*mine, others]


def test_what_a_person_answers_for_is_counted(session: Session, cast: Cast, clients) -> None:
    assert holdings(session, cast.hunter.id) == Holdings(engagements=2, tasks=2, deals=1, promises=2)
    assert holdings(session, cast.other_hunter.id) == Holdings(1, 0, 0, 0)


def test_everything_open_goes_to_the_colleague_and_nothing_is_left(session: Session, cast: Cast, clients) -> None:
    hand_over(session, cast.hunter, cast.other_hunter, by=cast.administrator, at=AT, reason="She leaves")
    assert holdings(session, cast.hunter.id).total == 0
    assert holdings(session, cast.other_hunter.id) == Holdings(3, 2, 1, 2)
    session.add(cast.hunter.deactivate(session, by=cast.director, at=AT, holds=0))


def test_each_client_tells_who_answers_now_and_why(session: Session, cast: Cast, clients) -> None:
    hand_over(session, cast.hunter, cast.other_hunter, by=cast.administrator, at=AT, reason=" Moves away ")
    told = session.scalars(select(Event).where(Event.kind.like("%:reassigned"))).all()
    assert {event.details["reason"] for event in told} == {"Moves away"}
    assert {(event.details["from"], event.details["to"]) for event in told} == {("Harry Hunter", "Olga Otherhunter")}
    assert {event.client_id for event in told} == {client.id for client in clients}
    assert {event.kind for event in told} == {"engagement:reassigned", "task:reassigned", "promise:reassigned"}


def test_what_is_closed_stays_with_whom_it_was(session: Session, cast: Cast, clients) -> None:
    task = make_task(session, clients[0], subject="Done long ago")
    session.add(task.finish(by=cast.hunter, at=AT))
    session.flush()
    hand_over(session, cast.hunter, cast.other_hunter, by=cast.administrator, at=AT, reason="Leaves")
    assert task.owner is cast.hunter


def test_attracted_by_survives(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter, attracted_by=cast.hunter, attracted_at=AT)
    hand_over(session, cast.hunter, cast.other_hunter, by=cast.administrator, at=AT, reason="Leaves")
    assert client.attracted_by is cast.hunter


@pytest.mark.parametrize(
    ("colleague", "reason"),
    [("clerk", "Leaves"), ("hunter", "Leaves"), ("director", "Leaves"), ("former", "Leaves"), ("other_hunter", "  ")],
)
def test_only_an_active_colleague_of_the_department_takes_over_and_with_a_reason(
    session: Session, cast: Cast, clients, colleague: str, reason: str
) -> None:
    with pytest.raises(Refused):
        hand_over(session, cast.hunter, cast.users[colleague], by=cast.director, at=AT, reason=reason)
    assert engagement_of(clients[0]).owner is cast.hunter
