"""The plan of collecting: settings with history, the month's figures, the forecast, and absences."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import AT, TODAY
from tests.factories import engagement_of, make_client, make_contract, make_invoice, make_payment, make_task
from webapp.domain.absence import Absence, end_due
from webapp.domain.collection_month import keep_month, reckon_month
from webapp.domain.collection_plan import CollectionPlan
from webapp.domain.errors import Refused
from webapp.domain.forecast import forecast
from webapp.domain.money import WHOLE

MARCH = date(2026, 3, 1)


def plan(session, cast, minor, reason="", month=MARCH, clerk=None):
    return CollectionPlan.set(
        session, clerk or cast.clerk, month, minor, "RUB", by=cast.head_of_client, at=AT, reason=reason
    )


def figures(session, cast, month=MARCH, today=TODAY):
    session.flush()
    return reckon_month(session, month, today)[cast.clerk.id, "RUB"]


def test_a_plan_is_changed_with_a_reason_and_keeps_its_history(session, cast):
    plan(session, cast, 100)
    with pytest.raises(Refused, match="Say why"):
        plan(session, cast, 200)
    plan(session, cast, 200, "A large client came")
    assert CollectionPlan.latest(session, cast.clerk.id, MARCH, "RUB").amount_minor == 200
    assert session.query(CollectionPlan).count() == 2


def test_a_month_that_is_over_and_other_departments_have_no_plan(session, cast):
    with pytest.raises(Refused, match="This month is over"):
        plan(session, cast, 100, month=date(2026, 2, 1))
    with pytest.raises(Refused, match="does not work in this department"):
        plan(session, cast, 100, clerk=cast.hunter)


def test_what_is_due_this_month_is_expected_and_the_rest_was_carried_over(session, cast):
    client = make_client(session, cast.clerk)
    make_invoice(session, client, 70_000, date(2026, 3, 1))
    old = make_invoice(session, client, 50_000, date(2026, 1, 5))
    make_payment(session, 20_000, date(2026, 3, 2), client=client).allocate(session, old, by=cast.clerk, at=AT)
    found = figures(session, cast)
    assert (found.expected, found.carried, found.received, found.unpaid) == (70_000, 50_000, 20_000, 70_000)
    assert found.overdue == {"30": 70_000, "60": 30_000}


def test_contracts_that_wait_for_their_invoice_are_expected_too(session, cast):
    make_contract(session, make_client(session, cast.clerk), 31_000, date(2026, 3, 1))
    assert figures(session, cast).expected == 31_000
    make_contract(session, make_client(session, cast.clerk), 10_000, date(2026, 4, 1))
    assert figures(session, cast).expected == 31_000


def test_money_counts_for_the_clerk_and_month_in_which_it_was_entered(session, cast):
    client = make_client(session, cast.clerk)
    invoice = make_invoice(session, client, 70_000, date(2026, 2, 20))
    make_payment(session, 70_000, date(2026, 2, 27), client=client).allocate(session, invoice, by=cast.clerk, at=AT)
    engagement = engagement_of(client)
    session.add(
        engagement.reassign(cast.other_clerk, by=cast.head_of_client, at=AT, reason="Level", seen=engagement.version)
    )
    session.flush()
    february = reckon_month(session, date(2026, 2, 1), TODAY)
    assert february[cast.clerk.id, "RUB"].received == 70_000
    assert (cast.clerk.id, "RUB") not in reckon_month(session, MARCH, TODAY)


def test_the_figures_may_be_kept_again_and_again(session, cast):
    make_invoice(session, make_client(session, cast.clerk), 70_000, date(2026, 3, 1))
    session.flush()
    assert [keep_month(session, MARCH, TODAY, at=AT) for _ in range(2)] == [1, 1]


def test_the_forecast_of_a_month_by_hand():
    # 100 came; 40 promised, of which half is kept; 60 more are due, at 80 % and a quarter of the month left
    assert forecast(100, 40, 100, kept=5_000, rate=8_000, left=2_500) == 100 + 20 + 12


SUMS = st.integers(0, 10**12)
SHARES = st.integers(0, WHOLE)


@given(came=SUMS, promised=SUMS, unpaid=SUMS, kept=SHARES, rate=st.integers(0, 3 * WHOLE), left=SHARES)
def test_a_forecast_lies_between_what_came_and_all_that_may_come(came, promised, unpaid, kept, rate, left):
    end = forecast(came, promised, unpaid, kept=kept, rate=rate, left=left)
    assert came <= end <= came + promised + max(0, unpaid - promised)
    assert forecast(came, promised, unpaid, kept=0, rate=rate, left=0) == came


def absent(session, cast, clients, days=7, reason="Holiday"):
    chosen = [engagement_of(client) for client in clients]
    back = TODAY + timedelta(days=days)
    return Absence.begin(
        session, cast.clerk, cast.other_clerk, chosen, back, reason, by=cast.head_of_client, at=AT
    )  # fmt: skip


def test_clients_go_to_the_colleague_and_come_back_on_the_day_of_return(session, cast):
    clients = [make_client(session, cast.clerk) for _ in range(3)]
    task = make_task(session, clients[0])
    absent(session, cast, clients)
    assert {engagement_of(client).owner_id for client in clients} == {cast.other_clerk.id}
    assert task.owner_id == cast.other_clerk.id
    assert end_due(session, TODAY + timedelta(days=6), at=AT) == 0
    assert end_due(session, TODAY + timedelta(days=7), at=AT) == 3
    assert {engagement_of(client).owner_id for client in clients} == {cast.clerk.id}
    assert end_due(session, TODAY + timedelta(days=8), at=AT) == 0


def test_what_the_colleague_handed_on_meanwhile_stays(session, cast):
    first, second = make_client(session, cast.clerk), make_client(session, cast.clerk)
    absent(session, cast, [first, second])
    engagement = engagement_of(first)
    session.add(
        engagement.reassign(
            cast.head_of_client, by=cast.head_of_client, at=AT, reason="A hard case", seen=engagement.version
        )
    )
    session.flush()
    assert end_due(session, TODAY + timedelta(days=7), at=AT) == 1
    assert engagement_of(first).owner_id == cast.head_of_client.id
    assert engagement_of(second).owner_id == cast.clerk.id


def test_nobody_comes_back_who_left_for_good(session, cast):
    client = make_client(session, cast.clerk)
    absent(session, cast, [client])
    cast.clerk.deactivated_at = AT
    session.flush()
    assert end_due(session, TODAY + timedelta(days=7), at=AT) == 0
    assert engagement_of(client).owner_id == cast.other_clerk.id


@pytest.mark.parametrize(("days", "reason"), [(0, "Holiday"), (7, "  ")])
def test_an_absence_needs_a_day_to_come_and_a_reason(session, cast, days, reason):
    client = make_client(session, cast.clerk)
    with pytest.raises(Refused):
        absent(session, cast, [client], days, reason)
