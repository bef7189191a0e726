"""A head configures the stages of the own department's lane."""

from collections.abc import Callable

import pytest

from tests.cast import Cast, stages
from tests.factories import engagement_of, make_client
from tests.support.client import soup, StrictClient
from webapp.domain.words import Department

SignIn = Callable[..., StrictClient]
SALES = Department.SALES


@pytest.fixture
def head(cast: Cast, sign_in: SignIn) -> StrictClient:
    return sign_in(cast.head_of_sales)


@pytest.fixture
def lane(cast: Cast, session):
    return stages(session, SALES)


def shown(answer) -> list[str]:
    return [title.get_text(strip=True) for title in soup(answer).select("#lane .row-title")]


def test_a_head_sees_the_own_lane_in_order(head, lane) -> None:
    assert shown(head.get("/settings/stages?department=vip")) == [stage.name for stage in lane]


def test_a_director_sees_all_lanes(cast: Cast, sign_in: SignIn, session) -> None:
    director = sign_in(cast.director)
    assert shown(director.get("/settings/stages?department=vip")) == [s.name for s in stages(session, Department.VIP)]
    assert shown(director.get("/settings/stages?department=moon")) == [s.name for s in stages(session, SALES)]


def test_a_stage_is_added_at_the_end(head, session) -> None:
    page = head.get("/settings/stages/new/sales")
    answer = head.submit(page, "#stage-form", name="Signed", limit_days="", criteria=["inn", "meeting"])
    assert answer.status_code == 303
    head.submit(page, "#stage-form", name="Signed", limit_days="", criteria=["inn"])
    lane = stages(session, SALES)
    assert (lane[-1].name, lane[-1].limit_days, lane[-1].criteria) == ("Signed", None, ["inn", "meeting"])
    assert len(lane) == 7, "sent twice, added once"


def test_a_stage_is_renamed_and_asks_for_more(head, lane, session) -> None:
    page = head.get(f"/settings/stages/{lane[0].id}")
    head.submit(page, "#stage-form", name="Noticed", limit_days="3", criteria=["contact", "inn"])
    session.expire_all()
    assert (lane[0].name, lane[0].limit_days, lane[0].criteria) == ("Noticed", 3, ["contact", "inn"])


def test_a_default_name_stays_translated_when_only_the_limit_changes(cast: Cast, sign_in, lane, session) -> None:
    cast.head_of_sales.language = "ru"
    head = sign_in(cast.head_of_sales)
    head.submit(head.get(f"/settings/stages/{lane[0].id}"), "#stage-form", limit_days="3")
    session.expire_all()
    assert (lane[0].name, lane[0].limit_days) == ("Was found", 3)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "Agreed"}, "name"),
        ({"limit_days": "0"}, "limit_days"),
        ({"limit_days": "1001"}, "limit_days"),
        ({"limit_days": "soon"}, "limit_days"),
        ({"criteria": ["no such"]}, "criteria"),
    ],
)
def test_what_a_stage_cannot_be_is_said_at_its_field(head, lane, session, fields: dict, field: str) -> None:
    answer = head.submit(head.get(f"/settings/stages/{lane[0].id}"), "#stage-form", **fields)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error") is not None
    session.expire_all()
    assert (lane[0].name, lane[0].limit_days, lane[0].criteria) == ("Was found", 14, ["contact"])


def test_a_button_moves_a_stage_without_javascript(head, lane, session) -> None:
    answer = head.post(f"/settings/stages/{lane[0].id}/position", data={"position": "1"})
    assert answer.status_code == 303
    assert shown(head.get(answer.location))[:2] == ["Talked to us", "Was found"]


def test_by_htmx_the_lane_comes_back_and_the_move_is_said(head, lane) -> None:
    answer = head.post(f"/settings/stages/{lane[0].id}/position", data={"position": "99"}, htmx="ol#lane")
    assert answer.status_code == 200
    assert shown(answer)[-1] == "Was found"
    assert "is now at place 6" in answer.get_data(as_text=True)


@pytest.mark.parametrize("position", ["", "-1", "x", "9" * 30, None])
def test_a_place_that_is_no_number_moves_nothing(head, lane, session, position) -> None:
    data = {} if position is None else {"position": position}
    assert head.post(f"/settings/stages/{lane[0].id}/position", data=data).status_code == 400
    assert [stage.id for stage in stages(session, SALES)] == [stage.id for stage in lane]


def test_an_empty_stage_is_removed(head, lane, session) -> None:
    answer = head.submit(head.get(f"/settings/stages/{lane[2].id}"), "#remove-form")
    assert answer.status_code == 303
    assert lane[2].name not in shown(head.get(answer.location))
    assert head.get(f"/settings/stages/{lane[2].id}").status_code == 404


def test_a_stage_with_clients_is_removed_when_they_have_another(head, cast: Cast, lane, session) -> None:
    client = make_client(session, cast.hunter, stage=1)
    page = head.get(f"/settings/stages/{lane[1].id}")
    assert head.submit(page, "#remove-form", to_id=str(lane[1].id)).status_code == 422
    vip = stages(session, Department.VIP)[0]
    assert head.submit(page, "#remove-form", to_id=str(vip.id)).status_code == 422
    session.expire_all()
    assert engagement_of(client).stage_id == lane[1].id
    assert head.submit(page, "#remove-form", to_id=str(lane[0].id)).status_code == 303
    session.expire_all()
    assert engagement_of(client).stage_id == lane[0].id


@pytest.mark.parametrize("part", ["head_of_vip", "head_of_client", "hunter", "administrator"])
def test_nobody_else_configures_the_lane(cast: Cast, sign_in: SignIn, lane, session, part: str) -> None:
    browser, stage = sign_in(cast.users[part]), lane[0].id
    assert browser.get(f"/settings/stages/{stage}").status_code == 403
    assert browser.get("/settings/stages/new/sales").status_code == 403
    for url, data in (
        ("", {"name": "Mine"}),
        ("/position", {"position": "3"}),
        ("/removal", {"to_id": str(lane[1].id)}),
    ):
        assert browser.post(f"/settings/stages/{stage}{url}", data=data).status_code == 403
    assert browser.post("/settings/stages/new/sales", data={"name": "Mine"}).status_code == 403
    session.expire_all()
    assert [s.name for s in stages(session, SALES)] == [s.name for s in lane]


def test_the_lane_costs_one_statement_however_long(head, cast: Cast, session, statements) -> None:
    def cost() -> int:
        session.commit()
        with statements() as seen:
            head.get("/settings/stages")
        return len(seen)

    few = cost()
    for number in range(8):
        make_client(session, cast.hunter, stage=number % 6)
    assert cost() == few
