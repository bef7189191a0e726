"""A note tells what we did about a client without speaking with it: it stands on the timeline, and is no contact."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, stages, TODAY
from tests.factories import engagement_of, make_client, make_contact, make_interaction, make_product
from webapp.domain import health_keeping, launch_audience, thread_keeping
from webapp.domain.client import Client
from webapp.domain.eligibility import Eligibility
from webapp.domain.errors import Incomplete, Refused
from webapp.domain.event import Event
from webapp.domain.health_kept import KeptHealth
from webapp.domain.interaction import CONTACTS, InteractionKind
from webapp.domain.launch import Launch
from webapp.domain.launch_audience import AudienceRule
from webapp.domain.launch_diary import monday
from webapp.domain.launch_room import diary_of
from webapp.domain.launch_state import Channel
from webapp.domain.thread import Thread
from webapp.domain.words import Department

NOTE = InteractionKind.NOTE


def test_a_note_is_written_as_an_event_and_is_with_nobody(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    make_interaction(session, client, NOTE, "Put off")
    (told,) = session.scalars(select(Event.details).where(Event.kind == "interaction:added"))
    assert (told["kind"], told["outcome"], told["contact"]) == ("note", "Put off", None)
    with pytest.raises(Refused, match="no contact with anybody"):
        make_interaction(session, client, NOTE, contact=make_contact(session, client))
    assert set(InteractionKind) - set(CONTACTS) == {NOTE}


def test_health_and_threads_are_the_same_with_a_note_and_without(session: Session, cast: Cast) -> None:
    client, twin = make_client(session, cast.clerk), make_client(session, cast.clerk)
    for each in (client, twin):
        contact = make_contact(session, each, decision_role="decides")
        make_interaction(session, each, contact=contact, at=AT)
    later = AT + timedelta(days=45)
    make_interaction(session, client, NOTE, at=later)
    session.flush()
    health_keeping.keep_after(session, {("interaction:added", client.id): later}, at=later)
    health_keeping.keep(session, [twin.id], at=later)
    thread_keeping.keep(session, {client.id, twin.id}, at=later)
    found = {row.client_id: row for row in session.scalars(select(KeptHealth))}
    assert found[client.id].level == found[twin.id].level
    assert found[client.id].band is found[twin.id].band
    strengths = select(Thread.client_id, Thread.strength, Thread.live_until).order_by(Thread.client_id)
    rows = session.execute(strengths).all()
    assert [tuple(row[1:]) for row in rows if row[0] == client.id] == [
        tuple(row[1:]) for row in rows if row[0] == twin.id
    ]
    assert len(rows) == 2


def test_a_client_with_a_note_is_quiet_and_has_room_for_a_launch(session: Session, cast: Cast) -> None:
    product = make_product(session, cast.director)
    noted, called = (make_client(session, cast.clerk, name=name) for name in ("noted", "called"))
    make_interaction(session, noted, NOTE)
    make_interaction(session, called)
    rule = AudienceRule(Eligibility(), quiet_days=30)
    wanted = launch_audience.audience(session, rule, product, at=AT)
    assert session.scalars(select(Client.name).where(Client.id.in_(wanted))).all() == ["noted"]
    made = {"starts_on": TODAY, "ends_on": TODAY, "currency": "RUB", "owner": cast.head_of_vip, "name": "New"}
    launch = Launch.draft(session, {Channel.CALL: (0, 0)}, by=cast.head_of_vip, at=AT, product=product, **made)
    session.flush()
    diary = diary_of(session, launch, {noted.id, called.id}, cast.company, AT)
    assert [diary.contacts.get((client.id, monday(TODAY)), 0) for client in (noted, called)] == [0, 1]


def test_a_stage_that_asks_for_an_interaction_takes_no_note_for_one(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    first, second, *_ = stages(session, Department.CLIENT)
    first.criteria = ["interaction"]
    make_interaction(session, client, NOTE)
    engagement = engagement_of(client)
    with pytest.raises(Incomplete):
        engagement.move_to(second, by=cast.clerk, at=AT, seen=engagement.version)
    make_interaction(session, client)
    session.expire(client)
    engagement.move_to(second, by=cast.clerk, at=AT, seen=engagement.version)
    assert engagement.stage is second
