"""The matrix of clients and product families: a window of it, ranked, and how many clients it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, case, ColumnElement, exists, false, func, Select, select
from sqlalchemy.orm import Session

from webapp.domain.among import among
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.engagement import Engagement
from webapp.domain.likeness import Prize
from webapp.domain.product import Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.rival_supply import RivalSupply
from webapp.domain.user import Actor
from webapp.domain.white_space import families_sold, family_states, FURTHEST, PLACE, prize_of, SHUT, WhiteSpace

WINDOW = 16
"""Clients in a window."""

BEST = 3

RIVAL = "rival"
"""Beside the states of awareness: the family is bought at a competitor's."""


@dataclass(frozen=True, slots=True)
class WantedSpace:
    """What the matrix is narrowed to. ``state`` is asked of the family, which also ranks the clients then."""

    owner_id: int | None = None
    client_id: int | None = None
    family_id: int | None = None
    state: str = ""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """One client. ``states``, ``rivals`` and ``marks`` by family, where anything is known; marks as they are kept, for
    a window holds thousands of cells."""

    client_id: int
    client: str
    states: Mapping[int, AwarenessState]
    rivals: Mapping[int, str]
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SpaceWindow:
    """``families``: number and name, in the order of the catalogue."""

    families: tuple[tuple[int, str], ...]
    rows: tuple[SpaceRow, ...]
    offset: int


def window(session: Session, actor: Actor, wanted: WantedSpace) -> SpaceWindow:
    """Four statements."""
    families = _families(session)
    sold = {family: count for family, _, count in families}
    asked = _TOP if wanted == WantedSpace(offset=wanted.offset) else _page(wanted, sold)
    found = session.connection().execute(asked, {"offset": wanted.offset}).all()
    numbers = [row.id for row in found]
    states, rivals = family_states(session, numbers, sold), _rivals(session, numbers)
    rows = tuple(
        SpaceRow(number, name, states[number], rivals.get(number, {}), marks or {}) for number, name, marks in found
    )
    return SpaceWindow(tuple((family, name) for family, name, _ in families), rows, wanted.offset)


def best_of(session: Session, found: SpaceWindow) -> dict[int, tuple[Prize, ...]]:
    """The likeliest prizes of each client in the window that are still to be won, at most BEST. One statement."""
    rows = {row.client_id: row for row in found.rows}
    kept = session.execute(
        select(WhiteSpace.client_id, WhiteSpace.prizes).where(WhiteSpace.client_id.in_(sorted(rows)))
    )
    best: dict[int, tuple[Prize, ...]] = dict.fromkeys(rows, ())
    for client_id, prizes in kept:
        states = rows[client_id].states
        open_ones = [key for key, prize in prizes.items() if prize[0] and states.get(int(key)) not in SHUT]
        first = sorted(open_ones, key=lambda key: -prizes[key][0])[:BEST]
        best[client_id] = tuple(filter(None, (prize_of(prizes, int(key)) for key in first)))
    return best


def count(session: Session, actor: Actor, wanted: WantedSpace) -> int:
    """How many clients the matrix holds. Two statements."""
    narrowed = _narrowed(select(func.count()).select_from(WhiteSpace), wanted, families_sold(session))
    return 1 if wanted.client_id else session.scalar(narrowed) or 0


def _families(session: Session) -> list[tuple[int, str, int]]:
    """Every family with a product: its number, its name, and how many products it sells. One statement."""
    return [(row.id, row.name, row.sold) for row in session.connection().execute(_FAMILIES)]


_FAMILIES = (
    select(ProductFamily.id, ProductFamily.name, func.count(case((Product.retired_at.is_(None), 1))).label("sold"))
    .join(Product, Product.family_id == ProductFamily.id)
    .group_by(ProductFamily.id, ProductFamily.name, ProductFamily.position)
    .order_by(ProductFamily.position, ProductFamily.id)
)


