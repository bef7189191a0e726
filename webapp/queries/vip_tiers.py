"""The tiers of the VIP programme as the settings show them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import NormKind, VipTier


@dataclass(frozen=True, slots=True)
class TierRow:
    id: int
    version: int
    name: str
    norm_kind: NormKind
    norm_size: int
    capacity: int
    suits: SalesClass
    retired_at: datetime | None
    clients: int
    """How many are in it now."""


def tier_rows(session: Session) -> tuple[TierRow, ...]:
    """Every tier, the highest first, retired ones last. One statement."""
    held = (
        select(VipPlace.tier_id, func.count().label("clients"))
        .where(VipPlace.until.is_(None))
        .group_by(VipPlace.tier_id)
        .subquery()
    )
    found = session.execute(
        select(
            VipTier.id,
            VipTier.version,
            VipTier.name,
            VipTier.norm_kind,
            VipTier.norm_size,
            VipTier.capacity,
            VipTier.suits,
            VipTier.retired_at,
            func.coalesce(held.c.clients, 0),
        )
        .outerjoin(held, held.c.tier_id == VipTier.id)
        .order_by(VipTier.retired_at.is_not(None), VipTier.position)
    )
    return tuple(TierRow(*row) for row in found)
