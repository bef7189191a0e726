"""Writing the invoices that are due, and raising amounts by their yearly rate: a batch in a transaction."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.domain.calendar import month_of
from webapp.domain.contract import Contract
from webapp.domain.event import Event
from webapp.domain.invoice import Invoice


def write_due(session: Session, day: date, *, at: datetime, most: int) -> int:
    """Invoice up to ``most`` contracts through the day, missed months too; how many invoices that were.

    A month before the day on which an amount rises is invoiced at the old amount, whenever its invoice is written.
    Whoever writes at the same time waits, so that numbers have no gap and no contract is invoiced twice.
    """
    number = Invoice.next_number(session, day.year)
    due = (
        select(Contract)
        .where(Contract.next_invoice_on <= day)
        .order_by(Contract.next_invoice_on, Contract.id)
        .limit(most)
        .with_for_update()
    )
    written: list[Invoice] = []
    for contract in session.scalars(due):
        while contract.next_invoice_on is not None and contract.next_invoice_on <= day:
            session.add_all(_raised(contract, contract.next_invoice_on, at))
            month = month_of(contract.next_invoice_on)
            written.append(Invoice.issue(session, contract, month, number + len(written), by=None, at=at, on=day))
    session.flush()
    session.add_all(invoice.issued(by=None, at=at) for invoice in written)
    return len(written)


def raise_due(session: Session, day: date, *, at: datetime, most: int) -> int:
    """Raise up to ``most`` contracts whose day has come and that wait for no earlier invoice; how many those were."""
    due = (
        select(Contract)
        .where(
            Contract.next_indexation_on <= day,
            or_(Contract.next_invoice_on.is_(None), Contract.next_invoice_on >= Contract.next_indexation_on),
            or_(Contract.ends_on.is_(None), Contract.ends_on >= Contract.next_indexation_on),
        )
        .order_by(Contract.id)
        .limit(most)
        .with_for_update()
    )
    contracts = session.scalars(due).all()
    for contract in contracts:
        session.add_all(_raised(contract, day, at))
    return len(contracts)


def _raised(contract: Contract, day: date, at: datetime) -> Iterator[Event]:
    while contract.next_indexation_on is not None and contract.next_indexation_on <= day:
        yield contract.index(at=at)
