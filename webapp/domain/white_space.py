"""White space: what a client does not buy from us yet, with the prizes as the night last reckoned them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, func, Index, JSON, or_, Select, select
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.among import among
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.base import Base
from webapp.domain.errors import Refused
from webapp.domain.likeness import Prize
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.domain.words import N_

FURTHEST: tuple[AwarenessState, ...] = (
    AwarenessState.OWNED,
    AwarenessState.OFFERED,
    AwarenessState.INTERESTED,
    AwarenessState.TOLD,
    AwarenessState.REFUSED,
    AwarenessState.SENT,
    AwarenessState.NOT_TOLD,
    AwarenessState.NOT_ELIGIBLE,
)
"""A family is as far as the furthest of its products: one product refused does not hide that another is owned, and
a family is not eligible only where nothing else is known of it."""

PLACE = {state: place for place, state in enumerate(FURTHEST)}

SHUT = frozenset({AwarenessState.OWNED, AwarenessState.NOT_ELIGIBLE, AwarenessState.REFUSED})
"""There is nothing to win now: such a family does not raise a client in the ranking."""


class WhiteSpace(Base):
    """One client's prizes. ``white_space_keeping`` writes it; nobody enters it."""

    __tablename__ = "white_space"
    __table_args__ = (Index("ix_white_space_score", "score", "client_id"), {"sqlite_autoincrement": True})

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), unique=True)
    score: Mapped[int]
    """Of its likeliest family; 0 where too few are like it, or it buys nothing yet: that is the hunters' work."""
    prizes: Mapped[dict[str, list[Any]]] = mapped_column(JSON)
    """By family: what ``kept`` keeps of a prize."""
    marks: Mapped[dict[str, str]] = mapped_column(JSON)
    """The same as a cell shows it, see ``mark_of``: a window of the matrix reads thousands."""


def kept(prizes: Sequence[Prize]) -> dict[str, list[Any]]:
    """Prizes as they stand in a row."""
    return {
        str(prize.family_id): [
            prize.score,
            prize.owners,
            prize.alike,
            prize.rung,
            prize.held,
            {currency: list(pays) for currency, pays in prize.pays.items()},
        ]
        for prize in prizes
    }


def prize_of(prizes: Mapping[str, list[Any]], family_id: int) -> Prize | None:
    """The prize of a family, from a row; None where too few clients are alike."""
    found = prizes.get(str(family_id))
    if found is None:
        return None
    score, owners, alike, rung, held, pays = found
    return Prize(family_id, score, owners, alike, rung, held, {each: (pay[0], pay[1]) for each, pay in pays.items()})


def mark_of(prize: Prize, currency: str) -> str:
    """Score, percent of owners, sum and currency: what the owner in the middle pays, in the company's currency, or else
    in the one that most owners pay in; 0 where nobody pays monthly."""
    chosen = currency if currency in prize.pays else max(prize.pays, key=lambda each: prize.pays[each][1], default="-")
    minor = prize.pays[chosen][0] if chosen in prize.pays else 0
    return f"{prize.score} {prize.percent} {minor} {chosen}"


def families_sold(session: Session) -> dict[int, int]:
    """How many products each family sells. One statement."""
    sold = (
        select(Product.family_id, func.count())
        .where(Product.family_id.is_not(None), Product.retired_at.is_(None))
        .group_by(Product.family_id)
    )
    return {family: count for family, count in session.execute(sold) if family is not None}


def family_states(
    session: Session, clients: Collection[int], sold: Mapping[int, int]
) -> defaultdict[int, dict[int, AwarenessState]]:
    """How far each client came with each family, where anything is known. ``sold``: how many products each family
    sells. A retired product counts where it is owned. One statement."""
    states: defaultdict[int, dict[int, AwarenessState]] = defaultdict(dict)
    shut: Counter[tuple[int, int]] = Counter()
    for client_id, family_id, state in session.connection().execute(_KNOWN, {"clients": list(clients)}):
        of_client = states[client_id]
        before = of_client.get(family_id)
        of_client[family_id] = state if before is None else furthest(before, state)
        if state is AwarenessState.NOT_ELIGIBLE:
            shut[client_id, family_id] += 1
    for (client_id, family_id), count in shut.items():
        if count < sold.get(family_id, 0):  # the other products may suit it
            states[client_id][family_id] = furthest(states[client_id][family_id], AwarenessState.NOT_TOLD)
    return states


_KNOWN: Select[*tuple[Any, ...]] = (
    select(Awareness.client_id, Product.family_id, Awareness.state)
    .join(Product, Product.id == Awareness.product_id)
    .where(
        among(Awareness.client_id, "clients"),
        Product.family_id.is_not(None),
        or_(Product.retired_at.is_(None), Awareness.state == AwarenessState.OWNED),
    )
)


def products_sold(session: Session, family_id: int) -> list[int]:
    """What the family sells. One statement."""
    sold = select(Product.id).where(Product.family_id == family_id, Product.retired_at.is_(None))
    return list(session.scalars(sold.order_by(Product.id)))


def exclude_family(session: Session, client_id: int, family_id: int, reason: str, *, by: User, at: datetime) -> None:
    """The family does not suit the client: no product of it but those that it owns, or has an offer for."""
    known = [Awareness.of(session, client_id, number, at=at) for number in products_sold(session, family_id)]
    free = [each for each in known if each.state not in (AwarenessState.OWNED, AwarenessState.OFFERED)]
    if not free:
        raise Refused(N_("The client owns this family, or has an offer for it"))
    told = [each.exclude(reason, by=by, at=at) for each in free]
    session.add_all(event for event in told if event is not None)


def furthest(one: AwarenessState, other: AwarenessState) -> AwarenessState:
    return min(one, other, key=PLACE.__getitem__)
