"""Visits: a meeting that is planned has a purpose, only its own verbs end it, and no end is without a next touch."""

from datetime import date, timedelta

import pytest
from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.attacks import make_attack
from tests.cast import AT, Cast, stages, TODAY
from tests.factories import engagement_of, make_client, make_contact, make_handoff, make_task
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.interaction import Interaction
from webapp.domain.task import Task, TaskKind
from webapp.domain.visit import Visit
from webapp.domain.visit_state import ENDS, NOT_HELD, Purpose, TO_COME, TRANSITIONS, VisitOutcome, VisitState
from webapp.domain.words import Department

LATER = TODAY + timedelta(days=30)


def planned(session: Session, client: Client, purpose: Purpose | None = Purpose.REVIEW, on: date = TODAY) -> Visit:
    visit = make_task(session, client, on, kind=TaskKind.MEETING, purpose=purpose).visit
    assert visit is not None
    return visit


def hold(session: Session, visit: Visit, cast: Cast, **fields: object) -> Visit:
    given = {"by": cast.vip, "at": AT, "company": cast.company} | fields
    if "then" not in given:
        given["then"] = make_task(session, visit.client, LATER)
    session.add(visit.hold(session, VisitOutcome.WARM, "They showed the new plant", **given))
    session.flush()
    return visit


def test_a_visit_is_planned_called_ahead_and_held(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.vip)
    ivan, olga = make_contact(session, client), make_contact(session, client, "Olga")
    then = make_task(session, client, LATER, kind=TaskKind.MEETING, purpose=Purpose.REVIEW)
    task = make_task(
        session, client, kind=TaskKind.MEETING, purpose=Purpose.REVIEW, place=" Plant 2 ", whom=[ivan, ivan]
    )
    visit = task.visit
    assert visit is not None
    assert (visit.state, visit.place, [row.contact for row in visit.people]) == ("planned", "Plant 2", [ivan])
    session.add(visit.call_ahead(by=cast.vip, at=AT))
    session.flush()
    hold(session, visit, cast, then=then, met=[olga, ivan], reached=True)
    assert (visit.state, visit.held_by, visit.held_on, visit.counts) == (VisitState.HELD, cast.vip, TODAY, True)
    assert (task.outcome, engagement_of(client).next_touch_on) == ("done", LATER)
    said = session.scalars(select(Interaction).order_by(Interaction.id)).all()
    assert [(each.contact, each.kind, each.purpose_reached) for each in said] == [
        (olga, "meeting", True),
        (ivan, "meeting", True),
    ]
    assert {row.contact: row.interaction for row in visit.people} == {olga: said[0], ivan: said[1]}
    kinds = session.scalars(select(Event.kind).where(Event.client_id == client.id).order_by(Event.id)).all()
    assert [kind for kind in kinds if not kind.startswith(("contact", "client", "engagement"))] == [
        *["task:added", "task:added", "visit:confirmed"],
        *["interaction:added", "interaction:added", "task:done", "visit:held"],
    ]


def test_the_visit_that_an_attack_demands_is_the_same_thing(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.vip)
    attack = make_attack(session, client, cast)
    assert attack.visit is not None
    assert attack.visit.visit is not None
    assert attack.visit.visit.purpose is Purpose.ATTACK
    hold(session, attack.visit.visit, cast)
    assert not attack.visit.is_open


def test_another_day_undoes_the_call_ahead_and_another_hour_does_not(session: Session, cast: Cast) -> None:
    visit = planned(session, make_client(session, cast.vip))
    assert visit.task is not None
    session.add(visit.call_ahead(by=cast.vip, at=AT))
    session.add(visit.task.postpone(TODAY, by=cast.vip, at=AT))
    assert visit.state is VisitState.CONFIRMED
    session.add(visit.task.postpone(LATER, by=cast.vip, at=AT))
    assert (visit.state, visit.called_at) == (VisitState.PLANNED, None)


def test_what_is_ticked_off_without_a_word_counts_only_once_it_is_told(session: Session, cast: Cast) -> None:
    visit = planned(session, make_client(session, cast.vip))
    assert visit.task is not None
    session.add(visit.task.finish(by=cast.vip, at=AT))
    assert (visit.state, visit.counts) == (VisitState.UNTOLD, False)
    assert hold(session, visit, cast).counts


