"""Threads and blind spots as they are kept: after a hand-off, when somebody leaves, by money."""

from datetime import timedelta
from random import Random

from sqlalchemy import select

from tests.cast import AT, TODAY
from tests.factories import make_client, make_contact, make_contract, make_engagement, make_interaction, make_offer
from webapp.domain.coverage import BlindSpot
from webapp.domain.interaction import Began, CONTACTS, InteractionKind
from webapp.domain.stage import first_stage
from webapp.domain.thread import Thread
from webapp.domain.thread_keeping import changed_by, everybody, keep, keep_after
from webapp.domain.words import Department

MEETING, CALL, EMAIL = InteractionKind.MEETING, InteractionKind.CALL, InteractionKind.EMAIL


def threads(session, client, at=AT) -> dict[tuple[str, int], int]:
    """Strength by the contact's name and our person."""
    session.flush()
    keep(session, everybody(session, at=at, days=90), at=at)
    session.expire_all()
    names = {contact.id: contact.name for contact in client.contacts}
    found = session.scalars(select(Thread).where(Thread.client_id == client.id))
    return {(names[thread.contact_id], thread.user_id): thread.strength for thread in found}


def blind(session, at=AT) -> dict[int, tuple[int, int, bool]]:
    """Ours, needed, whether a head is missing, by client."""
    session.flush()
    keep(session, everybody(session, at=at, days=90), at=at)
    session.expire_all()
    return {spot.client_id: (spot.ours, spot.needed, spot.lacks_head) for spot in session.scalars(select(BlindSpot))}


def known_by(session, client, *people, kind=CALL, at=AT):
    contact = client.contacts[0] if client.contacts else make_contact(session, client)
    for person in people:
        make_interaction(session, client, kind, by=person, at=at, contact=contact)
    session.flush()
    return contact


def test_each_pair_has_a_thread_of_its_own(session, cast):
    client = make_client(session, cast.clerk)
    ivan, maria = make_contact(session, client, "Ivan"), make_contact(session, client, "Maria")
    make_interaction(session, client, MEETING, by=cast.clerk, contact=ivan)
    make_interaction(session, client, EMAIL, by=cast.vip, contact=maria, began=Began.WE)
    make_interaction(session, client, CALL, by=cast.hunter)
    found = threads(session, client)
    assert set(found) == {("Ivan", cast.clerk.id), ("Maria", cast.vip.id)}
    assert found["Ivan", cast.clerk.id] > found["Maria", cast.vip.id]


def test_the_new_owner_begins_low_after_a_handoff(session, cast):
    client = make_client(session, cast.hunter)
    for days in range(0, 90, 14):
        known_by(session, client, cast.hunter, kind=MEETING, at=AT - timedelta(days=days))
    handoff = make_offer(session, client, Department.CLIENT)
    handoff.accept(
        session, cast.clerk, first_stage(session, Department.CLIENT), by=cast.clerk, at=AT, seen=handoff.version
    )
    found = threads(session, client)
    (name,) = {name for name, _ in found}
    assert found == {(name, cast.hunter.id): 85}
    known_by(session, client, cast.clerk)
    assert threads(session, client)[name, cast.clerk.id] < 50


