"""Attacks: a signal of any department plans a visit by a deadline, further ones join, people decide how it ends."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.attacks import make_attack, make_competitor
from tests.cast import AT, Cast, TODAY
from tests.factories import engagement_of, make_client, make_engagement
from webapp.domain.attack import Attack, VISIT
from webapp.domain.attack_state import AttackState, Severity, TRANSITIONS
from webapp.domain.competitor import Competitor
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.task import TaskKind
from webapp.domain.words import Department


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Event.kind).where(Event.kind.startswith("attack:")).order_by(Event.id)))


@pytest.mark.parametrize("name", ["ООО «Ромашка»", "ромашка", " РОМАШКА, АО "])
def test_a_rival_has_one_name_in_the_registry(session: Session, cast: Cast, name: str) -> None:
    make_competitor(session, cast.head_of_vip, "Ромашка")
    with pytest.raises(Refused, match="in the registry already"):
        Competitor.add(session, name, by=cast.director, at=AT)


def test_a_rival_is_not_renamed_to_another(session: Session, cast: Cast) -> None:
    make_competitor(session, cast.head_of_vip, "North")
    south = make_competitor(session, cast.head_of_vip, "South")
    with pytest.raises(Refused, match="in the registry already"):
        south.change(session, "north", "", by=cast.director, at=AT, seen=south.version)
    session.add(south.change(session, "South Ltd", "Cheap", by=cast.director, at=AT, seen=south.version))
    assert (south.name, south.note) == ("South Ltd", "Cheap")


def test_a_retired_rival_raises_no_new_attack_until_it_is_back(session: Session, cast: Cast) -> None:
    client, rival = make_client(session, cast.hunter), make_competitor(session, cast.head_of_vip)
    session.add(rival.retire(by=cast.director, at=AT, seen=rival.version))
    with pytest.raises(Refused, match="retired"):
        make_attack(session, client, cast, rival)
    session.flush()
    session.add(rival.restore(by=cast.director, at=AT, seen=rival.version))
    assert make_attack(session, client, cast, rival).is_open


def test_a_signal_plans_a_personal_visit_by_the_deadline_of_its_severity(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    attack = make_attack(session, client, cast, severity=Severity.HIGH)
    assert attack.due_at == AT + timedelta(hours=23)  # Monday noon in Moscow, 8 working hours: Tuesday at 11
    assert attack.visit is not None
    assert (attack.visit.kind, attack.visit.subject, attack.visit.due_on, attack.visit.owner) == (
        TaskKind.MEETING,
        VISIT,
        TODAY + timedelta(days=1),
        cast.hunter,
    )
    assert engagement_of(client).next_touch_on == TODAY + timedelta(days=1)
    assert make_attack(session, client, cast, severity=Severity.LOW).due_at.date() == date(2026, 3, 6)
    assert kinds(session) == ["attack:raised", "attack:raised"]


def test_the_deadline_is_the_companys_setting(session: Session, cast: Cast) -> None:
    session.add(cast.company.change(by=cast.director, at=AT, attack_hours={"low": 3, "medium": 2, "high": 1}))
    attack = make_attack(session, make_client(session, cast.hunter), cast)
    assert attack.due_at == AT + timedelta(hours=1)
    with pytest.raises(Refused, match="working hours"):
        cast.company.change(by=cast.director, at=AT, attack_hours={"low": 3, "medium": 2, "high": 0})


def test_the_vip_owner_defends_else_who_serves_else_the_hunter(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    attack = make_attack(session, client, cast)
    assert attack.owner is cast.hunter
    make_engagement(session, client, cast.clerk)
    session.refresh(client)
    assert attack.owner is cast.clerk
    make_engagement(session, client, cast.vip)
    session.refresh(client)
    assert attack.owner is cast.vip
    vip = engagement_of(client, Department.VIP)
    session.add(vip.reassign(cast.head_of_vip, by=cast.director, at=AT, reason="Ill", seen=vip.version))
    assert attack.owner is cast.head_of_vip


def test_signals_of_one_rival_join_the_open_attack_and_the_gravest_sets_the_deadline(
    session: Session, cast: Cast
) -> None:
    client, rival = make_client(session, cast.hunter), make_competitor(session, cast.head_of_vip)
    first = make_attack(session, client, cast, rival, severity=Severity.LOW)
    same = make_attack(session, client, cast, rival, severity=Severity.HIGH, by=cast.vip, evidence="They will sign")
    assert same is first
    assert [signal.evidence for signal in first.signals] == ["Their offer lay on the table", "They will sign"]
    assert (first.severity, first.due_at) == (Severity.HIGH, AT + timedelta(hours=23))
    assert first.visit is not None
    assert first.visit.due_on == TODAY + timedelta(days=1)
    due = first.due_at
    make_attack(session, client, cast, rival, severity=Severity.LOW, at=AT + timedelta(hours=1))
    assert (first.severity, first.due_at) == (Severity.HIGH, due)
    assert kinds(session) == ["attack:raised", "attack:joined", "attack:joined"]
    assert len([task for task in engagement_of(client).tasks if task.is_open]) == 1
    assert session.scalar(select(func.count(Attack.id))) == 1


def test_a_graver_signal_after_the_visit_plans_another(session: Session, cast: Cast) -> None:
    client, rival = make_client(session, cast.hunter), make_competitor(session, cast.head_of_vip)
    attack = make_attack(session, client, cast, rival, severity=Severity.LOW)
    held = attack.visit
    assert held is not None
    session.add(held.finish(by=cast.hunter, at=AT))
    make_attack(session, client, cast, rival, severity=Severity.HIGH)
    assert attack.visit is not held
    assert attack.visit is not None
    assert attack.visit.is_open


def test_after_its_end_the_same_rival_attacks_anew(session: Session, cast: Cast) -> None:
    client, rival = make_client(session, cast.hunter), make_competitor(session, cast.head_of_vip)
    first = make_attack(session, client, cast, rival)
    session.add(first.defend("We matched the term", by=cast.hunter, at=AT, seen=first.version))
    session.flush()
    assert make_attack(session, client, cast, rival) is not first


def test_an_attack_is_lost_with_a_cause_and_every_end_is_told(session: Session, cast: Cast) -> None:
    attack = make_attack(session, make_client(session, cast.hunter), cast)
    with pytest.raises(Refused, match="choose"):
        attack.lose("bad luck", "Gone", by=cast.hunter, at=AT, seen=attack.version)
    for say in (
        lambda: attack.lose("price", " ", by=cast.hunter, at=AT, seen=attack.version),
        lambda: attack.defend(" ", by=cast.hunter, at=AT, seen=attack.version),
        lambda: attack.dismiss(" ", by=cast.hunter, at=AT, seen=attack.version),
    ):
        with pytest.raises(Refused, match="fill this in"):
            say()
    assert attack.state is AttackState.RAISED
    told = attack.lose("price", "15 % less", by=cast.hunter, at=AT, seen=attack.version)
    session.add(told)
    session.flush()
    assert (attack.state, attack.cause, attack.closed_by, told.details["cause"]) == (
        AttackState.LOST,
        "price",
        cast.hunter,
        "price",
    )


@pytest.mark.parametrize("expected", [False, True])
def test_when_it_ends_its_visit_is_dropped_unless_the_client_expects_it(
    session: Session, cast: Cast, expected: bool
) -> None:
    attack = make_attack(session, client := make_client(session, cast.hunter), cast)
    assert attack.visit is not None
    assert attack.visit.visit is not None
    if expected:
        session.add(attack.visit.visit.call_ahead(by=cast.hunter, at=AT))
    session.add(attack.dismiss("Their driver had lost his way", by=cast.hunter, at=AT, seen=attack.version))
    session.flush()
    assert attack.visit.is_open is expected
    assert (engagement_of(client).next_touch_on is not None) is expected
    told = session.scalars(select(Event.kind).where(Event.kind == "task:cancelled")).all()
    assert told == ([] if expected else ["task:cancelled"])


@pytest.mark.parametrize("state", AttackState)
def test_only_the_transitions_of_the_table_happen(session: Session, cast: Cast, state: AttackState) -> None:
    verbs = {
        AttackState.DEFENDING: lambda it: it.take_up(by=cast.hunter, at=AT, seen=it.version),
        AttackState.DEFENDED: lambda it: it.defend("So", by=cast.hunter, at=AT, seen=it.version),
        AttackState.LOST: lambda it: it.lose("other", "So", by=cast.hunter, at=AT, seen=it.version),
        AttackState.FALSE_ALARM: lambda it: it.dismiss("So", by=cast.hunter, at=AT, seen=it.version),
    }
    for target, verb in verbs.items():
        attack = make_attack(session, make_client(session, cast.hunter), cast)
        if state in verbs:
            session.add(verbs[state](attack))
            session.flush()
        if target in TRANSITIONS[state]:
            session.add(verb(attack))
            session.flush()
            assert attack.state is target
        else:
            with pytest.raises(Refused, match="already"):
                verb(attack)


def test_who_saw_an_older_state_decides_nothing(session: Session, cast: Cast) -> None:
    attack = make_attack(session, make_client(session, cast.hunter), cast)
    seen = attack.version
    session.add(attack.take_up(by=cast.hunter, at=AT, seen=seen))
    session.flush()
    with pytest.raises(Stale):
        attack.defend("Done", by=cast.hunter, at=AT, seen=seen)


def test_an_attack_tells_every_lane_of_the_client(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    make_engagement(session, client, cast.clerk)
    session.refresh(client)
    make_attack(session, client, cast)
    told = session.scalars(select(Event).where(Event.kind == "attack:raised")).one()
    assert set(told.stage_ids or ()) == {engagement.stage_id for engagement in client.open_engagements}
