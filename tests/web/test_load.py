"""The load of each clerk in figures, where it decides: on the head's page, and where a hand-off is accepted."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast, seat_day
from tests.factories import engagement_of, make_client, make_contract, make_invoice, make_offer, make_payment, make_task
from tests.support.client import soup
from webapp.domain.calendar import last_day, month_of
from webapp.domain.collection_month import keep_month
from webapp.domain.handoff import HandOff
from webapp.domain.queue_keeping import everybody, keep
from webapp.domain.words import Department
from webapp.web.clock import now


def month() -> date:
    return month_of(seat_day())


LONG_AGO = now() - timedelta(days=100)
LABELS = ("Clients", "Tasks this week", "In the queue", "Expected this month")


@pytest.fixture
def offer(session: Session, cast: Cast) -> HandOff:
    """Three clients of one clerk, one of another, and one that a hunter offers.

    Of the first clerk's, one owes since long, has paid a part of this month's invoice and is called about it; one pays
    monthly by a contract that is still to be invoiced; one pays in dollars, and is called next week.
    """
    late, monthly, calm = (make_client(session, cast.clerk, at=LONG_AGO) for _ in range(3))
    other = make_client(session, cast.other_clerk, at=LONG_AGO)
    make_invoice(session, late, 9_000_00, month() - timedelta(days=40), at=LONG_AGO)
    now_due = make_invoice(session, late, 1_000_00, seat_day(), at=now())
    make_payment(session, 400_00, client=late, at=now()).allocate(session, now_due, by=cast.clerk, at=now())
    make_contract(session, monthly, 2_000_00, month(), payment_day=28, at=now())
    make_contract(session, monthly, 7_000_00, last_day(month()) + timedelta(days=1), payment_day=28, at=now())
    make_contract(session, calm, 300_00, month(), payment_day=28, currency="USD", at=now())
    make_task(session, calm, seat_day() + timedelta(days=8))
    make_task(session, late, seat_day())
    make_invoice(session, other, 5_000_00, seat_day(), at=now())
    offered = make_offer(session, make_client(session, cast.hunter), Department.CLIENT, at=now())
    session.flush()
    keep(session, everybody(session), at=now())
    keep_month(session, month(), seat_day(), at=now())
    session.commit()
    return offered


def figures(answer, table: str) -> dict[str, tuple[str, ...]]:
    """By person: what stands beside the name, as it reads."""
    found = {}
    for row in soup(answer).select(f"{table} tbody tr"):
        cells = {cell["data-label"]: cell.get_text(" ", strip=True) for cell in row.select("td[data-label]")}
        name = " ".join(row.select_one("th").get_text(" ", strip=True).split()[:2])
        found[name] = tuple(cells[label].replace("\xa0", " ") for label in LABELS)
    return found


WANTED = {
    "Clara Clerk": ("3", "1", "1", "RUB 3,000 · $300"),
    "Otto Otherclerk": ("1", "0", "0", "RUB 5,000"),
    "Kira Head-Client": ("0", "0", "0", ""),
}


def test_the_heads_page_and_the_acceptance_show_what_each_clerk_carries(session, cast, offer, sign_in) -> None:
    head = sign_in(cast.head_of_client)
    assert figures(head.get("/departments"), "#load-client") == WANTED
    page = head.get(f"/handoffs/{offer.id}")
    assert figures(page, "form:has([name=owner_id])") == WANTED
    assert soup(page).select_one("input[name=owner_id][checked]")["value"] == str(cast.other_clerk.id), "least clients"


def test_what_is_accepted_counts_for_the_new_owner(session, cast, offer, sign_in) -> None:
    head = sign_in(cast.head_of_client)
    client = offer.client
    make_contract(session, client, 800_00, month(), payment_day=28, at=now())
    session.commit()
    head.submit(head.get(f"/handoffs/{offer.id}"), "form:has([name=owner_id])")
    session.expire_all()
    assert engagement_of(client, Department.CLIENT).owner_id == cast.other_clerk.id
    keep_month(session, month(), seat_day(), at=now())
    session.commit()
    assert figures(head.get("/departments"), "#load-client")["Otto Otherclerk"][0] == "2"
    assert figures(head.get("/departments"), "#load-client")["Otto Otherclerk"][3] == "RUB 5,800"


def test_a_hunter_who_answers_in_the_client_lane_since_an_import_carries_it(session, cast, offer, sign_in) -> None:
    imported = make_client(session, cast.hunter, at=LONG_AGO)
    engagement_of(imported, Department.SALES).department = Department.CLIENT
    session.commit()
    loads = soup(sign_in(cast.director).get("/departments")).select_one("#load-sales")
    row = next(row for row in loads.select("tbody tr") if "Harry" in row.get_text())
    assert row.select_one("td[data-label=Clients]").get_text(strip=True) == "2", "and the one that he offers"
