"""What stands on first pages beside the day's work: birthdays for their owner, health and its moves for heads."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast, TODAY
from tests.factories import make_client, make_contact, make_task
from tests.support.client import soup
from webapp.domain.client import Client
from webapp.domain.health_kept import HealthDay, KeptHealth
from webapp.domain.health_terms import Band
from webapp.domain.task import TaskKind
from webapp.domain.user import User
from webapp.queries.birthdays import AHEAD, birthdays
from webapp.queries.health_moves import health_moves
from webapp.web.clock import now

HEALTHY, AT_RISK, CRITICAL = Band.HEALTHY, Band.AT_RISK, Band.CRITICAL


def test_an_owner_sees_the_next_birthdays_of_those_who_are_there(session: Session, cast: Cast) -> None:
    mine, other = make_client(session, cast.vip), make_client(session, cast.clerk)
    make_contact(session, mine, "Leap", birthday=date(1980, 2, 29))
    make_contact(session, mine, "Tomorrow", birthday=date(1976, 3, 2))
    make_contact(session, mine, "Last", birthday=date(1990, 3, 1) + timedelta(days=AHEAD - 1))
    make_contact(session, mine, "Too late", birthday=date(1990, 3, 1) + timedelta(days=AHEAD))
    make_contact(session, mine, "Nobody asked")
    make_contact(session, mine, "Gone", birthday=date(1976, 3, 2)).left_at = now()
    make_contact(session, other, "Not mine", birthday=date(1976, 3, 2))
    session.flush()
    found = birthdays(session, cast.vip.actor, date(2026, 3, 1))
    assert [(row.contact, row.turns) for row in found] == [("Leap", 46), ("Tomorrow", 50), ("Last", 36)]
    assert found[0].on == date(2026, 3, 1)
    leap = birthdays(session, cast.vip.actor, date(2028, 2, 29))
    assert next((row.contact, row.on) for row in leap) == ("Leap", date(2028, 2, 29))
    assert birthdays(session, cast.director.actor, date(2026, 3, 1)) == ()


def healthy(session: Session, client: Client, owner: User, band: Band, was: Band | None, days: int = 3) -> None:
    """A client's kept health: in its band for so many days, and what it was two months ago."""
    session.add(
        KeptHealth(
            client=client,
            level=50,
            band=band,
            reckoned=band,
            points={},
            trend=0,
            since=TODAY - timedelta(days=days),
            owner_id=owner.id,
            currency="RUB",
            monthly_minor=0,
        )
    )
    if was is not None:
        session.add(HealthDay(client_id=client.id, day=TODAY - timedelta(days=60), level=50, band=was, points={}))
    session.flush()


@pytest.mark.parametrize("part", ["director", "head_of_vip", "head_of_client"])
def test_heads_see_who_moved_between_bands_since_a_month_ago(session: Session, cast: Cast, part: str) -> None:
    for owner, band, was, days in (
        (cast.vip, CRITICAL, HEALTHY, 3),
        (cast.vip, CRITICAL, HEALTHY, 3),
        (cast.vip, HEALTHY, AT_RISK, 3),
        (cast.vip, HEALTHY, HEALTHY, 3),
        (cast.vip, AT_RISK, AT_RISK, 200),
        (cast.clerk, AT_RISK, None, 3),
    ):
        healthy(session, make_client(session, owner), owner, band, was, days)
    found = health_moves(session, cast.users[part].actor, TODAY)
    moves = [(move.was, move.now, move.clients, move.better) for move in found.moves]
    counted = {band: count for band, count in found.bands if count}
    if part == "head_of_client":
        assert (counted, moves) == ({AT_RISK: 1}, [])
    else:
        assert moves == [(HEALTHY, CRITICAL, 2, False), (AT_RISK, HEALTHY, 1, True)]
        assert counted == {CRITICAL: 2, AT_RISK: 1 if part == "head_of_vip" else 2, HEALTHY: 2}
    assert found.since == date(2026, 2, 2)


@pytest.mark.parametrize("part", ["vip", "head_of_vip", "director"])
def test_a_first_page_costs_the_same_with_one_client_and_with_thirty(session, cast, sign_in, statements, part) -> None:
    browser = sign_in(cast.users[part])

    def some(count: int) -> None:
        for _ in range(count):
            client = make_client(session, cast.vip)
            make_contact(session, client, birthday=(now() + timedelta(days=1)).date().replace(year=1980))
            healthy(session, client, cast.vip, CRITICAL, HEALTHY)
        session.commit()

    some(1)
    browser.get("/")
    with statements() as one:
        shown = soup(browser.get("/"))
    assert bool(shown.select_one("#birthdays")) == (part == "vip")
    assert bool(shown.select_one("#health")) == (part != "vip")
    some(29)
    with statements() as thirty:
        browser.get("/")
    assert len(thirty) == len(one)


def test_the_vip_department_sees_whom_the_norm_asks_for_and_its_head_what_was_held(session, cast, sign_in) -> None:
    long_ago = now() - timedelta(days=200)
    client = make_client(session, cast.vip, name="Nobody came", at=long_ago)
    planned = make_client(session, cast.vip, name="Awaited", at=long_ago)
    make_task(session, planned, now().date() + timedelta(days=2), kind=TaskKind.MEETING, at=now())
    session.commit()
    due = soup(sign_in(cast.vip).get("/")).select_one("#due")
    assert [link.text for link in due.select(".row-title")] == ["Nobody came"]
    assert f"client={client.id}" in due.select_one(f"#place-{client.id}")["href"]
    for part in ("head_of_vip", "director"):
        norm = soup(sign_in(cast.users[part]).get("/")).select_one("#norm")
        row = next(row.text for row in norm.select("li") if cast.vip.name in row.text)
        assert "0 held of 1 by the norm" in row, row
    for part in ("vip", "head_of_sales"):
        assert soup(sign_in(cast.users[part]).get("/")).select_one("#norm") is None
