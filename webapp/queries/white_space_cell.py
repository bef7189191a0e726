"""One cell of the matrix, opened: its products with what the client knows of each, the prize, and whose it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.domain.attack import Attack
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.likeness import Prize
from webapp.domain.price_book import price_book
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.rival_supply import RivalSupply
from webapp.domain.rival_thread import RivalThread
from webapp.domain.user import Actor, User
from webapp.domain.white_space import prize_of, WhiteSpace
from webapp.queries.attacks import MOST_RIVALS
from webapp.queries.prices import currency_of

MOST_PRODUCTS = 60


@dataclass(frozen=True, slots=True)
class KnownProduct:
    """``price_minor`` of one unit today, in the client's currency or else in the product's own; None where nobody named
    one. ``told_by`` is empty where the client answered by itself, or nobody told it."""

    id: int
    name: str
    price_minor: int | None
    currency: str
    billing: Billing
    retired: bool
    state: AwarenessState
    since: datetime | None
    told_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rival:
    """``seen``: it was after the client, or talks to somebody there. That is a hint, and says nothing of the family."""

    id: int
    name: str
    seen: bool


@dataclass(frozen=True, slots=True)
class OpenedCell:
    products: tuple[KnownProduct, ...]
    prize: Prize | None
    held: str
    """The name of the family that those who are alike own too; empty where none is asked for."""
    supply: RivalSupply | None
    rivals: tuple[Rival, ...]


def opened(session: Session, actor: Actor, client: Client, family: ProductFamily, today: date) -> OpenedCell:
    """Nine statements."""
    kept = session.scalar(select(WhiteSpace.prizes).where(WhiteSpace.client_id == client.id))
    prize = prize_of(kept, family.id) if kept else None
    held = session.get(ProductFamily, prize.held) if prize is not None and prize.held else None
    supply = RivalSupply.current(session, client.id, family.id)
    return OpenedCell(
        tuple(_products(session, client, family, today)),
        prize,
        held.name if held is not None else "",
        supply,
        _rivals(session, client),
    )


def _products(session: Session, client: Client, family: ProductFamily, today: date) -> Iterator[KnownProduct]:
    book, currency = price_book(session, today), currency_of(session, client.id)
    known = (Awareness.client_id == client.id) & (Awareness.product_id == Product.id)
    rows = session.execute(
        select(Product, Awareness, User.name)
        .outerjoin(Awareness, known)
        .outerjoin(User, User.id == Awareness.told_by_id)
        .where(Product.family_id == family.id, Product.retired_at.is_(None) | (Awareness.state == AwarenessState.OWNED))
        .order_by(Product.name)
        .limit(MOST_PRODUCTS)
    )
    for product, noted, told_by in rows:
        price, spoken = book.price_near(product.id, today, currency)
        yield KnownProduct(
            product.id,
            product.name,
            None if price is None else price.minor,
            spoken,
            product.billing,
            product.retired_at is not None,
            AwarenessState.NOT_TOLD if noted is None else noted.state,
            None if noted is None else noted.since,
            told_by or "",
            "" if noted is None else noted.reason,
        )


def _rivals(session: Session, client: Client) -> tuple[Rival, ...]:
    """Those who were seen there first, then the rest of the registry."""
    came = exists().where(Attack.client_id == client.id, Attack.competitor_id == Competitor.id)
    talks = exists().where(
        RivalThread.client_id == client.id, RivalThread.competitor_id == Competitor.id, RivalThread.ended_at.is_(None)
    )
    seen = (came | talks).label("seen")
    rows = session.execute(
        select(Competitor.id, Competitor.name, seen)
        .where(Competitor.retired_at.is_(None))
        .order_by(seen.desc(), Competitor.name_key)
        .limit(MOST_RIVALS)
    )
    return tuple(Rival(row.id, row.name, bool(row.seen)) for row in rows)
