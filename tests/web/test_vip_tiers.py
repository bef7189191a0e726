"""The tiers of the VIP programme among the settings."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client
from tests.support.client import soup
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import NormKind, VipTier

FORM = "main form[method=post]"


def names(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(VipTier.name).order_by(VipTier.position)))


def test_a_director_sets_the_tiers(session, cast: Cast, sign_in) -> None:
    browser = sign_in(cast.director)
    assert "No tier yet" in browser.get("/settings/vip-tiers").text
    page = browser.get("/settings/vip-tiers/new")
    assert "The method gives no number" in page.text
    assert browser.submit(page, FORM, name="Gold", norm_size="0", capacity="20").status_code == 422
    for name in ("Gold", "Silver"):
        page = browser.get("/settings/vip-tiers/new")
        assert browser.submit(page, FORM, name=name, norm_size="3", capacity="20").status_code == 303
    gold, silver = session.scalars(select(VipTier).order_by(VipTier.position)).all()
    page = browser.get(f"/settings/vip-tiers/{gold.id}")
    answer = browser.submit(page, FORM, norm_kind="days_between", norm_size="45", capacity="12")
    assert answer.location == "/settings/vip-tiers"
    session.expire_all()
    assert (gold.norm_kind, gold.norm_size, gold.capacity) == (NormKind.DAYS_BETWEEN, 45, 12)
    assert browser.submit(page, FORM, name="Stale").status_code == 409
    listed = browser.get("/settings/vip-tiers")
    assert "a visit every 45 days" in soup(listed).get_text()
    browser.submit(listed, f"form[action='/settings/vip-tiers/{silver.id}/above']")
    assert names(session) == ["Silver", "Gold"]
    browser.submit(browser.get("/settings/vip-tiers"), f"form[action='/settings/vip-tiers/{gold.id}/retired']")
    session.expire_all()
    assert gold.retired_at is not None


def test_others_leave_them_alone(session, cast: Cast, sign_in) -> None:
    for user in (cast.vip, cast.head_of_vip, cast.clerk):
        assert sign_in(user).get("/settings/vip-tiers").status_code == 403


def test_the_database_refuses_to_change_a_place_that_ended(session: Session, cast: Cast) -> None:
    by = {"by": cast.director, "at": AT}
    gold = VipTier.add(session, "Gold", NormKind.A_QUARTER, 3, 20, SalesClass.A, **by)
    place = VipPlace.take(session, make_client(session, cast.vip), gold, "Class A", **by, on=TODAY)
    session.add(place.leave("Pays no more", **by, on=TODAY))
    session.flush()
    with pytest.raises(DBAPIError, match="never changes"), session.begin_nested():
        session.execute(update(VipPlace).values(until=None, left_because=""))
