"""The clerk works the queue: each outcome is written as an interaction, and the next item is there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import person, seat_day
from tests.factories import (
    engagement_of,
    make_client,
    make_contact,
    make_contract,
    make_interaction,
    make_invoice,
    make_offer,
    make_payment,
    make_task,
)
from tests.support.client import soup
from webapp.domain.absence import Absence
from webapp.domain.event import Event
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.invoice import Invoice
from webapp.domain.operation import Operation
from webapp.domain.promise_to_pay import break_due, PromiseToPay
from webapp.domain.queue import Outcome
from webapp.domain.queue_item import QueueItem
from webapp.domain.queue_keeping import everybody, keep
from webapp.domain.task import Task
from webapp.domain.words import Department, Role
from webapp.web.clock import now

LONG_AGO = now() - timedelta(days=100)


def late_client(session, clerk, minor=100_000, name=""):
    client = make_client(session, clerk, name=name, at=LONG_AGO)
    make_invoice(session, client, minor, seat_day() - timedelta(days=20), at=now())
    return client


def kept(session):
    session.flush()
    keep(session, everybody(session), at=now())
    session.commit()


def title(answer):
    found = soup(answer).select_one("[data-queue-title]")
    return found.get_text(strip=True) if found else None


def act(browser, answer, outcome, **fields):
    form = f'form:has(input[name=outcome][value="{outcome}"])'
    return browser.submit(answer, form, **fields)


@pytest.fixture
def queue(session, cast):
    first = late_client(session, cast.clerk, 900_000, "First")
    make_contact(session, first, "Petra Pays", decision_role="pays")
    second = late_client(session, cast.clerk, 100_000, "Second")
    kept(session)
    return first, second


def test_a_clerks_home_is_the_queue(queue, cast, sign_in):
    browser = sign_in(cast.clerk)
    answer = browser.get("/")
    assert (answer.status_code, answer.location) == (303, "/queue")
    page = browser.get("/queue")
    assert title(page) == "First"
    text = soup(page).get_text(" ", strip=True)
    assert "late for the first time" in text
    assert "Petra Pays" in text
    assert "20 days" in text
    assert browser.get("/?all=1").status_code == 200


def test_what_came_of_a_broken_promise_and_a_day_that_is_over_are_told_as_they_are(session, cast, sign_in):
    client = late_client(session, cast.clerk, 100_000, "Half")
    made = {"by": cast.clerk, "at": now() - timedelta(days=5)}
    PromiseToPay.make(session, client, 80_000, "RUB", seat_day() - timedelta(days=1), **made)
    session.flush()
    break_due(session, seat_day(), at=now(), most=1)
    invoice = session.scalars(select(Invoice).where(Invoice.client_id == client.id)).one()
    make_payment(session, 30_000, client=client).allocate(session, invoice, by=cast.clerk, at=now())
    make_contract(session, client, ends_on=seat_day() + timedelta(days=29))
    kept(session)
    told = [why.get_text(" ", strip=True) for why in soup(sign_in(cast.clerk).get("/queue")).select(".whys li")]
    assert told[0].endswith("and only RUB\xa0300.00 came.")
    assert "notice was due by" in told[2]


def test_done_records_the_call_and_shows_the_next_client(session, queue, cast, sign_in):
    browser, client = sign_in(cast.clerk), queue[0]
    page = browser.get("/queue")
    answer = act(browser, page, "done", result="will_look", note="Accountant is back on Monday")
    assert answer.status_code == 303
    assert title(browser.get("/queue")) == "Second"
    call = session.scalars(select(Interaction)).one()
    assert (call.client_id, call.user_id, call.purpose_reached) == (client.id, cast.clerk.id, True)
    assert call.outcome == "Spoke: they will look into it. Accountant is back on Monday"
    operation = session.scalars(select(Operation)).one()
    assert (operation.outcome, operation.reasons, operation.interaction_id) == (Outcome.DONE, ["overdue"], call.id)
    assert operation.back_at > now() + timedelta(days=2)
    assert act(browser, page, "done", result="agreed").status_code == 303
    other = act(browser, page, "postponed", note="They will call", back_on=seat_day() + timedelta(days=9))
    assert (other.status_code, "dealt with already" in other.text, "They will call" in other.text) == (422, True, True)
    session.rollback()
    assert len(session.scalars(select(Operation)).all()) == 1


def test_htmx_gets_the_next_item_in_the_answer(queue, cast, sign_in):
    browser = sign_in(cast.clerk)
    page = browser.get("/queue")
    form = soup(page).select_one('form:has(input[value="noanswer"])')
    fields = {field["name"]: field["value"] for field in form.select("input")}
    answer = browser.post(form["action"], data=fields, htmx="div#queue-work")
    assert (answer.status_code, title(answer)) == (200, "Second")
    assert soup(answer).select_one("input[name=once]")["value"] != fields["once"]
    assert soup(answer).select_one("main") is None


def test_another_item_brings_its_card_alone(queue, cast, sign_in):
    _, second = queue
    answer = sign_in(cast.clerk).get(f"/queue/items/{second.id}", htmx="div#queue-card")
    assert title(answer) == "Second"
    assert not soup(answer).select(".queue-list")
    assert soup(answer).select("form.outcome-form")


def test_an_item_that_was_dealt_with_meanwhile_brings_the_queue_as_it_is(session, queue, cast, sign_in):
    elsewhere = make_client(session, cast.clerk, name="Calm", at=now())
    kept(session)
    answer = sign_in(cast.clerk).get(f"/queue/items/{elsewhere.id}", htmx="div#queue-card")
    partial = soup(answer).select_one('hx-partial[hx-target="#queue-work"]')
    assert partial.select_one("[data-queue-title]").get_text(strip=True) == "First"
    assert len(partial.select(".queue-list li")) == 2


def test_a_promise_to_pay_takes_sum_and_day(session, queue, cast, sign_in):
    browser, client = sign_in(cast.clerk), queue[0]
    page = browser.get("/queue")
    due = seat_day() + timedelta(days=4)
    refused = act(browser, page, "promised", amount_minor="", due_on=due.isoformat())
    assert refused.status_code == 422
    assert soup(refused).select_one("details[open] [role=alert]").get_text(strip=True) == "How much did they promise?"
    assert act(browser, page, "promised", amount_minor="5000,50", due_on=due.isoformat()).status_code == 303
    promise = session.scalars(select(PromiseToPay)).one()
    assert (promise.client_id, promise.amount_minor, promise.due_on) == (client.id, 500_050, due)
    assert title(browser.get("/queue")) == "Second"


def test_a_promise_begins_with_the_companys_currency_where_nothing_is_overdue(session, cast, sign_in):
    make_task(session, make_client(session, cast.clerk, at=LONG_AGO), seat_day() - timedelta(days=1))
    cast.company.currency = "EUR"
    kept(session)
    form = soup(sign_in(cast.clerk).get("/queue")).select_one('form:has(input[name=outcome][value="promised"])')
    assert form.select_one("[name=currency] [selected]")["value"] == "EUR"


def test_later_moves_the_touch_that_was_planned(session, cast, sign_in):
    client = make_client(session, cast.clerk, at=LONG_AGO)
    task = make_task(session, client, seat_day() - timedelta(days=1))
    kept(session)
    browser = sign_in(cast.clerk)
    day = seat_day() + timedelta(days=6)
    page = browser.get("/queue")
    assert act(browser, page, "postponed", back_on=seat_day().isoformat()).status_code == 422
    assert act(browser, page, "postponed", back_on=day.isoformat()).status_code == 303
    session.refresh(task)
    assert task.due_on == day
    assert title(browser.get("/queue")) is None


def test_done_finishes_the_touches_that_it_was(session, cast, sign_in):
    client = make_client(session, cast.clerk, at=LONG_AGO)
    task, other = make_task(session, client, seat_day()), make_task(session, client, seat_day(), subject="Send the act")
    kept(session)
    browser = sign_in(cast.clerk)
    act(browser, browser.get("/queue"), "done", result="agreed", task=[str(task.id)])
    assert [found.closed_at is None for found in session.scalars(select(Task).order_by(Task.id))] == [False, True]
    assert session.get(Task, other.id).closed_at is None


def test_a_client_is_handed_to_a_colleague_with_a_reason_only(session, queue, cast, sign_in):
    browser, client = sign_in(cast.clerk), queue[0]
    page = browser.get("/queue")
    assert act(browser, page, "handed", colleague_id=str(cast.other_clerk.id), handing="").status_code == 422
    assert act(browser, page, "handed", colleague_id=str(cast.hunter.id), note="Knows them").status_code == 422
    assert act(browser, page, "handed", colleague_id=str(cast.other_clerk.id), note="Knows them").status_code == 303
    session.expire_all()
    assert engagement_of(client).owner_id == cast.other_clerk.id
    assert title(sign_in(cast.other_clerk).get("/queue")) == "First"


def test_what_went_on_without_the_client_is_a_note_on_its_timeline(session, queue, cast, sign_in):
    """Postponed and handed over: the outcome stands there, but nobody was spoken to, and nothing may count it so."""
    first, second = queue
    make_interaction(session, second, by=cast.clerk, at=now() - timedelta(hours=1), outcome="Spoke of the weather")
    session.commit()
    browser = sign_in(cast.clerk)
    day = seat_day() + timedelta(days=6)
    act(browser, browser.get("/queue"), "postponed", back_on=day.isoformat(), note="The accountant is ill")
    page = browser.get("/queue")
    assert "Spoke of the weather" in soup(page).get_text()
    act(browser, page, "handed")
    later, given = session.scalars(select(Interaction).where(Interaction.kind == InteractionKind.NOTE))
    put_off = f"Put off to {day:%b} {day.day}, {day.year}. The accountant is ill"
    assert (later.client_id, later.outcome) == (first.id, put_off)
    assert (given.client_id, given.outcome) == (second.id, "Given to Otto Otherclerk. Has more room now")
    for note in (later, given):
        assert (note.contact_id, note.purpose_reached, note.began) == (None, None, None)
    assert session.scalars(select(Operation.interaction_id).order_by(Operation.id)).all() == [later.id, given.id]
    told = [each.get_text(" ", strip=True) for each in soup(browser.get(f"/clients/{first.id}")).select("#timeline li")]
    assert any("Note" in each and "The accountant is ill" in each for each in told)
    assert any("Dealt with an item of the queue" in each and "Postponed" in each for each in told)
    assert "Spoke of the weather" in soup(sign_in(cast.other_clerk).get("/queue")).get_text(), "not the note"


def chosen(page, name):
    return soup(page).select_one(f'select[name="{name}"] option[selected]')["value"]


def test_whoever_has_most_room_is_the_colleague_to_begin_with(session, queue, cast, sign_in):
    """A head only where nobody else is; whoever is away gets nothing, and whose clients they are stands in for them."""
    third = person("Tanya Third", Role.MEMBER, Department.CLIENT, cast.head_of_client)
    session.add(third)
    late_client(session, cast.other_clerk)
    kept(session)
    browser = sign_in(cast.clerk)
    assert chosen(browser.get("/queue"), "colleague_id") == str(third.id)
    assert chosen(browser.get("/queue"), "handing") == "room"
    for _ in range(2):
        late_client(session, third)
    kept(session)
    assert chosen(browser.get("/queue"), "colleague_id") == str(cast.other_clerk.id)
    away = Absence.begin(
        session, cast.other_clerk, third, [engagement_of(make_client(session, cast.other_clerk))],
        seat_day() + timedelta(days=5), "Holiday", by=cast.head_of_client, at=now(),
    )  # fmt: skip
    session.commit()
    assert chosen(browser.get("/queue"), "colleague_id") == str(third.id)
    away.end(session, by=None, at=now())
    own = engagement_of(make_client(session, cast.clerk))
    back_on, made = seat_day() + timedelta(days=5), {"by": cast.director, "at": now()}
    Absence.begin(session, cast.clerk, cast.head_of_client, [own], back_on, "Holiday", **made)
    session.commit()
    page = sign_in(cast.head_of_client).get(f"/queue?clerk={cast.clerk.id}")
    assert (chosen(page, "colleague_id"), chosen(page, "handing")) == (str(cast.head_of_client.id), "stands_in")


def test_a_ready_reason_is_kept_and_own_words_stand_in_its_place(session, queue, cast, sign_in):
    browser = sign_in(cast.clerk)
    act(browser, browser.get("/queue"), "handed", handing="language")
    act(browser, browser.get("/queue"), "handed", handing="language", note="Their cousin")
    found = select(Event.details).where(Event.kind == "engagement:reassigned").order_by(Event.id)
    assert [details["reason"] for details in session.scalars(found)] == ["Speaks their language", "Their cousin"]


def test_a_note_is_no_kind_of_contact_that_anybody_records_by_hand(session, queue, cast, sign_in):
    browser, client = sign_in(cast.clerk), queue[0]
    page = browser.get(f"/clients/{client.id}/interactions/new")
    assert not soup(page).select('select[name=kind] option[value="note"], input[name=kind][value="note"]')
    assert browser.submit(page, "main form", kind="note", outcome="Nothing").status_code == 422


def test_a_dispute_takes_the_invoice_out(session, queue, cast, sign_in):
    browser = sign_in(cast.clerk)
    act(browser, browser.get("/queue"), "disputed", dispute="sum", note="A double line")
    assert "invoice:disputed" in session.scalars(select(Event.kind)).all()
    assert title(browser.get("/queue")) == "Second"


def test_nobody_works_a_colleagues_client_but_the_head_does(session, queue, cast, sign_in):
    client = queue[0]
    assert sign_in(cast.other_clerk).get(f"/queue?clerk={cast.clerk.id}").status_code == 403
    for stranger in (cast.other_clerk, cast.hunter):
        data = {"outcome": "noanswer"}
        assert sign_in(stranger).post(f"/queue/items/{client.id}", data=data).status_code == 403
    assert sign_in(cast.hunter).get("/queue").status_code == 403
    session.rollback()
    assert session.scalars(select(Operation)).all() == []
    head = sign_in(cast.head_of_client)
    page = head.get(f"/queue?clerk={cast.clerk.id}")
    assert title(page) == "First"
    assert act(head, page, "noanswer").location == f"/queue?clerk={cast.clerk.id}"


def test_what_was_dealt_with_meanwhile_is_refused(session, queue, cast, sign_in):
    browser = sign_in(cast.clerk)
    page = browser.get("/queue")
    head = sign_in(cast.head_of_client)
    act(head, head.get(f"/queue?clerk={cast.clerk.id}"), "noanswer")
    answer = act(browser, page, "noanswer")
    assert answer.status_code == 422
    assert len(session.scalars(select(Operation)).all()) == 1


def test_an_offered_client_stands_in_everybodys_queue(session, cast, sign_in):
    offer = make_offer(session, make_client(session, cast.hunter, name="Offered"), Department.CLIENT)
    kept(session)
    for clerk in (cast.clerk, cast.other_clerk):
        page = sign_in(clerk).get("/queue")
        assert title(page) == "Offered"
        assert soup(page).select_one(f'a[href="/handoffs/{offer.id}"]')


def test_a_change_elsewhere_moves_the_client_at_once(session, queue, cast, sign_in):
    """Somebody plans a touch on the client's page: the queue knows it without the night."""
    client = make_client(session, cast.clerk, name="Planned", at=LONG_AGO)
    kept(session)
    browser = sign_in(cast.clerk)
    page = browser.get(f"/clients/{client.id}/tasks/new")
    browser.submit(page, "main form", due_on=seat_day().isoformat(), kind="call")
    item = session.scalars(select(QueueItem).where(QueueItem.client_id == client.id)).one()
    assert [reason["reason"] for reason in item.reasons] == ["routine"]


