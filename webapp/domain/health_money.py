"""What was invoiced and paid by a day: invoices as they were issued, payments by their entries of allocation."""

from datetime import timedelta

from sqlalchemy import and_, case, func, select, String, type_coerce
from sqlalchemy.orm import Session

from webapp.domain.allocation import Allocation
from webapp.domain.contract import Contract
from webapp.domain.health_facts import Bill
from webapp.domain.health_known import Known, LOOK_BACK
from webapp.domain.invoice import CreditNote, Invoice
from webapp.domain.product import Billing
from webapp.domain.promise_to_pay import PromiseToPay, PromiseToPayState


def read(session: Session, known: Known) -> None:
    """Bills and broken promises to pay."""
    _bills(session, known)
    rows = session.connection().execute(
        select(PromiseToPay.client_id, PromiseToPay.id, PromiseToPay.closed_at).where(
            known.whose(PromiseToPay.client_id),
            PromiseToPay.state == PromiseToPayState.BROKEN,
            PromiseToPay.closed_at < known.end,
            PromiseToPay.closed_at >= known.start,
        )
    )
    for client, number, closed_at in rows.all():
        if closed_at is not None:
            known.add(client, "pledges_broken", (known.on(closed_at), number))


def _bills(session: Session, known: Known) -> None:
    """An invoice is covered on the day of the newest entry, once the entries and credits by then reach its total. What
    was taken back in full was never owed."""
    since = known.day - timedelta(days=LOOK_BACK)
    entered = and_(Allocation.invoice_id == Invoice.id, Allocation.entered_on <= known.day, Allocation.at < known.end)
    credited = (
        select(func.coalesce(func.sum(CreditNote.amount_minor), 0))
        .where(CreditNote.invoice_id == Invoice.id, CreditNote.issued_on <= known.day)
        .correlate(Invoice)
        .scalar_subquery()
    )
    rows = session.connection().execute(
        select(
            Invoice.client_id,
            Invoice.id,
            Invoice.contract_id,
            Invoice.issued_on,
            Invoice.due_on,
            Invoice.total_minor,
            Invoice.currency,
            Contract.product_id,
            type_coerce(Contract.billing, String),
            func.coalesce(func.sum(Allocation.amount_minor), 0),
            func.max(Allocation.entered_on),
            case((Invoice.credited_minor > 0, credited), else_=0),
        )
        .join(Contract, Contract.id == Invoice.contract_id)
        .join(Allocation, entered, isouter=True)
        .where(known.whose(Invoice.client_id), Invoice.issued_on <= known.day, Invoice.issued_on > since)
        .group_by(Invoice.client_id, Invoice.issued_on, Invoice.id, Contract.id)  # as the index has them
    )
    monthly, found = Billing.MONTHLY.value, known.found
    for client, number, contract, issued, due, total, currency, product, billing, paid, last, back in rows.all():
        if back < total and client in found:
            covered = last if paid + back >= total else None
            goods = product if product is not None else -contract
            bill = Bill(number, goods, billing == monthly, issued, due, total, currency, covered)
            found[client].setdefault("bills", []).append(bill)
