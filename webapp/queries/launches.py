"""The launches, with how many clients each told and how many e-mails it sent."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.launch import Launch
from webapp.domain.launch_state import Channel, LaunchState, Step, TouchState
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
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
    """The newest first. Three statements."""
    found = session.execute(
        select(
            Launch.id, Launch.name, Product.name, Launch.state, Launch.starts_on, Launch.ends_on, Launch.size, User.name
        )
        .join(Product, Product.id == Launch.product_id)
        .join(User, User.id == Launch.owner_id)
        .order_by(Launch.id.desc())
        .limit(MOST_LAUNCHES)
    ).all()
    shown = [row.id for row in found]
    told: dict[tuple[int, int], int] = {}
    for launch, step, count in session.execute(
        select(LaunchClient.launch_id, LaunchClient.step, func.count())
        .where(LaunchClient.launch_id.in_(shown), LaunchClient.step >= Step.TOLD)
        .group_by(LaunchClient.launch_id, LaunchClient.step)
    ):
        told[launch, Step.TOLD] = told.get((launch, Step.TOLD), 0) + count
        if step == Step.BOUGHT:
            told[launch, Step.BOUGHT] = count
    sent = session.execute(
        select(LaunchTouch.launch_id, func.count())
        .where(LaunchTouch.launch_id.in_(shown), LaunchTouch.channel == Channel.EMAIL)
        .where(LaunchTouch.state == TouchState.DONE)
        .group_by(LaunchTouch.launch_id)
    )
    mailed: dict[int, int] = {each[0]: each[1] for each in sent}
    return tuple(
        LaunchRow(
            *row,
            told=told.get((row.id, Step.TOLD), 0),
            bought=told.get((row.id, Step.BOUGHT), 0),
            mailed=mailed.get(row.id, 0),
        )
        for row in found
    )
