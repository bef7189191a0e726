"""What was known on a day stays what was known on it, whatever is written down later."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import pytest
from sqlalchemy import ColumnElement, event, select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, stages, TODAY
from tests.factories import (
    make_client,
    make_contact,
    make_deal,
    make_engagement,
    make_interaction,
    make_invoice,
    make_payment,
    make_promise,
    make_task,
)
from webapp.domain.attack import Attack
from webapp.domain.attack_state import Severity, SignalKind
from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.deal import Deal
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.health import reckon
from webapp.domain.health_facts import Facts, Leaver
from webapp.domain.health_reading import facts_of, served_on
from webapp.domain.health_terms import SHIPPED
from webapp.domain.interaction import CONTACTS, InteractionKind
from webapp.domain.invoice import Invoice
from webapp.domain.loss import Loss
from webapp.domain.payment import Payment
from webapp.domain.promise import Promise
from webapp.domain.sales_class import SalesClass
from webapp.domain.standing import Attitude
from webapp.domain.user import User
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import NormKind, VipTier
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose, VisitOutcome
from webapp.domain.words import Role


class Tale:
    """A company to which anything may happen, at a moment that only moves on."""

    def __init__(self, session: Session, chance: Random) -> None:
        self.session, self.chance, self.cast = session, chance, Cast.gather(session)
        self.at = AT
        self.clients = [make_client(session, self.cast.clerk, at=AT) for _ in range(3)]
        make_engagement(session, self.clients[0], self.cast.vip, at=AT)
        self.rival = Competitor.add(session, "Rival", by=self.cast.director, at=AT)
        names = {"norm_kind": NormKind.DAYS_BETWEEN, "norm_size": 30, "capacity": 9, "suits": SalesClass.A}
        self.tier = VipTier.add(session, "Gold", **names, by=None, at=AT)
        for client in self.clients:
            make_contact(session, client, decision_role=DecisionRole.DECIDES, at=AT)

    def any(self, entity: type, *where: object):
        """One of them, by chance; what is done to nobody is refused."""
        found = self.session.scalars(select(entity).where(*where).order_by(entity.id)).all()
        if not found:
            raise Refused("none")
        return self.chance.choice(found)

    def client(self) -> Client:
        return self.chance.choice(self.clients)

    def ours(self) -> User:
        return self.chance.choice([self.cast.clerk, self.cast.vip, self.cast.head_of_vip])

    def speak(self) -> None:
        contact = self.any(Contact)
        kind = self.chance.choice(CONTACTS)
        happened = self.at - timedelta(days=self.chance.choice([0, 0, 3, 20]))
        reached = self.chance.choice([None, True, False])
        given = {"contact": contact, "purpose_reached": reached, "happened_at": happened}
        make_interaction(self.session, contact.client, kind, by=self.ours(), at=self.at, **given)
        if reached is None:
            make_interaction(self.session, contact.client, InteractionKind.NOTE, at=self.at)

    def visit(self) -> None:
        visit = Visit.unplanned(self.session, client := self.client(), self.chance.choice([None, Purpose.REVIEW]))
        due_on, lane = self.at.date() + timedelta(days=30), client.open_engagements[0].department
        then = make_task(self.session, client, due_on, department=lane, at=self.at)
        happened = self.at - timedelta(days=self.chance.choice([0, 6]))
        given = {"by": self.ours(), "at": self.at, "company": self.cast.company, "happened_at": happened}
        self.session.add(visit.hold(self.session, next(iter(VisitOutcome)), "Met", then=then, **given))

    def enter(self) -> None:
        make_contact(self.session, self.client(), attitude=self.chance.choice(list(Attitude)), at=self.at)

    def judge(self) -> None:
        contact = self.any(Contact)
        given = {
            "decision_role": self.chance.choice(list(DecisionRole)),
            "attitude": self.chance.choice(list(Attitude)),
        }
        self.session.add(contact.change(by=self.cast.vip, at=self.at, seen=contact.version, **given))

    def leave(self) -> None:
        self.session.add(self.any(Contact, Contact.left_at.is_(None)).leave(by=self.cast.vip, at=self.at))

    def come_back(self) -> None:
        self.session.add(self.any(Contact, Contact.left_at.is_not(None)).come_back(by=self.cast.vip, at=self.at))

    def erase(self) -> None:
        """Of whom an attitude was known, it is forgotten for every day: that is what erasing is for."""
        if self.chance.random() < 0.2:
            of = self.any(Contact, Contact.attitude == Attitude.UNKNOWN, Contact.removed_at.is_(None))
            self.session.add(of.remove(by=self.cast.vip, at=self.at))

    def turn_key(self) -> None:
        client = self.client()
        change = client.change(by=self.cast.director, at=self.at, seen=client.version, key=not client.key)
        self.session.add(change)

    def invoice(self) -> None:
        make_invoice(self.session, self.client(), on=self.at.date(), at=self.at)

    def dispute(self) -> None:
        invoice = self.any(Invoice, Invoice.outstanding_minor > 0)
        if invoice.disputed_at is None:
            self.session.add(invoice.dispute("sum", "", by=self.cast.clerk, at=self.at))
        else:
            self.session.add(invoice.agree(by=self.cast.clerk, at=self.at))

    def pay(self) -> None:
        invoice = self.any(Invoice, Invoice.outstanding_minor > 0)
        came = (self.at - timedelta(days=self.chance.choice([0, 2, 9]))).date()
        payment = make_payment(
            self.session, self.chance.choice([40_000, 100_000]), max(came, invoice.issued_on), at=self.at
        )
        payment.allocate(self.session, invoice, by=self.cast.clerk, at=self.at)

    def free(self) -> None:
        payment = self.any(Payment)
        for entry in payment.standing[:1]:
            payment.free(self.session, entry, by=self.cast.clerk, at=self.at, on=self.at.date())

    def credit(self) -> None:
        invoice = self.any(Invoice, Invoice.outstanding_minor > 0)
        given = {"by": self.cast.director, "at": self.at, "on": self.at.date(), "seen": invoice.version}
        invoice.credit(self.session, invoice.outstanding_minor, "Agreed", **given)

    def promise(self) -> None:
        make_promise(self.session, self.client(), due_on=self.at.date() + timedelta(days=9), at=self.at)

    def fulfil(self) -> None:
        promise = self.any(Promise, Promise.kept_at.is_(None), Promise.broken_at.is_(None))
        kept = self.chance.random() < 0.5
        told = (
            promise.keep(by=self.cast.vip, at=self.at)
            if kept
            else promise.break_off(by=self.cast.vip, at=self.at, reason="No")
        )
        self.session.add(told)

    def talk(self) -> None:
        make_deal(self.session, self.clients[0], department=self.cast.vip.department, at=self.at)

    def close(self) -> None:
        deal = self.any(Deal)
        if deal.is_open:
            self.session.add(deal.lose("price", by=self.cast.vip, at=self.at, seen=deal.version))
        else:
            self.session.add(deal.reopen(by=self.cast.vip, at=self.at, seen=deal.version))

    def attack(self) -> None:
        given = {"by": self.cast.hunter, "at": self.at, "company": self.cast.company}
        severity = self.chance.choice(list(Severity))
        Attack.signal(self.session, self.client(), self.rival, SignalKind.SEEN, "Seen", severity, **given)

    def end_attack(self) -> None:
        attack = self.any(Attack, Attack.closed_at.is_(None))
        self.session.add(attack.defend("They stay", by=self.cast.vip, at=self.at, seen=attack.version))

    def programme(self) -> None:
        held = VipPlace.held(self.session, client := self.client())
        given = {"by": self.cast.director, "at": self.at, "on": self.at.date()}
        if held is None:
            VipPlace.take(self.session, client, self.tier, "Large", **given)
        else:
            self.session.add(held.leave("Small", **given))

    def lose(self) -> None:
        client = self.clients[2]
        by, lost = self.cast.director, Loss.current(self.session, client)
        if lost is None:
            Loss.record(self.session, client, "price", self.at.date(), by=by, at=self.at)
        else:
            stage = stages(self.session, self.cast.clerk.department)[0]
            lost.win_back(self.session, self.cast.clerk, stage, by=by, at=self.at)

    def go(self) -> None:
        vip, by = self.cast.head_of_vip, self.cast.director
        if vip.active:
            self.session.add(vip.deactivate(self.session, by=by, at=self.at, holds=0))
        else:
            self.session.add(vip.reactivate(by=by, at=self.at))

    def promote(self) -> None:
        other = Role.HEAD if self.cast.vip.role is Role.MEMBER else Role.MEMBER
        given = {"role": other, "head_id": None if other is Role.HEAD else self.cast.head_of_vip.id}
        self.session.add(self.cast.vip.change(self.session, by=self.cast.director, at=self.at, **given))

    @property
    def deeds(self) -> list[Callable[[], None]]:
        return [getattr(self, name) for name, deed in vars(Tale).items() if callable(deed) and name not in NO_DEED]

    def known(self, at: datetime) -> dict[int, Facts]:
        self.session.flush()
        self.session.expire_all()
        facts = facts_of(self.session, [client.id for client in self.clients], day=self.cast.company.today(at))
        return {client: ordered(of) for client, of in facts.items()}


NO_DEED = {"__init__", "any", "client", "ours", "deeds", "known"}


def ordered(facts: Facts) -> Facts:
    for name in ("threads", "bills", "promises", "disputes", "talks", "notices", "attacks", "leavers"):
        object.__setattr__(facts, name, tuple(sorted(getattr(facts, name), key=str)))
    return facts


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
    names = ("threads", "bills", "promises", "attacks", "last_visit")
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
