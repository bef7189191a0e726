"""What one may tell a client of: a short list, what a launch asks for, what it knows least and what is newest first."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, case, exists, select
from sqlalchemy.orm import Session

from webapp.domain.among import among
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.launch import Launch
from webapp.domain.launch_state import LaunchState, TouchState
from webapp.domain.launch_touch import LaunchTouch
from webapp.domain.product import Product
from webapp.domain.user import Actor

MOST = 8
"""So many stand in a form: a person ticks, and does not search."""

ON_THE_PHONE = 5

WHITE = (AwarenessState.NOT_TOLD, AwarenessState.SENT)
CLOSED = (AwarenessState.OWNED, AwarenessState.NOT_ELIGIBLE)


@dataclass(frozen=True, slots=True)
class Tellable:
    product_id: int
    name: str
    state: AwarenessState


_KNOWN = (Awareness.client_id == bindparam("client")) & (Awareness.product_id == Product.id)
_WANTED = among(Product.id, "first")
_OPEN = Awareness.state.is_(None) | Awareness.state.not_in(CLOSED)
_WHITE = Awareness.state.is_(None) | Awareness.state.in_(WHITE)
_LAUNCHED = exists().where(
    *(LaunchTouch.client_id == bindparam("client"), LaunchTouch.state == TouchState.GIVEN),
    *(Launch.id == LaunchTouch.launch_id, Launch.state == LaunchState.RUNNING, Launch.product_id == Product.id),
)
_FIRST = case((_LAUNCHED, 1), (_WHITE, 2), else_=3)
_OFFERED = (
    select(Product.id, Product.name, Awareness.state)
    .outerjoin(Awareness, _KNOWN)
    .where(Product.retired_at.is_(None))
    .limit(MOST)
)
TELLABLE = _OFFERED.where(_OPEN).order_by(_FIRST, Product.id.desc())
_WITH_WANTED = _OFFERED.where(_WANTED | _OPEN).order_by(case((_WANTED, 0), else_=_FIRST), Product.id.desc())


def tellable(session: Session, actor: Actor, client_id: int, first: Collection[int] = ()) -> tuple[Tellable, ...]:
    """The products that the client neither owns nor is unsuited for. ``first``: what the talk is about, which stands
    there in any case. One statement."""
    values = {"client": client_id} | ({"first": tuple(first)} if first else {})
    return told_of(session.connection().execute(_WITH_WANTED if first else TELLABLE, values))


def told_of(rows: Iterable[Any]) -> tuple[Tellable, ...]:
    """Rows of ``TELLABLE``."""
    return tuple(Tellable(number, name, state or AwarenessState.NOT_TOLD) for number, name, state in rows)
