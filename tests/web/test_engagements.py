"""Moving a client and giving it to another owner: what is answered to drag, dialog and plain form, and who may."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import func, select

from tests.cast import stages
from tests.factories import engagement_of, line, make_client, make_contact, make_deal, make_task
from tests.support.client import soup
from webapp.domain.engagement import Engagement
from webapp.domain.event import Event
from webapp.domain.words import Department
from webapp.web.clock import now

SALES, CLIENT, VIP = Department


@pytest.fixture
def engagement(session, cast) -> Engagement:
    client = make_client(session, cast.hunter, name="Acme")
    make_contact(session, client)
    return engagement_of(client)


def drag(browser, engagement, stage, *, version=None, page="/board", **data):
    headers = {"HX-Current-URL": f"http://localhost{page}"}
    form = {"stage_id": stage.id, "version": version or engagement.version, **data}
    return browser.post(f"/engagements/{engagement.id}/stage", data=form, htmx="div#board", headers=headers)


def columns(answer) -> dict[str, list[str]]:
    """The clients of each column that an answer carries, by stage."""
    return {
        column["data-stage"]: [name.text for name in column.select(".card-name")]
        for column in soup(answer).select(".board-column")
    }


def regions(answer) -> list[str]:
    """The parts of the board that an answer fills anew."""
    return re.findall(r'<hx-partial hx-target="([^"]*)"', answer.text)


def moves(session, engagement) -> int:
    asked = select(func.count()).where(Event.kind == "engagement:moved", Event.subject_id == engagement.id)
    return session.scalar(asked)


def test_a_move_is_answered_with_both_columns_and_a_word(session, cast, sign_in, engagement):
    left, entered, *_ = stages(session, SALES)

    answer = drag(sign_in(cast.hunter), engagement, entered)

    assert answer.status_code == 200
    assert columns(answer) == {str(left.id): [], str(entered.id): ["Acme"]}
    assert regions(answer)[-1] == "#toasts"
    assert "Acme: Talked to us" in answer.text
    assert (engagement.stage_id, moves(session, engagement)) == (entered.id, 1)


def test_the_columns_of_an_answer_show_what_the_open_page_asks_for(session, cast, sign_in, engagement):
    make_client(session, cast.hunter, name="Beta")
    left, entered, *_ = stages(session, SALES)

    answer = drag(sign_in(cast.hunter), engagement, entered, page="/board?q=beta")

    assert columns(answer) == {str(entered.id): []}
    assert regions(answer) == [
        f"#card-{engagement.id}", f"#stage-{left.id} .count", f"#stage-{entered.id}", "#toasts"
    ]  # fmt: skip


def test_a_move_between_full_columns_is_answered_with_the_card_at_its_place_and_both_counts(session, cast, sign_in):
    left, entered, *_ = stages(session, SALES)
    left.criteria = []
    first, moving, _last = (make_client(session, cast.hunter, name=name) for name in ("First", "Moving", "Last"))
    late = make_client(session, cast.hunter, name="Late", stage=1)
    make_task(session, late, cast.hunter.today(now()) + timedelta(days=9))
    make_task(session, first, cast.hunter.today(now()))
    engagement_of(first).stage = entered

    answer = drag(sign_in(cast.hunter), engagement_of(moving), entered)

    assert columns(answer) == {}
    assert [name.text for name in soup(answer).select(".card-name")] == ["Moving"]
    assert soup(answer).select_one(".board-card")["data-place"] == f"{entered.id}-{engagement_of(late).id}"
    assert [count.text for count in soup(answer).select(".count")] == ["1", "3"]
    assert regions(answer) == [
        f"#stage-{left.id} .count",
        f"#stage-{entered.id} .count",
        f"#card-{engagement_of(moving).id}",
        "#toasts",
    ]


def test_a_card_with_open_deals_brings_both_heads_with_their_sums(session, cast, sign_in):
    left, entered, *_ = stages(session, SALES)
    left.criteria = []
    moving, _staying = (make_client(session, cast.hunter) for _ in range(2))
    make_client(session, cast.hunter, stage=1)
    make_deal(session, moving, line(5000_00))

    answer = drag(sign_in(cast.hunter), engagement_of(moving), entered)

    assert [sums.text for sums in soup(answer).select(".column-money")] == ["", "RUB\N{NO-BREAK SPACE}5,000"]
    assert f"#stage-{entered.id} .column-head" in regions(answer)


def test_a_card_that_stands_behind_those_shown_is_taken_away(session, cast, sign_in):
    left, entered, *_ = stages(session, SALES)
    left.criteria = []
    for _ in range(20):
        make_task(session, make_client(session, cast.hunter, stage=1))
    moving = engagement_of(make_client(session, cast.hunter, name="Moving"))
    hunter = sign_in(cast.hunter)

    answer = drag(hunter, moving, entered)

    assert not soup(answer).select(".board-card")
    assert f'hx-target="#card-{moving.id}" hx-swap="delete"' in answer.text
    drag(hunter, moving, left)
    assert soup(drag(hunter, moving, entered, shown=f"{entered.id}-40")).select_one(".board-card")


def test_a_refused_move_names_what_is_missing_and_puts_the_card_back(session, cast, sign_in, engagement):
    left, entered, *_ = stages(session, SALES)
    left.criteria = ["contact", "inn", "meeting"]

    answer = drag(sign_in(cast.hunter), engagement, entered)

    assert answer.status_code == 422
    assert columns(answer) == {str(left.id): ["Acme"], str(entered.id): []}
    assert "Before leaving “Was found” there must be: The client's ИНН; A meeting in person" in soup(answer).text
    assert (engagement.stage_id, moves(session, engagement)) == (left.id, 0)


def test_a_card_that_somebody_moved_before_is_answered_with_the_fresh_state(session, cast, sign_in, engagement):
    entered, need = stages(session, SALES)[1:3]
    seen = engagement.version
    drag(sign_in(cast.head_of_sales), engagement, entered)

    answer = drag(sign_in(cast.hunter), engagement, need, version=seen)

    assert answer.status_code == 409
    assert columns(answer) == {str(entered.id): ["Acme"], str(need.id): []}
    assert "Somebody changed this a moment ago" in answer.text
    assert moves(session, engagement) == 1


def test_a_move_that_is_sent_twice_moves_once(session, cast, sign_in, engagement):
    entered, hunter, seen = stages(session, SALES)[1], sign_in(cast.hunter), engagement.version

    first, second = (drag(hunter, engagement, entered, version=seen) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert columns(second)[str(entered.id)] == ["Acme"]
    assert moves(session, engagement) == 1


def test_without_javascript_the_stages_stand_on_a_page_of_their_own(session, cast, sign_in, engagement):
    hunter = sign_in(cast.hunter)
    entered, need = stages(session, SALES)[1:3]

    page = hunter.get(f"/engagements/{engagement.id}/stage")
    moved = hunter.submit(page, "main form", stage_id=entered.id)
    refused = hunter.submit(hunter.get(f"/engagements/{engagement.id}/stage"), "main form", stage_id=need.id)

    assert [button.text.split("now")[0].strip() for button in soup(page).select(".choice")][:2] == [
        "Was found",
        "Talked to us",
    ]
    assert (moved.status_code, moved.location) == (303, f"/board#card-{engagement.id}")
    assert refused.status_code == 422
    assert "A recorded interaction" in soup(refused).select_one("[role=alert]").text
    assert engagement.stage_id == entered.id


def test_the_dialog_keeps_its_place_when_a_move_is_refused(session, cast, sign_in, engagement):
    left, entered, *_ = stages(session, SALES)
    left.criteria = ["inn"]

    answer = drag(sign_in(cast.hunter), engagement, entered, dialog=1)

    assert answer.status_code == 422
    assert "ИНН" in soup(answer).select_one("[data-dialog-part] [role=alert]").text
    assert columns(answer) == {str(left.id): ["Acme"], str(entered.id): []}
    assert "#toasts" not in answer.text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 400),
        ({"stage_id": "2"}, 400),
        ({"stage_id": "two", "version": "1"}, 400),
        ({"stage_id": "-2", "version": "1"}, 400),
        ({"stage_id": "9" * 30, "version": "1"}, 400),
        ({"stage_id": "999", "version": "1"}, 404),
    ],
)
def test_a_move_that_no_page_sends_moves_nothing(session, cast, sign_in, engagement, data, status):
    answer = sign_in(cast.hunter).post(f"/engagements/{engagement.id}/stage", data=data)

    assert answer.status_code == status
    assert moves(session, engagement) == 0


def test_a_stage_of_another_lane_is_refused(session, cast, sign_in, engagement):
    foreign = stages(session, VIP)[0]

    answer = drag(sign_in(cast.hunter), engagement, foreign)

    assert answer.status_code == 422
    assert "This stage belongs to another department" in answer.text


@pytest.mark.parametrize("part", ["other_hunter", "clerk", "head_of_client", "administrator"])
def test_only_the_owner_their_head_and_directors_move(session, cast, sign_in, engagement, part):
    browser = sign_in(getattr(cast, part))

    assert drag(browser, engagement, stages(session, SALES)[1]).status_code == 403
    assert browser.get(f"/engagements/{engagement.id}/stage").status_code == 403
    assert moves(session, engagement) == 0


def test_a_head_gives_a_client_to_another_owner_with_a_reason(session, cast, sign_in, engagement):
    make_task(session, engagement.client)
    head, path = sign_in(cast.head_of_sales), f"/engagements/{engagement.id}/owner"

    page = head.get(path)
    offered = [option.text for option in soup(page).select("#owner_id option")]
    without_reason = head.submit(page, "main form", owner_id=cast.other_hunter.id)
    given = head.submit(page, "main form", owner_id=cast.other_hunter.id, reason="Harry is ill")

    assert offered == ["", "Galina Head-Sales", "Olga Otherhunter"]
    assert without_reason.status_code == 422
    assert (given.status_code, given.location) == (303, f"/clients/{engagement.client_id}")
    assert engagement.owner == cast.other_hunter
    assert engagement.tasks[0].owner == cast.other_hunter
    stale = head.submit(page, "main form", owner_id=cast.head_of_sales.id, reason="Twice")
    assert (stale.status_code, engagement.owner) == (409, cast.other_hunter)


@pytest.mark.parametrize("part", ["hunter", "other_hunter", "head_of_client", "administrator"])
def test_nobody_but_the_lanes_head_and_directors_reassigns(session, cast, sign_in, engagement, part):
    browser, path = sign_in(getattr(cast, part)), f"/engagements/{engagement.id}/owner"
    form = {"owner_id": cast.other_hunter.id, "reason": "Mine now", "version": engagement.version}

    assert (browser.get(path).status_code, browser.post(path, data=form).status_code) == (403, 403)
    assert engagement.owner == cast.hunter


def test_a_move_costs_the_same_statements_among_one_card_and_thirty(session, cast, sign_in, statements, engagement):
    first, second, *_ = stages(session, SALES)
    first.criteria = []
    hunter = sign_in(cast.hunter)

    def cost() -> int:
        session.refresh(engagement)
        engagement.stage = first
        session.commit()
        with statements() as seen:
            assert drag(hunter, engagement, second).status_code == 200
        return len(seen)

    alone = cost()
    for _ in range(29):
        make_deal(session, make_client(session, cast.hunter))
    assert cost() == alone


def test_eight_people_drag_at_once_and_each_is_obeyed_or_told(world, session, cast, sign_in):
    """Each drags a card of their own and one that all want, in a loop, against a real server."""
    left, entered, *_ = stages(session, SALES)
    left.criteria = entered.criteria = []
    own = [engagement_of(make_client(session, cast.hunter)).id for _ in range(8)]
    wanted = engagement_of(make_client(session, cast.hunter)).id
    people = [sign_in(cast.hunter if number % 2 else cast.head_of_sales) for number in range(8)]
    senders = [(client.csrf_token(), client.get_cookie("session").value) for client in people]
    there, back = entered.id, left.id
    session.commit()

    def work(number: int) -> list[tuple[int, int]]:
        token, cookie = senders[number]
        connection = HTTPConnection(urlsplit(world.address()).netloc, timeout=60)
        headers = {"Cookie": f"session={cookie}", "Content-Type": "application/x-www-form-urlencoded",
                   "HX-Request": "true", "X-CSRFToken": token}  # fmt: skip
        answered = []
        for turn in range(6):
            for engagement_id in (own[number], wanted):
                form = {"stage_id": (there, back)[turn % 2], "version": turn + 1}
                connection.request("POST", f"/engagements/{engagement_id}/stage", urlencode(form), headers)
                answer = connection.getresponse()
                answer.read()
                answered.append((engagement_id, answer.status))
        connection.close()
        return answered

    with ThreadPoolExecutor(8) as pool:
        answered = [one for each in pool.map(work, range(8)) for one in each]

    assert {status for engagement_id, status in answered if engagement_id in own} == {200}
    assert {status for engagement_id, status in answered if engagement_id == wanted} <= {200, 409}
    for engagement_id in own:
        assert moves(session, session.get_one(Engagement, engagement_id)) == 6
    shared = session.get_one(Engagement, wanted)
    assert shared.version == moves(session, shared) + 1
