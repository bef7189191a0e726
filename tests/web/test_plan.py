"""The plan of collecting in the browser's eyes: who sees what, who sets it, and what it costs."""

from datetime import date, timedelta

from sqlalchemy import select

from tests.cast import seat_day
from tests.factories import engagement_of, make_client, make_invoice, make_payment
from tests.support.client import soup
from webapp.domain.calendar import month_of, months_on
from webapp.domain.collection_month import CollectionMonth, keep_month
from webapp.domain.collection_plan import CollectionPlan
from webapp.domain.invoice import Invoice
from webapp.domain.operation import Operation
from webapp.domain.queue import Outcome
from webapp.nightly_queue import refresh_figures
from webapp.web.clock import now


def month() -> date:
    return month_of(seat_day())


def collected(session, clerk, minor=50_000):
    client = make_client(session, clerk, at=now() - timedelta(days=90))
    invoice = make_invoice(session, client, 2 * minor, month(), at=now())
    make_payment(session, minor, month(), client=client).allocate(session, invoice, by=clerk, at=now())
    return client


def reckoned(session):
    session.flush()
    keep_month(session, month(), seat_day(), at=now())
    session.commit()


def test_the_head_sets_a_plan_and_the_clerk_sees_it_over_the_queue(session, cast, sign_in):
    collected(session, cast.clerk)
    reckoned(session)
    head = sign_in(cast.head_of_client)
    page = head.get(f"/plan/{cast.clerk.id}/set")
    assert head.submit(page, "main form", amount_minor="2000").status_code == 303
    again = head.get(f"/plan/{cast.clerk.id}/set")
    form = soup(again).select_one("main form")
    assert form.select_one("#amount_minor")["value"] == "2000.00", "what stands is changed, not typed anew"
    assert "optional" not in form.select_one("#reason-field").get_text()
    assert head.submit(again, "main form", amount_minor="1000").status_code == 422
    assert head.submit(again, "main form", amount_minor="1000", reason="A client left").status_code == 303
    session.rollback()
    assert [plan.amount_minor for plan in session.scalars(select(CollectionPlan))] == [200_000, 100_000]
    clerk = sign_in(cast.clerk)
    assert "50 %" in soup(clerk.get("/queue")).select_one(".plan-lines").get_text(" ", strip=True)
    own = soup(clerk.get("/plan")).get_text(" ", strip=True)
    assert "A client left" in own
    assert "How the forecast is reckoned" in own


def test_what_changed_hands_or_is_disputed_is_reckoned_within_the_minute(app, session, cast):
    client = collected(session, cast.clerk)
    reckoned(session)
    invoice = session.scalars(select(Invoice).where(Invoice.client_id == client.id)).one()
    made = {"by": cast.head_of_client, "at": now() + timedelta(seconds=1)}
    lane = engagement_of(client)
    session.add(lane.reassign(cast.other_clerk, reason="Has more room", seen=lane.version, **made))
    session.commit()
    with app.app_context():
        refresh_figures()
    session.expire_all()
    figures = {row.clerk_id: row.expected_minor for row in session.scalars(select(CollectionMonth))}
    assert figures == {cast.clerk.id: 0, cast.other_clerk.id: 100_000}
    before = max(session.scalars(select(CollectionMonth.reckoned_at)))
    made["at"] = now() + timedelta(seconds=1)
    session.add(invoice.dispute("sum", "", **made))
    session.commit()
    with app.app_context():
        refresh_figures()
    assert min(session.scalars(select(CollectionMonth.reckoned_at))) > before


def test_what_is_overdue_today_stands_on_no_other_months_page(session, cast, sign_in):
    collected(session, cast.clerk)
    make_invoice(session, make_client(session, cast.clerk), 50_000, seat_day() - timedelta(days=70), at=now())
    reckoned(session)
    last = months_on(month(), -1)
    keep_month(session, last, seat_day(), at=now())
    session.commit()
    clerk = sign_in(cast.clerk)
    assert "61 to 90 days" in clerk.get("/plan").text
    assert "61 to 90 days" not in clerk.get(f"/plan?month={last}").text


def test_a_clerk_sees_no_colleagues_plan_and_sets_none(session, cast, sign_in):
    session.commit()
    clerk = sign_in(cast.clerk)
    assert clerk.get(f"/plan?clerk={cast.other_clerk.id}").status_code == 403
    assert clerk.get(f"/plan/{cast.clerk.id}/set").status_code == 403
    assert sign_in(cast.hunter).get("/plan").status_code == 403
    assert sign_in(cast.head_of_sales).get("/plan").status_code == 403


def test_the_clerk_sees_how_the_own_work_develops(session, cast, sign_in):
    client = collected(session, cast.clerk)
    for seconds in (40, 80):
        opened = now() - timedelta(seconds=seconds)
        session.add(
            Operation.record(
                session, client, Outcome.DONE, [], by=cast.clerk, at=now(), on=seat_day(), opened_at=opened
            )
        )
    reckoned(session)
    last = soup(sign_in(cast.clerk).get("/plan")).select("#progress tbody tr")[-1].get_text(" ", strip=True)
    assert last.endswith("50 % 2 2 1 min 0 s")


def test_a_month_nobody_can_mean_is_not_found(session, cast, sign_in):
    session.commit()
    for month in ("nonsense", "2026-13-01", "0001-01-01"):
        assert sign_in(cast.director).get(f"/plan?month={month}").status_code == 404


def test_many_clients_cost_no_more_statements_than_one(session, cast, sign_in, statements):
    def ask(user):
        browser = sign_in(user)
        browser.get("/plan")
        with statements() as seen:
            assert browser.get("/plan").status_code == 200
        return len(seen)

    collected(session, cast.clerk)
    reckoned(session)
    few = [ask(cast.clerk), ask(cast.head_of_client)]
    for clerk in (cast.clerk, cast.other_clerk, cast.head_of_client):
        for _ in range(10):
            collected(session, clerk)
    reckoned(session)
    assert [ask(cast.clerk), ask(cast.head_of_client)] == few
