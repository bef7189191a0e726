"""Collecting in figures: what a clerk's clients are to pay in a month, what came, what is owed. Kept, not entered."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import and_, case, func, Index, JSON, or_, select, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.aging import AGE_BANDS
from webapp.domain.allocation import Allocation
from webapp.domain.base import Base
from webapp.domain.calendar import last_day, month_of, months_on
from webapp.domain.contract import Contract
from webapp.domain.engagement import Engagement
from webapp.domain.invoice import Invoice
from webapp.domain.words import Department


class CollectionMonth(Base):
    """One clerk, month and currency. Recomputed by the night, and within a minute after something happened.

    It names clerks by number only: it is a kept sum, of which no event tells.
    """

    __tablename__ = "collection_month"
    __table_args__ = (
        UniqueConstraint("clerk_id", "month", "currency"),
        Index("ix_collection_month_month", "month", "clerk_id"),
        {"sqlite_autoincrement": True},
    )

    clerk_id: Mapped[int]
    month: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    expected_minor: Mapped[int] = mapped_column(default=0)
    """Invoices due in the month, and what contracts will still be invoiced for with a day in it."""
    carried_minor: Mapped[int] = mapped_column(default=0)
    """Owed from before the month, when it began."""
    received_minor: Mapped[int] = mapped_column(default=0)
    unpaid_minor: Mapped[int] = mapped_column(default=0)
    """Of the expected, what has not come yet."""
    overdue: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """Past its day and not disputed, by the keys of AGE_BANDS."""
    reckoned_at: Mapped[datetime]


@dataclass
class Figures:
    """One clerk's of a month in one currency, in minor units."""

    expected: int = 0
    carried: int = 0
    received: int = 0
    unpaid: int = 0
    overdue: dict[str, int] = field(default_factory=dict)


Found = dict[tuple[int, str], Figures]


def reckon_month(session: Session, month: date, today: date) -> Found:
    """The figures of every clerk for a month. Four statements.

    A client's sums count for whoever answers for the client in the Client department now; what came counts for whoever
    did when it was entered.
    """
    found: Found = {}
    _received(session, found, month)
    _invoiced(session, found, month, today)
    _to_invoice(session, found, month)
    return found


def _of(found: Found, clerk: int, currency: str) -> Figures:
    return found.setdefault((clerk, currency), Figures())


def _received(session: Session, found: Found, month: date) -> None:
    rows = session.execute(
        select(Allocation.collected_by_id, Allocation.currency, func.sum(Allocation.amount_minor))
        .where(Allocation.collected_by_id.is_not(None), Allocation.entered_on.between(month, last_day(month)))
        .group_by(Allocation.collected_by_id, Allocation.currency)
    )
    for clerk, currency, minor in rows:
        if clerk is not None:
            _of(found, clerk, currency).received = int(minor)


def _invoiced(session: Session, found: Found, month: date, today: date) -> None:
    """What is due in the month, what was owed before it began, and what is overdue today, by age."""
    last = last_day(month)
    serves = and_(
        Engagement.client_id == Invoice.client_id,
        Engagement.department == Department.CLIENT,
        Engagement.closed_at.is_(None),
    )
    due = Invoice.due_on.between(month, last)
    rows = session.execute(
        select(
            Engagement.owner_id,
            Invoice.currency,
            func.sum(Invoice.total_minor - Invoice.credited_minor),
            func.sum(Invoice.outstanding_minor),
        )
        .join(Engagement, serves)
        .where(due)
        .group_by(Engagement.owner_id, Invoice.currency)
    )
    for clerk, currency, expected, unpaid in rows:
        figures = _of(found, clerk, currency)
        figures.expected, figures.unpaid = int(expected), int(unpaid)
    starts = [today - timedelta(days=age.most) if age.most is not None else None for age in AGE_BANDS]
    ages = [
        func.sum(
            case(
                (
                    and_(
                        Invoice.disputed_at.is_(None),
                        Invoice.due_on < (today if number == 0 else starts[number - 1]),
                        *([] if starts[number] is None else [Invoice.due_on >= starts[number]]),
                    ),
                    Invoice.outstanding_minor,
                ),
                else_=0,
            )
        )
        for number in range(len(AGE_BANDS))
    ]
    before = func.sum(case((Invoice.due_on < month, Invoice.outstanding_minor), else_=0))
    owed = session.execute(
        select(Engagement.owner_id, Invoice.currency, before, *ages)
        .join(Engagement, serves)
        .where(Invoice.outstanding_minor > 0, Invoice.due_on < max(month, today))
        .group_by(Engagement.owner_id, Invoice.currency)
    )
    for clerk, currency, carried, *sums in owed:
        figures = _of(found, clerk, currency)
        figures.carried = int(carried)
        figures.overdue = {age.key: int(minor) for age, minor in zip(AGE_BANDS, sums, strict=True) if minor}
    paid = session.execute(
        select(Engagement.owner_id, Allocation.currency, func.sum(Allocation.amount_minor))
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .join(Engagement, serves)
        .where(Allocation.entered_on.between(month, max(today, last)), Invoice.due_on < month)
        .group_by(Engagement.owner_id, Allocation.currency)
    )
    for clerk, currency, minor in paid:  # it was owed when the month began, and has come since
        _of(found, clerk, currency).carried += int(minor)


def _to_invoice(session: Session, found: Found, month: date) -> None:
    """Contracts whose invoice for the month is still to be written."""
    last, following = last_day(month), months_on(month, 1)
    rows = session.execute(
        select(Engagement.owner_id, Contract)
        .join(
            Engagement,
            and_(
                Engagement.client_id == Contract.client_id,
                Engagement.department == Department.CLIENT,
                Engagement.closed_at.is_(None),
            ),
        )
        .where(Contract.next_invoice_on < following, or_(Contract.ends_on.is_(None), Contract.ends_on >= month))
    )
    for clerk, contract in rows:
        if contract.next_invoice_on is None or contract.starts_on > last:
            continue
        billed = max(month_of(contract.next_invoice_on), month)
        if month_of(contract.due_on(billed, billed)) == month:
            minor = contract.period_amount(billed)
            figures = _of(found, clerk, contract.currency)
            figures.expected += minor
            figures.unpaid += minor


def keep_month(session: Session, month: date, today: date, *, at: datetime) -> int:
    """Write the figures of a month down anew; how many rows that are."""
    found = reckon_month(session, month, today)
    rows = select(CollectionMonth).where(CollectionMonth.month == month).order_by(CollectionMonth.id).with_for_update()
    held = {(row.clerk_id, row.currency): row for row in session.scalars(rows)}
    for key in held.keys() - found.keys():
        session.delete(held[key])
    for (clerk, currency), figures in found.items():
        row = held.get((clerk, currency)) or CollectionMonth(clerk_id=clerk, month=month, currency=currency)
        row.expected_minor, row.carried_minor, row.received_minor, row.unpaid_minor, row.overdue = (
            figures.expected,
            figures.carried,
            figures.received,
            figures.unpaid,
            figures.overdue,
        )
        row.reckoned_at = at
        session.add(row)
    session.flush()
    return len(found)
