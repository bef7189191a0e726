from datetime import date, datetime, timedelta, UTC

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, stages, TODAY
from tests.factories import (
    engagement_of,
    make_client,
    make_deal,
    make_engagement,
    make_handoff,
    make_offer,
    make_promise,
    make_task,
)
from webapp.domain import acceptance
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Incomplete, Refused, Stale
from webapp.domain.event import Event
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.route import ROUTES
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.words import Department

SALES, CLIENT, VIP = Department


def accept(session: Session, handoff: HandOff, owner: User, *, by: User | None = None) -> Engagement:
    first = stages(session, handoff.receiver)[0]
    taken = handoff.accept(session, owner, first, by=by or owner, at=AT, seen=handoff.version)
    session.flush()
    return taken


def kinds(session: Session, client_id: int) -> list[str]:
    return list(session.scalars(select(Event.kind).where(Event.client_id == client_id).order_by(Event.id)))


def test_until_acceptance_the_giver_stays_responsible(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    make_offer(session, client, CLIENT)
    assert [(e.department, e.owner) for e in client.open_engagements] == [(SALES, cast.hunter)]


def test_required_gaps_block_the_offer_and_are_named(session: Session, cast: Cast) -> None:
    handoff = HandOff.draft(session, engagement_of(make_client(session, cast.hunter)), CLIENT, by=cast.hunter, at=AT)
    session.add(handoff.fill({"why_bought": "Cheaper", "who_decides": "  "}, by=cast.hunter, at=AT, seen=1))
    session.flush()
    with pytest.raises(Incomplete) as refusal:
        handoff.offer(by=cast.hunter, at=AT, company=cast.company, seen=handoff.version)
    assert "Who decides" in refusal.value.gaps
    assert "Why they bought" not in refusal.value.gaps
    assert handoff.state is HandOffState.DRAFTED


def test_the_answer_is_due_in_working_hours(session: Session, cast: Cast) -> None:
    friday_noon = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT, at=friday_noon)
    assert handoff.due_at == datetime(2026, 3, 9, 8, 0, tzinfo=UTC), (
        "six hours on Friday, two on Monday from 9 in Moscow"
    )


