"""Contracts: what a month costs, when it is invoiced, how it ends and grows."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import make_client, make_contract, make_product
from webapp.domain.contract import Contract
from webapp.domain.errors import Refused, Stale
from webapp.domain.invoice import Invoice
from webapp.domain.invoice_content import invoice_content
from webapp.domain.product import Billing

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))


@pytest.fixture
def contract(session: Session, cast: Cast) -> Contract:
    return make_contract(session, make_client(session, cast.clerk), 310_000, date(2026, 1, 11), payment_day=10)


def test_the_first_and_the_last_month_cost_their_days(contract: Contract, cast: Cast) -> None:
    contract.end(date(2026, 3, 10), "Moved away", by=cast.clerk, at=AT, seen=1)
    assert contract.period_amount(JANUARY) == 210_000  # 21 of 31 days
    assert contract.period_amount(FEBRUARY) == 310_000
    assert contract.period_amount(MARCH) == 100_000


def test_an_invoice_is_due_on_the_payment_day_that_is_not_over_when_it_is_written(contract: Contract) -> None:
    assert contract.due_on(FEBRUARY, FEBRUARY) == date(2026, 2, 10)
    assert contract.due_on(FEBRUARY, date(2026, 2, 10)) == date(2026, 2, 10)
    assert contract.due_on(FEBRUARY, date(2026, 2, 11)) == date(2026, 3, 10)
    assert contract.due_on(JANUARY, date(2026, 1, 1)) == date(2026, 2, 10), "it begins after the payment day"
    assert contract.due_on(FEBRUARY, date(2026, 1, 20)) == date(2026, 2, 10), "written early"
    contract.payment_day = 31
    assert contract.due_on(FEBRUARY, FEBRUARY) == date(2026, 2, 28)


def test_months_are_invoiced_one_after_the_other_until_the_end(contract: Contract, cast: Cast) -> None:
    contract.end(date(2026, 2, 28), "Moved away", by=cast.clerk, at=AT, seen=1)
    contract.written_through(JANUARY)
    assert contract.next_invoice_on == FEBRUARY
    contract.written_through(FEBRUARY)
    assert contract.next_invoice_on is None


def test_a_one_off_contract_is_invoiced_once(session: Session, cast: Cast) -> None:
    contract = make_contract(session, make_client(session, cast.clerk), 5_000, billing=Billing.ONE_OFF)
    assert contract.period_amount(JANUARY) == 5_000
    contract.written_through(JANUARY)
    assert contract.next_invoice_on is None


def test_a_contract_that_goes_on_is_invoiced_again(contract: Contract, cast: Cast) -> None:
    contract.end(date(2026, 2, 28), "Moved away", by=cast.clerk, at=AT, seen=1)
    contract.written_through(JANUARY)
    contract.written_through(FEBRUARY)
    contract.end(date(2026, 12, 31), "They stay", by=cast.clerk, at=AT, seen=contract.version)
    assert contract.next_invoice_on == MARCH


def test_an_end_inside_an_invoiced_month_cannot_be_prolonged(contract: Contract, cast: Cast) -> None:
    contract.end(date(2026, 1, 20), "Moved away", by=cast.clerk, at=AT, seen=1)
    contract.written_through(JANUARY)
    with pytest.raises(Refused, match="in part"):
        contract.end(date(2026, 12, 31), "They stay", by=cast.clerk, at=AT, seen=contract.version)


def test_a_contract_does_not_end_before_what_is_invoiced(contract: Contract, cast: Cast) -> None:
    contract.written_through(JANUARY)
    contract.written_through(FEBRUARY)
    with pytest.raises(Refused, match="invoiced already"):
        contract.end(date(2026, 1, 31), "Moved away", by=cast.clerk, at=AT, seen=1)
    contract.end(date(2026, 2, 15), "Moved away", by=cast.clerk, at=AT, seen=1)
    assert contract.next_invoice_on is None


def test_the_amount_grows_each_year_by_its_rate_rounded_half_up(session: Session, cast: Cast) -> None:
    contract = make_contract(session, make_client(session, cast.clerk), 10_050, date(2024, 2, 29), indexation=500)
    assert contract.next_indexation_on == date(2025, 2, 28)
    contract.index(at=AT)
    assert (contract.amount_minor, contract.next_indexation_on) == (10_553, date(2026, 2, 28))


def test_a_contract_at_its_products_rate_follows_it_from_the_day_and_another_keeps_its_own(
    session: Session, cast: Cast
) -> None:
    client, product = make_client(session, cast.clerk), make_product(session, cast.director)
    session.add(product.tax_from("reduced", MARCH, by=cast.director, at=AT, seen=product.version))
    follows, keeps = (make_contract(session, client, 12_200, product=product, tax=tax) for tax in ("standard", "zero"))
    later = make_contract(session, client, 11_000, MARCH, product=product, tax="reduced")
    none_of_ours = make_contract(session, client, 12_200, tax="standard")
    assert [follows.tax_inside(12_200, day) for day in (FEBRUARY, MARCH)] == [2_200, 1_109]
    assert [each.tax_on(MARCH) for each in (keeps, later, none_of_ours)] == ["zero", "reduced", "standard"]
    number = Invoice.next_number(session, 2026)
    invoices = [
        Invoice.issue(session, follows, month, number + place, by=None, at=AT, on=month)
        for place, month in enumerate((FEBRUARY, MARCH))
    ]
    session.flush()
    session.add_all(invoice.issued(by=None, at=AT) for invoice in invoices)
    session.flush()
    assert [invoice.tax_minor for invoice in invoices] == [2_200, 1_109]
    assert [invoice_content(session, invoice)["tax_rate"] for invoice in invoices] == [2_200, 1_000]
    session.add(product.tax_from("zero", FEBRUARY, by=cast.director, at=AT, seen=product.version))
    assert invoice_content(session, invoices[1])["tax_rate"] == 1_000, "what is issued stays"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount_minor": 0}, "amount_minor"),
        ({"payment_day": 32}, "payment_day"),
        ({"notice_days": -1}, "notice_days"),
        ({"indexation": 5_001}, "indexation"),
        ({"ends_on": date(2025, 12, 31)}, "ends_on"),
        ({"name": " "}, "name"),
        ({"tax": "simplified_5", "starts_on": date(2024, 1, 1)}, "tax"),
    ],
)
def test_impossible_terms_are_refused_at_their_field(
    session: Session, cast: Cast, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        make_contract(session, make_client(session, cast.clerk), **fields)
    assert refusal.value.field == field


def test_two_people_do_not_change_a_contract_over_each_other(contract: Contract, cast: Cast) -> None:
    with pytest.raises(Stale):
        contract.change(by=cast.clerk, at=AT, seen=0, amount_minor=1)


def test_notice_is_in_time_until_so_many_days_before_the_end(contract: Contract, cast: Cast) -> None:
    assert contract.notice_by is None
    contract.end(date(2026, 12, 31), "The term", by=cast.clerk, at=AT, seen=1)
    assert contract.notice_by == date(2026, 12, 1)


def test_the_first_day_may_be_another_one_until_something_is_invoiced(contract: Contract, cast: Cast) -> None:
    moved = contract.change(by=cast.clerk, at=AT, seen=contract.version, starts_on=date(2026, 2, 20), indexation=500)
    assert moved.details["fields"] == ["indexation", "starts_on"]
    assert (contract.next_invoice_on, contract.next_indexation_on) == (date(2026, 2, 20), date(2027, 2, 20))
    assert contract.period_amount(FEBRUARY) == 99_643  # 9 of 28 days
    contract.written_through(FEBRUARY)
    with pytest.raises(Refused, match="invoiced already"):
        contract.change(by=cast.clerk, at=AT, seen=contract.version, starts_on=MARCH)


def test_the_only_day_of_a_one_off_contract_moves_whole(session: Session, cast: Cast) -> None:
    once = make_contract(session, make_client(session, cast.clerk), 100, JANUARY, billing=Billing.ONE_OFF)
    once.change(by=cast.clerk, at=AT, seen=once.version, starts_on=MARCH)
    assert (once.starts_on, once.ends_on, once.next_invoice_on) == (MARCH, MARCH, MARCH)
