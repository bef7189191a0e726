"""Many entities written at once are as if each had been written by itself."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.cast import AT, Cast
from tests.factories import make_client, make_invoice, make_payment
from tests.support.memory import in_memory
from webapp.domain.allocation import Allocation
from webapp.domain.bulk import write_changed, write_new
from webapp.domain.invoice import Invoice
from webapp.domain.payment import Payment


@pytest.fixture
def session():
    with in_memory(Cast.gather) as session:
        yield session


@pytest.fixture
def cast(session: Session) -> Cast:
    return Cast.found(session)


def test_what_verbs_changed_is_written_with_the_next_version(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    invoices = [make_invoice(session, client, minor) for minor in (100_00, 200_00)]
    payments = [make_payment(session, 150_00) for _ in range(2)]
    seen = [each.version for each in (*payments, *invoices)]
    entries = [
        payment.cover(invoice, by=cast.clerk, at=AT) for payment, invoice in zip(payments, invoices, strict=True)
    ]
    write_changed(session, payments)
    write_changed(session, invoices)
    write_new(session, entries)
    assert [each.version - before for each, before in zip((*payments, *invoices), seen, strict=True)] == [1] * 4
    numbers = [[each.id for each in some] for some in (payments, invoices)]
    session.expunge_all()
    kept = [(p.client_id, p.allocated_minor, p.free_minor, p.version) for p in session.query(Payment).order_by("id")]
    assert kept == [(client.id, 100_00, 50_00, 2), (client.id, 150_00, 0, 2)]
    assert [invoice.outstanding_minor for invoice in session.query(Invoice).order_by("id")] == [0, 50_00]
    written = [(a.payment_id, a.invoice_id, a.amount_minor) for a in session.query(Allocation).order_by("id")]
    assert written == [(*pair, minor) for pair, minor in zip(zip(*numbers, strict=True), (100_00, 150_00), strict=True)]


def test_nothing_is_written_over_what_somebody_else_changed(session: Session, cast: Cast) -> None:
    payments = [make_payment(session, 150_00) for _ in range(2)]
    for payment in payments:
        payment.set_aside("Interest", by=cast.clerk, at=AT)
    session.connection().execute(
        update(Payment.__table__).where(Payment.__table__.c.id == payments[1].id).values(version=7)
    )
    with pytest.raises(StaleDataError):
        write_changed(session, payments)


def test_what_has_no_version_is_refused(session: Session, cast: Cast) -> None:
    cast.company.name = "Another"
    with pytest.raises(TypeError):
        write_changed(session, [cast.company])
