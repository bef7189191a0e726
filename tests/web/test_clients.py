"""Adding a client: no duplicates, nothing half-written, and somebody answers for it at once."""

import pytest
from sqlalchemy import func, select

from tests.cast import AT
from tests.factories import engagement_of, make_client, make_contact
from tests.support.client import soup
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.engagement import Engagement
from webapp.domain.words import Department

INN = "7707083893"
ODD_NAMES = "שלום בע״מ|Кофейня 🌿|<script>alert(1)</script>|{{ 7*7 }}|=cmd()+A0|O'Neil & Co".split("|")


def count(session, entity):
    return session.scalar(select(func.count()).select_from(entity))


def add(browser, **fields):
    page = browser.get("/clients/new")
    return browser.submit(page, "form#new-client", **fields)


def test_a_hunter_adds_a_client_that_stands_in_his_lane(session, cast, sign_in):
    answer = add(
        sign_in(cast.hunter), name="ООО Ромашка", inn=INN, contact_name="Ivan", phone="8 916 123-45-67", email="I@X.ru"
    )
    client = session.scalars(select(Client)).one()
    assert (answer.status_code, answer.location) == (303, f"/clients/{client.id}")
    engagement = engagement_of(client)
    assert (engagement.department, engagement.stage.position, engagement.owner) == (Department.SALES, 0, cast.hunter)
    contact = session.scalars(select(Contact)).one()
    assert (contact.phone, contact.email) == ("+79161234567", "i@x.ru")


def test_a_director_chooses_whose_client_it_is(session, cast, sign_in):
    add(sign_in(cast.director), name="Lily", owner_id=str(cast.clerk.id))
    engagement = engagement_of(session.scalars(select(Client)).one())
    assert (engagement.department, engagement.owner) == (Department.CLIENT, cast.clerk)


@pytest.mark.parametrize("owner", ["former", "administrator", "clerk"])
def test_only_a_colleague_who_can_own_is_accepted_as_the_owner(session, cast, sign_in, owner):
    answer = add(sign_in(cast.hunter), name="Lily", owner_id=str(cast.users[owner].id))
    assert answer.status_code == 422
    assert count(session, Client) == 0


def test_the_same_form_sent_twice_adds_one_client(session, cast, sign_in):
    browser = sign_in(cast.hunter)
    page = browser.get("/clients/new")
    first = browser.submit(page, "form#new-client", name="Lily")
    second = browser.submit(page, "form#new-client", name="Lily")
    assert (first.location, second.status_code) == (second.location, 303)
    assert count(session, Client) == 1


def test_two_people_may_not_use_one_word(session, cast, sign_in):
    page = sign_in(cast.hunter).get("/clients/new")
    word = soup(page).select_one("input[name=once]")["value"]
    sign_in(cast.hunter).post("/clients/new", data={"name": "Lily", "owner_id": cast.hunter.id, "once": word})
    other = sign_in(cast.other_hunter).post(
        "/clients/new", data={"name": "Rose", "owner_id": cast.other_hunter.id, "once": word}
    )
    assert other.location == "/"


def test_a_known_inn_is_refused_at_its_field(session, cast, sign_in):
    make_client(session, cast.clerk, name="Lily", inn=INN)
    answer = add(sign_in(cast.hunter), name="Quite another", inn=INN, another="y")
    assert answer.status_code == 422
    assert "Lily has this ИНН already" in soup(answer).select_one("#inn-field").text
    assert count(session, Client) == 1


def test_a_similar_name_needs_a_word_that_it_is_another_firm(session, cast, sign_in):
    make_client(session, cast.clerk, name="ООО «Северный ветер»")
    browser = sign_in(cast.hunter)
    asked = add(browser, name="Северный Ветир")
    assert asked.status_code == 422
    assert count(session, Client) == 1
    assert "Северный ветер" in soup(asked).select_one("#check").text
    done = browser.submit(asked, "form#new-client", another="y")
    assert done.status_code == 303
    assert count(session, Client) == 2


def test_the_check_shows_whose_client_it_is_and_no_contact(session, cast, sign_in):
    client = make_client(session, cast.clerk, name="Lily")
    make_contact(session, client, "Secret Person", phone="+79161234567", email="secret@lily.test")
    answer = sign_in(cast.hunter).get("/clients/check?phone=8(916)1234567&email=SECRET@lily.test")
    assert "Lily" in answer.text
    assert "Clara Clerk" in answer.text
    assert not any(secret in answer.text for secret in ("Secret Person", "secret@", "1234567"))


@pytest.mark.parametrize(
    ("inn", "said"), [("7707083893", "right"), ("7707083894", "check digits"), ("77", "10 digits"), ("٧٧", "10 digits")]
)
def test_the_inn_is_checked_while_it_is_typed(cast, sign_in, inn, said):
    assert said in sign_in(cast.hunter).get("/clients/check", query_string={"inn": inn}).text


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_is_shown_as_it_was_typed(session, cast, sign_in, name):
    browser = sign_in(cast.hunter)
    page = browser.get(add(browser, name=name).location)
    assert soup(page).select_one("h1").text == name
    assert name in soup(browser.get("/clients")).select_one("tbody").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("inn", "1234567890"),
        ("phone", "ring me"),
        ("email", "nobody"),
        ("owner_id", "-1"),
        ("owner_id", "x"),
        ("owner_id", ""),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_is_written(session, cast, sign_in, field, value):
    answer = add(sign_in(cast.hunter), **({"name": "Lily", "contact_name": "Ivan"} | {field: value}))
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error"), f"no word at {field}"
    assert count(session, Client) == count(session, Engagement) == 0


def test_a_phone_without_a_person_is_not_dropped_silently(session, cast, sign_in):
    answer = add(sign_in(cast.hunter), name="Lily", phone="+79161234567")
    assert answer.status_code == 422
    assert "Whose phone" in soup(answer).select_one("#contact_name-field").text


def test_a_session_that_ended_leads_to_the_login_and_writes_nothing(session, cast, sign_in):
    browser = sign_in(cast.hunter)
    page = browser.get("/clients/new")
    cast.hunter.epoch += 1
    answer = browser.submit(page, "form#new-client", name="Lily")
    assert "/login" in answer.location
    assert count(session, Client) == 0


def test_a_director_of_an_empty_company_is_told_to_invite_somebody_first(session, cast, sign_in):
    director = sign_in(cast.director)
    assert not soup(director.get("/clients/new")).select(".notice-warn")
    for person in cast.users.values():
        if person.department is not None:
            person.deactivated_at = AT

    told = soup(director.get("/clients/new")).select_one(".notice-warn")

    assert "Nobody can own a client yet" in told.text
    assert director.get(told.select_one("a")["href"]).status_code == 200
