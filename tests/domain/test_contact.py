"""People at a client: where they stand, what is personal about them, and that they leave."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.cast import AT, TODAY
from tests.factories import make_client, make_contact, make_engagement
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.standing import Attitude, circles, Influence
from webapp.domain.successor import DAYS, seek_successor, WHO_REPLACES


@pytest.fixture
def client(session, cast):
    return make_client(session, cast.clerk)


def report(contact, boss, cast):
    return contact.change(by=cast.clerk, at=AT, seen=contact.version, reports_to_id=boss and boss.id)


def test_nobody_stands_above_themselves(session, cast, client):
    one, two, three = (make_contact(session, client, name) for name in ("One", "Two", "Three"))
    for contact, boss in ((one, two), (two, three)):
        session.add(report(contact, boss, cast))
        session.flush()
    for boss in (one, two, three):
        with pytest.raises(Refused, match="reports to themselves"):
            report(three, boss, cast)
        session.expire(three)
    session.add(report(one, None, cast))


def test_a_boss_works_at_the_same_client(session, cast, client):
    stranger = make_contact(session, make_client(session, cast.clerk))
    with pytest.raises(Refused, match="another client"):
        make_contact(session, client, reports_to_id=stranger.id)


@given(st.dictionaries(st.integers(1, 7), st.none() | st.integers(1, 7)), st.integers(1, 7), st.integers(1, 7))
def test_as_long_as_circles_are_refused_there_is_none(wished, person, boss):
    above: dict[int, int | None] = {}
    for who, whom in [*wished.items(), (person, boss)]:
        if not circles(above, who, whom):
            above[who] = whom
    for start in above:
        seen, now = set(), start
        while now is not None:
            assert now not in seen
            seen.add(now)
            now = above.get(now)


def test_the_event_tells_nothing_of_what_is_personal(session, cast, client):
    contact = make_contact(session, client)
    told = contact.know(date(1980, 5, 4), " Likes fishing ", by=cast.clerk, at=AT, seen=contact.version)
    assert (contact.birthday, contact.personal_note) == (date(1980, 5, 4), "Likes fishing")
    assert (told.kind, told.details) == ("contact:personal", {"name": contact.name})
    with pytest.raises(Stale):
        contact.know(None, "", by=cast.clerk, at=AT, seen=contact.version - 1)
    with pytest.raises(KeyError):
        contact.change(by=cast.clerk, at=AT, seen=contact.version, personal_note="x")


def test_removing_a_contact_erases_what_is_personal_too(session, cast, client):
    contact = make_contact(session, client, birthday=TODAY, personal_note="x", attitude=Attitude.AGAINST)
    session.add(contact.remove(by=cast.clerk, at=AT))
    assert (contact.birthday, contact.personal_note, contact.attitude) == (None, "", Attitude.UNKNOWN)
    assert contact.influence is Influence.UNKNOWN


def test_who_left_is_asked_after_by_whoever_answers_for_the_client(session, cast, client):
    make_engagement(session, client, cast.vip)
    contact = make_contact(session, client)
    session.add(contact.leave(by=cast.clerk, at=AT))
    task = seek_successor(session, contact, by=cast.clerk, at=AT, on=TODAY)
    assert (task.owner, task.subject, (task.due_on - TODAY).days) == (cast.vip, WHO_REPLACES, DAYS)
    assert session.scalars(select(Event.kind).where(Event.kind == "contact:left")).one()
    with pytest.raises(Refused, match="known already"):
        contact.leave(by=cast.clerk, at=AT)
    session.add(contact.come_back(by=cast.clerk, at=AT))
    with pytest.raises(Refused, match="has not left"):
        contact.come_back(by=cast.clerk, at=AT)
