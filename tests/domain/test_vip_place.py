"""Tiers of the VIP programme and a client's places in it: one at a time, each with its reasons, history for good."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import NormKind, VipTier

SOON = TODAY + timedelta(days=30)


def tier(session: Session, cast: Cast, name: str = "Gold", norm: int = 3, **fields) -> VipTier:
    said = {"norm_kind": NormKind.A_QUARTER, "capacity": 20, "suits": SalesClass.A} | fields
    return VipTier.add(session, name, norm_size=norm, by=cast.director, at=AT, **said)


def stays(session: Session) -> list[tuple[str, date, date | None]]:
    session.flush()
    return [(place.tier.name, place.since, place.until) for place in session.scalars(select(VipPlace).order_by("id"))]


def test_a_norm_is_read_both_ways(session: Session, cast: Cast) -> None:
    quarterly, gap = tier(session, cast), tier(session, cast, "Silver", 40, norm_kind=NormKind.DAYS_BETWEEN)
    assert [each.norm_days for each in (quarterly, gap)] == [30, 40]


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": "gold "}, "name"), ({"name": " "}, "name"), ({"norm": 92}, "norm_size"), ({"capacity": 0}, "capacity")],
)
def test_a_tier_says_what_is_wrong_with_it(session: Session, cast: Cast, fields: dict, field: str) -> None:
    tier(session, cast, "gold")
    with pytest.raises(Refused) as refused:
        tier(session, cast, **({"name": "Silver"} | fields))
    assert refused.value.field == field


def test_tiers_change_places_and_retire(session: Session, cast: Cast) -> None:
    first, second = tier(session, cast), tier(session, cast, "Silver")
    session.add(second.raise_above(session, by=cast.director, at=AT, seen=second.version))
    session.flush()
    assert VipTier.offered(session) == [second, first]
    session.add(second.retire(by=cast.director, at=AT, seen=second.version))
    session.flush()
    assert VipTier.offered(session) == [first]


def test_a_client_holds_one_place_and_its_history_stays(session: Session, cast: Cast) -> None:
    gold, silver, client = tier(session, cast), tier(session, cast, "Silver"), make_client(session, cast.vip)
    by = {"by": cast.director, "at": AT}
    place = VipPlace.take(session, client, gold, "Class A", **by, on=TODAY)
    with pytest.raises(Refused):
        VipPlace.take(session, client, silver, "Again", **by, on=SOON)
    with pytest.raises(Refused):
        place.leave(" ", **by, on=SOON)
    other = place.move(session, silver, "Fell below the level", **by, on=SOON)
    session.add(other.leave("Pays no more", **by, on=SOON + timedelta(days=90)))
    assert stays(session) == [("Gold", TODAY, SOON), ("Silver", SOON, SOON + timedelta(days=90))]
    assert VipPlace.held(session, client) is None
    told = session.execute(select(Event.kind, Event.details).where(Event.kind.startswith("vip:")).order_by(Event.id))
    assert [(kind, details["reason"]) for kind, details in told] == [
        ("vip:entered", "Class A"),
        ("vip:moved", "Fell below the level"),
        ("vip:left", "Pays no more"),
    ]


def test_the_database_holds_one_place(session: Session, cast: Cast) -> None:
    gold, client = tier(session, cast), make_client(session, cast.vip)
    VipPlace.take(session, client, gold, "Class A", by=cast.director, at=AT, on=TODAY)
    session.add(VipPlace(client=client, tier=gold, since=TODAY, entered_because="Twice"))
    with pytest.raises(IntegrityError):
        session.flush()
