"""Writing the invoices that are due, and raising amounts by their yearly rate: a batch in a transaction."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import attributes, selectinload, Session

from webapp.domain.calendar import month_of
from webapp.domain.contract import Contract
from webapp.domain.event import Event
from webapp.domain.invoice import Invoice
from webapp.domain.leaflet import enclose


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
        .options(selectinload(Contract.product))
        .with_for_update(of=Contract)
    )
    written: list[Invoice] = []
    contracts = session.scalars(due).all()
    for contract in contracts:
        while contract.next_invoice_on is not None and contract.next_invoice_on <= day:
            session.add_all(_raised(contract, contract.next_invoice_on, at))
            month = month_of(contract.next_invoice_on)
            written.append(Invoice.issue(session, contract, month, number + len(written), by=None, at=at, on=day))
    _advance(session, contracts)
    session.flush()
    enclose(session, written, day)
    session.add_all(invoice.issued(by=None, at=at) for invoice in written)
    return len(written)


def _advance(session: Session, contracts: Sequence[Contract]) -> None:
    """Write the days of the next invoices: a statement for all contracts of one day, not one for each contract, which
    takes longer than all the rest. Contracts whose amount rose are left to the flush. All are locked by the caller."""
    following: dict[date | None, list[Contract]] = {}
    for contract in contracts:
        if not attributes.get_history(contract, "amount_minor").has_changes():
            following.setdefault(contract.next_invoice_on, []).append(contract)
    for day, group in following.items():
        for contract in group:
            attributes.set_committed_value(contract, "next_invoice_on", day)
            attributes.set_committed_value(contract, "version", contract.version + 1)
    for day, group in following.items():
        session.execute(
            update(Contract)
            .where(Contract.id.in_([contract.id for contract in group]))
            .values(next_invoice_on=day, version=Contract.version + 1)
            .execution_options(synchronize_session=False)
        )


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
