"""One's own profile."""

from collections.abc import Callable, Iterator

import pyotp
import pytest

from tests.cast import Cast, PASSWORD
from tests.support.client import soup, StrictClient
from webapp.domain.words import Role
from webapp.web import passwords
from webapp.web.clock import now
from webapp.web.security import limiter

SignIn = Callable[..., StrictClient]


@pytest.fixture(autouse=True)
def _fresh_throttle(app) -> Iterator[None]:
    limiter.reset()
    yield
    limiter.reset()


@pytest.fixture
def mine(cast: Cast, sign_in: SignIn) -> StrictClient:
    return sign_in(cast.hunter)


def test_name_language_and_zone_are_ones_own(mine, cast: Cast, session) -> None:
    answer = mine.submit(mine.get("/profile"), "#profile-form", name="Harold", language="ru", timezone="new york")
    assert answer.status_code == 303
    session.expire_all()
    assert (cast.hunter.name, cast.hunter.language, cast.hunter.timezone) == ("Harold", "ru", "America/New_York")
    assert soup(mine.get("/profile")).select_one("html")["lang"] == "ru"


def test_the_browsers_language_can_be_chosen_again(mine, cast: Cast, session) -> None:
    mine.submit(mine.get("/profile"), "#profile-form", language="")
    session.expire_all()
    assert cast.hunter.language is None
    assert soup(mine.get("/profile", headers={"Accept-Language": "ru"})).select_one("html")["lang"] == "ru"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("name", "x" * 121), ("timezone", "Mars"), ("timezone", "../../etc/passwd"), ("language", "xx")],
)
def test_a_profile_that_cannot_be_changes_nothing(mine, cast: Cast, session, field: str, value: str) -> None:
    answer = mine.submit(mine.get("/profile"), "#profile-form", **{field: value})
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error") is not None
    session.expire_all()
    assert (cast.hunter.name, cast.hunter.timezone, cast.hunter.language) == ("Harry Hunter", "Europe/Moscow", "en")


def test_nobody_promotes_themselves_by_adding_fields(mine, cast: Cast, session) -> None:
    mine.submit(mine.get("/profile"), "#profile-form", role="director", department="", email="x@baton.test", epoch="9")
    session.expire_all()
    assert (cast.hunter.role, cast.hunter.email) == (Role.MEMBER, "harry@baton.test")


def test_the_menu_changes_the_language_and_stays_on_the_page(mine, cast: Cast, session) -> None:
    answer = mine.post("/language", data={"language": "ru"}, headers={"Referer": "http://localhost/profile?x=1"})
    assert answer.location == "/profile?x=1"
    session.expire_all()
    assert cast.hunter.language == "ru"
    assert mine.post("/language", data={"language": "xx"}).status_code == 400
    elsewhere = mine.post("/language", data={"language": "en"}, headers={"Referer": "https://evil.test/"})
    assert elsewhere.location == "/profile"


def test_a_new_password_ends_every_other_session(mine, cast: Cast, sign_in: SignIn, session) -> None:
    elsewhere = sign_in(cast.hunter)
    page = mine.get("/profile")
    answer = mine.submit(
        page, "#password-form", old=PASSWORD, password="four words of mine", again="four words of mine"
    )
    assert answer.status_code == 303
    assert mine.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 302
    session.expire_all()
    assert passwords.fits(cast.hunter.password_hash, "four words of mine")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"old": "wrong"}, "old"),
        ({"old": ""}, "old"),
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "harry hunter", "again": "harry hunter"}, "password"),
        ({"again": "different words"}, "again"),
    ],
)
def test_a_password_that_cannot_be_changes_nothing(mine, cast: Cast, session, fields: dict, field: str) -> None:
    given = {"old": PASSWORD, "password": "four words of mine", "again": "four words of mine"} | fields
    answer = mine.post("/profile/password", data=given)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error") is not None
    assert soup(answer).select_one("#name")["value"] == "Harry Hunter", "the other forms keep what they show"
    assert "four words" not in answer.get_data(as_text=True)
    session.expire_all()
    assert passwords.fits(cast.hunter.password_hash, PASSWORD)


def test_a_found_computer_is_no_place_to_guess_the_password(mine) -> None:
    given = {"password": "four words of mine", "again": "four words of mine"}
    statuses = [mine.post("/profile/password", data=given | {"old": f"guess {n}"}).status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]
    assert mine.post("/profile/second-factor/off", data={"present": "guess"}).status_code == 429


def test_other_devices_are_logged_out(mine, cast: Cast, sign_in: SignIn) -> None:
    elsewhere = sign_in(cast.hunter)
    mine.submit(mine.get("/profile"), "#sessions-form")
    assert elsewhere.get("/profile").status_code == 302
    assert mine.get("/profile").status_code == 200


def set_up(browser: StrictClient) -> tuple[str, list[str]]:
    page = browser.get("/profile/second-factor")
    secret = soup(page).select_one("#secret").get_text().replace(" ", "")
    assert soup(page).select_one("img.qr")["src"].startswith("data:image/svg+xml")
    answer = browser.submit(page, "#second-factor", code=pyotp.TOTP(secret).at(now()))
    assert answer.location == "/profile/recovery-codes"
    return secret, soup(browser.get(answer.location)).select_one("#codes").get_text().split()


def test_a_second_factor_is_set_up_by_a_code_of_the_app(mine, cast: Cast, session) -> None:
    secret, recovery = set_up(mine)
    session.expire_all()
    assert cast.hunter.totp_secret == secret
    assert len(set(recovery)) == 10
    assert mine.get("/profile/second-factor").location == "/profile", "an app that works is not replaced by the way"
    assert "10 recovery codes are left" in mine.get("/profile").get_data(as_text=True)


def test_a_wrong_code_sets_nothing_up(mine, cast: Cast, session) -> None:
    page = mine.get("/profile/second-factor")
    assert mine.submit(page, "#second-factor", code="000000").status_code == 422
    session.expire_all()
    assert cast.hunter.totp_secret is None


def test_new_recovery_codes_void_the_old_ones(mine, cast: Cast, session) -> None:
    set_up(mine)
    session.expire_all()
    before = set(cast.hunter.recovery_hashes)
    answer = mine.submit(mine.get("/profile"), "#second-factor-form", present=PASSWORD)
    assert answer.location == "/profile/recovery-codes"
    session.expire_all()
    assert before.isdisjoint(cast.hunter.recovery_hashes)


def test_it_is_switched_off_with_the_password_and_only_where_the_role_allows(mine, cast: Cast, session) -> None:
    set_up(mine)
    assert mine.post("/profile/second-factor/off", data={"present": "wrong"}).status_code == 422
    cast.company.second_factor_roles = [Role.MEMBER]
    assert mine.post("/profile/second-factor/off", data={"present": PASSWORD}).status_code == 422
    session.expire_all()
    assert cast.hunter.totp_secret is not None
    cast.company.second_factor_roles = []
    assert mine.post("/profile/second-factor/off", data={"present": PASSWORD}).status_code == 303
    session.expire_all()
    assert cast.hunter.totp_secret is None


def test_recovery_codes_of_nobody_are_not_renewed(mine) -> None:
    assert mine.post("/profile/recovery-codes", data={"present": PASSWORD}).status_code == 404
