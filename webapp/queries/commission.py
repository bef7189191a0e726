"""What commission comes to: the months, the people of a month, one statement, and what each client pays a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select, true
from sqlalchemy.orm import Session

from webapp.domain.calendar import months_on
from webapp.domain.client import Client
from webapp.domain.commission import CommissionEntry, CommissionMonth, CommissionReading, first_open
from webapp.domain.commission_rule import CommissionRule, CommissionVersion
from webapp.domain.commission_terms import Portion
from webapp.domain.user import Actor, User
from webapp.queries.together import Together

SHOWN = 50
MONTHS = 24


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month and what it pays, per currency."""

    month: date
    closed_at: datetime | None
    sums: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What a person earns in a month, in one currency, from so many lines."""

    person_id: int
    name: str
    currency: str
    minor: int
    lines: int


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of a statement with what its sentence needs."""

    id: int
    client_id: int
    client: str
    portion: Portion
    base_minor: int
    basis_points: int
    amount_minor: int
    currency: str
    received_on: date
    corrects: date | None
    told: dict[str, Any]
    rule: str | None
    number: int | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A person's month: its lines in pages, its sums over all of them. ``as_of`` is None once it is closed."""

    month: date
    closed: bool
    as_of: datetime | None
    sums: tuple[tuple[str, int, int], ...]
    """Currency, minor units, lines."""
    entries: tuple[EntryRow, ...]
    count: int


def _mine(actor: Actor) -> Any:
    """A head sees the people of the own department, a director everybody."""
    return true() if actor.department is None else User.department == actor.department


_AS_OF = select(CommissionReading.at)


def as_of(session: Session) -> datetime | None:
    return session.scalar(_AS_OF)


def next_to_close(session: Session, today: date) -> date | None:
    """The month that the director may close now."""
    month = first_open(session)
    return month if month is not None and months_on(month, 1) <= today else None


def months(session: Session, actor: Actor) -> tuple[MonthRow, ...]:
    """The last months with lines, the newest first."""
    found = session.execute(
        select(CommissionEntry.month, CommissionEntry.currency, func.sum(CommissionEntry.amount_minor))
        .join(User, User.id == CommissionEntry.person_id)
        .where(_mine(actor))
        .group_by(CommissionEntry.month, CommissionEntry.currency)
        .order_by(CommissionEntry.month.desc(), CommissionEntry.currency)
        .limit(MONTHS)
    ).all()
    closed = {row[0]: row[1] for row in session.execute(select(CommissionMonth.month, CommissionMonth.closed_at))}
    sums: dict[date, list[tuple[str, int]]] = {}
    for month, currency, minor in found:
        sums.setdefault(month, []).append((currency, int(minor)))
    return tuple(MonthRow(month, closed.get(month), tuple(paid)) for month, paid in sums.items())


def people(session: Session, actor: Actor, month: date) -> tuple[PersonRow, ...]:
    """Who earns what in a month, the most first."""
    minor = func.sum(CommissionEntry.amount_minor)
    found = session.execute(
        select(User.id, User.name, CommissionEntry.currency, minor, func.count())
        .join(CommissionEntry, CommissionEntry.person_id == User.id)
        .where(CommissionEntry.month == month, _mine(actor))
        .group_by(User.id, User.name, CommissionEntry.currency)
        .order_by(minor.desc(), User.id)
        .limit(500)
    )
    return tuple(PersonRow(row[0], row[1], row[2], int(row[3]), row[4]) for row in found)


_MINE = (CommissionEntry.person_id == bindparam("person"), CommissionEntry.month == bindparam("month"))
_SUMS = (
    select(CommissionEntry.currency, func.sum(CommissionEntry.amount_minor), func.count())
    .where(*_MINE)
    .group_by(CommissionEntry.currency)
    .order_by(CommissionEntry.currency)
)
_CLOSED = select(CommissionMonth.id).where(CommissionMonth.month == bindparam("month"))


@cache
def _statement(most: int) -> Together:
    """What a statement asks for. What its lines name is joined to those of a page only: of a month with a thousand
    lines the database would else look up every client first."""
    ordered = select(CommissionEntry).where(*_MINE).order_by(CommissionEntry.amount_minor.desc(), CommissionEntry.id)
    entry = ordered.limit(most).offset(bindparam("before")).subquery()
    lines = (
        select(
            *(entry.c.id, entry.c.client_id, Client.name.label("client"), entry.c.portion, entry.c.base_minor),
            *(entry.c.basis_points, entry.c.amount_minor, entry.c.currency, entry.c.received_on, entry.c.corrects),
            *(entry.c.told, CommissionRule.name.label("rule"), CommissionVersion.number),
        )
        .join(Client, Client.id == entry.c.client_id)
        .outerjoin(CommissionVersion, CommissionVersion.id == entry.c.version_id)
        .outerjoin(CommissionRule, CommissionRule.id == CommissionVersion.rule_id)
        .order_by(entry.c.amount_minor.desc(), entry.c.id)
    )
    return Together(_SUMS, lines, _CLOSED, _AS_OF)


def earned(session: Session, actor: Actor, person_id: int, month: date) -> tuple[tuple[str, int, int], ...]:
    """A person's month in one line: currency, minor units, lines."""
    return _sums(session.connection().execute(_SUMS, {"person": person_id, "month": month}))


def statement(session: Session, actor: Actor, person_id: int, month: date, page: int, most: int = SHOWN) -> Statement:
    """A person's month. One statement."""
    values = {"person": person_id, "month": month, "before": (page - 1) * most}
    sums, lines, closed, read = _statement(most).read(session.connection(), values)
    return Statement(
        month,
        bool(closed),
        None if closed or not read else read[0].at,
        _sums(sums),
        tuple(EntryRow(*row) for row in lines),
        sum(row[2] for row in sums),
    )


def _sums(rows: Iterable[Any]) -> tuple[tuple[str, int, int], ...]:
    return tuple((row[0], int(row[1]), row[2]) for row in rows)


def rules(session: Session, actor: Actor) -> tuple[CommissionRule, ...]:
    """Every rule, those in force first."""
    return tuple(
        session.scalars(select(CommissionRule).order_by(CommissionRule.ends_on.is_not(None), CommissionRule.id))
    )


def people_of_splits(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Whom a share may go to."""
    found = select(User.id, User.name).where(User.deactivated_at.is_(None)).order_by(User.name).limit(1_000)
    return [(row[0], row[1]) for row in session.execute(found)]


def names(session: Session, actor: Actor) -> dict[int, str]:
    """Everybody's, also of those who have left: they earned, and perhaps earn still."""
    return {row[0]: row[1] for row in session.execute(select(User.id, User.name))}
