"""Where a client stands with what we proposed, on its cards in every lane; and that the board hears of each change."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import engagement_of, make_client, make_deal, make_engagement
from tests.proposals import make_answer, make_link, make_proposal, send
from webapp.domain.client import Client
from webapp.domain.event import Event
from webapp.domain.permissions import Permission, TABLE
from webapp.domain.proposal_answer import AnswerKind
from webapp.domain.proposal_state import Standing
from webapp.domain.user import User
from webapp.domain.words import Department
from webapp.queries import board
from webapp.queries.board_changes import changes, cursor
from webapp.queries.board_order import Filters
from webapp.queries.card_proposals import CardProposal

SALES, VIP = Department.SALES, Department.VIP
QUESTION, ACCEPTED, DECLINED = AnswerKind


@pytest.fixture
def acme(session: Session, cast: Cast) -> Client:
    """A client of two departments, of which Sales has the deal."""
    client = make_client(session, cast.hunter, name="Acme")
    make_engagement(session, client, cast.vip)
    return client


def shown(session: Session, reader: User, at=AT) -> dict[str, CardProposal | None]:
    """What the board's cards say, by lane; each client stands once in a lane."""
    lanes = board.lanes(session, reader.actor, Filters(), at)
    return {lane.department.value: card.proposal for lane in lanes for column in lane.columns for card in column.cards}


def says(session: Session, cast: Cast, days: int = 0) -> Standing | None:
    """The word on every card of the one client: the same in each lane."""
    (word,) = set(shown(session, cast.clerk, AT + timedelta(days=days)).values())
    return word and word.standing


def test_a_card_in_any_lane_says_what_the_client_does_with_our_proposal(session, cast: Cast, acme: Client) -> None:
    version = make_proposal(session, make_deal(session, acme, department=SALES), went_out=False)
    assert says(session, cast) is None, "a draft is nothing that the client knows of"
    send(session, version)
    assert shown(session, cast.clerk) == dict.fromkeys(("sales", "vip"), CardProposal(1, Standing.SENT, None))
    session.add(make_link(session, version).open(at=AT))
    session.flush()
    assert says(session, cast) is Standing.OPENED
    asked = make_answer(session, version, QUESTION)
    assert says(session, cast) is Standing.QUESTION
    session.add(asked.task.finish(by=cast.hunter, at=AT))
    session.flush()
    assert says(session, cast) is Standing.OPENED, "the question is answered"
    make_answer(session, version, DECLINED)
    assert says(session, cast) is Standing.DECLINED


def test_an_acceptance_stands_there_until_the_owner_did_what_follows(session, cast: Cast, acme: Client) -> None:
    won = make_answer(session, make_proposal(session, make_deal(session, acme, department=SALES)), ACCEPTED)
    assert says(session, cast) is Standing.ACCEPTED
    session.add(won.task.finish(by=cast.hunter, at=AT))
    session.flush()
    assert says(session, cast) is None


def test_a_proposal_that_ends_soon_says_until_when_and_one_that_ended_nothing(session, cast, acme: Client) -> None:
    make_proposal(session, make_deal(session, acme, department=SALES), days=10)
    soon, never = AT + timedelta(days=7), AT + timedelta(days=11)
    assert shown(session, cast.vip, soon)["sales"] == CardProposal(1, Standing.SENT, TODAY + timedelta(days=10))
    assert set(shown(session, cast.vip, never).values()) == {None}


def test_the_newest_that_is_not_over_speaks_for_the_client(session, cast: Cast, acme: Client) -> None:
    make_proposal(session, make_deal(session, acme, department=SALES), days=60)
    late = make_deal(session, acme, department=VIP, at=AT + timedelta(hours=1))
    make_answer(session, make_proposal(session, late, days=5, at=AT + timedelta(hours=1)), QUESTION)
    assert says(session, cast) is Standing.QUESTION
    assert says(session, cast, days=9) is Standing.SENT, "its days are over, and the older one can still be accepted"
    session.add(late.lose("price", by=cast.vip, at=AT, seen=late.version))
    session.flush()
    assert says(session, cast) is Standing.SENT, "that deal is lost"
    make_client(session, cast.clerk, name="Nobody proposed anything to them")
    assert shown(session, cast.clerk)["client"] is None


def test_an_older_version_speaks_no_more_when_the_newer_one_is_over(session, cast: Cast, acme: Client) -> None:
    other = make_deal(session, acme, department=VIP)
    make_proposal(session, other, days=60)
    first = make_proposal(session, make_deal(session, acme, department=SALES), at=AT + timedelta(hours=1))
    make_answer(session, first, DECLINED, at=AT + timedelta(hours=1))
    second = first.proposal.next_version(session, by=cast.hunter, at=AT + timedelta(hours=2))
    second.valid_until = TODAY + timedelta(days=10)
    send(session, second, at=AT + timedelta(hours=2))
    assert says(session, cast) is Standing.SENT
    assert shown(session, cast.clerk, AT + timedelta(days=11))["sales"].id == other.proposals[0].id
    session.add(other.lose("price", by=cast.vip, at=AT, seen=other.version))
    session.flush()
    assert says(session, cast, days=11) is None


def test_whoever_may_not_see_proposals_sees_none_on_the_board(session, cast, acme: Client, monkeypatch) -> None:
    make_proposal(session, make_deal(session, acme, department=SALES))
    monkeypatch.setitem(TABLE, Permission.PROPOSAL_VIEW, TABLE[Permission.COMMISSION_EDIT])  # directors only
    assert set(shown(session, cast.clerk).values()) == {None}
    assert None not in shown(session, cast.director).values()


@pytest.mark.parametrize("answer", list(AnswerKind))
def test_each_change_is_told_to_the_columns_of_all_lanes(session, cast, acme: Client, answer: AnswerKind) -> None:
    columns = {engagement_of(acme, lane).stage_id for lane in (SALES, VIP)}
    deal = make_deal(session, acme, department=SALES)
    since = cursor(session)

    def told() -> bool:
        nonlocal since
        session.flush()
        found = changes(session, since)
        since = found.cursor if found else since
        return found is not None and found.stage_ids == columns

    version = make_proposal(session, deal)
    assert told(), "sent"
    link = make_link(session, version)
    session.flush()
    since = cursor(session)
    session.add(link.open(at=AT))
    assert told(), "opened"
    given = make_answer(session, version, answer)
    assert told(), "answered"
    session.add(given.task.finish(by=cast.hunter, at=AT))
    assert told(), "done"
    if answer is not ACCEPTED:
        session.add(deal.lose("price", by=cast.hunter, at=AT, seen=deal.version))
        assert told(), "lost"


def test_a_draft_in_work_sends_no_column_again(session, cast: Cast, acme: Client) -> None:
    deal = make_deal(session, acme, department=SALES)
    session.flush()
    since = cursor(session)
    make_proposal(session, deal, went_out=False)
    found = changes(session, since)
    assert found is not None
    assert found.stage_ids == frozenset()
    assert session.query(Event).filter_by(kind="proposal:drafted").count() == 1


def test_one_proposal_and_thirty_cost_the_same_statements(session, cast: Cast, statements) -> None:
    def fill(count: int) -> int:
        for _ in range(count):
            version = make_proposal(session, make_deal(session, make_client(session, cast.hunter)))
            make_answer(session, version, QUESTION)
        session.expire_all()
        actor = cast.hunter.actor
        with statements() as seen:
            board.lanes(session, actor, Filters(), AT)
        return len(seen)

    assert fill(1) == fill(19) == 4
