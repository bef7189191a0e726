"""The board's page, its columns as fragments, and the poll that keeps it fresh."""

import re
from datetime import timedelta

import pytest
from babel.dates import format_skeleton

from tests.attacks import make_attack
from tests.cast import stages
from tests.factories import engagement_of, line, make_client, make_deal, make_engagement, make_offer, make_task
from tests.proposals import make_link, make_proposal
from tests.support.client import soup
from webapp.domain.health_keeping import keep
from webapp.domain.product import Billing
from webapp.domain.words import Department
from webapp.web.clock import now

SALES, CLIENT, VIP = Department


def cards(answer) -> list[str]:
    return [link.text for link in soup(answer).select(".board-card .card-name")]


def targets(answer) -> list[str]:
    return re.findall(r'<hx-partial hx-target="([^"]*)"', answer.text)


def ask(browser, cursor: str, **arguments):
    return browser.get("/board/changes", htmx=True, headers={"HX-PTag": cursor, **arguments})


def cursor_of(answer) -> str:
    return soup(answer).select_one("#board-live")["hx-ptag"]


def test_the_board_shows_every_lane_with_its_stages_and_each_client_where_it_stands(session, cast, sign_in):
    make_client(session, cast.hunter, name="Acme", stage=1)

    page = soup(sign_in(cast.clerk).get("/board"))

    assert [lane["data-department"] for lane in page.select(".board-lane")] == ["client", "sales", "vip"]
    columns = page.select(".board-lane[data-department=sales] .board-column")
    assert [column["aria-label"] for column in columns][:3] == ["Was found", "Talked to us", "Named the need"]
    assert columns[1].select_one(".card-name").text == "Acme"
    assert [column.select_one(".count").text for column in columns] == ["0", "1", "0", "0", "0", "0"]


def test_a_card_tells_what_the_eye_looks_for(session, cast, sign_in):
    cast.hunter.name = "Harry <i>Hunter"
    client = make_client(session, cast.hunter, name="<b>Acme</b> 5%(id)s", at=now() - timedelta(days=30))
    make_engagement(session, client, cast.vip)
    make_deal(session, client, line(1200_000_00), line(30_000_00, billing=Billing.MONTHLY), department=SALES)
    make_task(session, client, cast.hunter.today(now()) - timedelta(days=2), department=SALES)
    make_offer(session, client, CLIENT, giver=SALES)
    keep(session, [client.id], at=now() - timedelta(weeks=3))
    make_attack(session, client, cast)
    keep(session, [client.id], at=now())
    session.commit()

    page = soup(sign_in(cast.hunter).get("/board?lane=sales"))
    card, head = page.select_one(".board-card"), page.select_one(".column-head")

    assert card.select_one(".card-name").text == "<b>Acme</b> 5%(id)s"
    assert card.select_one(".card-name")["href"] == f"/clients/{client.id}"
    assert card.select_one(".card-line.bad .visually-hidden").text == "overdue"
    assert [badge.text.strip() for badge in card.select(".card-badges .badge")] == ["Under attack", "Offered to Client"]
    assert "1,200,000" in card.select_one(".card-money").text
    assert "30,000/mo" in card.select_one(".card-money").text
    assert card.select_one(".card-lanes").text.strip() == "VIP"
    assert card.select_one(".num.bad").text == "30 d in this stage, longer than its limit of 14"
    assert "Harry <i>Hunter" in card.select_one(".card-foot").text
    drawn = [float(point.split(",")[1]) for point in card.select_one(".sparkline polyline")["points"].split()]
    assert len(drawn) == 4, "a point a week"
    assert drawn[0] == drawn[2] < drawn[3], "the attack made it fall"
    assert "1,200,000" in head.select_one(".column-money").text


def test_a_card_leads_to_the_proposal_and_says_where_it_stands(session, cast, sign_in):
    today = cast.hunter.today(now())
    client = make_client(session, cast.hunter, name="Acme")
    make_engagement(session, client, cast.vip)
    version = make_proposal(session, make_deal(session, client, department=SALES), days=2, at=now())
    session.add(make_link(session, version, at=now()).open(at=now()))
    session.commit()

    links = soup(sign_in(cast.clerk).get("/board")).select(".board-card .card-badges a")

    assert [link["href"] for link in links] == [f"/proposals/{version.proposal_id}"] * 2
    until = format_skeleton("MMMd" if today.year == version.valid_until.year else "yMMMd", version.valid_until)
    said = f"Proposal: Opened by the client, until {until}"
    assert [link.get_text(" ", strip=True).replace("\N{NO-BREAK SPACE}", " ") for link in links] == [said] * 2
    assert links[0].select_one(".badge-warn .icon")


