"""The launches, with how many clients each told and how many e-mails it sent."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.launch import Launch
from webapp.domain.launch_figures import LaunchFigures
from webapp.domain.launch_state import Channel, LaunchState, Step, TouchState
from webapp.domain.product import Product
from webapp.domain.user import Actor, User

MOST_LAUNCHES = 100


@dataclass(frozen=True, slots=True)
class LaunchRow:
    """A launch in the list."""

    id: int
    name: str
    product: str
    state: LaunchState
    starts_on: date
    ends_on: date
    size: int
    owner: str
    told: int
    bought: int
    mailed: int


def launches(session: Session, actor: Actor) -> tuple[LaunchRow, ...]:
    """The newest first. Two statements."""
    found = session.execute(
        select(
            Launch.id, Launch.name, Product.name, Launch.state, Launch.starts_on, Launch.ends_on, Launch.size, User.name
        )
        .join(Product, Product.id == Launch.product_id)
        .join(User, User.id == Launch.owner_id)
        .order_by(Launch.id.desc())
        .limit(MOST_LAUNCHES)
    ).all()
    kept = select(LaunchFigures).where(LaunchFigures.launch_id.in_([row.id for row in found]))
    figures = {each.launch_id: each for each in session.scalars(kept)}
    return tuple(LaunchRow(*row, *_counts(figures.get(row.id))) for row in found)


def _counts(figures: LaunchFigures | None) -> tuple[int, int, int]:
    """How many know of it, how many bought, and how many e-mails were sent."""
    if figures is None:
        return 0, 0, 0
    told = sum(count for _, step, *_, count in figures.clients if step >= Step.TOLD)
    bought = sum(count for _, step, *_, count in figures.clients if step == Step.BOUGHT)
    sent = (Channel.EMAIL, TouchState.DONE)
    return told, bought, sum(count for channel, state, *_, count in figures.touches if (channel, state) == sent)
