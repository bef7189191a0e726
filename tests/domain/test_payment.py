"""Payments and invoices: what covers what, and that nothing covers more than there is."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import engagement_of, make_client, make_engagement, make_invoice, make_payment
from webapp.domain.allocation import Allocation, ReturnKind
from webapp.domain.client import Client
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.invoice import Invoice
from webapp.domain.invoice_state import InvoiceState
from webapp.domain.payment import Payment


@pytest.fixture
def client(session: Session, cast: Cast) -> Client:
    return make_client(session, cast.clerk)


def test_invoices_are_numbered_without_gaps_within_a_year(session: Session, client: Client) -> None:
    days = (TODAY, TODAY, TODAY.replace(year=2027), TODAY)
    assert [make_invoice(session, client, on=day).label for day in days] == ["1/2026", "2/2026", "1/2027", "3/2026"]


def test_a_payment_covers_an_invoice_in_part_and_then_whole(session: Session, cast: Cast, client: Client) -> None:
    invoice = make_invoice(session, client, 100_000)
    make_payment(session, 40_000).allocate(session, invoice, by=cast.clerk, at=AT)
    assert (invoice.state, invoice.outstanding_minor) == (InvoiceState.PARTLY_PAID, 60_000)
    second = make_payment(session, 70_000)
    second.allocate(session, invoice, by=cast.clerk, at=AT)
    assert (invoice.state, second.free_minor) == (InvoiceState.PAID, 10_000)
    assert second.client is client


def test_an_allocation_counts_for_the_clerk_who_services_the_client(session: Session, cast: Cast) -> None:
    sold = make_client(session, cast.hunter)
    entry = make_payment(session).allocate(session, make_invoice(session, sold), by=cast.director, at=AT)
    assert entry.collected_by_id is None
    make_engagement(session, sold, cast.clerk)
    session.refresh(sold)
    entry = make_payment(session).allocate(session, make_invoice(session, sold), by=cast.director, at=AT)
    assert entry.collected_by_id == cast.clerk.id


def test_an_allocation_is_undone_by_an_entry_below_zero(session: Session, cast: Cast, client: Client) -> None:
    invoice, payment = make_invoice(session, client), make_payment(session)
    engagement_of(client)
    entry = payment.allocate(session, invoice, by=cast.clerk, at=AT)
    undone = payment.free(session, entry, by=cast.other_clerk, at=AT, on=TODAY)
    assert (undone.amount_minor, undone.collected_by_id) == (-100_000, cast.clerk.id)
    assert (invoice.state, payment.free_minor, payment.standing) == (InvoiceState.ISSUED, 100_000, [])
    with pytest.raises(Refused, match="undone already"):
        payment.free(session, entry, by=cast.clerk, at=AT, on=TODAY)


def test_a_payment_does_not_cover_another_clients_invoice(session: Session, cast: Cast, client: Client) -> None:
    payment = make_payment(session, client=client)
    with pytest.raises(Refused, match="another client"):
        payment.allocate(session, make_invoice(session, make_client(session, cast.clerk)), by=cast.clerk, at=AT)
    payment.allocate(session, make_invoice(session, client), by=cast.clerk, at=AT)
    with pytest.raises(Refused, match="free it before"):
        payment.claim(make_client(session, cast.clerk), by=cast.clerk, at=AT)


def test_a_payment_set_aside_covers_nothing_until_it_is_claimed(session: Session, cast: Cast, client: Client) -> None:
    payment, invoice = make_payment(session), make_invoice(session, client)
    payment.set_aside("Our own transfer", by=cast.clerk, at=AT)
    with pytest.raises(Refused, match="set aside"):
        payment.allocate(session, invoice, by=cast.clerk, at=AT)
    payment.claim(client, by=cast.clerk, at=AT)
    payment.allocate(session, invoice, by=cast.clerk, at=AT)


def test_a_return_frees_the_newest_invoices_and_only_as_much_as_went_back(
    session: Session, cast: Cast, client: Client
) -> None:
    older, newer = make_invoice(session, client, 60_000), make_invoice(session, client, 60_000)
    payment = make_payment(session, 130_000)
    for invoice in (older, newer):
        payment.allocate(session, invoice, by=cast.clerk, at=AT)
    payment.give_back(session, 30_000, ReturnKind.RETURNED, "Paid too much", by=cast.clerk, at=AT, on=TODAY)
    assert (older.outstanding_minor, newer.outstanding_minor, payment.free_minor) == (0, 20_000, 0)
    payment.give_back(session, 100_000, ReturnKind.RETURNED, "The rest", by=cast.clerk, at=AT, on=TODAY)
    assert (older.outstanding_minor, newer.outstanding_minor, payment.allocated_minor) == (60_000, 60_000, 0)
    with pytest.raises(Refused, match="than came"):
        payment.give_back(session, 1, ReturnKind.RETURNED, "More", by=cast.clerk, at=AT, on=TODAY)


def test_a_document_written_down_by_mistake_may_be_imported_again(session: Session, cast: Cast) -> None:
    payment = make_payment(session, fingerprint="a" * 64)
    payment.give_back(session, 100_000, ReturnKind.MISTAKE, "Wrong file", by=cast.clerk, at=AT, on=TODAY)
    assert payment.fingerprint is None
    make_payment(session, fingerprint="a" * 64)
    with pytest.raises(IntegrityError):
        make_payment(session, fingerprint="a" * 64)


def test_a_credit_takes_back_only_what_is_owed(session: Session, cast: Cast, client: Client) -> None:
    invoice = make_invoice(session, client)
    make_payment(session, 40_000).allocate(session, invoice, by=cast.clerk, at=AT)
    asked: dict[str, Any] = {"by": cast.clerk, "at": AT, "on": TODAY}
    with pytest.raises(Refused, match="still owed"):
        invoice.credit(session, 60_001, "Wrong", seen=invoice.version, **asked)
    with pytest.raises(Stale):
        invoice.credit(session, 60_000, "Wrong", seen=0, **asked)
    note = invoice.credit(session, 60_000, "Wrong", seen=invoice.version, **asked)
    assert (note.number, invoice.state, invoice.is_owed) == (1, InvoiceState.PAID, False)


def test_a_wholly_credited_invoice_takes_no_payment(session: Session, cast: Cast, client: Client) -> None:
    invoice = make_invoice(session, client)
    invoice.dispute("sum", "Ten too many", by=cast.clerk, at=AT)
    invoice.credit(session, 100_000, "Wrong", by=cast.clerk, at=AT, on=TODAY, seen=invoice.version)
    assert (invoice.state, invoice.disputed_at) == (InvoiceState.CREDITED, None)
    with pytest.raises(Refused):
        make_payment(session).allocate(session, invoice, 1, by=cast.clerk, at=AT)


def test_days_late_are_counted_from_the_due_day(session: Session, client: Client) -> None:
    invoice = make_invoice(session, client)
    assert [invoice.days_late(invoice.due_on + timedelta(days=days)) for days in (-1, 0, 31)] == [0, 0, 31]


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["allocate", "some", "free", "return", "credit", "receive"]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(1, 90_000),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTIONS)
def test_whatever_happens_sums_add_up_and_nothing_covers_more_than_there_is(
    session: Session, cast: Cast, actions: list[tuple[str, int, int, int]]
) -> None:
    client = make_client(session, cast.clerk)
    invoices = [make_invoice(session, client, total) for total in (10_001, 30_000, 50_000, 7)]
    payments = [make_payment(session, 20_000), make_payment(session, 33_333)]
    for kind, which, other, minor in actions:
        payment, invoice = payments[which % len(payments)], invoices[other]
        with suppress(Refused):
            _act(session, cast, kind, payment, invoice, minor, payments)
    session.flush()
    for payment in payments:
        covered = _sum(session, Allocation.payment_id == payment.id)
        assert covered == payment.allocated_minor
        assert 0 <= covered <= payment.amount_minor - payment.returned_minor
        assert payment.free_minor == payment.amount_minor - covered - payment.returned_minor
    for invoice in invoices:
        covered = _sum(session, Allocation.invoice_id == invoice.id)
        assert covered == invoice.settled_minor
        assert 0 <= covered <= invoice.total_minor - invoice.credited_minor
        assert invoice.credited_minor == sum(note.amount_minor for note in invoice.credits)
    entries = session.scalar(select(func.count()).select_from(Allocation))
    told = session.scalar(select(func.count()).where(Event.kind.in_(["payment:allocated", "payment:freed"])))
    assert entries == told


def _act(
    session: Session, cast: Cast, kind: str, payment: Payment, invoice: Invoice, minor: int, payments: list[Payment]
) -> None:
    match kind:
        case "receive":
            payments.append(make_payment(session, minor))
        case "allocate":
            payment.allocate(session, invoice, by=cast.clerk, at=AT)
        case "some":
            payment.allocate(session, invoice, minor, by=cast.clerk, at=AT)
        case "free" if payment.standing:
            payment.free(session, payment.standing[0], by=cast.clerk, at=AT, on=TODAY)
        case "return":
            payment.give_back(session, minor, ReturnKind.RETURNED, "Back", by=cast.clerk, at=AT, on=TODAY)
        case "credit":
            note: dict[str, Any] = {"by": cast.clerk, "at": AT, "on": TODAY, "seen": invoice.version}
            invoice.credit(session, minor, "Less", **note)


def _sum(session: Session, where: Any) -> int:
    return session.scalar(select(func.coalesce(func.sum(Allocation.amount_minor), 0)).where(where)) or 0
