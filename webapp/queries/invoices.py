"""Invoices: the list with its filters, and what is owed per currency. Each list is a range of an index."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import and_, case, ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.aging import AGE_BANDS
from webapp.domain.client import Client
from webapp.domain.contract import Contract
from webapp.domain.engagement import Engagement
from webapp.domain.invoice import Invoice
from webapp.domain.invoice_state import InvoiceState
from webapp.domain.user import Actor
from webapp.domain.words import Department, N_

PAGE = 50
OWED = Invoice.outstanding_minor > 0
"""What the partial indexes hold: said in the same words, or they are not used."""

SHOWN: dict[str, str] = {
    "owed": N_("Owed"),
    "overdue": N_("Overdue"),
    "disputed": N_("Disputed"),
    "paid": N_("Paid"),
    "all": N_("All"),
}
"""What the list can be narrowed to. The first three are ordered by the due day, the others by number."""

BY_DUE = frozenset({"owed", "overdue", "disputed"})


@dataclass(frozen=True, slots=True)
class WantedInvoices:
    """What the list is narrowed to. ``number`` finds one by what stands on it, with or without its year. ``after`` is
    the cursor of the page: a due day, or a year, and a number or id."""

    shown: str = "owed"
    band: str = ""
    clerk_id: int | None = None
    client_id: int | None = None
    number: str = ""
    after: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    id: int
    year: int
    number: int
    client_id: int
    client: str
    name: str
    period: date
    issued_on: date
    due_on: date
    state: InvoiceState
    currency: str
    total_minor: int
    outstanding_minor: int
    disputed: bool
    days_late: int = 0

    @property
    def label(self) -> str:
        return f"{self.number}/{self.year}"


@dataclass(frozen=True, slots=True)
class OwedSum:
    """Over all that match, in one currency."""

    currency: str
    count: int
    outstanding_minor: int
    overdue_minor: int


@dataclass(frozen=True, slots=True)
class FoundInvoices:
    rows: tuple[InvoiceRow, ...]
    sums: tuple[OwedSum, ...]
    """Of what is owed; empty for a list of everything, which owes nothing as a whole."""
    after: tuple[str, int] | None


def list_invoices(session: Session, actor: Actor, wanted: WantedInvoices, today: date) -> FoundInvoices:
    """A page of invoices: what is owed by the due day, the oldest first; the rest by number, the newest first."""
    where = _conditions(session, wanted, today)
    by_due = wanted.shown in BY_DUE and not wanted.number
    rows = _page(session, wanted, where, today, by_due=by_due)
    more = len(rows) > PAGE
    last = rows[PAGE - 1] if more else None
    after = None
    if last is not None:
        after = (last.due_on.isoformat(), last.id) if by_due else (str(last.year), last.number)
    return FoundInvoices(tuple(rows[:PAGE]), _sums(session, wanted, where, today), after)


def _conditions(session: Session, wanted: WantedInvoices, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.number:
        found.append(_numbered(session, wanted.number))
    else:
        found += _shown(wanted, today)
    if wanted.client_id is not None:
        found.append(Invoice.client_id == wanted.client_id)
    if wanted.clerk_id is not None:
        serviced = select(Engagement.client_id).where(
            Engagement.owner_id == wanted.clerk_id,
            Engagement.department == Department.CLIENT,
            Engagement.closed_at.is_(None),
        )
        found.append(Invoice.client_id.in_(serviced))
    return found


def _shown(wanted: WantedInvoices, today: date) -> list[ColumnElement[bool]]:
    match wanted.shown:
        case "owed":
            return [OWED]
        case "overdue":
            band = next((band for band in AGE_BANDS if band.key == wanted.band), None)
            late = Invoice.due_on < today if band is None else Invoice.due_on.between(*band.due_between(today))
            return [OWED, late]
        case "disputed":
            return [OWED, Invoice.disputed_at.is_not(None)]
        case "paid":
            return [Invoice.state == InvoiceState.PAID]
        case _:
            return []


def _numbered(session: Session, text: str) -> ColumnElement[bool]:
    """``17/2026``, or ``17`` of any year: each is looked up in the index of numbers."""
    number, _, year = text.partition("/")
    first, last = session.execute(select(func.min(Invoice.year), func.max(Invoice.year))).one()
    years = [int(year)] if year else list(range(first or 0, (last or 0) + 1))
    return or_(*(and_(Invoice.year == each, Invoice.number == int(number)) for each in years))


def _page(
    session: Session, wanted: WantedInvoices, where: list[ColumnElement[bool]], today: date, *, by_due: bool
) -> list[InvoiceRow]:
    page = (
        select(
            Invoice.id,
            Invoice.year,
            Invoice.number,
            Invoice.client_id,
            Client.name.label("client"),
            Contract.name,
            Invoice.period,
            Invoice.issued_on,
            Invoice.due_on,
            Invoice.state,
            Invoice.currency,
            Invoice.total_minor,
            Invoice.outstanding_minor,
            Invoice.disputed_at.is_not(None).label("disputed"),
        )
        .join(Client, Client.id == Invoice.client_id)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(*where)
        .limit(PAGE + 1)
    )
    if by_due:
        page = page.order_by(Invoice.due_on, Invoice.id)
        if wanted.after is not None:
            page = page.where(
                tuple_(Invoice.due_on, Invoice.id) > (date.fromisoformat(wanted.after[0]), wanted.after[1])
            )
    else:
        page = page.order_by(Invoice.year.desc(), Invoice.number.desc())
        if wanted.after is not None:
            page = page.where(tuple_(Invoice.year, Invoice.number) < (int(wanted.after[0]), wanted.after[1]))
    rows = (InvoiceRow(**row._mapping) for row in session.execute(page))
    return [replace(row, days_late=_late(row, today)) for row in rows]


def _late(row: InvoiceRow, today: date) -> int:
    return max(0, (today - row.due_on).days) if row.outstanding_minor else 0


def _sums(
    session: Session, wanted: WantedInvoices, where: list[ColumnElement[bool]], today: date
) -> tuple[OwedSum, ...]:
    if wanted.shown not in BY_DUE and wanted.client_id is None:
        return ()
    overdue = func.sum(case((Invoice.due_on < today, Invoice.outstanding_minor), else_=0))
    totals = (
        select(Invoice.currency, func.count(), func.sum(Invoice.outstanding_minor), overdue)
        .where(*where, OWED)
        .group_by(Invoice.currency)
        .order_by(Invoice.currency)
    )
    return tuple(
        OwedSum(currency, count, int(owed), int(late)) for currency, count, owed, late in session.execute(totals)
    )
