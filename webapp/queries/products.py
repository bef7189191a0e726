"""The catalogue."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.deal import DealLine
from webapp.domain.product import Billing, Product
from webapp.domain.user import Actor


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product; ``deals`` counts the deals in which it stands."""

    id: int
    name: str
    family: str
    unit: str
    billing: Billing
    price_minor: int
    currency: str
    retired: bool
    version: int
    deals: int


_COLUMNS = (
    Product.id,
    Product.name,
    Product.family,
    Product.unit,
    Product.billing,
    Product.price_minor,
    Product.currency,
    Product.retired_at.is_not(None),
    Product.version,
)


def offered(session: Session, actor: Actor, *, beside: frozenset[int] = frozenset()) -> list[ProductRow]:
    """What may be put on a deal: the products on sale, and those of ``beside`` that stand on it already."""
    wanted = select(*_COLUMNS).where(Product.retired_at.is_(None) | Product.id.in_(beside)).order_by(Product.name_key)
    return [ProductRow(*row, deals=0) for row in session.execute(wanted)]


def catalogue(session: Session, actor: Actor) -> list[ProductRow]:
    """Every product, those on sale first."""
    deals = (
        select(DealLine.product_id, func.count(DealLine.deal_id.distinct()).label("deals"))
        .where(DealLine.product_id.is_not(None))
        .group_by(DealLine.product_id)
        .subquery()
    )
    wanted = (
        select(*_COLUMNS, func.coalesce(deals.c.deals, 0))
        .outerjoin(deals, deals.c.product_id == Product.id)
        .order_by(Product.retired_at.is_not(None), Product.family, Product.name_key)
    )
    return [ProductRow(*row) for row in session.execute(wanted)]
