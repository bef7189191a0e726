"""Imports and held-back rows as their screens show them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, Select, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.held_row import HeldRow, HeldRowState
from webapp.domain.importing import Import, ImportState
from webapp.domain.product import Product
from webapp.domain.user import Actor, User

RUNS_SHOWN = 50
ROWS_SHOWN = 50
MOST_AT_ONCE = 2000
"""Held-back rows that one form completes or discards."""


@dataclass(frozen=True, slots=True)
class Run:
    """One import in the list."""

    id: int
    state: ImportState
    names: list[str]
    counts: dict[str, dict[str, int]]
    started_at: datetime
    started_by: str | None

    @property
    def idle(self) -> bool:
        """Its files say nothing new: there is nothing to confirm."""
        sorts = ("created", "updated", "held_back")
        return self.state is ImportState.PREVIEWED and not any(sum(self.counts[sort].values()) for sort in sorts)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of the held-back rows; empty ones filter nothing."""

    problem: str = ""
    person: str = ""
    product: str = ""
    import_id: int | None = None
    state: HeldRowState = HeldRowState.HELD
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One held-back row. ``amount_minor`` of ``currency``, where the file named a sum."""

    id: int
    kind: str
    key: str
    person: str
    product: str
    status: str
    begins_on: date | None
    amount_minor: int | None
    currency: str
    problems: list[dict[str, Any]]
    state: HeldRowState
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of held-back rows, what can be filtered by (with counts), and where the page stands."""

    rows: list[Row]
    total: int
    first: int
    problems: list[tuple[str, int]]
    people: list[tuple[str, int]]
    products: list[tuple[str, int]]

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def runs(session: Session, actor: Actor) -> list[Run]:
    """The latest imports, newest first. One statement."""
    rows = session.execute(
        select(Import.id, Import.state, Import.names, Import.counts, Import.started_at, User.name)
        .outerjoin(User, User.id == Import.started_by_id)
        .order_by(Import.id.desc())
        .limit(RUNS_SHOWN)
    )
    return [Run(*row) for row in rows]


def held_count(session: Session, actor: Actor) -> int:
    return session.scalars(select(func.count(HeldRow.id)).where(HeldRow.state == HeldRowState.HELD)).one()


def held_rows(session: Session, actor: Actor, wanted: Wanted) -> Found:
    """One page of held-back rows. Five statements."""
    total = session.scalars(select(func.count()).select_from(_wanted(select(HeldRow.id), wanted).subquery())).one()
    first = (max(wanted.page, 1) - 1) * ROWS_SHOWN
    columns = [getattr(HeldRow, name) for name in Row.__slots__]
    rows = session.execute(_wanted(select(*columns), wanted).order_by(HeldRow.id).offset(first).limit(ROWS_SHOWN))
    return Found(
        [Row(*row) for row in rows],
        total,
        first + 1,
        *(_choices(session, column, wanted) for column in (HeldRow.problem, HeldRow.person, HeldRow.product)),
    )


def held_ids(session: Session, actor: Actor, wanted: Wanted) -> list[int]:
    """The ids of all rows that the filters let through, at most MOST_AT_ONCE."""
    return list(session.scalars(_wanted(select(HeldRow.id), wanted).order_by(HeldRow.id).limit(MOST_AT_ONCE)))


def products(session: Session, actor: Actor) -> list[tuple[int, str]]:
    rows = session.execute(select(Product.id, Product.name).where(Product.retired_at.is_(None)).order_by(Product.name))
    return [(number, name) for number, name in rows]


def sellers(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Who may be the owner of a deal: everybody active who works in a department."""
    rows = session.execute(
        select(User.id, User.name)
        .where(User.deactivated_at.is_(None), User.department.is_not(None))
        .order_by(User.name, User.id)
    )
    return [(number, name) for number, name in rows]


def clients_named(session: Session, actor: Actor, text: str) -> list[int]:
    """The clients that a typed name means: ``Name``, or ``Name #12`` where several have that name."""
    name, mark, number = text.strip().rpartition(" #")
    if mark and number.isdigit() and len(number) < 19:
        return list(session.scalars(select(Client.id).where(Client.id == int(number), Client.name == name)))
    exact = list(session.scalars(select(Client.id).where(Client.name == text.strip()).limit(2)))
    return exact or list(
        session.scalars(select(Client.id).where(func.lower(Client.name) == text.strip().lower()).limit(2))
    )


def _wanted(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    statement = statement.where(HeldRow.state == wanted.state)
    if wanted.import_id is not None:
        statement = statement.where(HeldRow.import_id == wanted.import_id)
    for column, value in (
        (HeldRow.problem, wanted.problem),
        (HeldRow.person, wanted.person),
        (HeldRow.product, wanted.product),
    ):
        if value:
            statement = statement.where(column == value)
    return statement


def _choices(session: Session, column: Any, wanted: Wanted) -> list[tuple[str, int]]:
    """What can be chosen to filter by, with how many rows each has."""
    rows = session.execute(
        select(column, func.count())
        .where(HeldRow.state == wanted.state, column != "")
        .group_by(column)
        .order_by(column)
        .limit(200)
    )
    return [(value, count) for value, count in rows]
