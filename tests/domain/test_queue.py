"""The clerk's queue: who stands in it and why, in which order, and when a client comes back."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.cast import AT, Cast, TODAY
from tests.factories import (
    engagement_of,
    make_client,
    make_contract,
    make_deal,
    make_engagement,
    make_invoice,
    make_offer,
    make_payment,
    make_product,
    make_task,
)
from tests.proposals import make_answer, make_proposal
from tests.support.memory import in_memory
from webapp.domain.aging import AGE_BANDS, age_of
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.invoice import Invoice
from webapp.domain.launch import Launch
from webapp.domain.launch_state import Channel
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.operation import Operation
from webapp.domain.payment import Payment
from webapp.domain.promise_to_pay import break_due, keep_paid, PromiseToPay, PromiseToPayState
from webapp.domain.proposal_answer import AnswerKind
from webapp.domain.queue import HABITS, LONGEST_OPERATION, Outcome, PLACE, RANKS, Reason, RESTS
from webapp.domain.queue_item import QueueItem
from webapp.domain.queue_keeping import everybody, keep, keep_after, keep_promises_after, keep_woken, reckon
from webapp.domain.task import Task
from webapp.domain.words import Department

OLD = TODAY - timedelta(days=120)


def old_client(session, clerk, name=""):
    """A client that is no newcomer any more."""
    return make_client(session, clerk, name=name, at=AT - timedelta(days=200))


def queue(session, clerk, at=AT) -> list[tuple[str, list[str]]]:
    """Names and reasons in the order in which the clerk sees them."""
    session.flush()
    keep(session, everybody(session), at=at)
    rows = session.execute(
        select(Client.name, QueueItem.reasons)
        .join(QueueItem, QueueItem.client_id == Client.id)
        .where(QueueItem.clerk_id == (clerk and clerk.id), QueueItem.rank < RESTS)
        .order_by(QueueItem.rank, QueueItem.place, QueueItem.client_id)
    )
    return [(name, [reason["reason"] for reason in reasons]) for name, reasons in rows]


def names(session, clerk, at=AT):
    return [name for name, _ in queue(session, clerk, at)]


def owe(session, client, minor=100_000, days=10):
    return make_invoice(session, client, minor, TODAY - timedelta(days=days))


def broken_promise(session, client, clerk, minor=50_000):
    """It was to be paid yesterday."""
    promise = PromiseToPay.make(
        session, client, minor, "RUB", TODAY - timedelta(days=1), by=clerk, at=AT - timedelta(days=5)
    )
    session.flush()
    break_due(session, TODAY, at=AT, most=10)
    return promise


def launch_call(session, client, cast):
    """A launch asks the clerk to tell of a new product."""
    made = {"starts_on": TODAY, "ends_on": TODAY, "currency": "RUB", "owner": cast.head_of_vip, "name": "New"}
    channels = {Channel.CALL: (0, 0)}
    product = make_product(session, cast.director)
    launch = Launch.draft(session, channels, by=cast.head_of_vip, at=AT, product=product, **made)
    row = LaunchClient(launch=launch, client=client)
    session.add(row)
    session.flush()
    known = {"launch_client_id": row.id, "channel": Channel.CALL, "week": TODAY}
    session.add(LaunchTouch(launch=launch, client=client, task=make_task(session, client, TODAY), **known))
    session.flush()


def test_the_ranks_stand_in_the_trades_order(session, cast):
    clerk = cast.clerk
    routine = old_client(session, clerk, "routine")
    make_task(session, routine, TODAY)
    told = old_client(session, clerk, "launch")
    launch_call(session, told, cast)
    new = make_client(session, clerk, name="onboarding")
    make_task(session, new, TODAY)
    asked = old_client(session, clerk, "request")
    make_task(session, asked, TODAY).author_id = cast.hunter.id
    ends = old_client(session, clerk, "renewal")
    make_contract(session, ends, ends_on=TODAY + timedelta(days=20))
    late = old_client(session, clerk, "overdue")
    owe(session, late)
    broken = old_client(session, clerk, "broken")
    owe(session, broken)
    broken_promise(session, broken, clerk)
    vip = old_client(session, cast.vip, "handoff")
    make_engagement(session, vip, clerk, at=AT - timedelta(days=200))
    make_offer(session, vip, Department.CLIENT, giver=Department.VIP)
    assert names(session, clerk) == [rank.reason.value for rank in RANKS]


def test_a_broken_promise_whose_money_came_after_all_puts_nobody_first(session, cast):
    client = old_client(session, cast.clerk, "late")
    promised, other = owe(session, client, 50_000), owe(session, client, 20_000)
    broken_promise(session, client, cast.clerk)
    for came, first in ((30_000, "broken"), (20_000, "overdue")):
        make_payment(session, came, client=client).allocate(session, promised, by=cast.clerk, at=AT)
        session.flush()
        assert queue(session, cast.clerk)[0][1][0] == first
    item = session.scalars(select(QueueItem)).one()
    assert item.reasons[0]["sums"] == {"RUB": other.outstanding_minor}


def test_a_broken_promise_tells_what_came_of_it(session, cast):
    client = old_client(session, cast.clerk, "part")
    invoice = owe(session, client)
    broken_promise(session, client, cast.clerk)
    make_payment(session, 30_000, client=client).allocate(session, invoice, by=cast.clerk, at=AT)
    assert names(session, cast.clerk) == ["part"]
    assert session.scalars(select(QueueItem)).one().reasons[0]["came"] == {"RUB": 30_000}


def test_a_client_with_several_reasons_is_called_once(session, cast):
    client = old_client(session, cast.clerk, "one")
    owe(session, client)
    make_task(session, client, TODAY)
    make_contract(session, client, ends_on=TODAY + timedelta(days=20))
    assert queue(session, cast.clerk) == [("one", ["overdue", "renewal", "routine"])]


def test_what_is_not_due_disputed_or_paid_is_not_overdue(session, cast):
    due, disputed, paid = (old_client(session, cast.clerk) for _ in range(3))
    owe(session, due, days=0)
    session.add(owe(session, disputed).dispute("sum", "", by=cast.clerk, at=AT))
    invoice = owe(session, paid)
    make_payment(session, client=paid).allocate(session, invoice, by=cast.clerk, at=AT)
    assert names(session, cast.clerk) == []


def test_among_the_overdue_the_sum_counts_and_the_more_the_older_it_is(session, cast):
    large, old, small = (old_client(session, cast.clerk, name) for name in ("large", "old", "small"))
    owe(session, small, 100_000, days=5)
    owe(session, old, 100_000, days=125)
    owe(session, large, 400_000, days=5)
    assert names(session, cast.clerk) == ["large", "old", "small"]


@pytest.mark.parametrize(
    ("days", "key"),
    [(1, "30"), (30, "30"), (31, "60"), (60, "60"), (61, "90"), (91, "120"), (120, "120"), (121, "older")],
)
def test_the_ages_of_a_debt(days, key):
    assert age_of(days).key == key
    assert [age.weight for age in AGE_BANDS] == sorted(age.weight for age in AGE_BANDS)


def test_a_first_delay_is_not_a_chronic_one(session, cast):
    first, chronic = old_client(session, cast.clerk, "first"), old_client(session, cast.clerk, "chronic")
    for days in (100, 70, 40):
        invoice = owe(session, chronic, days=days)
        payment = make_payment(session, client=chronic, received_on=invoice.due_on + timedelta(days=10))
        payment.allocate(session, invoice, by=cast.clerk, at=AT)
    owe(session, first, 150_000)
    owe(session, chronic, 100_000)
    assert names(session, cast.clerk) == ["chronic", "first"]
    assert HABITS[0][1] > 100 > HABITS[-1][1]


def test_a_hand_off_nobody_serves_yet_stands_in_everybodys_queue(session, cast):
    client = old_client(session, cast.hunter, "offered")
    offer = make_offer(session, client, Department.CLIENT)
    assert queue(session, None) == [("offered", ["handoff"])]
    session.add(offer.withdraw(by=cast.hunter, at=AT, seen=offer.version))
    assert queue(session, None) == []
    assert session.scalars(select(QueueItem)).all() == []


def test_a_contract_that_was_ended_on_purpose_is_not_renewed(session, cast):
    client = old_client(session, cast.clerk)
    contract = make_contract(session, client, starts_on=date(2026, 3, 1))
    session.add(contract.end(date(2026, 3, 31), "They closed", by=cast.clerk, at=AT, seen=contract.version))
    assert names(session, cast.clerk) == []


def test_what_was_dealt_with_rests_and_comes_back(session, cast):
    client = old_client(session, cast.clerk, "back")
    owe(session, client)
    later = AT + timedelta(hours=2)
    session.add(
        Operation.record(
            session, client, Outcome.NO_ANSWER, [Reason.OVERDUE], by=cast.clerk, at=AT, on=TODAY, back_at=later
        )
    )
    assert names(session, cast.clerk) == []
    assert keep_woken(session, at=later - timedelta(minutes=1)) == 0
    assert keep_woken(session, at=later) == 1
    item = session.scalars(select(QueueItem)).one()
    assert (item.rank, item.changes_at) == (PLACE[Reason.OVERDUE], None)


def test_a_new_reason_does_not_wait_for_what_rests(session, cast):
    client = old_client(session, cast.clerk, "new reason")
    owe(session, client)
    back = AT + timedelta(days=3)
    session.add(
        Operation.record(session, client, Outcome.DONE, [Reason.OVERDUE], by=cast.clerk, at=AT, on=TODAY, back_at=back)
    )
    make_task(session, client, TODAY)
    assert queue(session, cast.clerk) == [("new reason", ["routine"])]


def dealt_with(session, client, clerk, at=AT, on=TODAY):
    """Its routine work is done for five days."""
    session.add(
        Operation.record(
            session, client, Outcome.DONE, [Reason.ROUTINE], by=clerk, at=at, on=on, back_at=at + timedelta(days=5)
        )
    )


def test_work_of_a_later_day_does_not_wait_for_what_rests(session, cast):
    client = old_client(session, cast.clerk, "later")
    make_task(session, client, TODAY)
    dealt_with(session, client, cast.clerk)
    assert queue(session, cast.clerk) == []
    make_task(session, client, TODAY + timedelta(days=2))
    assert queue(session, cast.clerk, AT + timedelta(days=1)) == []
    assert names(session, cast.clerk, AT + timedelta(days=2)) == ["later"]


def test_a_client_that_answers_does_not_wait_for_what_rests(session, cast):
    client = old_client(session, cast.clerk, "asked")
    version = make_proposal(session, make_deal(session, client))
    make_task(session, client, TODAY)
    dealt_with(session, client, cast.clerk)
    assert queue(session, cast.clerk) == []
    make_answer(session, version, AnswerKind.QUESTION, at=AT + timedelta(hours=1))
    assert queue(session, cast.clerk, AT + timedelta(hours=2)) == [("asked", ["routine"])]
    dealt_with(session, client, cast.clerk, AT + timedelta(hours=3))
    assert queue(session, cast.clerk, AT + timedelta(hours=4)) == []


def test_a_promise_to_pay_lets_the_overdue_rest_until_its_day_is_over(session, cast):
    client = old_client(session, cast.clerk, "promised")
    owe(session, client)
    promise = PromiseToPay.make(session, client, 100_000, "RUB", TODAY, by=cast.clerk, at=AT)
    assert names(session, cast.clerk) == []
    assert break_due(session, TODAY, at=AT, most=10) == 0
    assert break_due(session, TODAY + timedelta(days=1), at=AT, most=10) == 1
    assert promise.state is PromiseToPayState.BROKEN
    assert queue(session, cast.clerk, AT + timedelta(days=1)) == [("promised", ["broken", "overdue"])]


def test_a_promise_is_kept_when_what_came_since_reaches_it(session, cast):
    client = old_client(session, cast.clerk)
    first, second = owe(session, client, 60_000), owe(session, client, 60_000)
    make_payment(session, 10_000, client=client).allocate(session, first, by=cast.clerk, at=AT)
    promise = PromiseToPay.make(session, client, 70_000, "RUB", TODAY, by=cast.clerk, at=AT + timedelta(minutes=1))
    later = AT + timedelta(hours=1)
    make_payment(session, 50_000, client=client).allocate(session, first, by=cast.clerk, at=later)
    session.flush()
    assert keep_paid(session, [client.id], at=later) == 0
    make_payment(session, 60_000, client=client).allocate(session, second, by=cast.clerk, at=later)
    session.flush()
    keep_promises_after(session, [("payment:allocated", client.id)], at=later)
    keep_after(session, [("payment:allocated", client.id)], at=later)
    assert promise.state is PromiseToPayState.KEPT
    assert "promisetopay:kept" in session.scalars(select(Event.kind)).all()


def test_nobody_promises_more_than_is_owed_and_still_to_be_invoiced_by_then(session, cast):
    client = old_client(session, cast.clerk)
    made = {"by": cast.clerk, "at": AT}
    PromiseToPay.make(session, client, 9_999_900, "RUB", TODAY, **made)  # nothing is owed yet
    owe(session, client, 65_000)
    with pytest.raises(Refused, match="more than they owe") as refusal:
        PromiseToPay.make(session, client, 65_001, "RUB", TODAY, **made)
    assert refusal.value.field == "amount_minor"
    make_contract(session, client, 10_000, starts_on=date(2026, 4, 1))
    for minor, due_on in ((75_000, TODAY), (75_001, date(2026, 4, 5)), (95_001, date(2026, 6, 5))):
        with pytest.raises(Refused):
            PromiseToPay.make(session, client, minor, "RUB", due_on, **made)
    assert PromiseToPay.make(session, client, 75_000, "RUB", date(2026, 4, 5), **made).amount_minor == 75_000
    PromiseToPay.make(
        session, client, 95_000, "RUB", date(2026, 6, 5), **made
    )  # April, May and June are invoiced by then


def test_nobody_breaks_a_promise_who_owes_nothing_any_more(session, cast):
    client = old_client(session, cast.clerk)
    invoice = owe(session, client, 60_000)
    promise = PromiseToPay.make(session, client, 60_000, "RUB", TODAY, by=cast.clerk, at=AT)
    later = AT + timedelta(hours=1)
    make_payment(session, 50_000, client=client).allocate(session, invoice, by=cast.clerk, at=later)
    invoice.credit(session, 10_000, "Two days offline", by=cast.clerk, at=later, on=TODAY, seen=invoice.version)
    session.flush()
    assert break_due(session, TODAY + timedelta(days=1), at=later, most=10) == 1
    assert promise.state is PromiseToPayState.KEPT


def test_a_client_that_puts_its_promise_off_has_one_promise_still(session, cast):
    client = old_client(session, cast.clerk)
    for day in (3, 9):
        PromiseToPay.make(session, client, 70_000, "RUB", TODAY + timedelta(days=day), by=cast.clerk, at=AT)
    promise = session.scalars(select(PromiseToPay)).one()
    assert (promise.due_on, promise.moved) == (TODAY + timedelta(days=9), 1)


def test_the_time_of_an_operation_is_counted_and_capped(session, cast):
    client = old_client(session, cast.clerk)
    for minutes in (1, 60 * 24, -5):
        opened = AT - timedelta(minutes=minutes)
        session.add(
            Operation.record(session, client, Outcome.DONE, [], by=cast.clerk, at=AT, on=TODAY, opened_at=opened)
        )
    assert session.scalars(select(Operation.seconds).order_by(Operation.id)).all() == [60, LONGEST_OPERATION, 0]


def test_calls_nobody_answered_count_up_to_the_last_answer(session, cast):
    client = old_client(session, cast.clerk)
    for hour, outcome in enumerate(["noanswer", "done", "noanswer", "postponed", "noanswer"]):
        at = AT + timedelta(hours=hour)
        session.add(Operation.record(session, client, Outcome(outcome), [], by=cast.clerk, at=at, on=TODAY))
    assert Operation.vain(session, client, AT - timedelta(days=7)) == 2


def owes_more(session, cast, client, amount: int, at: datetime) -> None:
    invoice = make_invoice(session, client, amount * 1000, TODAY - timedelta(days=amount), at=at)
    session.flush()
    keep(session, [invoice.client_id], at=at)  # in life it falls due by the night


def pays(session, cast, client, amount: int, at: datetime) -> None:
    for invoice in owed(session, client)[:1]:
        make_payment(session, amount * 500, client=client, at=at).allocate(session, invoice, by=cast.clerk, at=at)


def takes_back(session, cast, client, amount: int, at: datetime) -> None:
    for payment in session.scalars(select(Payment).where(Payment.client_id == client.id)).all():
        for allocation in payment.standing:
            payment.free(session, allocation, by=cast.clerk, at=at, on=TODAY)


def disputes(session, cast, client, amount: int, at: datetime) -> None:
    for invoice in owed(session, client)[-1:]:
        if invoice.disputed_at is None:
            session.add(invoice.dispute("sum", "", by=cast.clerk, at=at))


def promises(session, cast, client, amount: int, at: datetime) -> None:
    PromiseToPay.make(session, client, amount * 400, "RUB", TODAY + timedelta(days=amount), by=cast.clerk, at=at)


def is_planned(session, cast, client, amount: int, at: datetime) -> None:
    make_task(session, client, TODAY - timedelta(days=amount), at=at)


def is_called(session, cast, client, amount: int, at: datetime) -> None:
    for task in session.scalars(select(Task).where(Task.client_id == client.id, Task.closed_at.is_(None))).all():
        session.add(task.finish(by=cast.clerk, at=at))


def is_dealt_with(session, cast, client, amount: int, at: datetime) -> None:
    reasons, back = [Reason.OVERDUE, Reason.ROUTINE], at + timedelta(days=1)
    session.add(Operation.record(session, client, Outcome.DONE, reasons, by=cast.clerk, at=at, on=TODAY, back_at=back))


def gets_another_clerk(session, cast, client, amount: int, at: datetime) -> None:
    engagement = engagement_of(client)
    other = cast.other_clerk if engagement.owner_id == cast.clerk.id else cast.clerk
    session.add(engagement.reassign(other, by=cast.head_of_client, at=at, reason="To level", seen=engagement.version))


def owed(session, client) -> list[Invoice]:
    return list(session.scalars(select(Invoice).where(Invoice.client_id == client.id, Invoice.outstanding_minor > 0)))


VERBS = [
    owes_more, pays, takes_back, disputes, promises, is_planned, is_called, is_dealt_with, gets_another_clerk
]  # fmt: skip


@settings(max_examples=25)
@given(steps=st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 2), st.integers(1, 40)), max_size=12))
def test_the_kept_queue_equals_the_recomputed_one(steps):
    """After each verb only what it told of is kept anew; the whole must stay what it would be from nothing."""
    with in_memory(Cast.gather) as session:
        cast = Cast.found(session)
        clients = [old_client(session, cast.clerk) for _ in range(3)]
        session.flush()
        keep(session, everybody(session), at=AT)
        for number, (verb, which, amount) in enumerate(steps):
            at = AT + timedelta(minutes=number)
            seen = session.scalars(select(Event.id).order_by(Event.id.desc()).limit(1)).first() or 0
            verb(session, cast, clients[which], amount, at)
            session.flush()
            told = session.execute(select(Event.kind, Event.client_id).where(Event.id > seen, Event.client_id > 0))
            known = [(kind, client) for kind, client in told]
            keep_promises_after(session, known, at=at)
            keep_after(session, known, at=at)
        wanted = reckon(session, [client.id for client in clients], TODAY, at=AT + timedelta(minutes=len(steps)))
        kept = {
            item.client_id: {name: getattr(item, name) for name in wanted[item.client_id]}
            for item in session.scalars(select(QueueItem))
        }
        assert kept == wanted
