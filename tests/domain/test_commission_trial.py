"""What a rule would have paid, asked before it starts: the same as the ledger pays, and nothing is written."""

from datetime import date, datetime, time, timedelta, UTC

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client, make_interaction, make_invoice, make_payment, make_product
from webapp.domain import commission_facts, commission_trial
from webapp.domain.allocation import ReturnKind
from webapp.domain.awareness import Awareness
from webapp.domain.client import Client
from webapp.domain.commission import CommissionEntry
from webapp.domain.commission_reckoning import keep_periods, reckon
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.commission_terms import Payee, Portion, Split, Terms
from webapp.domain.commission_trial import tried
from webapp.domain.commission_world import Entered
from webapp.domain.payment import Payment

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
TEN = Terms(Portion.INITIAL, 1_000)


def _pays(session: Session, cast: Cast, on: date, minor: int = 100_000, **sold: int) -> Payment:
    client = make_client(session, cast.hunter)
    client.attracted_by = cast.hunter
    payment = make_payment(session, minor, on)
    payment.allocate(session, make_invoice(session, client, minor, on, **sold), by=cast.clerk, at=AT)
    session.flush()
    keep_periods(session, session.scalars(select(Client.id)).all())
    return payment


def test_it_is_told_per_person_and_month_without_the_running_one(session: Session, cast: Cast) -> None:
    for on in (JANUARY, FEBRUARY, FEBRUARY, TODAY):
        _pays(session, cast, on)
    found = tried(session, TEN, TODAY)
    assert found.people == {(cast.hunter.id, "RUB"): 30_000}
    assert found.by_month == {(JANUARY, "RUB"): 10_000, (FEBRUARY, "RUB"): 20_000}
    assert (len(found.months), found.months[-1], found.whole) == (12, FEBRUARY, True)
    assert session.scalar(select(func.count()).select_from(CommissionEntry)) == 0


def test_money_that_went_back_in_a_later_month_is_taken_back(session: Session, cast: Cast) -> None:
    payment = _pays(session, cast, JANUARY)
    payment.give_back(session, 100_000, ReturnKind.RETURNED, "sent twice", by=cast.clerk, at=AT, on=FEBRUARY)
    keep_periods(session, session.scalars(select(Client.id)).all())
    found = tried(session, TEN, TODAY)
    assert found.people == {(cast.hunter.id, "RUB"): 0}
    assert found.by_month == {(JANUARY, "RUB"): 10_000, (FEBRUARY, "RUB"): -10_000}


@pytest.mark.parametrize("minor", [1, 99_999, 123_457])
def test_the_ledger_pays_the_same_once_the_rule_is_there(session: Session, cast: Cast, minor: int) -> None:
    _pays(session, cast, FEBRUARY, minor)
    terms = Terms(Portion.INITIAL, 333, splits=(Split(cast.other_hunter.id, 3_333),))
    told = tried(session, terms, TODAY)
    CommissionRule.add(session, "Start", FEBRUARY, terms, by=cast.director, at=AT, closed_through=None)
    reckon(session, FEBRUARY)
    sums = select(CommissionEntry.person_id, CommissionEntry.currency, func.sum(CommissionEntry.amount_minor))
    paid = session.execute(sums.group_by(CommissionEntry.person_id, CommissionEntry.currency))
    assert {(who, currency): minor for who, currency, minor in paid if minor} == told.people


def test_of_very_many_payments_only_the_last_months_are_looked_at(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commission_trial, "MOST", 2)
    for on in (date(2025, 12, 5), JANUARY, FEBRUARY):
        _pays(session, cast, on)
    found = tried(session, TEN, TODAY)
    assert (found.months, found.whole) == ((JANUARY, FEBRUARY), False)


def test_a_rule_for_who_told_is_tried_with_the_tellings_there_were(session: Session, cast: Cast) -> None:
    product = make_product(session, cast.director)
    for days in (30, 90, -1):
        _pays(session, cast, FEBRUARY, product_id=product.id)
        client = session.scalars(select(Client).order_by(Client.id.desc()).limit(1)).one()
        at = datetime.combine(FEBRUARY - timedelta(days=days), time(9), UTC)
        told = make_interaction(session, client, by=cast.vip, at=at)
        Awareness.of(session, client.id, product.id, at=AT).tell(told, by=cast.vip, at=AT)
    terms = Terms(Portion.INITIAL, 1_00, Payee.TELLER, told_within=60)
    assert tried(session, terms, TODAY).people == {(cast.vip.id, "RUB"): 1_000}


def test_only_what_was_told_of_what_is_paid_for_is_read(session: Session, cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(commission_facts, "AT_ONCE", 2)
    sold, other = (make_product(session, cast.director) for _ in range(2))
    clients = [make_client(session, cast.clerk) for _ in range(6)]
    for client in clients:
        told = make_interaction(session, client, by=cast.vip, at=AT)
        for product in (sold, other):
            Awareness.of(session, client.id, product.id, at=AT).tell(told, by=cast.vip, at=AT)
    session.flush()
    paid = [
        Entered(number, client.id, number, TODAY, TODAY, 100, "RUB", None, sold.id, None, None, 1, on)
        for number, (client, on) in enumerate(zip(clients, [TODAY] * 5 + [None], strict=True))
    ]
    found = commission_facts.tellings(session, paid)
    assert found.keys() == {(client.id, sold.id) for client in clients[:5]}
    assert {telling[:2] for telling in found.values()} == {(cast.vip.id, AT.date())}