def test_only_a_card_that_the_reader_may_move_offers_to_be_moved(session, cast, sign_in):
    make_client(session, cast.hunter)

    for user, movable in ((cast.hunter, True), (cast.other_hunter, False), (cast.director, True)):
        card = soup(sign_in(user).get("/board")).select_one(".board-card")
        assert card.has_attr("data-draggable") is movable
        assert bool(card.select_one(".card-menu")) is movable


def test_the_board_is_for_those_who_work_with_clients(session, cast, sign_in):
    administrator = sign_in(cast.administrator)

    for path in ("/board", f"/board/columns/{stages(session, SALES)[0].id}", "/board/changes"):
        assert administrator.get(path).status_code == 403


def test_filters_stand_in_the_address_and_in_the_form(session, cast, sign_in):
    late = make_client(session, cast.hunter, name="Acme North")
    make_task(session, late, cast.hunter.today(now()) - timedelta(days=1))
    make_client(session, cast.hunter, name="Acme South")
    make_client(session, cast.other_hunter, name="Umbrella")
    hunter = sign_in(cast.hunter)

    assert cards(hunter.get("/board?owner=mine")) == ["Acme North", "Acme South"]
    assert cards(hunter.get(f"/board?owner={cast.other_hunter.id}")) == ["Umbrella"]
    assert cards(hunter.get("/board?q=south")) == ["Acme South"]
    assert cards(hunter.get("/board?overdue=1")) == ["Acme North"]
    assert cards(hunter.get("/board?lane=vip")) == []
    page = soup(hunter.get("/board?lane=sales&owner=mine&q=acme&overdue=1"))
    form = page.select_one("#board-filters")
    assert [option["value"] for option in form.select("option[selected]")] == ["sales", "mine"]
    assert form.select_one("[name=q]")["value"] == "acme"
    assert form.select_one("[name=overdue]").has_attr("checked")


@pytest.mark.parametrize(
    "query",
    [
        "lane=none&owner=nobody&overdue=maybe&shown=x",
        "owner=99999999999999999999&shown=99999999999999999999-5&shown=1-99999999999999999999",
        "owner=-1&q=%00&shown=-1--1",
        "q=" + "x" * 5000,
        "q=%25_%27%22%3Cscript%3E%7B%7B7*7%7D%7D%F0%9F%A6%8A%D7%A9%D7%9C%D7%95%D7%9D",
    ],
)
def test_an_address_that_nobody_wrote_shows_a_board(session, cast, sign_in, query):
    make_client(session, cast.hunter)

    assert sign_in(cast.hunter).get(f"/board?{query}").status_code == 200


def test_show_more_brings_the_next_cards_with_the_filters_kept(session, cast, sign_in):
    for number in range(45):
        make_client(session, cast.hunter, name=f"Acme {number:02}")
    make_client(session, cast.other_hunter, name="Acme of Olga")
    hunter = sign_in(cast.hunter)

    page = hunter.get("/board?owner=mine")
    more = soup(page).select_one(".cards-more")
    second = hunter.get(more["hx-get"], htmx=True)
    again = soup(second).select_one(".cards-more")
    third = hunter.get(again["hx-get"], htmx=True)

    assert [len(cards(answer)) for answer in (page, second, third)] == [20, 20, 5]
    assert cards(page) + cards(second) + cards(third) == [f"Acme {number:02}" for number in range(45)]
    assert soup(second).select_one("[name=shown]")["value"].endswith("-40")
    assert soup(third).select_one(".cards-more") is None
    assert len(cards(hunter.get(more["href"]))) == 40  # without JavaScript


