"""What was known on a day stays what was known on it, whatever is written down later."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import pytest
from sqlalchemy import ColumnElement, event, select

from tests.cast import AT, TODAY
from tests.factories import make_client, make_contact, make_interaction
from tests.tale import Tale
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.contact_merging import merge
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.health import reckon
from webapp.domain.health_facts import Facts, Leaver
from webapp.domain.health_reading import facts_of, served_on
from webapp.domain.health_terms import SHIPPED
from webapp.domain.standing import Attitude
from webapp.domain.user import User


@pytest.mark.parametrize("seed", range(3))
def test_what_was_known_on_a_day_never_changes_when_later_facts_are_added(session, seed):
    chance = Random(seed)
    tale = Tale(session, chance)
    assert tale.known(AT - timedelta(days=1)) == {}
    seen: dict[datetime, dict[int, Facts]] = {}
    happened = dict.fromkeys((deed.__name__ for deed in tale.deeds), 0)
    for day in range(200):
        tale.at = AT + timedelta(days=day, minutes=day)
        for deed in chance.sample(tale.deeds, 3):
            with suppress(Refused, IndexError), session.begin_nested():
                deed()
                happened[deed.__name__] += 1
        if day % 20 == 19:
            seen[tale.at] = tale.known(tale.at)
    assert min(happened.values()) > 1, happened
    for at, then in seen.items():
        assert tale.known(at) == then, at
    last = seen[max(seen)].values()
    names = ("threads", "bills", "promises", "attacks", "last_visit", "last_word")
    assert all(any(getattr(facts, name) for facts in last) for name in names)


@pytest.mark.parametrize("seed", range(2))
def test_whoever_departs_of_ours_or_of_theirs_raises_the_health_of_no_client(session, seed):
    chance = Random(seed)
    tale, lowered = Tale(session, chance), Counter()
    for day in range(90):
        tale.at = AT + timedelta(days=day, minutes=day)
        for deed in chance.sample(tale.deeds, 3):
            with suppress(Refused, IndexError), session.begin_nested():
                deed()
        if day % 10 < 9:
            continue
        before = levels(tale)
        for entity, departure in DEPARTURES.items():
            for one in session.scalars(select(entity).where(departure.there)).all():
                with session.begin_nested() as tried:
                    session.add(departure.verb(one, tale))
                    after = levels(tale)
                    tried.rollback()
                assert all(after[client] <= before[client] for client in before), (day, one)
                lowered[entity] += sum(after[client] < before[client] for client in before)
    assert min(lowered[entity] for entity in DEPARTURES) > 3, lowered


class Departure(NamedTuple):
    there: ColumnElement[bool]
    verb: Callable[[Any, Tale], Event]


DEPARTURES: dict[type, Departure] = {
    Contact: Departure(
        Contact.left_at.is_(None) & Contact.removed_at.is_(None),
        lambda one, tale: one.leave(by=tale.cast.vip, at=tale.at),
    ),
    User: Departure(
        User.deactivated_at.is_(None) & User.department.is_not(None),
        lambda one, tale: one.deactivate(tale.session, by=tale.cast.director, at=tale.at, holds=0),
    ),
}


def levels(tale: Tale) -> dict[int, int]:
    return {client: reckon(facts, SHIPPED).level for client, facts in tale.known(tale.at).items()}


def test_everybody_who_left_is_known_with_their_part_on_that_day(session):
    tale = Tale(session, Random(1))
    client = tale.clients[0]
    payer = make_contact(session, client, decision_role=DecisionRole.PAYS, at=AT)
    session.add(payer.leave(by=tale.cast.vip, at=AT + timedelta(days=3)))
    changed = {"decision_role": DecisionRole.ADVISES, "attitude": Attitude.CHAMPION}
    session.flush()
    session.add(payer.change(by=tale.cast.vip, at=AT + timedelta(days=5), seen=payer.version, **changed))
    then, now = (tale.known(AT + timedelta(days=days))[client.id].leavers for days in (3, 5))
    left = TODAY + timedelta(days=3)
    assert then == (Leaver(payer.id, left, DecisionRole.PAYS, False),)
    assert now == (Leaver(payer.id, left, DecisionRole.ADVISES, True),)


@pytest.mark.parametrize("stays", [True, False])
def test_a_person_who_was_entered_twice_leaves_at_most_once(session, stays):
    tale = Tale(session, Random(1))
    client, given = tale.clients[0], {"by": tale.cast.vip, "at": AT + timedelta(days=3)}
    kept, other = make_contact(session, client, at=AT), make_contact(session, client, at=AT)
    session.add_all(each.leave(**given) for each in ((other,) if stays else (kept, other)))
    session.flush()
    session.add(merge(session, kept, other, seen=(kept.version, other.version), **given))
    leavers = tale.known(AT + timedelta(days=3))[client.id].leavers
    assert [each.contact_id for each in leavers] == ([] if stays else [kept.id])


def test_the_deeds_of_the_day_are_known_at_its_end(session):
    tale = Tale(session, Random(1))
    client = tale.clients[0]
    contact = client.contacts[0]
    make_interaction(session, client, contact=contact, by=tale.cast.vip, at=AT, purpose_reached=True)
    session.add(contact.leave(by=tale.cast.vip, at=AT + timedelta(days=3)))
    before, after = tale.known(AT)[client.id], tale.known(AT + timedelta(days=3))[client.id]
    assert [(each.user_id, each.decides) for each in before.threads] == [(tale.cast.vip.id, True)]
    assert (after.threads, [each.contact_id for each in after.leavers]) == ((), [contact.id])
    assert served_on(session, AT.date()) == [each.id for each in tale.clients]


def test_one_client_and_thirty_cost_the_same_number_of_statements(session):
    tale = Tale(session, Random(1))
    clients = [make_client(session, tale.cast.clerk).id for _ in range(30)]
    session.flush()
    asked: list[str] = []
    counts = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: asked.append(told[2]))
    for some in (clients[:1], clients):
        asked.clear()
        facts_of(session, some, day=AT.date())
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14