def test_a_long_queue_costs_no_more_statements_than_a_short_one(session, cast, sign_in, statements):
    def ask():
        browser = sign_in(cast.clerk)
        browser.get("/queue")
        with statements() as seen:
            assert browser.get("/queue").status_code == 200
        return len(seen)

    for _ in range(2):
        make_contact(session, late_client(session, cast.clerk))
    kept(session)
    few = ask()
    for number in range(28):
        client = late_client(session, cast.clerk)
        make_invoice(session, client, 5_000, seat_day() - timedelta(days=40 + number), at=now())
        make_task(session, client, seat_day())
        for name in ("Anna", "Boris", "Vera"):
            make_contact(session, client, name)
    kept(session)
    assert ask() == few


HOSTILE = '<script>alert(1)</script>" onload="x %(csrf)s {{ 7*7 }}'


def test_what_people_wrote_stays_text_in_the_queue_and_in_its_forms(session, cast, sign_in):
    """The forms are filled by hand, not by the template: names, subjects and notes are escaped there too."""
    client = late_client(session, cast.clerk, 900_000, HOSTILE)
    make_contact(session, client, HOSTILE, decision_role="pays")
    make_task(session, client, subject=HOSTILE)
    kept(session)
    browser = sign_in(cast.clerk)
    page = browser.get("/queue")
    assert title(page) == HOSTILE
    refused = act(browser, page, "promised", amount_minor="much", note=HOSTILE)
    assert refused.status_code == 422
    for answer in (page, refused):
        assert not soup(answer).select("main script, main [onload]")
        assert "<script>alert" not in answer.text
    assert soup(refused).select_one("#note-promised")["value"] == HOSTILE


