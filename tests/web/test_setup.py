"""The first run: open until somebody can administer, and closed for ever afterwards."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.cast import Cast, person
from tests.support.client import soup, StrictClient
from webapp.domain.company import Company
from webapp.domain.event import Event
from webapp.domain.stage import Stage
from webapp.domain.user import User
from webapp.domain.words import Role

FOUNDING = {
    "company": "ООО «Ромашка»",
    "inn": "7707083893",
    "language": "ru",
    "currency": "RUB",
    "timezone": "moscow",
    "name": "Dina Director",
    "email": "Dina@Baton.test",
    "password": "four words of mine",
    "again": "four words of mine",
}


@pytest.mark.parametrize("url", ["/", "/login", "/profile", "/board", "/link/x", "/users"])
def test_on_an_empty_database_every_page_leads_to_the_first_run(client, url: str) -> None:
    answer = client.get(url)
    assert (answer.status_code, answer.location) == (303, "/setup")


def test_whether_the_application_lives_can_be_asked_before(client) -> None:
    assert client.get("/healthz").status_code == 200


def test_the_first_director_creates_the_company_and_is_in(client: StrictClient, session) -> None:
    answer = client.submit(client.get("/setup"), "#setup", **FOUNDING)
    assert (answer.status_code, answer.location) == (303, "/")
    company = session.get_one(Company, 1)
    assert (company.name, company.inn, company.timezone) == ("ООО «Ромашка»", "7707083893", "Europe/Moscow")
    director = session.scalars(select(User)).one()
    assert (director.role, director.email, director.timezone) == (Role.DIRECTOR, "dina@baton.test", "Europe/Moscow")
    assert client.get("/profile").status_code == 200
    assert session.scalar(select(func.count()).select_from(Stage)) > 10
    kinds = session.scalars(select(Event.kind).order_by(Event.id)).all()
    assert kinds == ["user:activated", "company:created", "user:entered"]


def test_the_password_stands_nowhere(client, session, world) -> None:
    client.post("/setup", data=FOUNDING)
    user = session.scalars(select(User)).one()
    assert user.password_hash.startswith("$argon2id$")
    assert "four words" not in str([event.details for event in session.scalars(select(Event))])


@pytest.mark.parametrize("part", ["director", "administrator"])
def test_it_is_closed_as_soon_as_somebody_can_administer(client, cast: Cast, session, part: str) -> None:
    for other in {"director", "administrator"} - {part}:
        cast.users[other].password_hash = None
    for answer in (
        client.get("/setup"),
        client.post("/setup", data=FOUNDING),
        client.post("/setup/demo", data={"language": "en"}),
    ):
        assert answer.status_code == 404
    assert session.scalar(select(User).where(User.email == "dina@baton.test")).role is Role.DIRECTOR
    assert client.get("/login").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("company", " ", "Please fill this in"),
        ("inn", "7707083894", "check digits"),
        ("timezone", "Mars", "no such time zone"),
        ("email", "dina", "not an e-mail"),
        ("name", "", "Please fill this in"),
        ("password", "password123", "among the first"),
        ("password", "short", "At least 10"),
        ("again", "something else", "differs"),
        ("currency", "XXX", "Not a valid choice"),
        ("language", "xx", "Not a valid choice"),
        ("name", "x" * 200, "At most 120"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_written(client, session, field, value, said) -> None:
    given = FOUNDING | {field: value}
    if field == "password":
        given["again"] = value
    answer = client.post("/setup", data=given)
    assert answer.status_code == 422
    assert said in soup(answer).select_one(f"#{field}-error").get_text()
    assert session.scalar(select(func.count()).select_from(User)) == 0
    assert session.get(Company, 1) is None


def test_strange_names_are_names(client, session) -> None:
    name = "<script>alert(1)</script> {{ 7*7 }} =cmd() שלום 🎉"
    client.post("/setup", data=FOUNDING | {"company": name, "name": name[:80]})
    assert session.get_one(Company, 1).name == name
    page = client.get("/settings").get_data(as_text=True)
    assert "&lt;script&gt;" in page
    assert "49" not in soup(client.get("/settings")).select_one("#name")["value"]


def test_of_two_first_directors_at_once_one_becomes_it(world, session) -> None:
    barrier = Barrier(2, timeout=20)

    def create(number: int) -> int:
        browser = world.app.test_client()
        token = browser.csrf_token()
        barrier.wait()
        data = FOUNDING | {"email": f"dina{number}@baton.test"}
        answer = browser.post("/setup", data=data, csrf=False, headers={"X-CSRFToken": token})
        return answer.status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(create, range(2)))
    assert statuses in ([303, 303], [303, 404], [303, 422])
    assert session.scalar(select(func.count()).select_from(User)) == 1
    assert session.scalar(select(func.count()).select_from(Company)) == 1


def test_a_company_that_an_import_founded_gets_its_first_director(client, session) -> None:
    session.add(Company(id=1, name="Imported"))
    session.add(person("Harry Hunter", Role.DIRECTOR, password_hash=None))
    session.flush()
    page = client.get("/setup")
    assert soup(page).select_one("#demo") is None, "the demo would mix with what is there"
    assert client.submit(page, "#setup", **FOUNDING).status_code == 303
    assert session.get_one(Company, 1).name == "ООО «Ромашка»"


def test_the_first_run_speaks_the_browsers_language(client) -> None:
    page = client.get("/setup", headers={"Accept-Language": "ru"})
    form = soup(page)
    assert form.select_one("html")["lang"] == "ru"
    assert form.select_one("#currency option[selected]")["value"] == "RUB"
    assert form.select_one("#timezone")["value"] == "Europe/Moscow"


def test_the_demo_of_no_language_is_refused(client) -> None:
    assert client.post("/setup/demo", data={"language": "xx"}).status_code == 400


def test_while_the_demo_loads_the_page_waits(client) -> None:
    assert client.get("/setup/demo").status_code == 200
    assert client.get("/setup/demo", htmx=True).status_code == 204


@pytest.mark.demo
def test_the_loaded_demo_says_how_to_enter_it_and_everybody_can(client) -> None:
    assert client.get("/setup/demo", htmx=True).headers["HX-Redirect"] == "/setup/demo"
    page = soup(client.get("/setup/demo"))
    password = page.select_one("p.muted").get_text().rpartition(": ")[2].strip()
    emails = [code.get_text() for code in page.select("#logins code")]
    assert len(emails) > 5
    for email in emails:
        assert client.post("/login", data={"email": email, "password": password}).status_code == 303
        client.post("/logout")


def test_whoever_asks_for_the_demo_first_has_it_loaded(client, monkeypatch, session) -> None:
    from webapp import demo

    asked: list[str] = []
    monkeypatch.setattr(demo, "load", lambda session, language, at: asked.append(language))
    answer = client.submit(client.get("/setup"), "#demo", language="ru")
    assert answer.location == "/setup/demo"
    assert asked == ["ru"]
    session.add(Company(id=1, name="Somebody was faster"))
    session.flush()
    client.post("/setup/demo", data={"language": "ru"})
    assert asked == ["ru"]


def test_of_a_real_company_that_page_leads_to_the_login(client, cast: Cast) -> None:
    assert client.get("/setup/demo").location == "/login"
    assert client.get("/setup/demo", htmx=True).headers["HX-Redirect"] == "/login"
