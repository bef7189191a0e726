"""Contracts: one client's, and those that were concluded from a deal."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload, Session

from webapp.domain.contract import Contract
from webapp.domain.product import Billing
from webapp.domain.sold_part import SoldPart
from webapp.domain.user import Actor

MOST = 200
"""Contracts of one client that its page shows; nobody has as many."""


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract as a list shows it; ``notice_by`` is the last day on which notice is in time."""

    id: int
    name: str
    number: str
    billing: Billing
    amount_minor: int
    currency: str
    starts_on: date
    ends_on: date | None
    notice_by: date | None
    payment_day: int
    indexation: int
    next_indexation_on: date | None
    next_invoice_on: date | None
    end_reason: str
    ended: bool
    parts: tuple[tuple[str, int], ...]
    """What the bundle held when it was sold: names with quantities for one bundle, in thousandths."""

    @property
    def is_monthly(self) -> bool:
        return self.billing is Billing.MONTHLY


@dataclass(frozen=True, slots=True)
class MonthlySum:
    """What a client's running contracts bring each month in one currency."""

    currency: str
    count: int
    monthly_minor: int


def contracts_of(session: Session, actor: Actor, client_id: int, today: date) -> tuple[ContractRow, ...]:
    """A client's contracts: running ones by their start, then those that ended, the last one first."""
    rows = _rows(session, select(Contract).where(Contract.client_id == client_id), today)
    running = sorted((row for row in rows if not row.ended), key=lambda row: (row.starts_on, row.id))
    ended = sorted((row for row in rows if row.ended), key=lambda row: (row.ends_on or today, row.id), reverse=True)
    return (*running, *ended)


def contracts_from(session: Session, actor: Actor, deal_id: int, today: date) -> tuple[ContractRow, ...]:
    """The contracts that were concluded from a deal."""
    return tuple(_rows(session, select(Contract).where(Contract.deal_id == deal_id), today))


def monthly_sums(rows: tuple[ContractRow, ...]) -> tuple[MonthlySum, ...]:
    """What the running contracts among these bring each month, per currency."""
    found: dict[str, MonthlySum] = {}
    for row in rows:
        if not row.ended:
            known = found.get(row.currency, MonthlySum(row.currency, 0, 0))
            monthly = row.amount_minor if row.is_monthly else 0
            found[row.currency] = MonthlySum(row.currency, known.count + 1, known.monthly_minor + monthly)
    return tuple(found.values())


def _rows(session: Session, wanted: Select[tuple[Contract]] | Select[Contract], today: date) -> list[ContractRow]:
    held = selectinload(Contract.parts).joinedload(SoldPart.product)
    return [
        ContractRow(
            contract.id,
            contract.name,
            contract.number,
            contract.billing,
            contract.amount_minor,
            contract.currency,
            contract.starts_on,
            contract.ends_on,
            contract.notice_by,
            contract.payment_day,
            contract.indexation,
            contract.next_indexation_on,
            contract.next_invoice_on,
            contract.end_reason,
            contract.ends_on is not None and contract.ends_on < today and contract.next_invoice_on is None,
            tuple((part.product.name, part.quantity) for part in contract.parts),
        )
        for contract in session.scalars(wanted.options(held).order_by(Contract.id.desc()).limit(MOST))
    ]