def test_threads_fade_and_are_forgotten(session, cast):
    client = make_client(session, cast.clerk)
    known_by(session, client, cast.clerk)
    levels = [sum(threads(session, client, AT + timedelta(days=days)).values()) for days in (0, 29, 30, 60, 89, 100)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > levels[2] > levels[3] > levels[5] == 0


def test_who_left_has_no_thread_and_nothing_rises(session, cast):
    client = make_client(session, cast.clerk)
    known_by(session, client, cast.clerk, cast.vip)
    before, seen = threads(session, client), blind(session)
    assert seen == {}
    cast.vip.deactivated_at = AT
    after = threads(session, client)
    assert set(after) == {key for key in before if key[1] != cast.vip.id}
    assert all(after[key] <= before[key] for key in after)
    assert blind(session) == {client.id: (1, 2, False)}


def test_a_contact_that_is_removed_holds_no_thread(session, cast):
    client = make_client(session, cast.clerk)
    contact = known_by(session, client, cast.clerk)
    session.add(contact.remove(by=cast.clerk, at=AT))
    assert threads(session, client) == {}


def test_the_rule_holds_after_the_handoff_only(session, cast):
    prospect, served, both = (make_client(session, who) for who in (cast.hunter, cast.clerk, cast.hunter))
    make_engagement(session, both, cast.vip)
    assert set(blind(session)) == {served.id, both.id}
    assert prospect.id not in blind(session)


def test_mails_that_nobody_answered_cover_nobody(session, cast):
    client = make_client(session, cast.clerk)
    contact = make_contact(session, client)
    for person in (cast.clerk, cast.vip):
        make_interaction(session, client, EMAIL, by=person, contact=contact, began=Began.WE)
    assert blind(session) == {client.id: (0, 2, False)}
    for person in (cast.clerk, cast.vip):
        make_interaction(session, client, EMAIL, by=person, contact=contact, began=Began.THEY)
    assert blind(session) == {}


def test_a_key_client_needs_three_and_a_head(session, cast):
    client = make_client(session, cast.clerk, key=True)
    known_by(session, client, cast.clerk, cast.other_clerk)
    assert blind(session) == {client.id: (2, 3, True)}
    known_by(session, client, cast.vip)
    assert blind(session) == {client.id: (3, 3, True)}
    known_by(session, client, cast.head_of_vip)
    assert blind(session) == {}


def test_live_contact_lasts_as_long_as_the_company_says(session, cast):
    cast.company.live_contact_days = 30
    client = make_client(session, cast.clerk)
    known_by(session, client, cast.clerk, cast.vip)
    assert blind(session, AT + timedelta(days=30)) == {}
    assert blind(session, AT + timedelta(days=31)) == {client.id: (0, 2, False)}
    cast.company.live_contact_days = 200
    assert blind(session, AT + timedelta(days=150)) == {}


def test_money_is_what_running_contracts_bring_a_month_in_each_currency(session, cast):
    client = make_client(session, cast.clerk)
    make_contract(session, client, 300_00)
    make_contract(session, client, 200_00)
    make_contract(session, client, 50_00, currency="USD")
    make_contract(session, client, 900_00, AT.date() + timedelta(days=40))
    silent = make_client(session, cast.clerk)
    blind(session)
    found = session.execute(select(BlindSpot.client_id, BlindSpot.currency, BlindSpot.monthly_minor)).all()
    assert set(found) == {(client.id, "RUB", 500_00), (client.id, "USD", 50_00), (silent.id, "RUB", 0)}


def test_only_clients_of_whom_something_is_told_are_kept_anew(session, cast):
    one, other = make_client(session, cast.clerk), make_client(session, cast.clerk)
    session.flush()
    keep_after(session, [("interaction:added", one.id), ("task:added", other.id)], at=AT)
    assert session.scalars(select(BlindSpot.client_id)).all() == [one.id]


def kept(session) -> set[tuple[object, ...]]:
    session.expire_all()
    threads = {(row.contact_id, row.user_id, row.strength, row.live_until) for row in session.scalars(select(Thread))}
    return threads | {(row.client_id, row.ours, row.needed, row.currency) for row in session.scalars(select(BlindSpot))}


def test_what_the_calendar_changes_is_all_that_changes_overnight(session, cast):
    chance = Random(4)
    clients = [make_client(session, cast.clerk, key=number % 3 == 0) for number in range(12)]
    people = [make_contact(session, client) for client in clients for _ in range(2)]
    for _ in range(60):
        contact, days = chance.choice(people), chance.randrange(130)
        kind = chance.choice(CONTACTS)
        by = chance.choice([cast.clerk, cast.vip, cast.head_of_vip])
        make_interaction(session, contact.client, kind, contact=contact, by=by, at=AT - timedelta(days=days, hours=5))
    make_contract(session, clients[0], starts_on=TODAY + timedelta(days=2), ends_on=TODAY + timedelta(days=9))
    session.flush()
    everybody_kept = {client.id for client in clients}
    keep(session, everybody_kept, at=AT)
    before, touched = AT, 0
    for ahead in (1, 2, 4, 9, 20, 51):
        at = AT + timedelta(days=ahead)
        if ahead == 4:
            session.add(cast.head_of_vip.deactivate(session, by=cast.director, at=at, holds=0))
            session.flush()
        some = changed_by(session, since=before, at=at, company=cast.company)
        keep(session, some, at=at)
        found = kept(session)
        keep(session, everybody_kept, at=at)
        assert found == kept(session), ahead
        before, touched = at, touched + (len(some) < len(everybody_kept))
    assert touched
