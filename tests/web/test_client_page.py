"""A client's page: every department reads it, few change it, and nobody overwrites what another wrote."""

from datetime import datetime, UTC

import pytest
from sqlalchemy import func, select

from tests.cast import AT
from tests.factories import make_client, make_contact, make_deal, make_handoff, make_interaction, make_promise
from tests.support.client import soup
from webapp.domain.event import Event
from webapp.domain.words import Department


@pytest.mark.parametrize("part", ["clerk", "vip", "head_of_vip", "director", "other_hunter"])
def test_every_department_reads_the_timeline(session, cast, sign_in, part):
    client = make_client(session, cast.hunter)
    make_interaction(session, client, outcome="They asked for a discount")
    page = sign_in(cast.users[part]).get(f"/clients/{client.id}")
    assert "They asked for a discount" in soup(page).select_one("#timeline").text


def test_days_are_those_of_the_readers_calendar(session, cast, sign_in):
    client = make_client(session, cast.hunter, at=datetime(2026, 3, 1, 22, 30, tzinfo=UTC))
    page = sign_in(cast.clerk).get(f"/clients/{client.id}")
    assert "Mar 2, 2026" in soup(page).select_one("#about").text, "in Moscow it was past midnight"


def test_an_administrator_has_no_business_with_clients(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    browser = sign_in(cast.administrator)
    for url in (f"/clients/{client.id}", "/clients/99999", "/clients", "/clients/search?q=a", "/deals"):
        assert browser.get(url).status_code == 403
    assert browser.post("/clients/export").status_code == 403
    assert browser.get("/").location == "/users"


def test_masked_details_are_not_in_the_page(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    contact = make_contact(session, client)
    for part, shown in {"hunter": True, "head_of_vip": True, "director": True, "clerk": False, "vip": False}.items():
        page = sign_in(cast.users[part]).get(f"/clients/{client.id}").text
        assert ("+79161234567" in page, "ivan@client.test" in page) == (shown, shown), part
    cast.company.mask_contacts = False
    session.flush()
    assert contact.email in sign_in(cast.clerk).get(f"/clients/{client.id}").text


def test_revealing_shows_the_details_and_is_told(session, cast, sign_in):
    contact = make_contact(session, make_client(session, cast.hunter))
    for htmx in (True, False):
        assert "+7 916 123-45-67" in sign_in(cast.clerk).post(f"/contacts/{contact.id}/reveal", htmx=htmx).text
    told = session.scalars(select(Event).where(Event.kind == "contact:revealed")).all()
    assert [(event.actor_id, event.subject_id) for event in told] == [(cast.clerk.id, contact.id)] * 2
    assert "916" not in str(told[0].details)


def test_the_owners_department_reveals_nothing_because_it_sees_it(session, cast, sign_in):
    contact = make_contact(session, make_client(session, cast.hunter))
    sign_in(cast.other_hunter).post(f"/contacts/{contact.id}/reveal")
    assert session.scalar(select(func.count()).where(Event.kind == "contact:revealed")) == 0


def test_a_stale_change_keeps_what_was_typed(session, cast, sign_in):
    client = make_client(session, cast.hunter, city="Tver")
    browser = sign_in(cast.hunter)
    page = browser.get(f"/clients/{client.id}/edit")
    session.add(client.change(by=cast.hunter, at=client.added_at, seen=client.version, city="Omsk"))
    answer = browser.submit(page, "main form", sector="Retail")
    assert answer.status_code == 409
    assert soup(answer).select_one("#sector")["value"] == "Retail"
    session.refresh(client)
    assert (client.city, client.sector) == ("Omsk", "")
    assert browser.submit(answer, "main form").status_code == 303


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("founded", "0"),
        ("founded", "-5"),
        ("founded", "٢٠٠٠"),
        ("employees", "9" * 30),
        ("employees", "-1"),
        ("revenue_minor", "-1"),
        ("revenue_minor", "9" * 20),
        ("revenue_minor", "1.005"),
        ("revenue_currency", "XXX"),
        ("website", "javascript:alert(1)"),
        ("kpp", "12"),
        ("ogrn", "1027700132190"),
    ],
)
def test_a_change_is_checked_at_its_field(session, cast, sign_in, field, value):
    client = make_client(session, cast.hunter)
    browser = sign_in(cast.hunter)
    answer = browser.submit(browser.get(f"/clients/{client.id}/edit"), "main form", **{field: value})
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error")
    session.refresh(client)
    assert client.version == 1


def test_a_colleague_may_look_and_not_touch(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    contact = make_contact(session, client)
    deal = make_deal(session, client)
    browser = sign_in(cast.other_hunter)
    for url in (
        f"/clients/{client.id}/edit",
        f"/contacts/{contact.id}",
        f"/contacts/{contact.id}/remove",
        f"/clients/{client.id}/contacts/new",
        f"/clients/{client.id}/attraction",
        f"/clients/{client.id}/deals/new",
        f"/deals/{deal.id}/edit",
        f"/deals/{deal.id}/won",
        f"/deals/{deal.id}/lost",
    ):
        assert browser.post(url, data={"version": 1, "name": "Mine", "reason": "price"}).status_code == 403, url
    session.refresh(client)
    assert (client.version, deal.is_open) == (1, True)


def test_only_a_director_says_who_attracted_the_client(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    url = f"/clients/{client.id}/attraction"
    assert sign_in(cast.head_of_sales).get(url).status_code == 403
    browser = sign_in(cast.director)
    missing = browser.post(url, data={"hunter_id": cast.hunter.id, "reason": " "})
    assert missing.status_code == 422
    browser.post(url, data={"hunter_id": cast.hunter.id, "reason": "Found the letter"})
    session.refresh(client)
    assert client.attracted_by is cast.hunter


@pytest.mark.parametrize("path", ["/clients/0", "/clients/99999", "/clients/9999999999999999999999", "/deals/77777"])
def test_what_is_not_there_is_not_found(cast, sign_in, path):
    assert sign_in(cast.hunter).get(path).status_code == 404


def test_lines_of_a_checklist_that_saved_themselves_are_one_entry(session, cast, sign_in):
    client = make_client(session, cast.hunter)
    handoff = make_handoff(session, client, Department.CLIENT)
    for key in ("why_bought", "why_bought", "who_decides"):
        session.add(
            handoff.fill({key: f"Because {key} {handoff.version}"}, by=cast.hunter, at=AT, seen=handoff.version)
        )
        session.flush()
    make_promise(session, client)
    session.add(handoff.fill({"why_bought": "For the price"}, by=cast.hunter, at=AT, seen=handoff.version))
    session.commit()
    story = soup(sign_in(cast.vip).get(f"/clients/{client.id}")).select("#timeline .timeline-item")
    told = [each.get_text(" ", strip=True) for each in story if "Filled in the hand-off checklist" in each.text]
    assert len(told) == 2
    assert all("Why they bought" in each for each in told)
    assert told[1].count("Why they bought") == 1
    assert "Who decides" in told[1]


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", "before=99999999999999999999999", "group=nothing", "group=deals&before=1"]
)
def test_an_unreadable_timeline_address_shows_what_it_can(session, cast, sign_in, query):
    client = make_client(session, cast.hunter)
    assert sign_in(cast.hunter).get(f"/clients/{client.id}?{query}").status_code == 200
