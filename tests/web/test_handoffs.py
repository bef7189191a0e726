import pytest
from sqlalchemy import select

from tests.factories import engagement_of, make_client, make_deal, make_handoff, make_offer, make_promise, make_task
from tests.support.client import soup
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.event import Event
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.words import Department

SALES, CLIENT, VIP = Department


def begin(browser, client, receiver="client"):
    return browser.post(f"/clients/{client.id}/handoffs", data={"receiver": receiver}, follow_redirects=True)


def test_a_hand_off_from_draft_to_introduction(session, cast, sign_in):
    client = make_client(session, cast.hunter, name="Acme")
    make_deal(session, client, name="Cables")
    make_task(session, client)
    make_promise(session, client, "Free delivery in May")
    hunter, clerk = sign_in(cast.hunter), sign_in(cast.clerk)

    page = begin(hunter, client)
    refused = hunter.post(
        soup(page).select_one("button[formaction]")["formaction"],
        data={"version": 1, "why_bought": "Cheaper", "promises": ""},
    )
    assert refused.status_code == 422
    assert "Who decides" in refused.text
    handoff = session.scalars(select(HandOff)).one()
    assert (handoff.state, handoff.answers) == (HandOffState.DRAFTED, {"why_bought": "Cheaper"})

    answers = {item.key: "Known" for item in handoff.route.required}
    sent = hunter.post(f"/handoffs/{handoff.id}/offer", data={"version": handoff.version, **answers})
    assert sent.status_code == 303
    inbox = clerk.get("/handoffs")
    assert "Acme" in soup(inbox).select_one("#waiting").text

    page = clerk.get(f"/handoffs/{handoff.id}")
    along = soup(page).select_one("#along").text
    assert all(word in along for word in ("Cables", "Call about the need", "Free delivery in May"))
    accepted = clerk.submit(page, "#acceptance", owner_id=cast.other_clerk.id)
    assert accepted.location == f"/clients/{client.id}"
    assert engagement_of(client).owner_id == cast.other_clerk.id

    met = hunter.submit(hunter.get(f"/handoffs/{handoff.id}"), "form[action$=introduction]")
    assert met.status_code == 303
    assert session.get_one(HandOff, handoff.id).introduced_by_id == cast.hunter.id


