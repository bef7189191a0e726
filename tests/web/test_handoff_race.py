"""People answer at the same moment: one of them wins, and nothing is lost or done twice. Real threads, real rows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client, make_offer, make_task
from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.handoff import HandOff
from webapp.domain.stage import first_stage
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.words import Department

SALES, CLIENT, VIP = Department

Verb = Callable[[Session], None]


@pytest.fixture
def at_once(app: Flask) -> Callable[..., list[str]]:
    """Run verbs in threads of their own, each in its transaction, all starting together: "done" or "refused" each."""

    def run(*verbs: Verb) -> list[str]:
        start = Barrier(len(verbs))

        def attempt(verb: Verb) -> str:
            with app.app_context():
                start.wait(10)
                try:
                    with transaction() as session:
                        verb(session)
                except (Refused, StaleDataError):
                    return "refused"
                finally:
                    db.session.remove()
                return "done"

        with ThreadPoolExecutor(len(verbs)) as pool:
            return list(pool.map(attempt, verbs))

    return run


def accepting(handoff: HandOff, owner: User) -> Verb:
    number, owner_id, seen = handoff.id, owner.id, handoff.version

    def verb(session: Session) -> None:
        offered, taker = session.get_one(HandOff, number), session.get_one(User, owner_id)
        entry = first_stage(session, offered.receiver)
        offered.accept(session, taker, entry, by=taker, at=AT, seen=seen)

    return verb


def test_of_acceptances_at_once_exactly_one_wins(session: Session, cast: Cast, at_once) -> None:
    for _ in range(5):
        client = make_client(session, cast.hunter)
        make_task(session, client)
        handoff = make_offer(session, client, CLIENT)
        session.commit()
        verbs = [accepting(handoff, owner) for owner in (cast.clerk, cast.other_clerk) * 2]
        session.rollback()
        told = at_once(*verbs)
        assert sorted(told) == ["done", "refused", "refused", "refused"]
        session.expire_all()
        (taken,) = client.open_engagements
        accepted = select(Event).where(Event.kind == "handoff:accepted", Event.client_id == client.id)
        (event,) = session.scalars(accepted)
        assert event.details["to"] == taken.owner.name
        assert {task.owner_id for task in taken.tasks} == {taken.owner_id}
        assert len(taken.tasks) == 2, "the task that came along and one introduction"
        session.commit()


def test_accepting_and_withdrawing_at_once_leaves_one_answer(session: Session, cast: Cast, at_once) -> None:
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    session.commit()
    number, giver, seen = handoff.id, cast.hunter.id, handoff.version

    def withdraw(session: Session) -> None:
        by = session.get_one(User, giver)
        session.add(session.get_one(HandOff, number).withdraw(by=by, at=AT, seen=seen))

    verbs = [accepting(handoff, cast.clerk), withdraw]
    session.rollback()
    assert sorted(at_once(*verbs)) == ["done", "refused"]
    session.expire_all()
    assert len(handoff.client.open_engagements) == 1


def test_two_who_begin_a_hand_off_at_once_begin_one(session: Session, cast: Cast, at_once) -> None:
    client = make_client(session, cast.hunter)
    session.commit()
    number, giver = client.id, cast.hunter.id

    def begin(session: Session) -> None:
        found, by = session.get_one(Client, number), session.get_one(User, giver)
        HandOff.draft(session, found.open_engagements[0], CLIENT, by=by, at=AT)

    session.rollback()
    assert sorted(at_once(begin, begin, begin)) == ["done", "refused", "refused"]
    assert len(session.scalars(select(HandOff).where(HandOff.client_id == number)).all()) == 1


def test_work_added_while_the_client_is_accepted_is_not_left_behind(session: Session, cast: Cast, at_once) -> None:
    for _ in range(8):
        client = make_client(session, cast.hunter)
        make_task(session, client, TODAY)
        handoff = make_offer(session, client, CLIENT)
        session.commit()
        number, giver = client.id, cast.hunter.id

        def plan(session: Session, number: int = number, giver: int = giver) -> None:
            given = session.get_one(Client, number).open_engagement(SALES)
            if given is None:
                raise Refused("accepted already")
            by = session.get_one(User, giver)
            Task.plan(session, given, TaskKind.CALL, "Call", TODAY, by=by, at=AT)

        def sell(session: Session, number: int = number, giver: int = giver) -> None:
            given = session.get_one(Client, number).open_engagement(SALES)
            if given is None:
                raise Refused("accepted already")
            Deal.add(session, given, "Late", "RUB", by=session.get_one(User, giver), at=AT)

        verbs = [accepting(handoff, cast.clerk), plan, sell]
        session.rollback()
        at_once(*verbs)
        session.expire_all()
        closed = select(Engagement.id).where(Engagement.client_id == number, Engagement.closed_at.is_not(None))
        left_tasks = select(Task).where(Task.engagement_id.in_(closed), Task.closed_at.is_(None))
        left_deals = select(Deal).where(Deal.engagement_id.in_(closed), Deal.status == DealStatus.OPEN)
        assert session.scalars(left_tasks).all() == []
        assert session.scalars(left_deals).all() == []
        session.commit()