def test_acceptance_moves_owner_tasks_touch_deals_and_promises(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    task, done = make_task(session, client, date(2026, 3, 3)), make_task(session, client, subject="Old")
    session.add(done.finish(by=cast.hunter, at=AT))
    deal, won = make_deal(session, client), make_deal(session, client, name="First")
    session.add(won.win(by=cast.hunter, at=AT, seen=won.version))
    promise, kept = make_promise(session, client), make_promise(session, client, "Old")
    session.add(kept.keep(by=cast.hunter, at=AT))
    taken = accept(session, make_offer(session, client, CLIENT), cast.clerk)

    assert client.open_engagements == [taken]
    assert (taken.department, taken.owner, taken.next_touch_on) == (CLIENT, cast.clerk, date(2026, 3, 3))
    assert (task.engagement, task.owner, deal.engagement, deal.owner) == (taken, cast.clerk, taken, cast.clerk)
    assert promise.owner == cast.clerk
    assert promise.made_by == cast.hunter
    assert {done.owner, won.owner, kept.owner} == {cast.hunter}, "what is over stays with who did it"
    assert client.attracted_by == cast.hunter
    assert [t.subject for t in taken.tasks if t.is_open] == ["Call about the need", acceptance.INTRODUCTION]


def test_an_introduction_that_came_to_nothing_falls_away_with_the_next_owner(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    for giver, owner in ((SALES, cast.clerk), (CLIENT, cast.vip), (VIP, cast.clerk), (CLIENT, cast.hunter)):
        accept(session, make_offer(session, client, owner.department, giver=giver), owner)
    asked = session.scalars(select(Task).where(Task.subject == acceptance.INTRODUCTION).order_by(Task.id)).all()
    assert [(task.owner_id, task.is_open) for task in asked] == [
        (cast.clerk.id, False),
        (cast.vip.id, False),
        (cast.clerk.id, False),
        (cast.hunter.id, True),
    ]


def test_the_giver_is_left_without_next_touch(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    make_task(session, client)
    given = engagement_of(client)
    accept(session, make_offer(session, client, CLIENT), cast.clerk)
    assert (given.is_open, given.next_touch_on) == (False, None)


def test_entering_the_vip_programme_leaves_the_clerk_serving(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    visit = make_task(session, client, TODAY, subject="Visit", kind=TaskKind.MEETING)
    call = make_task(session, client, date(2026, 3, 9), subject="Invoice")
    promise = make_promise(session, client)
    taken = accept(session, make_offer(session, client, VIP), cast.vip)
    served = engagement_of(client, CLIENT)
    assert (served.owner, served.next_touch_on, call.engagement) == (cast.clerk, date(2026, 3, 9), served)
    assert (taken.owner, taken.next_touch_on, visit.engagement) == (cast.vip, TODAY, taken)
    assert promise.owner == cast.vip


@pytest.mark.parametrize(("giver", "receiver"), ROUTES, ids=lambda department: department.value)
def test_every_route_carries_a_client(session: Session, cast: Cast, giver: Department, receiver: Department) -> None:
    of = {SALES: cast.hunter, CLIENT: cast.clerk, VIP: cast.vip}
    client = make_client(session, of[giver])
    taken = accept(session, make_offer(session, client, receiver), of[receiver])
    assert taken.owner == of[receiver]
    left = {receiver, giver} if ROUTES[giver, receiver].giver_stays else {receiver}
    assert {e.department for e in client.open_engagements} == left


def test_a_client_of_two_departments_that_goes_back_to_sales_keeps_the_third(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    vip = make_engagement(session, client, cast.vip)
    theirs = make_promise(session, client, "Box at the theatre", by=cast.vip)
    ours = make_promise(session, client, "Invoice by the fifth", by=cast.clerk)
    orphan = make_promise(session, client, "From before", by=cast.other_clerk)
    taken = accept(session, make_offer(session, client, SALES, giver=CLIENT), cast.hunter)
    assert {e.owner for e in client.open_engagements} == {cast.vip, cast.hunter}
    assert vip.is_open
    assert (theirs.owner, ours.owner, orphan.owner) == (cast.vip, cast.hunter, cast.hunter)
    assert taken.department is SALES


def test_a_client_that_comes_back_joins_the_colleague_who_serves_it(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    make_engagement(session, client, cast.vip)
    handoff = make_offer(session, client, CLIENT, giver=VIP)
    taken = accept(session, handoff, cast.clerk, by=cast.other_clerk)
    assert client.open_engagements == [taken]
    assert taken.owner == cast.clerk


def test_accepting_is_no_way_to_grab_a_colleagues_client(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    make_engagement(session, client, cast.vip)
    handoff = make_offer(session, client, CLIENT, giver=VIP)
    with pytest.raises(Refused, match="only the head gives it to another"):
        accept(session, handoff, cast.other_clerk)


def test_the_head_may_choose_another_and_it_is_told(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    make_engagement(session, client, cast.vip)
    taken = accept(session, make_offer(session, client, CLIENT, giver=VIP), cast.other_clerk, by=cast.head_of_client)
    assert taken.owner == cast.other_clerk
    assert "engagement:reassigned" in kinds(session, client.id)


@pytest.mark.parametrize("part", ["hunter", "director", "former", "head_of_vip"])
def test_only_an_active_colleague_of_the_receiver_takes_over(session: Session, cast: Cast, part: str) -> None:
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    with pytest.raises(Refused, match="does not work in this department"):
        accept(session, handoff, cast.users[part], by=cast.head_of_client)


def test_the_client_enters_the_receivers_lane_and_no_other(session: Session, cast: Cast) -> None:
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    with pytest.raises(Refused, match="another department"):
        handoff.accept(session, cast.clerk, stages(session, VIP)[0], by=cast.clerk, at=AT, seen=handoff.version)


def test_after_a_reassignment_the_new_owner_is_the_giver(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    handoff = make_offer(session, client, CLIENT)
    given = engagement_of(client)
    session.add(given.reassign(cast.other_hunter, by=cast.head_of_sales, at=AT, reason="Leave", seen=given.version))
    session.flush()
    accept(session, handoff, cast.clerk)
    told = session.scalars(select(Event).where(Event.kind == "handoff:accepted")).one()
    assert told.details["from"] == cast.other_hunter.name


def test_a_giver_who_stopped_working_with_the_client_gives_nothing(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    vip = make_engagement(session, client, cast.vip)
    handoff = make_offer(session, client, SALES, giver=VIP)
    session.add(vip.close(by=cast.vip, at=AT, reason="Programme over"))
    session.flush()
    with pytest.raises(Refused, match="withdraw the hand-off"):
        accept(session, handoff, cast.hunter)
    again = HandOff.draft(session, engagement_of(client, CLIENT), SALES, by=cast.clerk, at=AT)
    assert (handoff.state, again.state) == (HandOffState.WITHDRAWN, HandOffState.DRAFTED)


def test_a_client_is_handed_off_once_at_a_time(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    handoff = make_handoff(session, client, CLIENT)
    with pytest.raises(Refused, match="being handed off already"):
        make_handoff(session, client, CLIENT)
    session.add(handoff.withdraw(by=cast.hunter, at=AT, seen=handoff.version))
    session.flush()
    assert make_handoff(session, client, CLIENT).is_pending


@pytest.mark.parametrize(("giver", "receiver"), [(SALES, VIP), (SALES, SALES), (CLIENT, CLIENT)])
def test_there_is_no_way_beside_the_routes(
    session: Session, cast: Cast, giver: Department, receiver: Department
) -> None:
    client = make_client(session, cast.hunter if giver is SALES else cast.clerk)
    with pytest.raises(Refused, match="No route"):
        HandOff.draft(session, engagement_of(client), receiver, by=cast.director, at=AT)


def test_a_return_names_the_gaps_and_can_be_offered_again(session: Session, cast: Cast) -> None:
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    with pytest.raises(Refused, match="Name the gaps"):
        handoff.send_back([], " ", by=cast.clerk, at=AT, seen=handoff.version)
    with pytest.raises(Refused, match="no such line"):
        handoff.send_back(["nonsense"], "", by=cast.clerk, at=AT, seen=handoff.version)
    session.add(handoff.send_back(["who_decides"], "Who signs?", by=cast.clerk, at=AT, seen=handoff.version))
    session.flush()
    assert (handoff.state, handoff.gaps) == (HandOffState.RETURNED, ["who_decides"])
    session.add(handoff.fill({"who_decides": "Anna, CEO"}, by=cast.hunter, at=AT, seen=handoff.version))
    session.flush()
    later = AT + timedelta(days=1)
    session.add(handoff.offer(by=cast.hunter, at=later, company=cast.company, seen=handoff.version))
    assert (handoff.gaps, handoff.returned_because, handoff.offered_at) == ([], "", later)


def test_every_verb_refuses_what_somebody_else_changed(session: Session, cast: Cast) -> None:
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    first, old = stages(session, CLIENT)[0], handoff.version - 1
    for verb in (
        lambda: handoff.withdraw(by=cast.hunter, at=AT, seen=old),
        lambda: handoff.send_back([], "why", by=cast.clerk, at=AT, seen=old),
        lambda: handoff.accept(session, cast.clerk, first, by=cast.clerk, at=AT, seen=old),
        lambda: handoff.fill({}, by=cast.hunter, at=AT, seen=old),
    ):
        with pytest.raises(Stale):
            verb()
    assert handoff.state is HandOffState.OFFERED


def test_a_decided_hand_off_is_decided(session: Session, cast: Cast) -> None:
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    accept(session, handoff, cast.clerk)
    with pytest.raises(Refused, match="decided already"):
        handoff.withdraw(by=cast.hunter, at=AT, seen=handoff.version)
    with pytest.raises(Refused, match="no longer be changed"):
        handoff.fill({"mood": "Good"}, by=cast.hunter, at=AT, seen=handoff.version)


def test_the_introduction_says_who_and_when(session: Session, cast: Cast) -> None:
    handoff = make_offer(session, make_client(session, cast.hunter), CLIENT)
    accept(session, handoff, cast.clerk)
    later = AT + timedelta(days=2)
    session.add(handoff.introduce(by=cast.hunter, at=later, seen=handoff.version))
    session.flush()
    assert (handoff.introduced_by, handoff.introduced_at) == (cast.hunter, later)


def test_the_checklist_says_which_lines_were_written(session: Session, cast: Cast) -> None:
    handoff = HandOff.draft(session, engagement_of(make_client(session, cast.hunter)), CLIENT, by=cast.hunter, at=AT)
    told = handoff.fill({"mood": " warm ", "why_discount": ""}, by=cast.hunter, at=AT, seen=1)
    assert handoff.answers == {"mood": "warm"}
    assert told.details["items"] == ["Mood of the negotiation"]