def test_what_is_known_is_suggested_and_confirmed_by_saving(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    Contact.add(session, client, "Anna", by=cast.hunter, at=client.added_at, decision_role=DecisionRole.DECIDES)
    hunter = sign_in(cast.hunter)
    page = begin(hunter, client)
    assert "Anna" in soup(page).select_one("textarea[name=who_decides]").text
    handoff = session.scalars(select(HandOff)).one()
    assert handoff.answers == {}
    assert hunter.submit(page, "#answers").status_code == 303
    assert "Anna" in session.get_one(HandOff, handoff.id).answers["who_decides"]


def test_one_line_is_saved_while_it_is_typed(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    handoff = make_handoff(session, client, CLIENT)
    hunter, head = sign_in(cast.hunter), sign_in(cast.head_of_sales)
    line = {"only": "mood", "mood": "Warm", "was-mood": "", "who_decides": "not this one", "version": "1"}
    answer = hunter.post(f"/handoffs/{handoff.id}/answers", data=line, htmx=True)
    assert answer.status_code == 200
    assert session.get_one(HandOff, handoff.id).answers["mood"] == "Warm"
    assert session.get_one(HandOff, handoff.id).answers["who_decides"] == "About who_decides"
    late = head.post(f"/handoffs/{handoff.id}/answers", data=line | {"mood": "Cold"}, htmx=True)
    assert late.status_code == 409
    assert session.get_one(HandOff, handoff.id).answers["mood"] == "Warm"


def test_a_stale_checklist_loses_nothing_that_was_typed(session, cast, sign_in):
    handoff = make_handoff(session, make_client(session, cast.hunter), CLIENT)
    hunter = sign_in(cast.hunter)
    page = hunter.get(f"/handoffs/{handoff.id}")
    session.add(handoff.fill({"mood": "Cold"}, by=cast.hunter, at=handoff.drafted_at, seen=handoff.version))
    refused = hunter.submit(page, "#answers", mood="Warm")
    assert refused.status_code == 409
    assert soup(refused).select_one("textarea[name=mood]").text.strip() == "Warm"
    assert "Cold" in refused.text


def test_who_comes_too_late_is_led_back_to_the_page_as_it_is_now(session, cast, sign_in):
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    clerk, here = sign_in(cast.clerk), f"/handoffs/{handoff.id}"
    clerk.submit(clerk.get(here), "#acceptance", owner_id=str(cast.clerk.id))
    page = clerk.get(here)
    session.refresh(handoff)
    session.add(handoff.introduce(by=cast.clerk, at=handoff.drafted_at, seen=handoff.version))
    late = clerk.submit(page, "form[action$=introduction]")
    assert late.status_code == 409
    assert soup(late).select_one("main a")["href"] == here


def test_offering_while_the_last_line_is_still_being_saved_succeeds(session, cast, sign_in):
    handoff = make_handoff(session, make_client(session, cast.hunter), CLIENT)
    hunter = sign_in(cast.hunter)
    page = hunter.get(f"/handoffs/{handoff.id}")
    left = {"only": "mood", "mood": "Warm", "was-mood": "", "version": "1"}
    assert hunter.post(f"/handoffs/{handoff.id}/answers", data=left, htmx=True).status_code == 200
    button = soup(page).select_one("button[formaction]")["formaction"]
    typed = {field["name"]: field.text.strip() for field in soup(page).select("#answers textarea")}
    seen = {field["name"]: field["value"] for field in soup(page).select("#answers input[type=hidden]")}
    offered = hunter.post(button, data=seen | typed | {"mood": "Warm", "who_blocks": "Nobody"})
    assert offered.status_code == 303
    found = session.get_one(HandOff, handoff.id)
    assert (found.state, found.answers["mood"], found.answers["who_blocks"]) == (HandOffState.OFFERED, "Warm", "Nobody")


def test_a_return_names_gaps_and_the_giver_sees_them(session, cast, sign_in):
    handoff = make_offer(session, make_client(session, cast.hunter, name="Acme"), CLIENT)
    clerk, hunter = sign_in(cast.clerk), sign_in(cast.hunter)
    page = clerk.get(f"/handoffs/{handoff.id}")
    assert clerk.submit(page, "#returning").status_code == 422
    clerk.submit(page, "#returning", gaps=["who_decides"], because="Who signs?")
    back = hunter.get("/handoffs")
    assert "Who decides" in soup(back).select_one("#returned").text
    assert "Who signs?" in hunter.get(f"/handoffs/{handoff.id}").text


def test_beginning_twice_leads_to_the_same_hand_off(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    hunter = sign_in(cast.hunter)
    assert begin(hunter, client).request.path == begin(hunter, client).request.path
    assert len(session.scalars(select(HandOff)).all()) == 1


@pytest.mark.parametrize("form", [{}, {"receiver": "moon"}, {"receiver": "sales"}, {"receiver": "vip"}])
def test_there_is_no_way_to_nowhere(session, cast, sign_in, form):
    client = make_client(session, cast.hunter)
    assert sign_in(cast.hunter).post(f"/clients/{client.id}/handoffs", data=form).status_code == 400


def test_only_the_giver_offers_and_only_the_receiver_answers(session, cast, sign_in):
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    told = session.scalars(select(Event.id).order_by(Event.id.desc())).first()
    forms = {"withdrawal": {}, "answers": {"mood": "x"}, "offer": {}, "acceptance": {"owner_id": cast.clerk.id}}
    forms |= {"return": {"because": "x"}, "introduction": {}}
    allowed = {
        "clerk": {"acceptance", "return", "introduction"},
        "vip": set(),
        "administrator": set(),
        "other_hunter": set(),
        "head_of_vip": set(),
    }
    for part, may in allowed.items():
        browser = sign_in(cast.users[part])
        for verb, data in forms.items():
            if verb not in may:
                answer = browser.post(f"/handoffs/{handoff.id}/{verb}", data=data | {"version": handoff.version})
                assert answer.status_code == 403, (part, verb)
    assert session.scalars(select(Event.id).order_by(Event.id.desc())).first() == told


def test_accepting_what_somebody_accepted_a_moment_ago_changes_nothing(session, cast, sign_in):
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    clerk, other = sign_in(cast.clerk), sign_in(cast.other_clerk)
    page = clerk.get(f"/handoffs/{handoff.id}")
    other.submit(other.get(f"/handoffs/{handoff.id}"), "#acceptance", owner_id=cast.other_clerk.id)
    late = clerk.submit(page, "#acceptance", owner_id=cast.clerk.id)
    assert late.status_code == 409
    assert session.get_one(HandOff, handoff.id).owner_id == cast.other_clerk.id


def test_a_failure_in_the_middle_leaves_nothing(session, cast, sign_in, monkeypatch):
    client = make_client(session, cast.hunter)
    task, deal, promise = make_task(session, client), make_deal(session, client), make_promise(session, client)
    handoff = make_offer(session, client, CLIENT)
    clerk = sign_in(cast.clerk)
    page = clerk.get(f"/handoffs/{handoff.id}")
    told = session.scalars(select(Event.id).order_by(Event.id.desc())).first()

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the machine stopped")

    monkeypatch.setattr("webapp.domain.acceptance.Task.plan", fail)
    with pytest.raises(RuntimeError, match="stopped"):
        clerk.submit(page, "#acceptance")
    session.expire_all()
    assert [(e.department, e.owner_id) for e in client.open_engagements] == [(SALES, cast.hunter.id)]
    assert {task.owner_id, deal.owner_id, promise.owner_id} == {cast.hunter.id}
    assert handoff.state is HandOffState.OFFERED
    assert session.scalars(select(Event.id).order_by(Event.id.desc())).first() == told


def test_open_pages_learn_how_many_wait(session, cast, sign_in):
    clerk = sign_in(cast.clerk)
    assert "rail-count" not in clerk.get("/handoffs/waiting").text
    make_offer(session, make_client(session, cast.hunter), CLIENT)
    assert "1" in clerk.get("/handoffs/waiting").text
    assert "rail-count" not in sign_in(cast.hunter).get("/handoffs/waiting").text


@pytest.mark.parametrize("path", ["/handoffs", "/handoffs/waiting"])
def test_the_inbox_costs_the_same_with_one_and_with_thirty(session, cast, sign_in, statements, path):
    make_offer(session, make_client(session, cast.hunter), CLIENT)
    clerk = sign_in(cast.clerk)
    clerk.get(path)
    with statements() as few:
        clerk.get(path)
    for _ in range(29):
        client = make_client(session, cast.hunter)
        make_deal(session, client)
        make_offer(session, client, CLIENT)
    with statements() as many:
        clerk.get(path)
    assert len(few) == len(many)
