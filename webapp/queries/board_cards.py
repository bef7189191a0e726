"""What is written on the board's cards."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, BindParameter, func, literal_column, Row, Select, select
from sqlalchemy.orm import Session

from webapp.domain.handoff_state import HandOffState
from webapp.domain.model import Client, Deal, Engagement, HandOff, User
from webapp.domain.permissions import allows, Permission
from webapp.domain.user import Actor
from webapp.domain.words import Department
from webapp.queries.board_order import Place

OPEN_DEAL = Deal.status == literal_column("'open'")
"""As a literal: SQLite takes a partial index only where the condition stands in the statement itself."""

IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)

FACTS = (
    select(
        Engagement.id,
        Engagement.version,
        Engagement.client_id,
        Client.name.label("client"),
        Engagement.owner_id,
        User.name.label("owner"),
        Engagement.next_touch_on,
        Engagement.stage_since,
        Engagement.department,
    )
    .join(Client, Client.id == Engagement.client_id)
    .join(User, User.id == Engagement.owner_id)
    .where(Engagement.id.in_(IDS))
)
WAITS = select(HandOff.engagement_id, HandOff.state, HandOff.receiver).where(
    HandOff.engagement_id.in_(IDS), HandOff.state.in_([HandOffState.OFFERED, HandOffState.RETURNED])
)
LANES = select(Engagement.client_id, Engagement.department).where(
    Engagement.client_id.in_(IDS), Engagement.closed_at.is_(None)
)
DEALS = (
    select(Deal.engagement_id, Deal.currency, func.sum(Deal.one_off_minor), func.sum(Deal.monthly_minor))
    .where(OPEN_DEAL, Deal.engagement_id.in_(IDS))
    .group_by(Deal.engagement_id, Deal.currency)
    .order_by(Deal.engagement_id, Deal.currency)
)


class Sum(NamedTuple):
    """Open deals of one currency, in minor units: what is paid once, and what is paid each month."""

    currency: str
    one_off_minor: int
    monthly_minor: int


class Card(NamedTuple):
    """One client in one department's lane. A tuple: a board makes hundreds, five times as fast as a dataclass."""

    id: int
    version: int
    client_id: int
    client: str
    owner_id: int
    owner: str
    next_touch_on: date | None
    days: int
    """Whole days in this stage, by the reader's calendar."""
    over_limit: bool
    waiting: tuple[HandOffState, Department] | None
    """A hand-off that was offered or returned, and its receiver."""
    lanes: tuple[Department, ...]
    """The other lanes in which the client stands."""
    money: tuple[Sum, ...]
    movable: bool
    place: Place


def cards(
    session: Session, actor: Actor, at: datetime, ids: Sequence[int], limits: Mapping[int, int | None]
) -> list[Card]:
    """The cards of these engagements, in that order, in four statements; ``limits``: days allowed, by engagement."""
    rows = {row.id: row for row in session.connection().execute(FACTS, {"ids": ids}).all()}
    money = sums(session, DEALS, {"ids": ids})
    waits = {
        engagement_id: (state, to)
        for engagement_id, state, to in session.connection().execute(WAITS, {"ids": ids}).all()
    }
    lanes: dict[int, list[Department]] = defaultdict(list)
    for client_id, department in session.connection().execute(LANES, {"ids": [row.client_id for row in rows.values()]}):
        lanes[client_id].append(department)
    today, zone = actor.today(at), ZoneInfo(actor.timezone)
    movable = {
        (own, department): allows(
            actor, Permission.ENGAGEMENT_MOVE, Engagement(owner_id=actor.id if own else 0, department=department)
        )
        for own in (True, False)
        for department in Department
    }

    def card(row: Row[*tuple[Any, ...]]) -> Card:
        limit, days = limits[row.id], (today - row.stage_since.astimezone(zone).date()).days
        return Card(
            row.id,
            row.version,
            row.client_id,
            row.client,
            row.owner_id,
            row.owner,
            row.next_touch_on,
            days,
            limit is not None and days > limit,
            waits.get(row.id),
            tuple(lane for lane in lanes[row.client_id] if lane is not row.department),
            money.get(row.id, ()),
            movable[row.owner_id == actor.id, row.department],
            Place.of(row.next_touch_on, today, row.id),
        )

    return [card(rows[engagement_id]) for engagement_id in ids if engagement_id in rows]


def sums(
    session: Session, statement: Select[*tuple[Any, ...]], values: Mapping[str, Any]
) -> dict[int, tuple[Sum, ...]]:
    """Sums per currency by the statement's first column. PostgreSQL adds up whole numbers as decimals: made whole."""
    found: dict[int, tuple[Sum, ...]] = {}
    for key, currency, one_off, monthly in session.connection().execute(statement, values):
        found[key] = (*found.get(key, ()), Sum(currency, int(one_off), int(monthly)))
    return found