def test_the_head_writes_what_is_said_on_the_phone(queue, cast, sign_in, session):
    first, _second = queue
    head, clerk = sign_in(cast.head_of_client), sign_in(cast.clerk)
    line = "#overdue-en"
    page = head.get("/queue/scripts")
    shipped = soup(page).select_one(f"{line} textarea").get_text().strip()
    assert shipped in soup(clerk.get("/queue")).select_one(".script").get_text()
    for bad, why in ("{{ 7*7 }}", "Nothing fills { 7*7 } here"), ("x" * 501, "At most 500 characters"):
        answer = head.submit(page, line, text=bad)
        assert (answer.status_code, why in answer.text, bad[:40] in soup(answer).text) == (422, True, True)
    own = "{contact} of {client}: {clerk}, {company}. <b> %(x)s 100 %"
    assert head.submit(page, line, text=own).status_code == 303
    said = soup(clerk.get(f"/queue?item={first.id}")).select_one(".script").get_text(strip=True)
    assert said == "Petra Pays of First: Clara Clerk, Baton Ltd. <b> %(x)s 100 %"
    assert head.submit(head.get("/queue/scripts"), line, text="").status_code == 303
    assert shipped in soup(clerk.get("/queue")).select_one(".script").get_text()
    head.submit(head.get("/queue/scripts"), line)
    kinds = session.execute(select(Event.details, Event.actor_id).where(Event.kind == "script:changed")).all()
    assert [(details["text"], actor) for details, actor in kinds] == [
        (own, head_id := cast.head_of_client.id),
        ("", head_id),
    ]
    assert head.post("/queue/scripts/overdue/de").status_code == 404
    for user in (cast.clerk, cast.head_of_sales, cast.administrator):
        assert sign_in(user).get("/queue/scripts").status_code == 403
