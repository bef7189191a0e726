"""Tiers and reviews of the VIP list to test with."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client, make_payment
from webapp.domain.client import Client
from webapp.domain.sales_class import SalesClass
from webapp.domain.user import User
from webapp.domain.vip_line import VipLine
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import VipReview
from webapp.domain.vip_tier import NormKind, VipTier


def make_tiers(session: Session, cast: Cast) -> tuple[VipTier, VipTier]:
    """Gold for class A, silver for class B."""
    by = {"by": cast.director, "at": AT}
    return (
        VipTier.add(session, "Gold", NormKind.A_QUARTER, 3, 12, SalesClass.A, **by),
        VipTier.add(session, "Silver", NormKind.DAYS_BETWEEN, 60, 25, SalesClass.B, **by),
    )


def paying(
    session: Session, owner: User, roubles: int, *, on: date = TODAY, before: int = 0, name: str = "", **fields: object
) -> Client:
    """A client that paid so much in the last 12 months, and so much in the 12 before."""
    client = make_client(session, owner, name=name, **fields)
    for paid, day in ((roubles, on), (before, on.replace(year=on.year - 1))):
        if paid:
            make_payment(session, paid * 100, day, client=client)
    return client


def enter(session: Session, client: Client, tier: VipTier, cast: Cast) -> VipPlace:
    return VipPlace.take(session, client, tier, "Class A", by=cast.director, at=AT, on=TODAY)


def open_review(session: Session, cast: Cast, at: datetime = AT) -> VipReview:
    return VipReview.begin(session, cast.company, by=cast.head_of_vip, at=at)


def line_of(session: Session, review: VipReview, client: Client) -> VipLine:
    return session.scalars(select(VipLine).where(VipLine.review_id == review.id, VipLine.client_id == client.id)).one()
