"""What clients pay a hunter, month by month: every kopeck stands in a client's row or among the others."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client, make_invoice, make_payment
from webapp.domain.calendar import month_of, months_on
from webapp.domain.commission import CommissionEntry
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.commission_terms import Portion, Terms
from webapp.queries import earnings
from webapp.queries.earnings import Earnings, months_shown

MONTH = month_of(TODAY)


def _entry(session: Session, cast: Cast, minor: int, month: date = MONTH, *, currency: str = "RUB") -> None:
    """A line that a client of its own earned the hunter."""
    if session.query(CommissionRule).count() == 0:
        by = {"by": cast.director, "at": AT, "closed_through": None}
        CommissionRule.add(session, "Start", months_on(MONTH, -12), Terms(Portion.INITIAL, 1_000), **by)
    client = make_client(session, cast.hunter)
    payment = make_payment(session, 1_000)
    allocation = payment.allocate(session, make_invoice(session, client, 1_000), by=cast.clerk, at=AT)
    session.add(
        CommissionEntry(
            month=month,
            person_id=cast.hunter.id,
            client_id=client.id,
            allocation_id=allocation.id,
            version_id=session.query(CommissionRule).one().versions[0].id,
            portion=Portion.INITIAL,
            base_minor=minor * 10,
            basis_points=1_000,
            amount_minor=minor,
            currency=currency,
            received_on=month,
            told={},
        )
    )


def _read(session: Session, cast: Cast) -> tuple[Earnings, ...]:
    session.flush()
    return earnings.earnings(session, cast.hunter.actor, cast.hunter.id, months_shown(MONTH))


def test_clients_stand_by_what_they_pay_and_the_rest_shares_a_row(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(earnings, "SHOWN", 2)
    for minor in (500, 900, 700, 100):
        _entry(session, cast, minor)
    _entry(session, cast, 40, months_on(MONTH, -1))
    (chart,) = _read(session, cast)
    assert [row.sums[-1] for row in chart.clients] == [900, 700]
    assert (chart.others[-1], chart.totals[-1], chart.paying[-1]) == (600, 2_200, 4)
    assert (chart.totals[-2], chart.paying[-2], chart.total) == (40, 1, 2_240)


def test_currencies_are_never_added(session: Session, cast: Cast) -> None:
    _entry(session, cast, 300)
    _entry(session, cast, 200)
    _entry(session, cast, 50, currency="USD")
    assert [(chart.currency, chart.totals[-1]) for chart in _read(session, cast)] == [("RUB", 500), ("USD", 50)]


def test_a_client_whose_money_went_back_does_not_pay(session: Session, cast: Cast) -> None:
    _entry(session, cast, -300)
    _entry(session, cast, 200)
    (chart,) = _read(session, cast)
    assert (chart.totals[-1], chart.paying[-1]) == (-100, 1)


def test_nobody_elses_lines_are_read(session: Session, cast: Cast) -> None:
    _entry(session, cast, 300)
    session.flush()
    assert earnings.earnings(session, cast.director.actor, cast.other_hunter.id, months_shown(MONTH)) == ()


def test_it_costs_the_same_with_one_client_and_with_thirty(session: Session, cast: Cast, statements: Any) -> None:
    _entry(session, cast, 300)
    session.flush()
    with statements() as one:
        _read(session, cast)
    for minor in range(1, 30):
        _entry(session, cast, minor)
    session.flush()
    with statements() as many:
        _read(session, cast)
    assert len(one) == len(many) == 3
