"""Users: invited by a link, changed, helped, and deactivated when nothing is left with them."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import Cast, PASSWORD, person
from tests.factories import engagement_of, make_client, make_promise, make_task
from tests.support.client import soup, StrictClient
from webapp.domain.access_link import AccessLink
from webapp.domain.event import Event
from webapp.domain.user import hashed, User
from webapp.domain.words import Department, Role
from webapp.web.clock import now
from webapp.web.security import limiter

SignIn = Callable[..., StrictClient]
NEW = {
    "name": "Nina New",
    "email": "nina@baton.test",
    "role": "member",
    "department": "sales",
    "head_id": "",
    "office": "",
}


@pytest.fixture(autouse=True)
def _fresh_throttle(app) -> Iterator[None]:
    limiter.reset()
    yield
    limiter.reset()


@pytest.fixture
def office(cast: Cast, sign_in: SignIn) -> StrictClient:
    return sign_in(cast.administrator)


def link_on(answer) -> str:
    return soup(answer).select_one("#link")["value"].removeprefix("http://localhost")


def invited(office: StrictClient, **fields: str) -> str:
    """Invite somebody as a person does, and read the link off the page."""
    answer = office.submit(office.get("/users/new"), "#invite", **(NEW | fields))
    assert answer.status_code == 303
    return link_on(office.get(answer.location))


def test_an_invited_person_chooses_a_password_and_is_in(office, client, session) -> None:
    link = invited(office)
    answer = client.submit(
        client.get(link), "#choose-password", password="four words of hers", again="four words of hers"
    )
    assert answer.location == "/"
    assert "Nina New" in client.get("/profile").get_data(as_text=True)
    user = session.scalar(select(User).where(User.email == "nina@baton.test"))
    assert (user.role, user.department) == (Role.MEMBER, Department.SALES)
    kinds = session.scalars(select(Event.kind).where(Event.subject_id == user.id).order_by(Event.id)).all()
    assert kinds == ["user:invited", "user:resetasked", "user:activated", "user:entered"]


def test_the_link_is_shown_once(office) -> None:
    answer = office.submit(office.get("/users/new"), "#invite", **NEW)
    assert link_on(office.get(answer.location))
    assert soup(office.get(answer.location)).select_one("#link") is None


def test_sending_the_invitation_twice_invites_once(office, session) -> None:
    page = office.get("/users/new")
    answers = [office.submit(page, "#invite", **NEW) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert len(session.scalars(select(User).where(User.email == "nina@baton.test")).all()) == 1


@pytest.mark.parametrize("fate", ["used", "expired", "unknown", "deactivated", "voided"])
def test_a_link_that_is_no_good_opens_nothing_and_says_so(office, client, cast: Cast, session, fate: str) -> None:
    link = invited(office)
    stored = session.scalar(select(AccessLink).where(AccessLink.token_hash == hashed(link.rpartition("/")[2])))
    match fate:
        case "used":
            stored.used_at = now()
        case "expired":
            stored.expires_at = now() - timedelta(seconds=1)
        case "unknown":
            link = "/link/" + "x" * 43
        case "deactivated":
            stored.user.deactivated_at = now()
        case "voided":
            office.post(f"/users/{stored.user_id}/link")
    for answer in (
        client.get(link),
        client.post(link, data={"password": "four words of mine", "again": "four words of mine"}),
    ):
        assert answer.status_code == 410
        assert "opens nothing" in answer.get_data(as_text=True)
        assert "Nina" not in answer.get_data(as_text=True)
    assert session.scalar(select(User.password_hash).where(User.email == "nina@baton.test")) is None


def test_a_stolen_link_is_worthless_after_its_owner_used_it(office, client, app, session) -> None:
    link = invited(office)
    client.post(link, data={"password": "four words of hers", "again": "four words of hers"})
    thief = app.test_client()
    assert thief.post(link, data={"password": "words of a thief", "again": "words of a thief"}).status_code == 410
    assert thief.get("/profile").status_code == 302


@pytest.mark.parametrize("password", ["short", "password123", "nina@baton.test"])
def test_looking_or_a_bad_password_uses_no_link_up(office, client, password: str) -> None:
    link = invited(office)
    assert client.get(link).status_code == 200
    answer = client.post(link, data={"password": password, "again": password})
    assert answer.status_code == 422
    assert soup(answer).select_one("#password-error") is not None
    assert client.post(link, data={"password": "four words of hers", "again": "four words of hers"}).status_code == 303


def test_a_password_link_ends_the_sessions_and_keeps_the_second_factor(
    office, client, cast: Cast, sign_in, session
) -> None:
    cast.hunter.totp_secret = "JBSWY3DPEHPK3PXP"
    elsewhere = sign_in(cast.hunter)
    answer = office.post(f"/users/{cast.hunter.id}/link")
    link = link_on(office.get(answer.location))
    answer = client.post(link, data={"password": "four words of mine", "again": "four words of mine"})
    assert answer.location == "/login/code", "a link is no way around the second factor"
    assert client.get("/profile").status_code == 302
    assert elsewhere.get("/profile").status_code == 302


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"name": ""}, "name", "Please fill this in"),
        ({"email": "nina@"}, "email", "not an e-mail"),
        ({"email": "Harry@Baton.test"}, "email", "Harry Hunter has this e-mail"),
        ({"department": ""}, "department", "belong to a department"),
        ({"role": "king"}, "role", "Invalid Choice"),
        ({"role": "director"}, "role", "Not a valid choice"),
        ({"head_id": "999999"}, "head_id", "Not a valid choice"),
        ({"head_id": "' or 1=1"}, "head_id", "Invalid Choice"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_at_its_field(office, session, fields, field, said) -> None:
    answer = office.post("/users/new", data=NEW | fields)
    assert answer.status_code == 422
    assert said in soup(answer).select_one(f"#{field}-error").get_text()
    assert session.scalar(select(User).where(User.name == "Nina New")) is None


@pytest.mark.parametrize("part", ["hunter", "clerk", "vip", "head_of_sales", "head_of_client"])
def test_only_the_office_sees_users(cast: Cast, sign_in: SignIn, session, part: str) -> None:
    browser, hunter = sign_in(cast.users[part]), cast.hunter.id
    for url in ("/users", "/users/new", f"/users/{hunter}", "/users/999999"):
        answer = browser.get(url)
        assert answer.status_code == 403, url
        assert "Otto Otherclerk" not in answer.get_data(as_text=True)
    for url in ("", "/work", "/link", "/deactivation", "/activation", "/sessions", "/second-factor"):
        assert browser.post(f"/users/{hunter}{url}").status_code == 403, url
    session.expire_all()
    assert cast.hunter.active


def test_an_administrator_cannot_touch_a_director(office, cast: Cast, session) -> None:
    assert f'/users/{cast.director.id}"' not in office.get("/users").get_data(as_text=True)
    assert office.get(f"/users/{cast.director.id}").status_code == 403
    for url in ("", "/link", "/deactivation", "/sessions", "/second-factor"):
        assert office.post(f"/users/{cast.director.id}{url}").status_code == 403
    assert session.scalar(select(AccessLink)) is None


def test_a_user_that_is_not_there_is_not_found(office) -> None:
    assert office.get("/users/999999").status_code == 404
    assert office.get("/users/99999999999999999999").status_code == 404


def test_the_list_is_filtered_by_what_it_shows(office, cast: Cast, session) -> None:
    session.add(person("Жанна Ёлкина", Role.MEMBER, Department.VIP, password_hash=None, email="z@baton.test"))

    def names(query: str) -> set[str]:
        return {
            cell.get_text(strip=True) for cell in soup(office.get(f"/users?{query}")).select("#users .person .clip")
        }

    assert len(names("")) == 12
    assert names("q=жАННА") == {"Жанна Ёлкина"}
    assert names("q=harry@BATON") == {"Harry Hunter"}
    assert names("q=%25") == set()
    assert names("department=vip&role=head") == {"Vera Head-Vip"}
    assert names("state=deactivated") == {"Fyodor Former"}
    assert names("state=known") == {"Жанна Ёлкина"}
    assert len(names("state=nonsense&role=king&department=moon&page=-3")) == 12
    assert len(names("page=99999999999999999999")) == 12


def test_an_invited_user_is_listed_as_invited(office) -> None:
    invited(office)
    assert "Nina New" in office.get("/users?state=invited").get_data(as_text=True)


def test_the_list_costs_the_same_with_more_people(office, cast: Cast, session, statements) -> None:
    def cost() -> int:
        with statements() as seen:
            office.get("/users")
        return len(seen)

    few = cost()
    session.add_all(person(f"P{number} N", Role.MEMBER, Department.SALES, cast.head_of_sales) for number in range(30))
    session.commit()
    assert cost() == few


def test_a_user_moves_to_another_department_with_another_head(office, cast: Cast, session) -> None:
    page = office.get(f"/users/{cast.hunter.id}")
    answer = office.submit(page, "#user-form", department="vip", head_id=str(cast.head_of_vip.id))
    assert answer.status_code == 303
    session.expire_all()
    assert (cast.hunter.department, cast.hunter.head_id) == (Department.VIP, cast.head_of_vip.id)


def test_a_changed_role_works_at_once_and_ends_the_sessions(office, cast: Cast, sign_in, session) -> None:
    browser = sign_in(cast.hunter)
    answer = office.submit(office.get(f"/users/{cast.hunter.id}"), "#user-form", role="administrator")
    assert answer.status_code == 303
    assert browser.get("/profile").status_code == 302
    session.expire_all()
    assert (cast.hunter.role, cast.hunter.department) == (Role.ADMINISTRATOR, None)


def test_who_owns_open_work_is_not_deactivated_before_it_is_handed_over(office, cast: Cast, session) -> None:
    clients = [make_client(session, cast.hunter) for _ in range(3)]
    make_task(session, clients[0])
    make_promise(session, clients[1])
    page = office.get(f"/users/{cast.hunter.id}")
    assert soup(page).select_one("#deactivate") is None
    assert "3 clients, 1 task, 0 deals, 1 promise" in soup(page).select_one("#work").get_text(" ", strip=True)
    assert not any(client.name in page.get_data(as_text=True) for client in clients), "the office sees no client"
    assert office.post(f"/users/{cast.hunter.id}/deactivation").status_code == 422
    moved = office.submit(page, "#hand-over", colleague_id=str(cast.other_hunter.id), reason="He leaves")
    assert moved.status_code == 303
    session.expire_all()
    assert {engagement_of(client).owner_id for client in clients} == {cast.other_hunter.id}
    page = office.get(moved.location)
    assert office.submit(page, "#deactivate").status_code == 303
    session.expire_all()
    assert not cast.hunter.active


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"colleague_id": ""}, "colleague_id"),
        ({"colleague_id": "999999"}, "colleague_id"),
        ({"colleague_id": "clerk"}, "colleague_id"),
        ({"reason": "x" * 301}, "reason"),
    ],
)
def test_a_hand_over_that_cannot_be_moves_nothing(office, cast: Cast, session, fields, field) -> None:
    client = make_client(session, cast.hunter)
    given = {"colleague_id": str(cast.other_hunter.id), "reason": "Leaves"} | fields
    if given["colleague_id"] == "clerk":
        given["colleague_id"] = str(cast.clerk.id)
    answer = office.post(f"/users/{cast.hunter.id}/work", data=given)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error") is not None
    session.expire_all()
    assert engagement_of(client).owner_id == cast.hunter.id


def test_the_office_helps_who_lost_the_telephone(office, cast: Cast, session) -> None:
    cast.hunter.totp_secret = "JBSWY3DPEHPK3PXP"
    office.submit(office.get(f"/users/{cast.hunter.id}"), "#reset-second-factor")
    session.expire_all()
    assert cast.hunter.totp_secret is None


def test_the_office_ends_sessions(office, cast: Cast, sign_in) -> None:
    browser = sign_in(cast.hunter)
    office.submit(office.get(f"/users/{cast.hunter.id}"), "#end-sessions")
    assert browser.get("/profile").status_code == 302


def test_a_deactivated_user_comes_back(office, cast: Cast, client) -> None:
    refused = client.post("/login", data={"email": "fyodor@baton.test", "password": PASSWORD})
    assert refused.status_code == 422
    office.submit(office.get(f"/users/{cast.former.id}"), "#reactivate")
    assert client.post("/login", data={"email": "fyodor@baton.test", "password": PASSWORD}).status_code == 303


def test_deactivating_twice_says_so_and_changes_nothing_more(office, cast: Cast, session) -> None:
    assert office.post(f"/users/{cast.clerk.id}/deactivation").status_code == 303
    answer = office.post(f"/users/{cast.clerk.id}/deactivation")
    assert answer.status_code == 422
    assert len(session.scalars(select(Event).where(Event.kind == "user:deactivated")).all()) == 1


def test_nobody_deactivates_themselves(office, cast: Cast, session) -> None:
    assert soup(office.get(f"/users/{cast.administrator.id}")).select_one("#deactivate") is None
    assert office.post(f"/users/{cast.administrator.id}/deactivation").status_code == 422
    session.expire_all()
    assert cast.administrator.active