@pytest.mark.parametrize("told", ["held", "not_held"])
def test_no_visit_ends_without_a_next_touch_of_the_same_client(session: Session, cast: Cast, told: str) -> None:
    client, other = make_client(session, cast.vip), make_client(session, cast.vip)
    visit, over = planned(session, client), make_task(session, client)
    session.add(over.finish(by=cast.vip, at=AT))
    assert visit.task is not None
    for then in (make_task(session, other, LATER), over, visit.task):
        with pytest.raises(Refused, match="next touch"):
            tell(session, visit, cast, told, then)
    assert visit.is_to_come
    assert session.scalar(select(func.count()).select_from(Interaction)) == 0


def test_a_visit_of_the_future_or_with_somebody_elses_contact_is_refused(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.vip)
    stranger = make_contact(session, make_client(session, cast.vip))
    visit = planned(session, client)
    with pytest.raises(Refused, match="another client"):
        hold(session, visit, cast, met=[stranger])
    with pytest.raises(Refused, match="future"):
        hold(session, visit, cast, happened_at=AT + timedelta(minutes=1))
    with pytest.raises(Refused, match="choose"):
        visit.miss(session, "weather", by=cast.vip, at=AT, then=make_task(session, client, LATER))
    assert visit.state is VisitState.PLANNED


def test_a_visit_that_nobody_planned_is_told_at_once(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.vip)
    yesterday = AT - timedelta(days=1)
    visit = hold(session, Visit.unplanned(session, client, Purpose.COMPLAINT), cast, happened_at=yesterday)
    assert (visit.task, visit.held_on, visit.counts) == (None, TODAY - timedelta(days=1), True)
    assert not hold(session, Visit.unplanned(session, client, None), cast).counts


def test_a_hand_off_takes_the_planned_visit_along(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    visit = planned(session, client)
    handoff = make_handoff(session, client, Department.VIP)
    session.add(handoff.offer(by=cast.clerk, at=AT, company=cast.company, seen=handoff.version))
    session.flush()
    first = stages(session, Department.VIP)[0]
    handoff.accept(session, cast.vip, first, by=cast.vip, at=AT, seen=handoff.version)
    assert visit.task is not None
    assert (visit.task.owner, visit.is_to_come) == (cast.vip, True)


def tell(session: Session, visit: Visit, cast: Cast, told: str, then: Task) -> None:
    if told == "held":
        hold(session, visit, cast, then=then)
    else:
        session.add(visit.miss(session, next(iter(NOT_HELD)), by=cast.vip, at=AT, then=then))


def take(session: Session, visit: Visit, cast: Cast, step: str, day: date) -> None:
    """One of STEPS."""
    task = visit.task
    assert task is not None
    if step in ("held", "not_held"):
        tell(session, visit, cast, step, make_task(session, visit.client, LATER))
    elif step == "call":
        session.add(visit.call_ahead(by=cast.vip, at=AT))
    elif step == "move":
        session.add(task.postpone(day, by=cast.vip, at=AT))
    else:
        session.add(task.finish(by=cast.vip, at=AT) if step == "tick" else task.cancel(by=cast.vip, at=AT))


STEPS = ("call", "move", "held", "not_held", "tick", "cancel")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(STEPS), max_size=7), st.sampled_from([None, *Purpose]))
def test_only_the_table_leads_from_state_to_state(
    session: Session, cast: Cast, steps: list[str], purpose: Purpose | None
) -> None:
    """Whatever is tried in whatever order: a state follows by the table, a refusal changes nothing, an end stays,
    a visit counts exactly when it was held with a purpose, and its task is open exactly while it is to come."""
    client = make_client(session, cast.vip)
    visit = planned(session, client, purpose)
    task = visit.task
    assert task is not None
    for count, step in enumerate(steps):
        before = visit.state
        try:
            take(session, visit, cast, step, TODAY + timedelta(days=count + 1))
        except Refused:
            assert visit.state is before
        else:
            assert visit.state is before or visit.state in TRANSITIONS[before]
        session.flush()
        assert task.is_open == visit.is_to_come == (visit.state in TO_COME)
        assert visit.counts == (visit.state is VisitState.HELD and purpose is not None)
        assert (visit.held_at is not None) == (visit.state is VisitState.HELD)


def test_every_end_but_one_is_final() -> None:
    assert {state for state in ENDS if TRANSITIONS[state]} == {VisitState.UNTOLD}
    assert set(TRANSITIONS) == set(VisitState)
