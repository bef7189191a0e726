"""What the log of one visit offers to choose from, and when the client's norm asks for the next one."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.user import Actor
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import VipTier
from webapp.queries import attacks
from webapp.queries.telling import Tellable, tellable


@dataclass(frozen=True, slots=True)
class VisitChoices:
    """People with their positions, products to tell of, rivals; ``norm_days``: until the next visit is due."""

    contacts: tuple[tuple[int, str, str], ...]
    products: tuple[Tellable, ...]
    rivals: tuple[tuple[int, str], ...]
    norm_days: int


def visit_choices(session: Session, actor: Actor, client: Client, about: int | None = None) -> VisitChoices:
    """``about``: the product that the visit is to show. Four statements."""
    return VisitChoices(
        people_there(session, client),
        tellable(session, actor, client.id, () if about is None else (about,)),
        tuple(attacks.offered(session)),
        norm_days(session, client),
    )


def people_there(session: Session, client: Client) -> tuple[tuple[int, str, str], ...]:
    """Whom one may meet: id, name and position."""
    there = (
        select(Contact.id, Contact.name, Contact.position)
        .where(Contact.client_id == client.id, Contact.removed_at.is_(None), Contact.left_at.is_(None))
        .order_by(Contact.id)
    )
    return tuple((row.id, row.name, row.position) for row in session.execute(there))


def norm_days(session: Session, client: Client) -> int:
    """Days between two visits: those of the client's tier, else the company's."""
    tier = session.scalar(
        select(VipTier)
        .join(VipPlace, VipPlace.tier_id == VipTier.id)
        .where(VipPlace.client_id == client.id, VipPlace.until.is_(None))
    )
    return tier.norm_days if tier is not None else session.get_one(Company, 1).visit_days