def test_a_column_has_an_address_of_its_own(session, cast, sign_in):
    first, second, *_ = stages(session, SALES)
    make_client(session, cast.hunter, name="Acme")
    hunter = sign_in(cast.hunter)

    column = hunter.get(f"/board/columns/{first.id}")
    assert (soup(column).select_one("section")["id"], cards(column)) == (f"stage-{first.id}", ["Acme"])
    assert "Nobody here" in hunter.get(f"/board/columns/{second.id}").text
    assert hunter.get("/board/columns/999").status_code == 404
    assert hunter.get("/board/columns/999?after=1..5").status_code == 404
    assert hunter.get(f"/board/columns/{first.id}?lane=vip").status_code == 404
    assert hunter.get(f"/board/columns/{first.id}?after=nonsense").status_code == 400


def test_a_poll_answers_304_until_something_happens_and_then_the_columns_concerned(session, cast, sign_in):
    client = make_client(session, cast.hunter, name="Acme")
    clerk = sign_in(cast.clerk)
    cursor = cursor_of(clerk.get("/board"))
    assert ask(clerk, cursor).status_code == 304
    assert len(targets(ask(clerk, "nonsense"))) == 16

    make_task(session, client)
    answer = ask(clerk, cursor)

    assert answer.status_code == 200
    assert targets(answer) == [f"#stage-{engagement_of(client).stage_id}"]
    assert ask(clerk, answer.headers["HX-PTag"]).status_code == 304


def test_a_poll_shows_what_the_open_page_asks_for(session, cast, sign_in):
    client = make_client(session, cast.hunter, name="Acme")
    clerk = sign_in(cast.clerk)
    cursor = cursor_of(clerk.get("/board"))
    make_task(session, client)
    stage = engagement_of(client).stage_id

    def seen_from(page: str):
        return ask(clerk, cursor, **{"HX-Current-URL": f"http://localhost{page}"})

    assert cards(seen_from("/board?q=acme")) == ["Acme"]
    assert (targets(seen_from("/board?owner=mine")), cards(seen_from("/board?owner=mine"))) == ([f"#stage-{stage}"], [])
    elsewhere = seen_from("/board?lane=vip")
    assert (elsewhere.status_code, elsewhere.text) == (204, "")
    assert ask(clerk, elsewhere.headers["HX-PTag"]).status_code == 304


def test_a_poll_keeps_the_cards_that_somebody_asked_for(session, cast, sign_in):
    made = [make_client(session, cast.hunter) for _ in range(35)]
    clerk = sign_in(cast.clerk)
    cursor = cursor_of(clerk.get("/board"))
    make_task(session, made[0])
    stage = engagement_of(made[0]).stage_id

    answer = clerk.get(f"/board/changes?shown={stage}-40", htmx=True, headers={"HX-PTag": cursor})

    assert len(cards(answer)) == 35


def test_other_stages_make_the_page_load_again(session, cast, sign_in):
    clerk = sign_in(cast.clerk)
    cursor = cursor_of(clerk.get("/board"))
    stage = stages(session, SALES)[0]
    session.add(
        stage.change(session, name="Knocked", limit_days=1, criteria=[], chance=None, by=cast.head_of_sales, at=now())
    )

    answer = ask(clerk, cursor)

    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")


def test_a_poll_of_an_ended_session_leads_to_the_login(session, cast, sign_in):
    clerk = sign_in(cast.clerk)
    cursor = cursor_of(clerk.get("/board"))
    cast.clerk.epoch += 1

    answer = ask(clerk, cursor, **{"HX-Current-URL": "http://localhost/board?q=acme"})

    assert answer.status_code == 401
    assert "/login" in answer.headers["HX-Redirect"]


def test_the_page_costs_the_same_statements_for_one_card_and_for_thirty(session, cast, sign_in, statements):
    hunter = sign_in(cast.hunter)

    def cost(count: int, path: str) -> int:
        for _ in range(count):
            client = make_client(session, cast.hunter)
            make_deal(session, client)
            make_engagement(session, client, cast.vip)
        session.commit()
        with statements() as seen:
            hunter.get(path)
        return len(seen)

    assert cost(1, "/board") == cost(29, "/board")


def test_a_poll_in_vain_costs_one_statement_that_knows_the_user_too(session, cast, sign_in, statements, database):
    clerk = sign_in(cast.clerk)
    cursor = cursor_of(clerk.get("/board"))
    with statements() as seen:
        assert ask(clerk, cursor).status_code == 304

    assert len(seen) == {"sqlite": 1, "postgresql": 2}[database], "PostgreSQL is asked for late events too"
