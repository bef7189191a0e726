"""The matrix of clients and product families: a window of it, ranked, and how many clients it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, ColumnElement, exists, false, func, Select, select
from sqlalchemy.orm import Session

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

WINDOW = 40
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
    """One client. ``states`` and ``rivals`` by family, where anything is known; ``prizes`` as the night keeps them: a
    window holds thousands of cells, and most of them are only drawn."""

    client_id: int
    client: str
    states: Mapping[int, AwarenessState]
    rivals: Mapping[int, str]
    prizes: Mapping[str, list[Any]]

    @property
    def best(self) -> tuple[Prize, ...]:
        """The likeliest prizes that are still to be won, at most BEST."""
        open_ones = (prize_of(self.prizes, int(key)) for key in self.prizes if self.states.get(int(key)) not in SHUT)
        ranked = sorted((each for each in open_ones if each is not None and each.score), key=lambda each: -each.score)
        return tuple(ranked[:BEST])


@dataclass(frozen=True, slots=True)
class SpaceWindow:
    """``families``: number and name, in the order of the catalogue."""

    families: tuple[tuple[int, str], ...]
    rows: tuple[SpaceRow, ...]
    offset: int


def window(session: Session, actor: Actor, wanted: WantedSpace) -> SpaceWindow:
    """Five statements."""
    families, sold = shown_families(session), families_sold(session)
    found = session.execute(_page(wanted, sold)).all()
    numbers = [row.id for row in found]
    states = family_states(session, numbers, sold)
    rivals = _rivals(session, numbers)
    rows = tuple(
        SpaceRow(number, name, states[number], rivals.get(number, {}), prizes or {}) for number, name, prizes in found
    )
    return SpaceWindow(families, rows, wanted.offset)


def count(session: Session, actor: Actor, wanted: WantedSpace) -> int:
    """How many clients the matrix holds. Two statements."""
    narrowed = _narrowed(select(func.count()).select_from(WhiteSpace), wanted, families_sold(session))
    return 1 if wanted.client_id else session.scalar(narrowed) or 0


def shown_families(session: Session) -> tuple[tuple[int, str], ...]:
    """Every family with a product. One statement."""
    family = ProductFamily
    with_products = select(family.id, family.name).where(exists().where(Product.family_id == family.id))
    return tuple((row.id, row.name) for row in session.execute(with_products.order_by(family.position, family.id)))


def _page(wanted: WantedSpace, sold: dict[int, int]) -> Select[Any]:
    columns = (Client.id, Client.name, WhiteSpace.prizes)
    if wanted.client_id is not None:  # also one that the night has not reckoned yet
        one = select(*columns).outerjoin(WhiteSpace, WhiteSpace.client_id == Client.id)
        return one.where(Client.id == wanted.client_id)
    score: Any = WhiteSpace.score
    if wanted.family_id is not None:
        of_family = WhiteSpace.prizes[str(wanted.family_id), 0].as_integer()
        score = case((WhiteSpace.score > 0, func.coalesce(of_family, -1)), else_=-1)
    page = select(WhiteSpace.client_id).order_by(score.desc(), WhiteSpace.client_id.desc())
    numbers = _narrowed(page, wanted, sold).limit(WINDOW).offset(wanted.offset).subquery()
    rows = select(*columns).join(numbers, numbers.c.client_id == Client.id)
    return rows.join(WhiteSpace, WhiteSpace.client_id == Client.id).order_by(score.desc(), WhiteSpace.client_id.desc())


def _narrowed(page: Select[Any], wanted: WantedSpace, sold: dict[int, int]) -> Select[Any]:
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
    held = (
        select(RivalSupply.client_id, RivalSupply.family_id, Competitor.name)
        .join(Competitor, Competitor.id == RivalSupply.competitor_id)
        .where(RivalSupply.client_id.in_(clients), RivalSupply.ended_at.is_(None))
    )
    for client_id, family_id, name in session.execute(held):
        named.setdefault(client_id, {})[family_id] = name
    return named
