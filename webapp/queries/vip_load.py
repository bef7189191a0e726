"""What each owner of the VIP department carries of the programme, against what they can carry."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.engagement import Engagement
from webapp.domain.money import WHOLE
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import VipTier
from webapp.domain.words import Department


@dataclass(frozen=True, slots=True)
class Carried:
    """Clients of one tier that somebody owns. ``capacity``: of this tier alone one owner can carry so many."""

    tier: str
    clients: int
    capacity: int


def filled(carried: tuple[Carried, ...]) -> int:
    """How full somebody is, in basis points: each tier takes its share of them. Rounded down, once, here."""
    return sum(WHOLE * each.clients // each.capacity for each in carried)


def carried_by_owner(session: Session) -> Mapping[int, tuple[Carried, ...]]:
    """By the VIP owner's number, the highest tier first. One statement."""
    found: dict[int, tuple[Carried, ...]] = {}
    for owner_id, tier, clients, capacity in session.execute(
        select(Engagement.owner_id, VipTier.name, func.count(), VipTier.capacity)
        .join(VipPlace, VipPlace.client_id == Engagement.client_id)
        .join(VipTier, VipTier.id == VipPlace.tier_id)
        .where(Engagement.department == Department.VIP, Engagement.closed_at.is_(None), VipPlace.until.is_(None))
        .group_by(Engagement.owner_id, VipTier.id, VipTier.name, VipTier.capacity, VipTier.position)
        .order_by(VipTier.position)
    ):
        found[owner_id] = (*found.get(owner_id, ()), Carried(tier, clients, capacity))
    return found
