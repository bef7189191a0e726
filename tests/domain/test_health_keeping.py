"""Health as it is kept: what happens to a client, the history, overrides, losses, and the work that a band asks for."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from tests.cast import AT, TODAY
from tests.factories import make_client, make_contact, make_engagement, make_interaction, make_promise, make_task
from webapp.domain.contact import DecisionRole
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.health_keeping import everybody, keep, keep_after
from webapp.domain.health_kept import drawn, HealthDay, HealthOverride, KeptHealth, WEEKS
from webapp.domain.health_model import HealthModel, terms_in_force
from webapp.domain.health_terms import Band, SHIPPED
from webapp.domain.health_work import plan_work
from webapp.domain.interaction import InteractionKind
from webapp.domain.loss import Loss
from webapp.domain.task import Task, TaskKind


def kept(session, client, at=AT) -> KeptHealth | None:
    session.flush()
    keep(session, [client.id], at=at)
    return session.scalar(
        select(KeptHealth).where(KeptHealth.client_id == client.id).execution_options(populate_existing=True)
    )


def days(session, client) -> list[HealthDay]:
    return session.scalars(select(HealthDay).where(HealthDay.client_id == client.id).order_by(HealthDay.day)).all()


def test_a_client_gets_a_health_when_it_is_served_and_a_row_of_history_when_it_changes(session, cast):
    prospect, client = make_client(session, cast.hunter), make_client(session, cast.clerk)
    assert kept(session, prospect) is None
    row = kept(session, client)
    assert (row.band, row.owner_id, row.trend, row.since) == (Band.TOO_EARLY, cast.clerk.id, 0, TODAY)
    kept(session, client, AT + timedelta(days=1))
    assert [each.day for each in days(session, client)] == [TODAY]
    decides = make_contact(session, client, decision_role=DecisionRole.DECIDES)
    at = AT + timedelta(days=60)
    make_interaction(session, client, InteractionKind.CALL, contact=decides, at=at)
    session.flush()
    keep_after(session, {("interaction:added", client.id): at}, at=at)
    row = kept(session, client, at)
    assert [each.level for each in days(session, client)] == [row.level - row.trend, row.level]
    assert row.trend > 0
    assert everybody(session) == [client.id]
    keep_after(session, {("engagement:moved", client.id): at}, at=at + timedelta(days=200))
    assert kept(session, client, at).level == row.level


def test_the_first_who_answers_for_the_client_is_its_vip_owner(session, cast):
    client = make_client(session, cast.clerk)
    make_engagement(session, client, cast.vip)
    assert kept(session, client).owner_id == cast.vip.id


def test_an_override_needs_a_reason_and_an_end_and_is_over_then(session, cast):
    client = make_client(session, cast.clerk)
    given = {"by": cast.director, "at": AT}
    with pytest.raises(Refused, match="Say why"):
        HealthOverride.say(session, client, Band.CRITICAL, " ", TODAY + timedelta(days=9), **given)
    with pytest.raises(Refused, match="within the next"):
        HealthOverride.say(session, client, Band.CRITICAL, "They told us", TODAY + timedelta(days=93), **given)
    HealthOverride.say(session, client, Band.HEALTHY, "They told us", TODAY + timedelta(days=9), **given)
    HealthOverride.say(session, client, Band.CRITICAL, "They left", TODAY + timedelta(days=9), **given)
    row = kept(session, client, AT + timedelta(days=9))
    assert (row.band, row.reckoned) == (Band.CRITICAL, Band.TOO_EARLY)
    row = kept(session, client, AT + timedelta(days=10))
    assert (row.band, row.reckoned) == (Band.TOO_EARLY, Band.TOO_EARLY)


def test_health_is_frozen_when_the_client_is_lost_and_thaws_when_it_is_back(session, cast):
    client = make_client(session, cast.clerk)
    contact = make_contact(session, client, decision_role=DecisionRole.DECIDES)
    make_interaction(session, client, contact=contact)
    level = kept(session, client).level
    loss = Loss.record(session, client, "price", TODAY, by=cast.director, at=AT)
    row = kept(session, client, AT + timedelta(days=300))
    assert (row.level, row.owner_id, len(days(session, client))) == (level, None, 1)
    assert row.frozen_on is not None
    stage = client.engagements[0].stage
    loss.win_back(session, cast.clerk, stage, by=cast.director, at=AT + timedelta(days=301))
    row = kept(session, client, AT + timedelta(days=301))
    assert (row.frozen_on, row.owner_id) == (None, cast.clerk.id)


def test_a_band_asks_for_as_much_as_the_owner_can_work_and_never_twice(session, cast):
    clients = [make_client(session, cast.clerk) for _ in range(5)]
    make_task(session, clients[0], TODAY + timedelta(days=1))
    for client in clients:
        HealthOverride.say(
            session, client, Band.CRITICAL, "They told us", TODAY + timedelta(days=60), by=cast.director, at=AT
        )
        make_promise(session, client, due_on=TODAY - timedelta(days=1))
    session.flush()
    keep(session, everybody(session), at=AT)
    work = tuple(replace(each, most=2) for each in SHIPPED.work)
    terms = replace(SHIPPED, work=work)
    assert plan_work(session, terms, at=AT, most=100) == 2
    assert plan_work(session, terms, at=AT, most=100) == 0
    tasks = session.scalars(select(Task).where(Task.kind == TaskKind.MEETING)).all()
    assert {task.owner_id for task in tasks} == {cast.clerk.id}
    assert {task.subject for task in tasks} == {"Health is low: hardly anybody of ours is in live contact"}
    assert all(TODAY < task.due_on <= TODAY + timedelta(days=8) for task in tasks)
    later = AT + timedelta(days=1)
    session.add(tasks[0].finish(by=cast.clerk, at=later))
    session.flush()
    assert plan_work(session, terms, at=later, most=100) == 1
    asked = session.scalars(select(Task).where(Task.kind == TaskKind.MEETING)).all()
    assert len({task.client_id for task in asked}) == 3


def test_only_a_director_adopts_a_version_and_gives_a_reason(session, cast):
    assert terms_in_force(session) == SHIPPED
    heavier = replace(SHIPPED, weights=SHIPPED.weights | {"growth": 12})
    for by, reason in ((cast.head_of_vip, "Tried"), (cast.director, " ")):
        with pytest.raises(Refused):
            HealthModel.adopt(session, heavier, reason, by=by, at=AT, seen=1)
    HealthModel.adopt(session, heavier, "Growth speaks louder", by=cast.director, at=AT, seen=1)
    assert terms_in_force(session) == heavier
    with pytest.raises(Refused, match="another version"):
        HealthModel.adopt(session, SHIPPED, "Back", by=cast.director, at=AT, seen=1)
    assert session.scalar(select(Event.details).where(Event.kind == "healthmodel:adopted"))["number"] == 2


@pytest.mark.parametrize("seed", range(2))
def test_the_kept_line_is_the_history_of_half_a_year_a_level_a_week(session, cast, seed):
    chance, client = Random(seed), make_client(session, cast.clerk)
    contact = make_contact(session, client, decision_role=DecisionRole.DECIDES)
    at, row = AT, kept(session, client)
    for _ in range(40):
        at += timedelta(days=chance.choice([1, 2, 6, 15]))
        if chance.random() < 0.6:
            kind = chance.choice([InteractionKind.CALL, InteractionKind.MEETING])
            make_interaction(session, client, kind, contact=contact, at=at)
        else:
            make_promise(session, client, due_on=at.date(), at=at)
        row = kept(session, client, at)
    shown = (at + timedelta(days=chance.randrange(30))).date()
    sundays = [shown + timedelta(days=6 - shown.weekday(), weeks=-ago) for ago in range(WEEKS - 1, -1, -1)]
    changes = [(each.day, each.level) for each in days(session, client)]
    assert len({level for _, level in changes}) > 2
    expected = [[level for day, level in changes if day <= sunday][-1:] for sunday in sundays]
    assert drawn(row.line, row.line_on, shown) == [level for levels in expected for level in levels]


def test_the_departure_of_one_of_ours_lowers_the_health_of_whom_they_knew(session, cast):
    client = make_client(session, cast.clerk)
    contact = make_contact(session, client, decision_role=DecisionRole.DECIDES)
    for one in (cast.clerk, cast.head_of_vip):
        make_interaction(session, client, InteractionKind.MEETING, by=one, contact=contact)
    before = kept(session, client).level
    session.add(cast.head_of_vip.deactivate(session, by=cast.director, at=AT, holds=0))
    assert kept(session, client, AT + timedelta(days=1)).level < before
