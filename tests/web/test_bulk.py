"""Several clients at once: a preview of exactly what happens, an absence, and a level load."""

from datetime import datetime, timedelta, UTC

from sqlalchemy import select

from tests.factories import engagement_of, make_client
from tests.support.client import soup
from webapp.domain.absence import Absence
from webapp.domain.event import Event

TODAY = datetime.now(UTC).date()


def test_a_preview_writes_nothing_and_says_exactly_what_will_happen(session, cast, sign_in):
    first, second, third = (make_client(session, cast.clerk, name=name) for name in ("Alpha", "Beta", "Gamma"))
    session.commit()
    head = sign_in(cast.head_of_client)
    page = head.get(f"/queue/several?clerk={cast.clerk.id}")
    chosen = [str(engagement_of(client).id) for client in (first, third)]
    back = (TODAY + timedelta(days=9)).isoformat()
    given = {"to": str(cast.other_clerk.id), "reason": "Holiday", "returns_on": back}
    nobody = head.submit(page, "form[action='/queue/several'][method=post]", **given)
    assert nobody.status_code == 422
    preview = head.submit(page, "form[action='/queue/several'][method=post]", engagement=chosen, **given)
    text = soup(preview).select_one("main").get_text(" ", strip=True)
    assert "From Clara Clerk to Otto Otherclerk, clients: 2." in text
    assert "Alpha" in text
    assert "Beta" not in text
    session.rollback()
    assert session.scalars(select(Absence)).all() == []
    for _ in range(2):
        assert head.submit(preview, "main form").status_code == 303
    session.expire_all()
    assert [engagement_of(each).owner_id == cast.other_clerk.id for each in (first, second, third)] == [1, 0, 1]
    assert session.scalars(select(Absence)).one().returns_on.isoformat() == back
    assert session.scalars(select(Event.kind)).all().count("engagement:reassigned") == 2


def test_without_a_day_they_go_for_good(session, cast, sign_in):
    client = make_client(session, cast.clerk)
    session.commit()
    head = sign_in(cast.head_of_client)
    page = head.get(f"/queue/several?clerk={cast.clerk.id}")
    given = {"to": str(cast.other_clerk.id), "reason": "Knows the trade"}
    number = str(engagement_of(client).id)
    preview = head.submit(page, "form[action='/queue/several'][method=post]", engagement=number, **given)
    head.submit(preview, "main form")
    session.expire_all()
    assert engagement_of(client).owner_id == cast.other_clerk.id
    assert session.scalars(select(Absence)).all() == []


def test_the_head_levels_the_load_after_a_preview(session, cast, sign_in):
    clients = [make_client(session, cast.clerk) for _ in range(4)]
    session.commit()
    head = sign_in(cast.head_of_client)
    page = head.get("/queue/level")
    assert len(soup(page).select("input[name=move]")) == 2
    assert head.submit(page, "main form", reason="").status_code == 422
    assert head.submit(page, "main form", reason="To level the load").status_code == 303
    session.expire_all()
    owners = [engagement_of(client).owner_id for client in clients]
    assert (owners.count(cast.clerk.id), owners.count(cast.other_clerk.id)) == (2, 2)


def test_clerks_spread_no_clients(session, cast, sign_in):
    session.commit()
    for path in ("/queue/several", "/queue/level"):
        for user in (cast.clerk, cast.hunter, cast.head_of_sales):
            assert sign_in(user).get(path).status_code == 403


def test_the_load_shows_what_stands_in_the_queue_and_is_expected(session, cast, sign_in):
    make_client(session, cast.clerk)
    session.commit()
    table = soup(sign_in(cast.head_of_client).get("/departments")).select_one("#load-client").get_text(" ", strip=True)
    assert "In the queue" in table
    assert "Expected this month" in table
