"""What the forms of a launch offer, and whom its audience holds: a count and a few by name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.launch_audience import audience, AudienceRule, count
from webapp.domain.product import Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.user import Actor, User
from webapp.domain.vip_tier import VipTier
from webapp.domain.words import Department, Role

SAMPLE = 12


@dataclass(frozen=True, slots=True)
class Choices:
    """Pairs of id and name."""

    sectors: tuple[str, ...]
    tiers: tuple[tuple[int, str], ...]
    families: tuple[tuple[int, str], ...]
    products: tuple[tuple[int, str], ...]
    owners: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Fitting:
    """A client that fits the rule, and who works with it."""

    id: int
    name: str
    sector: str
    city: str
    lanes: tuple[tuple[Department, str], ...]


def choices(session: Session, actor: Actor) -> Choices:
    """Five statements."""
    sectors = session.scalars(select(Client.sector).where(Client.sector != "").distinct().order_by(Client.sector))
    tiers = session.execute(
        select(VipTier.id, VipTier.name).where(VipTier.retired_at.is_(None)).order_by(VipTier.position)
    )
    families = session.execute(select(ProductFamily.id, ProductFamily.name).order_by(ProductFamily.position))
    owners = session.execute(
        select(User.id, User.name)
        .where(User.deactivated_at.is_(None), User.role.in_([Role.MEMBER, Role.HEAD]), User.department.is_not(None))
        .order_by(User.name)
    )
    return Choices(
        tuple(sectors),
        tuple((row[0], row[1]) for row in tiers),
        tuple((row[0], row[1]) for row in families),
        tuple(on_sale(session, actor)),
        tuple((row[0], row[1]) for row in owners),
    )


def on_sale(session: Session, actor: Actor, *, beside: int = 0) -> list[tuple[int, str]]:
    """The products on sale, the newest first: a launch is mostly for one that was just added."""
    offered = Product.retired_at.is_(None) | (Product.id == beside)
    found = session.execute(select(Product.id, Product.name).where(offered).order_by(Product.id.desc()))
    return [(row[0], row[1]) for row in found]


def leaders(session: Session, actor: Actor, *, beside: int = 0) -> list[tuple[int, str]]:
    """Who may answer for a launch: heads and directors; the asker first."""
    leads = User.deactivated_at.is_(None) & User.role.in_([Role.HEAD, Role.DIRECTOR])
    found = session.execute(select(User.id, User.name).where(leads | (User.id == beside)).order_by(User.name))
    return sorted(((row[0], row[1]) for row in found), key=lambda person: person[0] != actor.id)


def fitting(
    session: Session, actor: Actor, rule: AudienceRule, product: Product, *, at: datetime
) -> tuple[int, tuple[Fitting, ...]]:
    """How many fit the rule, and some of them spread over the whole. Four statements, however many fit."""
    number = count(session, rule, product, at=at)
    found = audience(session, rule, product, at=at).order_by(None).subquery()
    ranked = select(found.c.id, func.row_number().over(order_by=found.c.id).label("place")).subquery()
    step = max(1, number // SAMPLE)
    rows = session.execute(
        select(Client.id, Client.name, Client.sector, Client.city)
        .join(ranked, ranked.c.id == Client.id)
        .where((ranked.c.place - 1) % step == 0)
        .order_by(Client.name, Client.id)
        .limit(SAMPLE)
    ).all()
    lanes: dict[int, list[tuple[Department, str]]] = {}
    for client, department, name in session.execute(
        select(Engagement.client_id, Engagement.department, User.name)
        .join(User, User.id == Engagement.owner_id)
        .where(Engagement.client_id.in_([row.id for row in rows]), Engagement.closed_at.is_(None))
        .order_by(Engagement.id)
    ):
        lanes.setdefault(client, []).append((department, name))
    return number, tuple(Fitting(*row, lanes=tuple(lanes.get(row.id, ()))) for row in rows)
