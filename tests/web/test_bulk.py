"""Several clients at once: a preview of exactly what happens, an absence, and a level load."""

from datetime import timedelta
from functools import partial

from sqlalchemy import select

from tests.cast import person, seat_day
from tests.factories import engagement_of, make_client, make_contact, make_invoice
from tests.support.client import soup
from webapp.domain.absence import Absence
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.letter import Letter
from webapp.domain.promise_to_pay import PromiseToPay
from webapp.domain.words import Department, Role
from webapp.web.clock import now


def test_a_preview_writes_nothing_and_says_exactly_what_will_happen(session, cast, sign_in):
    first, second, third = (make_client(session, cast.clerk, name=name) for name in ("Alpha", "Beta", "Gamma"))
    session.commit()
    head = sign_in(cast.head_of_client)
    page = head.get(f"/queue/several?clerk={cast.clerk.id}")
    chosen = [str(engagement_of(client).id) for client in (first, third)]
    back = (seat_day() + timedelta(days=9)).isoformat()
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


def test_levelling_gives_nothing_to_who_is_away_and_leaves_what_comes_back(session, cast, sign_in):
    third = person("Third", Role.MEMBER, Department.CLIENT)
    session.add(third)
    session.flush()
    lent = [make_client(session, cast.clerk) for _ in range(2)]
    own = [make_client(session, cast.other_clerk) for _ in range(2)]
    made = {"by": cast.head_of_client, "at": now()}
    given = [engagement_of(client) for client in lent]
    back = seat_day() + timedelta(days=9)
    Absence.begin(session, cast.clerk, cast.other_clerk, given, back, "Holiday", **made)
    session.commit()
    moves = soup(sign_in(cast.head_of_client).get("/queue/level")).select("input[name=move]")
    expected = {f"{engagement_of(client).id}-{cast.other_clerk.id}-{third.id}" for client in own}
    assert {move["value"] for move in moves} == expected


def test_clerks_spread_no_clients(session, cast, sign_in):
    session.commit()
    for user in (cast.clerk, cast.hunter, cast.head_of_sales):
        asked = sign_in(user)
        refused = [asked.get("/queue/level"), asked.post("/queue/several"), asked.post("/queue/several/apply")]
        assert [answer.status_code for answer in refused] == [403, 403, 403]
        assert asked.get("/queue/several").status_code == (200 if user is cast.clerk else 403)
    assert soup(sign_in(cast.clerk).get("/queue/several")).select_one("#to-whom") is None
    assert sign_in(cast.clerk).get(f"/queue/several?clerk={cast.other_clerk.id}").status_code == 403


def test_a_clerk_reminds_the_chosen_clients_after_a_preview(session, cast, sign_in):
    late, due, paid, other = (make_client(session, cast.clerk, name=name) for name in ("Late", "Due", "Paid", "Other"))
    for client in (late, due, other):
        make_contact(session, client, email=f"{client.name.lower()}@client.test")
    sent = make_invoice(session, late, 500_00)
    sent.file = StoredFile.store(session, b"%PDF-1.7", "application/pdf")
    make_invoice(session, due, 700_00, seat_day() + timedelta(days=20))
    make_invoice(session, other, 900_00)
    session.commit()
    clerk, numbers = sign_in(cast.clerk), [str(engagement_of(each).id) for each in (late, due, paid)]
    page = clerk.get("/queue/several")
    send = partial(clerk.post, "/queue/several/letters")
    for given, why in ({}, "Choose at least one client"), ({"engagement": numbers}, "not set up yet"):
        answer = send(data={"kind": "reminder", **given})
        assert (answer.status_code, why in answer.text) == (422, True)
    assert soup(page).select_one("button[value=reminder]")["formaction"] == "/queue/several/letters"
    cast.company.mail_host, cast.company.mail_from = "127.0.0.1", "office@baton.test"
    session.commit()
    preview = send(data={"kind": "reminder", "engagement": numbers})
    shown = {part: soup(preview).select_one(f"#{part}").get_text(" ", strip=True) for part in ("good", "idle")}
    assert "Late" in shown["good"]
    assert (shown["idle"], "Other" in preview.text) == ("Nothing to remind of Due, Paid", False)
    session.rollback()
    assert session.scalars(select(Letter)).all() == []
    for _ in range(2):
        clerk.submit(preview, "#send")
    session.expire_all()
    assert [letter.address for letter in session.scalars(select(Letter))] == ["late@client.test"]
    left_out = send(data={"kind": "invoice", "engagement": [*numbers, "x", "99999"]})
    assert [row.get_text(" ", strip=True).split()[0] for row in soup(left_out).select("#good li")] == ["Due", "Late"]
    assert send(data={"kind": "proposal", "engagement": numbers}).status_code == 400
    assert sign_in(cast.hunter).post("/queue/several/letters", data={"kind": "invoice"}).status_code == 403


def test_who_promised_to_pay_is_not_reminded_until_that_day_is_over(session, cast, sign_in):
    clients = [make_client(session, cast.clerk, name=name) for name in ("Promising", "Silent")]
    for client in clients:
        make_contact(session, client, email=f"{client.name.lower()}@client.test")
        make_invoice(session, client, 500_00, seat_day() - timedelta(days=9))
    PromiseToPay.make(session, clients[0], 500_00, "RUB", seat_day(), by=cast.clerk, at=now())
    cast.company.mail_host, cast.company.mail_from = "127.0.0.1", "office@baton.test"
    session.commit()
    given = {"engagement": [str(engagement_of(client).id) for client in clients]}
    for kind, expected in (("reminder", ["Silent"]), ("invoice", ["Promising", "Silent"])):
        preview = sign_in(cast.clerk).post("/queue/several/letters", data={"kind": kind, **given})
        assert [each.get_text() for each in soup(preview).select("#good li b")] == expected
    left_out = sign_in(cast.clerk).post("/queue/several/letters", data={"kind": "reminder", **given})
    assert "The client promised to pay" in soup(left_out).select_one("#left-out").get_text()
