"""Which invoices a night writes: all that are due, once, at the amount of their month."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import make_client, make_contract
from webapp.domain.client import Client
from webapp.domain.event import Event
from webapp.domain.invoice import Invoice
from webapp.domain.invoicing import raise_due, write_due
from webapp.domain.product import Billing

MARCH = date(2026, 3, 1)


@pytest.fixture
def client(session: Session, cast: Cast) -> Client:
    return make_client(session, cast.clerk)


@pytest.fixture
def night(session: Session) -> Callable[[date], list[tuple[date, str, int]]]:
    """Do a night's invoicing in batches of three; the invoices there are then, as period, number and sum."""

    def work(day: date) -> list[tuple[date, str, int]]:
        for batch in (raise_due, write_due, raise_due):
            while batch(session, day, at=AT, most=3):
                pass
        return [(i.period, i.label, i.total_minor) for i in session.scalars(select(Invoice).order_by(Invoice.id))]

    return work


def test_missed_months_are_made_up_for(session: Session, client: Client, night) -> None:
    make_contract(session, client, 31_000, date(2026, 1, 31))
    assert night(MARCH) == [
        (date(2026, 1, 1), "1/2026", 1_000),
        (date(2026, 2, 1), "2/2026", 31_000),
        (MARCH, "3/2026", 31_000),
    ]


def test_a_second_night_of_the_same_day_writes_nothing(session: Session, client: Client, night) -> None:
    for _ in range(7):
        make_contract(session, client)
    first = night(MARCH)
    assert len(first) == 21
    assert night(MARCH) == first


def test_numbers_have_no_gap_and_begin_anew_each_year(session: Session, client: Client, night) -> None:
    for _ in range(4):
        make_contract(session, client, starts_on=date(2026, 11, 1))
    numbers = [label for _, label, _ in night(date(2026, 12, 1)) + night(date(2027, 1, 1))[8:]]
    assert numbers == [f"{number}/2026" for number in range(1, 9)] + [f"{number}/2027" for number in range(1, 5)]


def test_an_amount_rises_on_its_day_and_not_for_months_before(session: Session, client: Client, night) -> None:
    make_contract(session, client, 100_000, date(2025, 2, 1), indexation=1_000)
    sums = [total for _, _, total in night(MARCH)]
    assert sums == [100_000] * 12 + [110_000, 110_000]


def test_an_amount_rises_in_the_middle_of_a_month_for_the_next(session: Session, client: Client, night) -> None:
    make_contract(session, client, 100_000, date(2025, 2, 15), indexation=1_000)
    assert [total for _, _, total in night(date(2026, 2, 14))][-1] == 100_000
    assert [total for _, _, total in night(MARCH)][-2:] == [100_000, 110_000]
    told = session.scalars(select(Event.details).where(Event.kind == "contract:indexed")).all()
    assert [(details["was_minor"], details["amount_minor"]) for details in told] == [(100_000, 110_000)]


def test_a_contract_that_ended_is_raised_no_more(session: Session, cast: Cast, client: Client, night) -> None:
    contract = make_contract(session, client, 100_000, date(2025, 2, 1), indexation=1_000)
    contract.end(date(2025, 12, 31), "Moved away", by=cast.clerk, at=AT, seen=1)
    night(MARCH)
    assert contract.amount_minor == 100_000


def test_what_is_sold_once_is_invoiced_once(session: Session, client: Client, night) -> None:
    make_contract(session, client, 5_000, date(2026, 2, 20), billing=Billing.ONE_OFF)
    assert night(date(2026, 2, 19)) == []
    assert night(date(2027, 1, 1)) == [(date(2026, 2, 1), "1/2027", 5_000)]


def test_a_single_day_of_the_smallest_sum_still_costs_a_coin(session: Session, client: Client, night) -> None:
    make_contract(session, client, 1, date(2026, 1, 31))
    assert [total for _, _, total in night(date(2026, 1, 31))] == [1]


def test_every_invoice_is_told(session: Session, client: Client, night) -> None:
    make_contract(session, client)
    written = night(MARCH)
    assert session.scalar(select(func.count()).where(Event.kind == "invoice:issued")) == len(written) == 3


def test_each_contract_waits_for_its_next_month_and_can_be_changed(session, cast: Cast, client: Client, night) -> None:
    plain, rising = make_contract(session, client), make_contract(session, client, indexation=1_000)
    ending = make_contract(session, client, ends_on=date(2026, 2, 10))
    rising.next_indexation_on = MARCH
    night(MARCH)
    session.expire_all()
    assert [each.next_invoice_on for each in (plain, rising, ending)] == [date(2026, 4, 1), date(2026, 4, 1), None]
    assert rising.amount_minor == 110_000
    for contract in (plain, rising):
        session.add(contract.change(by=cast.clerk, at=AT, seen=contract.version, amount_minor=70_000))
        session.flush()
    assert night(date(2026, 4, 1))[-1][2] == 70_000
