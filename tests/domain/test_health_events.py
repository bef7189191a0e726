"""Health follows every event that a fact of it stands on: what is kept after a deed is what all of it comes to."""

from contextlib import suppress
from dataclasses import fields
from datetime import timedelta
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import AT
from tests.tale import Tale
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.event_kinds import EVENT_KINDS
from webapp.domain.health_facts import Facts
from webapp.domain.health_keeping import HEALTH, keep, keep_after, STANDS_ON

OF_THE_NIGHT = {"go", "promote", "invoice"}
"""What the night sees: who of ours left or is a head now, and an invoice that is issued, which is not due yet."""


FACTS: dict[str, str] = {
    "since lost_on": "client:lost client:wonback",
    "key": "client:changed",
    "programme_since visit_norm": "vip:entered vip:left vip:moved",
    "threads last_contact last_visit last_word": "interaction:added contact:changed contact:removed contact:erased "
    "contact:merged contact:left contact:returned",
    "leavers": "contact:left contact:returned contact:changed contact:erased contact:merged",
    "bills": "payment:allocated payment:freed invoice:credited",
    "pledges_broken": "promisetopay:broken",
    "promises": "promise:added promise:broken promise:kept",
    "disputes": "invoice:disputed invoice:agreed payment:allocated payment:freed invoice:credited",
    "talks": "deal:added deal:won deal:lost deal:reopened",
    "notices": "contract:ended",
    "attacks": "attack:raised attack:joined attack:defended attack:dismissed attack:lost",
}
"""What is known of a client, and after which events it is another."""

BESIDE = {
    "whether it has a health": "engagement:opened engagement:closed contract:added",
    "who answers for it": "engagement:opened engagement:closed engagement:reassigned handoff:accepted",
    "what somebody said instead": "health:overridden health:reckonedagain",
}

GIVEN = {"client_id", "day", "live_days"}
"""What is asked for, and a setting."""


def test_every_fact_names_the_events_after_which_it_is_another_and_all_of_them_are_heard():
    assert {name for names in FACTS for name in names.split()} | GIVEN == {field.name for field in fields(Facts)}
    named = {kind for kinds in (*FACTS.values(), *BESIDE.values()) for kind in kinds.split()}
    assert named == STANDS_ON
    assert named <= set(EVENT_KINDS)


def test_whatever_happens_to_a_client_its_health_follows(session):
    chance = Random(4)
    tale, heard_of = Tale(session, chance), set()
    everybody = [client.id for client in tale.clients]
    deeds = []
    for day in range(48):
        tale.at = AT + timedelta(days=day)
        keep(session, everybody, at=tale.at)
        facts = tale.known(tale.at)
        deeds = deeds[5:] or chance.sample(tale.all_deeds, len(tale.all_deeds))
        for deed in deeds[:5]:
            last = session.scalar(select(func.max(Event.id)))
            with suppress(Refused, IndexError), session.begin_nested():
                deed()
            told = told_since(session, last)
            if deed.__name__ in OF_THE_NIGHT:
                keep(session, everybody, at=tale.at)
                facts = tale.known(tale.at)
            if deed.__name__ in OF_THE_NIGHT or not told:
                continue
            before, facts = facts, tale.known(tale.at)
            heard = {client for kind, client in told if kind in STANDS_ON}
            changed = {client for client in everybody if facts[client] != before[client]}
            assert changed <= heard, (deed.__name__, told)
            keep_after(session, dict.fromkeys(told, tale.at), at=tale.at)
            rows = kept(session)
            keep(session, everybody, at=tale.at)
            assert rows == kept(session), (deed.__name__, told)
            heard_of |= {kind for kind, client in told}
    assert len(STANDS_ON & heard_of) >= 32, STANDS_ON - heard_of


def told_since(session: Session, last: int) -> set[tuple[str, int]]:
    session.flush()
    told = select(Event.kind, Event.client_id).where(Event.id > last, Event.client_id.is_not(None))
    return {(kind, client) for kind, client in session.execute(told)}


def kept(session: Session) -> dict[int, tuple]:
    session.flush()
    return {row.client_id: tuple(row) for row in session.execute(select(HEALTH))}
