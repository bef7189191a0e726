"""The deals board, how deals end, and forecast against fact: every sum is the server's, per currency, over all rows."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, stages, TODAY
from tests.factories import engagement_of, line, make_client, make_deal, make_product
from tests.proposals import make_answer, make_link, make_proposal
from tests.support.client import soup
from webapp.domain.deal import Deal
from webapp.domain.deal_forecast import DealForecast, keep_forecast
from webapp.domain.product import Billing
from webapp.domain.proposal_answer import AnswerKind
from webapp.domain.proposal_state import Standing
from webapp.domain.share import Share
from webapp.domain.stage_outcome import StageOutcome
from webapp.domain.words import Department
from webapp.jobs import NIGHTLY
from webapp.queries.deal_board import deal_board, FIRST, When, Worth
from webapp.queries.deal_forecasts import deal_forecasts
from webapp.queries.deal_outcomes import deal_outcomes, Sums, tally

SALES = Department.SALES
MONTHLY = line(300_00, billing=Billing.MONTHLY)


def sell(session: Session, cast: Cast, stage: int = 2, owner=None, **fields) -> Deal:
    return make_deal(session, make_client(session, owner or cast.hunter, stage=stage), line(), MONTHLY, **fields)


def end(session: Session, deal: Deal, days: int, reason: str = "", competitor: str = "") -> None:
    said = {"by": deal.owner, "at": AT + timedelta(days=days), "seen": deal.version}
    session.add(deal.lose(reason, **said, competitor=competitor) if reason else deal.win(**said))
    session.flush()


def test_a_column_adds_up_all_its_deals_and_weighs_them_by_its_chance(session, cast: Cast) -> None:
    lane = stages(session, SALES)
    lane[2].chance = 33_33
    session.add(StageOutcome(stage_id=lane[3].id, won=7, decided=10, day=TODAY))
    for _ in range(FIRST + 2):
        sell(session, cast)
    dollars, past = sell(session, cast, currency="USD"), sell(session, cast, 3, expected_on=TODAY - timedelta(days=1))
    board = deal_board(session, cast.director.actor, SALES, TODAY)
    third, fourth = board.columns[2:4]
    count = FIRST + 2
    assert third.worth == (
        Worth("RUB", count, count * 1_000_00, count * 300_00, count * 333_30, count * 99_99),
        Worth("USD", 1, 1_000_00, 300_00, 333_30, 99_99),
    ), "roubles and dollars are never added"
    assert (third.count, len(third.cards), third.measured) == (count + 1, FIRST, Share(0, 0))
    assert (fourth.measured, fourth.worth[0].weighted_one_off_minor) == (Share(7, 10), 700_00)
    assert [(when, worths[0].count) for when, worths in board.whens] == [(When.PAST, 1), (When.UNKNOWN, count)]
    mine = deal_board(session, cast.director.actor, SALES, TODAY, cast.other_hunter.id)
    assert (mine.totals, mine.whens) == ((), ())
    assert dollars.id not in {card.id for card in fourth.cards} == {past.id}


def test_a_deal_of_work_that_has_ended_weighs_nothing_and_is_not_forgotten(session, cast: Cast) -> None:
    deal = sell(session, cast)
    engagement_of(deal.client).closed_at = AT
    session.flush()
    board = deal_board(session, cast.director.actor, SALES, TODAY)
    assert (board.ended, board.totals, board.whens) == (1, (), ())


def test_one_deal_and_thirty_cost_the_same_statements(session, cast: Cast, statements) -> None:
    counts = []
    for many in (1, 29):
        for number in range(many):
            end(session, sell(session, cast), number % 7, "price" if number % 3 else "", "North")
            sell(session, cast, number % 6, currency=("RUB", "USD")[number % 2])
        session.flush()
        with statements() as seen:
            deal_board(session, cast.director.actor, SALES, TODAY)
            deal_outcomes(session, cast.director.actor, TODAY, TODAY + timedelta(days=9))
            deal_forecasts(session, cast.director.actor, TODAY, ["RUB"])
        counts.append(len(seen))
    assert counts == [8, 8]


def test_a_card_says_where_its_proposal_stands(session, cast: Cast, sign_in) -> None:
    deals = [sell(session, cast, name=name) for name in ("None", "Draft", "Sent", "Opened", "Asked", "Declined", "Old")]
    days = {"Opened": 30, "Old": 20}
    versions = {
        deal.name: make_proposal(session, deal, went_out=deal.name != "Draft", days=days.get(deal.name, 90))
        for deal in deals[1:]
    }
    make_link(session, versions["Opened"]).open(at=AT)
    for name, kind in (("Asked", AnswerKind.QUESTION), ("Declined", AnswerKind.DECLINED)):
        make_answer(session, versions[name], kind)
    versions["Sent"].proposal.next_version(session, by=cast.hunter, at=AT)
    make_proposal(session, deals[2], went_out=False)
    session.flush()
    cards = deal_board(session, cast.director.actor, SALES, TODAY + timedelta(days=28)).columns[2].cards
    assert {card.name: card.proposal and (card.proposal.standing, card.proposal.ends_on) for card in cards} == {
        "None": None,
        "Draft": (Standing.DRAFT, None),
        "Sent": (Standing.SENT, None),  # what the client has in hand, not the next draft
        "Opened": (Standing.OPENED, TODAY + timedelta(days=30)),
        "Asked": (Standing.QUESTION, None),
        "Declined": (Standing.DECLINED, None),
        "Old": (Standing.EXPIRED, None),
    }
    page = sign_in(cast.hunter).get("/deals/board")
    said = [each.get_text(" ", strip=True) for each in soup(page).select(".deal-proposal")]
    assert any(each.endswith("Declined by the client") for each in said)


def test_outcomes_by_reason_product_department_and_person(session, cast: Cast) -> None:
    fibre = make_product(session, cast.director, "Fibre")
    for number in range(12):
        end(session, sell(session, cast), number, "price" if number < 3 else "", "North" if number == 0 else "")
    usual = sell(session, cast, owner=cast.clerk, currency="USD")
    usual.lines[0].product_id = usual.lines[1].product_id = fibre.id
    end(session, usual, 40, "no_need")
    found = deal_outcomes(session, cast.director.actor, TODAY, TODAY + timedelta(days=30))
    assert (found.whole.rate, found.whole.won) == (Share(9, 12), (Sums("RUB", 9, 9_000_00, 2_700_00),))
    assert (found.whole.days, found.whole.middle, found.whole.timed) == (7, (5, 9), 9)
    assert [(loss.key, loss.count) for loss in found.reasons + found.rivals] == [("price", 3), ("North", 1)]
    found = deal_outcomes(session, cast.director.actor, TODAY, TODAY + timedelta(days=40))
    assert [(name, of.rate) for name, of in found.products] == [("", Share(9, 12)), ("Fibre", Share(0, 1))]
    assert [(each, of.rate) for each, of in found.departments] == [
        (SALES, Share(9, 12)),
        (Department.CLIENT, Share(0, 1)),
    ]
    assert [(name, of.days) for _, name, of in found.people] == [("Harry Hunter", 7), ("Clara Clerk", None)]
    assert [loss.sums[0].currency for loss in found.reasons] == ["RUB", "USD"]
    assert tally([]).middle is None


def test_the_night_keeps_what_a_month_promises_and_the_page_sets_it_beside_the_fact(
    session, cast: Cast, app: Flask, sign_in
) -> None:
    stages(session, SALES)[2].chance = 50_00
    for number in range(3):
        end(session, sell(session, cast, expected_on=TODAY, at=AT - timedelta(days=number)), number)
    sell(session, cast, expected_on=date(2026, 3, 20))
    session.commit()
    for _ in range(2):
        with app.app_context():
            NIGHTLY["deals"](date(2026, 3, 1))
    session.rollback()
    (row,) = deal_forecasts(session, cast.director.actor, TODAY, ["EUR", "RUB"], SALES).rows
    assert (row.kept_on, row.expected, row.won) == (date(2026, 3, 1), 1, 3)
    assert (row.one_off.forecast_minor, row.one_off.new_minor, row.one_off.won_minor) == (500_00, 2_000_00, 3_000_00)
    assert row.one_off.reached == 200_00, "one of the three was open when the month began"
    text = soup(sign_in(cast.head_of_sales).get("/deals/forecast?department=sales&currency=moon")).get_text()
    assert "200 %" in text
    assert "new: RUB 2,000" in text.replace("\N{NO-BREAK SPACE}", " ")
    for change in (update(DealForecast).values(deals=9), delete(DealForecast)):
        with pytest.raises(DBAPIError, match="never changes"), session.begin_nested():
            session.execute(change)


def test_everybody_sees_the_board_and_only_heads_how_others_fare(session, cast: Cast, sign_in) -> None:
    for _ in range(FIRST + 1):
        deal = sell(session, cast)
    keep_forecast(session, TODAY)
    session.commit()
    hunter = sign_in(cast.hunter)
    column = soup(hunter.get("/deals/board")).select_one(f"#stage-{engagement_of(deal.client).stage_id}")
    assert len(column.select(".board-card")) == FIRST
    every = hunter.get(column.select_one("a.cards-more")["href"])
    assert len(soup(every).select("tbody tr")) == FIRST + 1
    assert "Named the need" in soup(every).select_one(".filter-said").get_text()
    assert not soup(hunter.get(f"/deals?stage={stages(session, SALES)[0].id}")).select("tbody tr")
    for page in ("outcomes", "forecast"):
        assert hunter.get(f"/deals/{page}").status_code == 403
        assert sign_in(cast.head_of_vip).get(f"/deals/{page}?from=2026-02-30&to=x").status_code == 200
    assert sign_in(cast.administrator).get("/deals/board").status_code == 403


def test_a_head_sets_the_chance_beside_what_is_measured(session, cast: Cast, sign_in) -> None:
    stage = stages(session, SALES)[3]
    session.add(StageOutcome(stage_id=stage.id, won=26, decided=64, day=TODAY))
    session.commit()
    head = sign_in(cast.head_of_sales)
    page = head.get(f"/settings/stages/{stage.id}")
    assert "26 were won: 41 %; the true share lies between 29 and 53 %" in soup(page).select_one("#measured").get_text()
    assert head.submit(page, "#stage-form", chance="101").status_code == 422
    assert head.submit(page, "#stage-form", chance="40").status_code == 303
    session.expire_all()
    assert stage.chance == 40_00
    assert "deals count with 40 % (set by the head)" in soup(head.get("/settings/stages")).get_text()
    head.submit(head.get(f"/settings/stages/{stage.id}"), "#stage-form", chance="")
    session.expire_all()
    assert stage.chance is None
