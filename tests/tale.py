"""A company to which anything may happen on which a client's health stands: deed by deed, by chance."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, stages
from tests.factories import (
    make_client,
    make_contact,
    make_contract,
    make_deal,
    make_engagement,
    make_interaction,
    make_invoice,
    make_offer,
    make_payment,
    make_promise,
    make_task,
)
from webapp.domain.attack import Attack
from webapp.domain.attack_state import LOST_CAUSES, Severity, SignalKind
from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.contact_erasing import erase
from webapp.domain.contact_merging import merge
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused
from webapp.domain.health_facts import Facts
from webapp.domain.health_kept import HealthOverride
from webapp.domain.health_reading import facts_of
from webapp.domain.health_terms import Band
from webapp.domain.interaction import CONTACTS, InteractionKind
from webapp.domain.invoice import Invoice
from webapp.domain.loss import Loss
from webapp.domain.payment import Payment
from webapp.domain.product import Billing
from webapp.domain.promise import Promise
from webapp.domain.promise_to_pay import PromiseToPay, PromiseToPayState
from webapp.domain.sales_class import SalesClass
from webapp.domain.standing import Attitude
from webapp.domain.user import User
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import NormKind, VipTier
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose, VisitOutcome
from webapp.domain.words import Department, Role


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
        VipTier.add(session, "Silver", **names | {"norm_size": 90}, by=None, at=AT)
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
        self.session.add(visit.hold(self.session, self.chance.choice(list(VisitOutcome)), "Met", then=then, **given))

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
        lane = self.any(Engagement, Engagement.closed_at.is_(None))
        make_deal(self.session, lane.client, department=lane.department, at=self.at)

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

    def merge(self) -> None:
        kept = self.any(Contact, Contact.removed_at.is_(None))
        other = self.any(Contact, Contact.client_id == kept.client_id, Contact.id != kept.id)
        told = merge(self.session, kept, other, by=self.cast.vip, at=self.at, seen=(kept.version, other.version))
        self.session.add(told)

    def forget(self) -> None:
        contact = self.any(Contact)
        self.session.add_all(erase(self.session, contact, "They asked", by=self.cast.vip, at=self.at))

    def conclude(self) -> None:
        make_contract(self.session, self.client(), starts_on=self.at.date(), by=self.cast.clerk, at=self.at)

    def end_contract(self) -> None:
        contract = self.any(Contract, Contract.billing == Billing.MONTHLY)
        given = {"by": self.cast.clerk, "at": self.at, "seen": contract.version}
        days = self.chance.choice([5, 60])
        self.session.add(contract.end(self.at.date() + timedelta(days=days), "Too dear", **given))

    def win(self) -> None:
        deal = self.any(Deal, Deal.status == DealStatus.OPEN)
        self.session.add(deal.win(by=deal.owner, at=self.at, seen=deal.version))

    def let_go(self) -> None:
        attack = self.any(Attack, Attack.closed_at.is_(None))
        given = {"by": self.cast.vip, "at": self.at, "seen": attack.version}
        lost = self.chance.random() < 0.5
        told = attack.lose(next(iter(LOST_CAUSES)), "Gone", **given) if lost else attack.dismiss("A rumour", **given)
        self.session.add(told)

    def pledge(self) -> None:
        due_on = self.at.date() + timedelta(days=1)
        PromiseToPay.make(self.session, self.client(), 100, "RUB", due_on, by=self.cast.clerk, at=self.at)

    def break_pledge(self) -> None:
        pledge = self.any(PromiseToPay, PromiseToPay.state == PromiseToPayState.OPEN)
        self.session.add(pledge.break_off(at=self.at, today=self.at.date()))

    def change_tier(self) -> None:
        held = self.any(VipPlace, VipPlace.until.is_(None))
        tier = self.any(VipTier, VipTier.id != held.tier_id)
        held.move(self.session, tier, "It grew", by=self.cast.director, at=self.at, on=self.at.date())

    def hand_off(self) -> None:
        served = self.any(Engagement, Engagement.closed_at.is_(None), Engagement.department == Department.CLIENT)
        entry = stages(self.session, Department.VIP)[0]
        offered = make_offer(self.session, served.client, Department.VIP, giver=Department.CLIENT, at=self.at)
        given = {"by": self.cast.vip, "at": self.at, "seen": offered.version}
        offered.accept(self.session, self.cast.vip, entry, **given)

    def end_work(self) -> None:
        lane = self.any(Engagement, Engagement.closed_at.is_(None), Engagement.department == Department.VIP)
        self.session.add(lane.close(by=self.cast.vip, at=self.at, reason="Done"))

    def reassign(self) -> None:
        lane = self.any(Engagement, Engagement.closed_at.is_(None), Engagement.department == Department.CLIENT)
        to = self.cast.other_clerk if lane.owner_id == self.cast.clerk.id else self.cast.clerk
        told = lane.reassign(to, by=self.cast.director, at=self.at, reason="Load", seen=lane.version)
        self.session.add(told)

    def override(self) -> None:
        client, until = self.client(), self.at.date() + timedelta(days=20)
        HealthOverride.say(self.session, client, Band.CRITICAL, "They say so", until, by=self.cast.director, at=self.at)

    def reckon_again(self) -> None:
        said = self.any(HealthOverride, HealthOverride.ended_at.is_(None))
        self.session.add(said.end(by=self.cast.director, at=self.at))

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
        """All but those that change for every day what is known of a person."""
        return [deed for deed in self.all_deeds if deed.__name__ not in ("merge", "forget")]

    @property
    def all_deeds(self) -> list[Callable[[], None]]:
        return [getattr(self, name) for name, deed in vars(Tale).items() if callable(deed) and name not in NO_DEED]

    def known(self, at: datetime) -> dict[int, Facts]:
        self.session.flush()
        self.session.expire_all()
        facts = facts_of(self.session, [client.id for client in self.clients], day=self.cast.company.today(at))
        return {client: ordered(of) for client, of in facts.items()}


NO_DEED = {"__init__", "any", "client", "ours", "known"}


def ordered(facts: Facts) -> Facts:
    for name in ("threads", "bills", "promises", "disputes", "talks", "notices", "attacks", "leavers"):
        object.__setattr__(facts, name, tuple(sorted(getattr(facts, name), key=str)))
    return facts
