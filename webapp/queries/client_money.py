"""What a client pays and owes, in a few figures: for its page, for the hand-off, for who takes it over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, BindParameter, case, CompoundSelect, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from webapp.domain.contract import Contract
from webapp.domain.invoice import Invoice
from webapp.domain.product import Billing
from webapp.domain.user import Actor


@dataclass(frozen=True, slots=True)
class MoneySum:
    """In one currency: running contracts and what they bring a month; invoices not yet paid, and what of them is
    past its day, the oldest due since ``since``."""

    currency: str
    contracts: int = 0
    monthly_minor: int = 0
    invoices: int = 0
    owed_minor: int = 0
    overdue_minor: int = 0
    since: date | None = None


_CLIENT: BindParameter[int] = bindparam("client")
_TODAY: BindParameter[date] = bindparam("today")
_BOUGHT = (
    select(
        literal(0).label("owed"),
        Contract.currency,
        func.count(),
        func.sum(case((Contract.billing == Billing.MONTHLY, Contract.amount_minor), else_=0)),
        literal(0),
        null().label("since"),
    )
    .where(Contract.client_id == _CLIENT, (Contract.ends_on.is_(None)) | (Contract.ends_on >= _TODAY))
    .group_by(Contract.currency)
)
_OWED = (
    select(
        literal(1),
        Invoice.currency,
        func.count(),
        func.sum(Invoice.outstanding_minor),
        func.sum(case((Invoice.due_on < _TODAY, Invoice.outstanding_minor), else_=0)),
        func.min(Invoice.due_on),
    )
    .where(Invoice.client_id == _CLIENT, Invoice.outstanding_minor > 0)
    .group_by(Invoice.currency)
)
_BOTH: CompoundSelect[Any] = union_all(_BOUGHT, _OWED)


def client_money(session: Session, actor: Actor, client_id: int, today: date) -> tuple[MoneySum, ...]:
    """A client's figures per currency, in one statement; nothing where it never bought and owes nothing."""
    found: dict[str, dict[str, int | date | None]] = {}
    rows: Iterable[Any] = session.connection().execute(_BOTH, {"client": client_id, "today": today})
    for is_owed, currency, count, minor, late, since in rows:
        figures = found.setdefault(currency, {})
        if is_owed:
            figures |= {"invoices": count, "owed_minor": int(minor), "overdue_minor": int(late), "since": _day(since)}
        else:
            figures |= {"contracts": count, "monthly_minor": int(minor)}
    return tuple(MoneySum(currency, **figures) for currency, figures in sorted(found.items()))  # type: ignore[arg-type]


def _day(value: date | str | None) -> date | None:
    """SQLite gives the date of a compound as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
