"""Finding clients: the search as one types, and the list with its filters and totals."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, ColumnElement, exists, func, or_, Select, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.client import Client, name_key
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import Engagement
from webapp.domain.stage import Stage
from webapp.domain.user import Actor, User
from webapp.domain.words import Department, N_

FOUND = 8
PAGE = 50
LAST = "\U0010ffff"
NEVER = date(9999, 12, 31)

SORTS = {"name": N_("By name"), "touch": N_("By next touch"), "new": N_("Newest first")}


@dataclass(frozen=True, slots=True)
class LaneRow:
    """An open engagement in short."""

    department: Department
    stage: str
    owner: str
    next_touch_on: date | None


@dataclass(frozen=True, slots=True)
class ClientRow:
    id: int
    name: str
    inn: str
    city: str
    lanes: tuple[LaneRow, ...]
    lost_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; an unset filter is None or empty. ``after`` is the cursor of the page."""

    text: str = ""
    department: Department | None = None
    owner_id: int | None = None
    stage_id: int | None = None
    sort: str = "name"
    after: str = ""
    lost: bool = False
    """Those that are lost, instead of those that are ours."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of clients; ``count`` and ``sums`` (open deals per currency) are over all that match."""

    rows: tuple[ClientRow, ...]
    count: int
    sums: tuple[tuple[str, int, int], ...]
    """Currency, one-off and monthly minor units."""
    after: str
    """The next page's cursor; empty at the end."""


def search(session: Session, actor: Actor, text: str) -> tuple[ClientRow, ...]:
    """The first few clients whose ИНН or name begins so, then those that have it anywhere in the name."""
    key, columns = name_key(text), (Client.id, Client.name, Client.inn, Client.city, Client.lost_at)
    if not key:
        return ()
    begins: ColumnElement[bool] = Client.name_key.between(key, key + LAST)
    order = Client.name_key
    digits = key.replace(" ", "")
    if digits.isdigit():
        begins = or_(begins, (Client.inn != "") & Client.inn.between(digits, digits + LAST))
    rows = list(session.execute(select(*columns).where(begins).order_by(order).limit(FOUND)))
    if len(rows) < FOUND:
        inside = select(*columns).where(position_of(session, key) > 1).limit(FOUND)
        known = {row.id for row in rows}
        rows += [row for row in session.execute(inside) if row.id not in known]
    return with_lanes(session, rows[:FOUND])


def list_clients(session: Session, actor: Actor, wanted: Wanted) -> Found:
    """A page of the clients that match, and what they amount to. A fixed number of statements."""
    where = conditions(session, wanted)
    count = session.scalar(select(func.count()).select_from(Client).where(*where)) or 0
    rows = session.execute(_page(wanted, where)).all()
    more = len(rows) > PAGE
    last = rows[PAGE - 1] if more else None
    return Found(
        with_lanes(session, rows[:PAGE]),
        count,
        () if wanted.lost else _open_sums(session, _narrowed(session, wanted)),
        f"{last.key}~{last.id}" if last is not None else "",
    )


def conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    """The filters as conditions on Client."""
    return [Client.lost_at.is_not(None) if wanted.lost else Client.lost_at.is_(None), *_narrowed(session, wanted)]


def _narrowed(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if key := name_key(wanted.text):
        digits = key.replace(" ", "")
        named = position_of(session, key) > 0
        found.append(or_(named, Client.inn.like(f"{digits}%")) if digits.isdigit() else named)
    if wanted.department or wanted.owner_id or wanted.stage_id:
        found.append(exists().where(Engagement.client_id == Client.id, *_of_engagement(wanted)))
    return found


def position_of(session: Session, key: str) -> ColumnElement[int]:
    """Where the name has the text, from 1; 0 where it has not."""
    called = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
    return called(Client.name_key, key)


def _of_engagement(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Engagement.closed_at.is_(None)]
    if wanted.department:
        found.append(Engagement.department == wanted.department)
    if wanted.owner_id:
        found.append(Engagement.owner_id == wanted.owner_id)
    if wanted.stage_id:
        found.append(Engagement.stage_id == wanted.stage_id)
    return found


def _page(wanted: Wanted, where: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    columns = (Client.id, Client.name, Client.inn, Client.city, Client.lost_at)
    value, _, number = wanted.after.rpartition("~")
    after = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
    page: Select[*tuple[Any, ...]] = select(*columns).where(*where).limit(PAGE + 1)
    if wanted.sort == "new":
        page = page.add_columns(Client.id.label("key")).order_by(Client.id.desc())
        return page.where(Client.id < after) if after is not None else page
    if wanted.sort == "touch" and not wanted.lost:
        touch = func.coalesce(func.min(Engagement.next_touch_on), NEVER)
        open_work = (Engagement.client_id == Client.id) & and_(*_of_engagement(wanted))
        page = page.add_columns(touch.label("key")).join(Engagement, open_work).group_by(*columns)
        day = _day(value)
        if day is not None and after is not None:
            page = page.having(tuple_(touch, Client.id) > (day, after))
        return page.order_by(touch, Client.id)
    page = page.add_columns(Client.name_key.label("key")).order_by(Client.name_key, Client.id)
    return page.where(tuple_(Client.name_key, Client.id) > (value, after)) if after is not None else page


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _open_sums(session: Session, where: list[ColumnElement[bool]]) -> tuple[tuple[str, int, int], ...]:
    deals = (
        select(Deal.currency, func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
        .where(Deal.status == DealStatus.OPEN)
        .group_by(Deal.currency)
        .order_by(Deal.currency)
    )
    if where:
        deals = deals.join(Client, Client.id == Deal.client_id).where(*where)
    return tuple((currency, int(one_off), int(monthly)) for currency, one_off, monthly in session.execute(deals))


def with_lanes(session: Session, rows: Any) -> tuple[ClientRow, ...]:
    """The rows, in their order, with where each client stands: one statement."""
    lanes: dict[int, list[LaneRow]] = {}
    found = (
        select(Engagement.client_id, Engagement.department, Stage.name, User.name, Engagement.next_touch_on)
        .join(Stage, Stage.id == Engagement.stage_id)
        .join(User, User.id == Engagement.owner_id)
        .where(Engagement.client_id.in_([row.id for row in rows]), Engagement.closed_at.is_(None))
        .order_by(Engagement.id)
    )
    for client_id, department, stage, owner, touch in session.execute(found):
        lanes.setdefault(client_id, []).append(LaneRow(department, stage, owner, touch))
    return tuple(
        ClientRow(row.id, row.name, row.inn, row.city, tuple(lanes.get(row.id, ())), row.lost_at) for row in rows
    )
