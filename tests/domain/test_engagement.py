"""What may happen to an engagement: its stage, its owner, and that a client never stands without either."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, stages, TODAY
from tests.factories import (
    engagement_of,
    line,
    make_client,
    make_contact,
    make_deal,
    make_engagement,
    make_interaction,
    make_promise,
    make_task,
)
from webapp.domain.engagement import can_own, Engagement
from webapp.domain.errors import Incomplete, Refused, Stale
from webapp.domain.event import Event
from webapp.domain.interaction import InteractionKind
from webapp.domain.words import Department

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def engagement(session: Session, cast: Cast) -> Engagement:
    return engagement_of(make_client(session, cast.hunter))


def test_a_move_says_from_where_to_where_and_restarts_the_days_in_the_stage(
    session: Session, cast: Cast, engagement: Engagement
) -> None:
    found, talked, *_ = stages(session, Department.SALES)
    make_contact(session, engagement.client)
    later = AT + timedelta(days=3)

    told = engagement.move_to(talked, by=cast.hunter, at=later, seen=engagement.version)

    assert (engagement.stage, engagement.stage_since) == (talked, later)
    assert (told.kind, told.stage_ids) == ("engagement:moved", [found.id, talked.id])
    assert (told.details["from"], told.details["to"]) == ("Was found", "Talked to us")


def test_forward_needs_the_exit_criteria_of_the_stage_that_is_left_and_names_what_is_missing(
    session: Session, cast: Cast, engagement: Engagement
) -> None:
    _, talked, need, *_ = stages(session, Department.SALES)
    engagement.stage = talked
    session.flush()

    with pytest.raises(Incomplete) as refusal:
        engagement.move_to(need, by=cast.hunter, at=AT, seen=engagement.version)

    assert refusal.value.gaps == ("A contact at the client", "A recorded interaction")
    assert engagement.stage is talked


def test_a_leap_forward_needs_what_every_stage_passed_asks_for(
    session: Session, cast: Cast, engagement: Engagement
) -> None:
    found, talked, named, *_ = stages(session, Department.SALES)
    make_contact(session, engagement.client)

    with pytest.raises(Incomplete) as refused:
        engagement.move_to(named, by=cast.hunter, at=AT, seen=engagement.version)
    assert refused.value.values["stage"] == talked.name
    assert engagement.stage is found

    make_interaction(session, engagement.client)
    engagement.move_to(named, by=cast.hunter, at=AT, seen=engagement.version)
    assert engagement.stage is named


def test_back_needs_nothing(session: Session, cast: Cast, engagement: Engagement) -> None:
    found, talked, *_ = stages(session, Department.SALES)
    engagement.stage = talked
    session.flush()

    engagement.move_to(found, by=cast.hunter, at=AT, seen=engagement.version)

    assert engagement.stage is found


def test_every_exit_criterion_is_met_by_what_it_asks_for(session: Session, cast: Cast, engagement: Engagement) -> None:
    found, talked, *_ = stages(session, Department.SALES)
    found.criteria = ["contact", "decider", "inn", "next_touch", "interaction", "meeting", "priced_deal", "won_deal"]
    client = engagement.client
    make_contact(session, client, decision_role="decides")
    client.inn = "7707083893"
    make_task(session, client, TOMORROW)
    make_interaction(session, client, InteractionKind.MEETING)
    make_deal(session, client)
    won = make_deal(session, client)
    session.add(won.win(by=cast.hunter, at=AT, seen=won.version))

    engagement.move_to(talked, by=cast.hunter, at=AT, seen=engagement.version)

    assert engagement.stage is talked


def test_an_overdue_promise_holds_a_client_back_where_the_head_asks_for_kept_ones(
    session: Session, cast: Cast, engagement: Engagement
) -> None:
    found, talked, *_ = stages(session, Department.SALES)
    found.criteria = ["promises_kept"]
    promise = make_promise(session, engagement.client, due_on=TODAY - timedelta(days=1))

    with pytest.raises(Incomplete, match="there must be"):
        engagement.move_to(talked, by=cast.hunter, at=AT, seen=engagement.version)

    session.add(promise.keep(by=cast.hunter, at=AT))
    engagement.move_to(talked, by=cast.hunter, at=AT, seen=engagement.version)


def test_a_card_that_somebody_moved_meanwhile_is_not_moved_again(
    session: Session, cast: Cast, engagement: Engagement
) -> None:
    seen = engagement.version
    found, talked, *_ = stages(session, Department.SALES)
    make_contact(session, engagement.client)
    session.add(engagement.move_to(talked, by=cast.hunter, at=AT, seen=seen))
    session.flush()

    with pytest.raises(Stale):
        engagement.move_to(found, by=cast.head_of_sales, at=AT, seen=seen)


def test_a_client_moves_within_its_lane_only(session: Session, cast: Cast, engagement: Engagement) -> None:
    foreign = stages(session, Department.VIP)[0]
    removed = stages(session, Department.SALES)[1]
    removed.removed_at = AT
    for stage, reason in (
        (foreign, "another department"),
        (removed, "removed"),
        (engagement.stage, "stands in this stage already"),
    ):
        with pytest.raises(Refused, match=reason):
            engagement.move_to(stage, by=cast.hunter, at=AT, seen=engagement.version)


def test_a_new_owner_takes_the_open_tasks_and_deals_over_and_the_reason_is_kept(
    session: Session, cast: Cast, engagement: Engagement
) -> None:
    client = engagement.client
    task, done = make_task(session, client), make_task(session, client)
    session.add(done.finish(by=cast.hunter, at=AT))
    deal, won = make_deal(session, client), make_deal(session, client, line())
    session.add(won.win(by=cast.hunter, at=AT, seen=won.version))

    told = engagement.reassign(
        cast.other_hunter, by=cast.head_of_sales, at=AT, reason=" Harry is ill ", seen=engagement.version
    )

    assert engagement.owner is cast.other_hunter
    assert [task.owner, deal.owner] == [cast.other_hunter] * 2
    assert [done.owner, won.owner] == [cast.hunter] * 2
    assert told.details["reason"] == "Harry is ill"
    assert (told.details["from"], told.details["to"]) == ("Harry Hunter", "Olga Otherhunter")


def test_nobody_gets_a_client_without_a_reason_or_from_another_department_or_after_leaving(
    session: Session, cast: Cast, engagement: Engagement
) -> None:
    clerks = engagement_of(make_client(session, cast.clerk))
    for where, owner, reason, field in (
        (engagement, cast.other_hunter, "  ", "reason"),
        (engagement, cast.hunter, "No change", "owner_id"),
        (engagement, cast.clerk, "Not her lane", "owner_id"),
        (engagement, cast.director, "Owns nothing", "owner_id"),
        (clerks, cast.former, "He left", "owner_id"),
    ):
        with pytest.raises(Refused) as refusal:
            where.reassign(owner, by=cast.director, at=AT, reason=reason, seen=where.version)
        assert refusal.value.field == field
    assert (engagement.owner, clerks.owner) == (cast.hunter, cast.clerk)


def test_the_next_touch_is_the_earliest_open_task(session: Session, cast: Cast, engagement: Engagement) -> None:
    assert engagement.next_touch_on is None
    late = make_task(session, engagement.client, TODAY + timedelta(days=9))
    soon = make_task(session, engagement.client, TOMORROW)
    assert engagement.next_touch_on == TOMORROW

    session.add(soon.finish(by=cast.hunter, at=AT))
    assert engagement.next_touch_on == late.due_on
    session.add(late.cancel(by=cast.hunter, at=AT))
    assert engagement.next_touch_on is None


def test_a_department_works_with_a_client_once_at_a_time(session: Session, cast: Cast, engagement: Engagement) -> None:
    with pytest.raises(Refused, match="works with the client already"):
        make_engagement(session, engagement.client, cast.other_hunter)

    twin = {"client": engagement.client, "stage": engagement.stage, "owner": cast.other_hunter}
    session.add(Engagement(**twin, department=Department.SALES, opened_at=AT, stage_since=AT))
    with pytest.raises(IntegrityError):
        session.flush()


PEOPLE = st.sampled_from(
    ("hunter", "other_hunter", "head_of_sales", "clerk", "other_clerk", "vip", "director", "former")
)
TRIES = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 2), st.integers(0, 15)),
        st.tuples(st.just("reassign"), st.integers(0, 2), PEOPLE),
        st.tuples(st.just("open"), PEOPLE),
        st.tuples(st.just("close"), st.integers(0, 2)),
    ),
    max_size=12,
)


@settings(max_examples=30)
@given(tries=TRIES)
def test_whatever_is_tried_a_client_has_open_engagements_and_each_exactly_one_owner_of_its_department(
    session: Session, cast: Cast, tries: list[tuple[object, ...]]
) -> None:
    everywhere = [stage for department in Department for stage in stages(session, department)]
    with session.begin_nested() as trial:
        client = make_client(session, cast.hunter)
        for verb, *what in tries:
            told_before = len(session.scalars(select(Event.id)).all())
            before = _state(client)
            try:
                _try(session, cast, client, everywhere, verb, what)
                session.flush()
            except Refused:
                assert _state(client) == before
            assert _state(client) == before or len(session.scalars(select(Event.id)).all()) > told_before

            assert client.open_engagements
            assert len({e.department for e in client.open_engagements}) == len(client.open_engagements)
            for each in client.open_engagements:
                assert can_own(each.owner, each.department)
                assert each.stage.department is each.department
        trial.rollback()


def _try(session, cast, client, everywhere, verb, what) -> None:
    """One thing that somebody may try with a client, sensible or not."""
    if verb == "open":
        owner = getattr(cast, what[0])
        if owner.department is not None and owner.active:
            make_engagement(session, client, owner)
        return
    engagement = client.open_engagements[what[0] % len(client.open_engagements)]
    if verb == "move":
        session.add(engagement.move_to(everywhere[what[1]], by=cast.director, at=AT, seen=engagement.version))
    elif verb == "reassign":
        owner = getattr(cast, what[1])
        session.add(engagement.reassign(owner, by=cast.director, at=AT, reason="Because", seen=engagement.version))
    else:
        session.add(engagement.close(by=cast.director, at=AT, reason="Because"))


def _state(client) -> list[tuple[object, ...]]:
    return [(e.id, e.stage_id, e.owner_id, e.closed_at) for e in client.engagements]
