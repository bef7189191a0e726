"""Logging in: with a password and a second factor, never further than one's own, and without disclosing anything."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast, PASSWORD, person
from tests.support.client import soup, StrictClient
from webapp.domain.event import Event
from webapp.domain.words import Department, Role
from webapp.web import login
from webapp.web.clock import now
from webapp.web.security import limiter

SignIn = Callable[..., StrictClient]


@pytest.fixture(autouse=True)
def _fresh_throttle(app) -> Iterator[None]:
    limiter.reset()
    yield
    limiter.reset()


def enter(client: StrictClient, email: str, password: str = PASSWORD, **fields: str):
    return client.post("/login", data={"email": email, "password": password, **fields})


def told(session: Session, kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == kind)))


def inside(client: StrictClient) -> bool:
    return client.get("/profile").status_code == 200


def test_a_person_logs_in_with_email_and_password_and_out_again(client, cast: Cast, session) -> None:
    answer = client.submit(client.get("/login"), "#login", email=" HARRY@baton.test ", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/")
    assert inside(client)
    client.post("/logout")
    assert not inside(client)
    assert [event.actor_id for event in told(session, "user:entered") + told(session, "user:left")] == [
        cast.hunter.id,
        cast.hunter.id,
    ]


def test_an_administrator_starts_with_the_users_because_clients_are_closed_to_him(client, cast: Cast) -> None:
    assert enter(client, "adam@baton.test").location == "/users"


@pytest.mark.parametrize(
    ("email", "password"),
    [("harry@baton.test", "wrong"), ("nobody@baton.test", PASSWORD), ("fyodor@baton.test", PASSWORD), ("", PASSWORD)],
    ids=["wrong password", "unknown", "deactivated", "empty"],
)
def test_a_refused_login_says_nothing_about_who_exists(client, cast: Cast, email: str, password: str) -> None:
    answer = enter(client, email, password)
    assert answer.status_code == 422
    said = soup(answer).select_one("#password-error, #email-error").get_text(strip=True)
    assert ("E-mail or password is wrong" in said) == bool(email)
    assert not inside(client)


def test_unknown_and_known_people_cost_the_same_hashing(client, cast: Cast, monkeypatch) -> None:
    checked: list[str] = []
    fits = login.passwords.hasher.verify
    monkeypatch.setattr(
        login.passwords,
        "hasher",
        type(
            "Counting",
            (),
            {"verify": lambda _, *args: checked.append("x") or fits(*args), "hash": login.passwords.hasher.hash},
        )(),
    )
    enter(client, "harry@baton.test", "wrong")
    enter(client, "nobody@baton.test", "wrong")
    assert len(checked) == 2


def test_a_refused_try_is_an_event_without_what_was_typed(client, cast: Cast, session) -> None:
    enter(client, "harry@baton.test", "a secret somebody typed")
    (event,) = told(session, "user:refused")
    assert (event.subject_id, event.actor_id, event.details) == (cast.hunter.id, None, {"what": "password"})


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "javascript:alert(1)",
        "\thttp://evil.test",
        "http:evil",
        "/a\nb",
    ],
)
def test_after_the_login_nobody_is_sent_elsewhere(client, cast: Cast, url: str) -> None:
    assert enter(client, "harry@baton.test", next=url).location == "/"


def test_after_the_login_one_is_back_where_one_wanted_to_go(client, cast: Cast) -> None:
    asked = client.get("/profile?x=1")
    page = client.get(asked.location)
    assert client.submit(page, "#login", email="harry@baton.test", password=PASSWORD).location == "/profile?x=1"


def test_a_fragment_leads_back_to_its_page(client, cast: Cast) -> None:
    answer = client.get("/profile", htmx=True, headers={"HX-Current-URL": "http://localhost/profile"})
    assert answer.status_code == 401
    page = client.get(answer.headers["HX-Redirect"])
    assert client.submit(page, "#login", email="harry@baton.test", password=PASSWORD).location == "/profile"


def test_the_login_starts_a_new_session(client, cast: Cast) -> None:
    client.get("/login")
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    enter(client, "harry@baton.test")
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
    assert inside(client)


def test_remembering_lasts_beyond_the_browser_until_sessions_end(client, cast: Cast, session) -> None:
    enter(client, "harry@baton.test", remember="y")
    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    client.delete_cookie("session")
    assert inside(client)
    cast.hunter.epoch += 1
    client.delete_cookie("session")
    assert not inside(client)


def test_a_session_that_ended_in_the_middle_leads_to_the_login_and_writes_nothing(
    cast: Cast, sign_in: SignIn, session
) -> None:
    browser = sign_in(cast.hunter)
    page = browser.get("/profile")
    cast.hunter.epoch += 1
    answer = browser.submit(page, "#profile-form", name="Somebody else")
    assert answer.status_code == 302
    assert "/login" in answer.location
    assert cast.hunter.name == "Harry Hunter"


def test_after_ten_wrong_tries_the_right_password_waits_too(client, cast: Cast, session) -> None:
    for _ in range(10):
        assert enter(client, "harry@baton.test", "wrong").status_code == 422
    assert enter(client, "harry@baton.test").status_code == 429
    limiter.reset()  # another process has not counted; the database has
    assert enter(client, "harry@baton.test").status_code == 422
    assert enter(client, "clara@baton.test").status_code == 303


def test_right_logins_are_not_counted(client, cast: Cast) -> None:
    for _ in range(12):
        assert enter(client, "harry@baton.test").status_code == 303


def test_one_address_may_not_try_for_ever(client, cast: Cast) -> None:
    answers = {enter(client, f"x{number}@baton.test", "").status_code for number in range(61)}
    assert answers == {422, 429}


@pytest.fixture
def secret(cast: Cast) -> str:
    cast.hunter.totp_secret = pyotp.random_base32()
    return cast.hunter.totp_secret


def test_the_second_factor_stands_before_everything(client, cast: Cast, secret: str) -> None:
    answer = enter(client, "harry@baton.test", next="/profile?x=1")
    assert answer.location == "/login/code"
    assert not inside(client)
    page = client.get("/login/code")
    answer = client.submit(page, "#code-form", code=pyotp.TOTP(secret).now())
    assert answer.location == "/profile?x=1"
    assert inside(client)


def test_a_code_opens_once(client, app, cast: Cast, secret: str, sign_in: SignIn) -> None:
    code = pyotp.TOTP(secret).at(now())
    enter(client, "harry@baton.test")
    assert client.post("/login/code", data={"code": code}).status_code == 303
    client.post("/logout")
    enter(client, "harry@baton.test")
    answer = client.post("/login/code", data={"code": code})
    assert answer.status_code == 422
    assert not inside(client)


def test_an_older_code_than_the_last_one_does_not_open(client, cast: Cast, secret: str) -> None:
    totp = pyotp.TOTP(secret)
    cast.hunter.totp_step = int(now().timestamp()) // 30 + 1
    enter(client, "harry@baton.test")
    assert client.post("/login/code", data={"code": totp.at(now())}).status_code == 422


def test_a_wrong_or_old_code_does_not_open_and_is_told(client, cast: Cast, secret: str, session) -> None:
    enter(client, "harry@baton.test")
    for code in ("000000", pyotp.TOTP(secret).at(now() - timedelta(minutes=5)), "six six", "", "１２３４５６"):
        assert client.post("/login/code", data={"code": code}).status_code == 422
    assert {event.details["what"] for event in told(session, "user:refused")} == {"code"}


def test_nobody_reaches_the_second_step_without_the_first(client, cast: Cast, secret: str) -> None:
    assert "/login" in client.get("/login/code").location
    assert "/login" in client.post("/login/code", data={"code": pyotp.TOTP(secret).now()}).location
    assert not inside(client)


def test_ten_minutes_after_the_password_the_second_step_begins_again(client, cast: Cast, secret: str) -> None:
    enter(client, "harry@baton.test")
    with client.session_transaction() as cookie:
        cookie["entering"] = {**cookie["entering"], "until": (now() - timedelta(seconds=1)).timestamp()}
    assert "/login" in client.post("/login/code", data={"code": pyotp.TOTP(secret).now()}).location
    assert not inside(client)


def test_codes_are_throttled_like_passwords(client, cast: Cast, secret: str) -> None:
    enter(client, "harry@baton.test")
    for _ in range(10):
        client.post("/login/code", data={"code": "000000"})
    assert client.post("/login/code", data={"code": pyotp.TOTP(secret).now()}).status_code == 422


def test_who_must_use_a_second_factor_sets_it_up_before_anything_else(client, cast: Cast, session) -> None:
    cast.company.second_factor_roles = [Role.MEMBER]
    assert enter(client, "harry@baton.test").location == "/login/second-factor"
    page = client.get("/login/second-factor")
    assert not inside(client)
    secret = soup(page).select_one("#secret").get_text().replace(" ", "")
    assert client.submit(page, "#second-factor", code="000000").status_code == 422
    answer = client.submit(page, "#second-factor", code=pyotp.TOTP(secret).now())
    codes = soup(client.get(answer.location)).select_one("#codes").get_text().split()
    assert len(set(codes)) == 10
    assert client.get(answer.location).status_code == 303, "recovery codes are shown once"
    session.expire_all()
    assert cast.hunter.totp_secret == secret
    assert not any(code in str(cast.hunter.recovery_hashes) for code in codes)


def test_a_recovery_code_opens_once(client, cast: Cast, session, secret: str) -> None:
    hunter = cast.hunter
    session.add(hunter.start_second_factor(secret, ["abcd-efgh-jkmn-pqrs", "2345-6789-2345-6789"], 0, at=now()))
    enter(client, "harry@baton.test")
    assert client.post("/login/code", data={"code": "ABCD efgh JKMN pqrs"}).status_code == 303
    client.post("/logout")
    enter(client, "harry@baton.test")
    assert client.post("/login/code", data={"code": "abcd-efgh-jkmn-pqrs"}).status_code == 422
    assert client.post("/login/code", data={"code": "2345-6789-2345-6789"}).status_code == 303


def test_the_login_page_shown_to_somebody_logged_in_goes_on(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.hunter).get("/login?next=/profile").location == "/profile"


def test_a_form_of_another_site_logs_nobody_in_or_out(client, cast: Cast, sign_in: SignIn) -> None:
    answer = client.post("/login", data={"email": "harry@baton.test", "password": PASSWORD}, csrf=False)
    assert answer.status_code == 400
    browser = sign_in(cast.hunter)
    assert browser.post("/logout", csrf=False).status_code == 400
    assert inside(browser)


def test_who_sends_something_after_logging_out_is_asked_to_log_in(client) -> None:
    by_form, by_htmx = (client.post("/clients/new", csrf=False, htmx=htmx) for htmx in (False, True))
    assert (by_form.status_code, by_htmx.status_code) == (302, 401)
    assert "ended=1" in by_form.location
    assert "ended=1" in by_htmx.headers["HX-Redirect"]


def test_presence_is_kept_without_writing_at_each_request(cast: Cast, sign_in: SignIn, session, statements) -> None:
    login.NOTED.clear()
    newcomer = person("Nina New", Role.MEMBER, Department.SALES, last_seen_at=None)
    session.add(newcomer)
    session.flush()
    browser = sign_in(newcomer)
    browser.get("/profile")
    session.expire_all()
    assert newcomer.last_seen_at is not None
    assert now() - newcomer.last_seen_at < timedelta(minutes=1)
    with statements() as seen:
        browser.get("/profile")
    assert not [statement for statement in seen if statement.lstrip().upper().startswith("UPDATE")]
