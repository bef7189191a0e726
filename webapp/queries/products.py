"""The catalogue."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.domain.client import name_key
from webapp.domain.deal import DealLine
from webapp.domain.launch import Launch
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.user import Actor


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product; ``deals`` counts the deals in which it stands."""

    id: int
    name: str
    family_id: int | None
    family: str
    unit: str
    billing: Billing
    price_minor: int
    currency: str
    retired: bool
    version: int
    deals: int = 0
    launch_id: int | None = None
    """Its newest launch."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the catalogue is narrowed to. ``retired``: those off sale; None: all."""

    text: str = ""
    family_id: int | None = None
    retired: bool | None = None


EVERYTHING = Wanted()
_COLUMNS = (
    Product.id,
    Product.name,
    Product.family_id,
    func.coalesce(ProductFamily.name, ""),
    Product.unit,
    Product.billing,
    Product.price_minor,
    Product.currency,
    Product.retired_at.is_not(None),
    Product.version,
)


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A family with the number of its products, retired ones included."""

    id: int
    name: str
    description: str
    version: int
    products: int


def families(session: Session, actor: Actor) -> list[FamilyRow]:
    """Every family, in the order of the catalogue."""
    family = ProductFamily
    wanted = (
        select(family.id, family.name, family.description, family.version, func.count(Product.id))
        .outerjoin(Product, Product.family_id == family.id)
        .group_by(family.id)
        .order_by(family.position, family.id)
    )
    return [FamilyRow(*row) for row in session.execute(wanted)]


def offered(session: Session, actor: Actor, *, beside: frozenset[int] = frozenset()) -> list[ProductRow]:
    """What may be put on a deal: the products on sale, and those of ``beside`` that stand on it already."""
    wanted = (
        select(*_COLUMNS)
        .outerjoin(Product.family)
        .where(Product.retired_at.is_(None) | Product.id.in_(beside))
        .order_by(Product.name_key)
    )
    return [ProductRow(*row) for row in session.execute(wanted)]


def catalogue(session: Session, actor: Actor, wanted: Wanted = EVERYTHING) -> list[ProductRow]:
    """The products that match, by family, those on sale first."""
    deals = (
        select(DealLine.product_id, func.count(DealLine.deal_id.distinct()).label("deals"))
        .where(DealLine.product_id.is_not(None))
        .group_by(DealLine.product_id)
        .subquery()
    )
    launched = select(func.max(Launch.id)).where(Launch.product_id == Product.id).correlate(Product).scalar_subquery()
    asked = (
        select(*_COLUMNS, func.coalesce(deals.c.deals, 0), launched)
        .outerjoin(Product.family)
        .outerjoin(deals, deals.c.product_id == Product.id)
        .where(*_conditions(wanted))
        .order_by(
            ProductFamily.position.is_(None), ProductFamily.position, Product.retired_at.is_not(None), Product.name_key
        )
    )
    return [ProductRow(*row) for row in session.execute(asked)]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if key := name_key(wanted.text):
        found.append(Product.name_key.contains(key, autoescape=True))
    if wanted.family_id is not None:
        found.append(Product.family_id == wanted.family_id)
    if wanted.retired is not None:
        found.append(Product.retired_at.is_not(None) if wanted.retired else Product.retired_at.is_(None))
    return found