def _page(wanted: WantedSpace, sold: dict[int, int]) -> Select[*tuple[Any, ...]]:
    columns = (Client.id, Client.name, WhiteSpace.marks)
    if wanted.client_id is not None:  # also one that the night has not reckoned yet
        one: Select[*tuple[Any, ...]] = select(*columns).outerjoin(WhiteSpace, WhiteSpace.client_id == Client.id)
        return one.where(Client.id == wanted.client_id)
    score: Any = WhiteSpace.score
    if wanted.family_id is not None:
        of_family = WhiteSpace.prizes[str(wanted.family_id), 0].as_integer()
        score = case((WhiteSpace.score > 0, func.coalesce(of_family, -1)), else_=-1)
    page = select(WhiteSpace.client_id).order_by(score.desc(), WhiteSpace.client_id.desc())
    numbers = _narrowed(page, wanted, sold).limit(WINDOW).offset(bindparam("offset")).subquery()
    rows: Select[*tuple[Any, ...]] = select(*columns).join(numbers, numbers.c.client_id == Client.id)
    return rows.join(WhiteSpace, WhiteSpace.client_id == Client.id).order_by(score.desc(), WhiteSpace.client_id.desc())


def _narrowed(page: Select[*tuple[Any, ...]], wanted: WantedSpace, sold: dict[int, int]) -> Select[*tuple[Any, ...]]:
    if wanted.owner_id is not None:
        served = (Engagement.client_id == WhiteSpace.client_id, Engagement.closed_at.is_(None))
        page = page.where(exists().where(*served, Engagement.owner_id == wanted.owner_id))
    if wanted.family_id is not None and wanted.state == RIVAL:
        page = page.where(
            exists().where(
                RivalSupply.client_id == WhiteSpace.client_id,
                RivalSupply.family_id == wanted.family_id,
                RivalSupply.ended_at.is_(None),
            )
        )
    elif wanted.family_id is not None and wanted.state:
        state = AwarenessState(wanted.state)
        page = page.where(_stands(wanted.family_id, state, sold.get(wanted.family_id, 0)))
    return page


def _stands(family_id: int, state: AwarenessState, sold: int) -> ColumnElement[bool]:
    """Whether the family is that far, as ``family_states`` says of one client; ``sold``: so many products it sells."""
    further = _any(family_id, *FURTHEST[: PLACE[AwarenessState.NOT_TOLD]])
    shut = (
        select(func.count())
        .select_from(Awareness)
        .join(Product, Product.id == Awareness.product_id)
        .where(_of_client(family_id, AwarenessState.NOT_ELIGIBLE))
        .scalar_subquery()
    )
    if state is AwarenessState.NOT_TOLD:
        return ~further & (shut < sold) if sold else ~further
    if state is AwarenessState.NOT_ELIGIBLE:
        return ~further & (shut >= sold) if sold else false()
    return _any(family_id, state) & ~_any(family_id, *FURTHEST[: PLACE[state]])


def _any(family_id: int, *states: AwarenessState) -> ColumnElement[bool]:
    if not states:
        return false()
    known = select(Awareness.id).join(Product, Product.id == Awareness.product_id)
    return known.where(_of_client(family_id, *states)).correlate(WhiteSpace).exists()


def _of_client(family_id: int, *states: AwarenessState) -> ColumnElement[bool]:
    counted = Product.retired_at.is_(None) | (Awareness.state == AwarenessState.OWNED)
    here = (Awareness.client_id == WhiteSpace.client_id) & (Product.family_id == family_id)
    return here & Awareness.state.in_(states) & counted


def _rivals(session: Session, clients: Sequence[int]) -> dict[int, dict[int, str]]:
    """Whose each family is, where it is a competitor's."""
    named: dict[int, dict[int, str]] = {}
    for client_id, family_id, name in session.connection().execute(_HELD, {"clients": clients}):
        named.setdefault(client_id, {})[family_id] = name
    return named


_HELD = (
    select(RivalSupply.client_id, RivalSupply.family_id, Competitor.name)
    .join(Competitor, Competitor.id == RivalSupply.competitor_id)
    .where(among(RivalSupply.client_id, "clients"), RivalSupply.ended_at.is_(None))
)

_TOP = _page(WantedSpace(), {})
"""All clients: what everybody scrolls through, made once."""
