"""The clerk's queue as it is read: the next items in order, with the card of one of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, literal, Select, select, union_all
from sqlalchemy.orm import Session

from webapp.domain.calendar import month_of
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.queue import PLACE, Rank, RANK_OF, RANKS, Reason, RESTS
from webapp.domain.queue_item import QueueItem
from webapp.domain.user import Actor
from webapp.queries.collecting import asked_of, LINE, plan_line, PlanLines
from webapp.queries.queue_card import BESIDE, Card, card, card_of, Clerk, CLERKS, Item, Why
from webapp.queries.together import Together

SHOWN = 12


@dataclass(frozen=True, slots=True)
class QueuePage:
    items: tuple[Item, ...]
    counts: tuple[tuple[Rank, int], ...]
    """How many stand there for each reason, where any do."""
    clerks: tuple[Clerk, ...]
    """Whose queues there are."""
    card: Card | None

    @property
    def count(self) -> int:
        return sum(count for _, count in self.counts)


_ITEMS = (
    select(
        QueueItem.client_id,
        Client.name,
        QueueItem.clerk_id,
        QueueItem.reasons,
        QueueItem.rank.label("item_rank"),
        QueueItem.place,
    )
    .join(Client, Client.id == QueueItem.client_id)
    .where(QueueItem.rank < RESTS)
)
_ORDER = (QueueItem.rank, QueueItem.place, QueueItem.client_id)


def _part(number: int, items: Select[Any]) -> Select[Any]:
    part = items.subquery()
    return select(literal(number).label("part"), *part.c)


_PLACES = union_all(
    _part(0, _ITEMS.where(QueueItem.clerk_id == bindparam("clerk")).order_by(*_ORDER).limit(SHOWN)),
    _part(1, _ITEMS.where(QueueItem.clerk_id.is_(None)).order_by(*_ORDER).limit(SHOWN)),
    _part(2, _ITEMS.where(QueueItem.client_id == bindparam("wanted"))),
).subquery()
_FOUND = select(_PLACES).order_by(_PLACES.c.part, _PLACES.c.item_rank, _PLACES.c.place, _PLACES.c.client_id)
"""One's own, everybody's, and the client that is asked for."""
_ONE = _ITEMS.where(QueueItem.client_id == bindparam("client"))
_COUNTS = (
    select(QueueItem.rank, func.count())
    .where((QueueItem.clerk_id == bindparam("clerk")) | QueueItem.clerk_id.is_(None), QueueItem.rank < RESTS)
    .group_by(QueueItem.rank)
)
_QUEUE = Together(_FOUND, _COUNTS, CLERKS)
_WHOLE = Together(_FOUND, _COUNTS, CLERKS, *LINE)
_ITEM = Together(_ONE, CLERKS, *BESIDE)


def queue_page(session: Session, actor: Actor, clerk_id: int, *, wanted: int | None = None) -> QueuePage:
    """A clerk's queue, with the card of the wanted client, or of the first. Four statements at most."""
    given = _QUEUE.read(session.connection(), {"clerk": clerk_id, "wanted": wanted})
    return _page(session, actor, clerk_id, *given)


def queue_and_plan(
    session: Session, actor: Actor, clerk_id: int, company: Company, today: date, *, wanted: int | None = None
) -> tuple[QueuePage, PlanLines]:
    """The same, and plan against fact of the running month above it. Four statements at most."""
    asked = {"clerk": clerk_id, "wanted": wanted} | asked_of([clerk_id], month_of(today))
    found, counted, people, *line = _WHOLE.read(session.connection(), asked)
    return _page(session, actor, clerk_id, found, counted, people), plan_line(line, company, today)


def _page(
    session: Session, actor: Actor, clerk_id: int, found: list[Any], counted: list[Any], people: list[Any]
) -> QueuePage:
    places = [_item(row) for row in found if row.part < 2]
    items = sorted(places, key=lambda item: PLACE[item.first.reason])[:SHOWN]
    named = next((_item(row) for row in found if row.part == 2 and _stands(row, clerk_id)), None)
    chosen = named or (items[0] if items else None)
    counts = {row[0]: row[1] for row in counted}
    known = tuple(Clerk(*row) for row in people)
    return QueuePage(
        tuple(items),
        tuple((rank, counts[place]) for place, rank in enumerate(RANKS) if place in counts),
        known,
        None if chosen is None else card_of(session, actor, chosen, known),
    )


def queue_card(session: Session, actor: Actor, clerk_id: int, client: Client) -> Card | None:
    """The client's card alone, where it stands in this clerk's queue. Two statements at most."""
    found, people, *beside = _ITEM.read(session.connection(), {"client": client.id})
    if not found or not _stands(found[0], clerk_id):
        return None
    known = tuple(Clerk(*row) for row in people)
    return card(actor, _item(found[0]), client, session.get_one(Company, 1), beside, known)


def _stands(row: Any, clerk_id: int) -> bool:
    """Whether a place is in this clerk's queue, or in everybody's."""
    return row.clerk_id in (None, clerk_id)


def clerks(session: Session) -> tuple[Clerk, ...]:
    """Everybody who answers for clients of the department. One statement."""
    return tuple(Clerk(*row) for row in session.connection().execute(CLERKS))


def _item(row: Any) -> Item:
    whys = tuple(Why(RANK_OF[Reason(facts["reason"])], facts) for facts in row.reasons)
    return Item(row.client_id, row.name, row.clerk_id, whys)
