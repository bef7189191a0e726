"""Who sold a client its contracts, and who told it of what they give in person first: commission goes by them."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, Session

from webapp.domain.awareness import Awareness
from webapp.domain.company import Company
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal
from webapp.domain.giving import GIVEN
from webapp.domain.user import Actor, User
from webapp.queries.contracts import MOST


@dataclass(frozen=True, slots=True)
class SaleCredit:
    """Of one contract; None where nobody did, or nobody knows."""

    sold_by: str | None
    told_by: str | None
    told_on: date | None
    """Its day at the company's seat. Who told a client after it had bought has no credit, and is not named."""


def sale_credits(session: Session, actor: Actor, client_id: int) -> dict[int, SaleCredit]:
    """By contract of the client. One statement beside the company's."""
    seller, teller = aliased(User), aliased(User)
    zone = ZoneInfo(session.get_one(Company, 1).timezone)
    first = (
        select(Awareness.id)
        .join(GIVEN, GIVEN.c.product_id == Awareness.product_id)
        .where(Awareness.client_id == Contract.client_id, GIVEN.c.contract_id == Contract.id)
        .where(Awareness.told_by_id.is_not(None))
        .order_by(Awareness.told_at, Awareness.id)
        .limit(1)
        .correlate(Contract)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Contract.id, seller.name, teller.name, Awareness.told_at, func.coalesce(Deal.closed_on, Contract.starts_on)
        )
        .outerjoin(Deal, Deal.id == Contract.deal_id)
        .outerjoin(seller, seller.id == Deal.owner_id)
        .outerjoin(Awareness, Awareness.id == first)
        .outerjoin(teller, teller.id == Awareness.told_by_id)
        .where(Contract.client_id == client_id)
        .order_by(Contract.id.desc())
        .limit(MOST)
    )
    found = {}
    for contract, sold, told, at, sold_on in rows:
        told_on = at.astimezone(zone).date() if told is not None and at is not None else None
        in_time = told_on is not None and told_on <= sold_on
        found[contract] = SaleCredit(sold, told if in_time else None, told_on if in_time else None)
    return found
