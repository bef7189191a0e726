"""A quarter's review: opened, decided, approved; what the approval does, and when a client enters the programme."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, stages, TODAY
from tests.factories import make_client, make_deal, make_engagement, make_handoff, make_task
from tests.vip import enter, line_of, make_tiers, open_review, paying
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.task import Task
from webapp.domain.vip_approval import approve, begin_handoff
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import ReviewState, VipReview
from webapp.domain.vip_rules import VipStep
from webapp.domain.words import Department

SALES, CLIENT, VIP = Department
NEXT_QUARTER = AT + timedelta(days=91)


def decided(session: Session, cast: Cast, review: VipReview, reason: str = "Agreed with Sales") -> VipReview:
    """Every proposal taken, and the list handed to the director."""
    seen = {"by": cast.head_of_vip, "at": AT}
    session.add(review.decide_rest(session, reason, **seen, seen=review.version))
    session.flush()
    session.add(review.submit(session, **seen, seen=review.version))
    session.flush()
    return review


def approved(session: Session, cast: Cast, review: VipReview, at=AT) -> VipReview:
    decided(session, cast, review)
    session.add(approve(session, review, cast.company, by=cast.director, at=at, seen=review.version))
    session.flush()
    session.expire_all()
    return review


def tier_of(session: Session, client: Client) -> str | None:
    place = VipPlace.held(session, client)
    return place and place.tier.name


def accept(session: Session, handoff: HandOff, cast: Cast) -> None:
    answers = {item.key: f"About {item.key}" for item in handoff.route.required}
    by = handoff.engagement.owner
    session.add(handoff.fill(answers, by=by, at=AT, seen=handoff.version))
    session.flush()
    company = session.get_one(Company, 1)
    session.add(handoff.offer(by=by, at=AT, company=company, seen=handoff.version))
    session.flush()
    handoff.accept(session, cast.vip, stages(session, VIP)[0], by=cast.vip, at=AT, seen=handoff.version)
    session.flush()


def test_a_quarter_has_one_review_and_needs_tiers(session: Session, cast: Cast) -> None:
    with pytest.raises(Refused):
        open_review(session, cast)
    session.rollback()


def test_a_second_review_waits_for_the_first(session: Session, cast: Cast) -> None:
    make_tiers(session, cast)
    review = open_review(session, cast)
    for at in (AT, NEXT_QUARTER):
        with pytest.raises(Refused):
            open_review(session, cast, at)
    approved(session, cast, review)
    assert open_review(session, cast, NEXT_QUARTER).quarter.isoformat() == "2026-04-01"


def test_each_line_says_figures_reasons_and_what_is_proposed(session: Session, cast: Cast) -> None:
    gold, _ = make_tiers(session, cast)
    best = paying(session, cast.clerk, 9000, before=100)
    small = [paying(session, cast.clerk, 100) for _ in range(9)]
    key = small[0]
    key.key = True
    review = open_review(session, cast)
    line = line_of(session, review, best)
    assert (line.proposed, line.proposed_tier_id, line.reasons) == (VipStep.ENTER, gold.id, ["class_a", "growth"])
    assert [(one.currency, one.paid_minor, one.before_minor) for one in line.sums] == [("RUB", 900_000, 10_000)]
    assert line_of(session, review, key).reasons == ["strategic"]
    assert len(session.scalars(select(VipPlace)).all()) == 0
    assert review.figures[0]["a_clients"] == 1


def test_whatever_changes_the_list_says_why_and_fits_the_client(session: Session, cast: Cast) -> None:
    gold, silver = make_tiers(session, cast)
    line = line_of(session, review := open_review_of_one(session, cast), session.scalars(select(Client)).one())
    by = {"by": cast.head_of_vip, "at": AT}
    for step, tier, reason, field in (
        (VipStep.ENTER, gold, " ", "reason"),
        (VipStep.ENTER, None, "Size", "tier_id"),
        (VipStep.STAY, None, "", "decision"),
    ):
        with pytest.raises(Refused) as refused:
            line.decide(step, tier, reason, **by, seen=line.version)
        assert refused.value.field == field
    with pytest.raises(Stale):
        line.decide(VipStep.ENTER, gold, "Size", **by, seen=line.version + 1)
    session.add(silver.retire(by=cast.director, at=AT, seen=silver.version))
    with pytest.raises(Refused):
        line.decide(VipStep.ENTER, silver, "Size", **by, seen=line.version)
    with pytest.raises(Refused, match="1 proposals"):
        review.submit(session, **by, seen=review.version)
    session.add(line.decide(VipStep.WAIT, None, "", **by, seen=line.version))
    session.flush()
    session.add(review.submit(session, **by, seen=review.version))
    session.flush()
    with pytest.raises(Refused):
        line.decide(VipStep.ENTER, gold, "Size", **by, seen=line.version)
    session.add(review.give_back("Take it in", by=cast.director, at=AT, seen=review.version))
    session.flush()
    session.add(line.decide(VipStep.ENTER, gold, "Size", **by, seen=line.version))


def open_review_of_one(session: Session, cast: Cast) -> VipReview:
    paying(session, cast.clerk, 1000)
    return open_review(session, cast)


def test_entering_is_a_hand_off_that_leaves_the_clerk_serving(session: Session, cast: Cast) -> None:
    make_tiers(session, cast)
    client = paying(session, cast.clerk, 1000)
    review = approved(session, cast, open_review(session, cast))
    assert (review.state, review.approved_by) == (ReviewState.APPROVED, cast.director)
    handoff = session.scalars(select(HandOff)).one()
    assert (handoff.giver, handoff.receiver, handoff.state) == (CLIENT, VIP, HandOffState.DRAFTED)
    assert handoff.answers["why_vip"] == "Agreed with Sales"
    assert handoff.missing, "the rest of the checklist is the clerk's"
    task = session.scalars(select(Task)).one()
    assert (task.owner, task.engagement.department) == (cast.clerk, CLIENT)
    assert tier_of(session, client) is None, "the client enters when the VIP department accepts"
    accept(session, handoff, cast)
    assert tier_of(session, client) == "Gold"
    assert {each.department for each in client.open_engagements} == {CLIENT, VIP}
    place = VipPlace.held(session, client)
    assert place is not None
    assert place.entered_because == "Agreed with Sales"


def test_whom_vip_works_with_enters_at_once_and_another_tier_holds_at_once(session: Session, cast: Cast) -> None:
    gold, silver = make_tiers(session, cast)
    served, member = paying(session, cast.vip, 500), paying(session, cast.clerk, 499)
    for _ in range(18):
        paying(session, cast.clerk, 10)
    enter(session, member, silver, cast)
    approved(session, cast, open_review(session, cast), at=AT + timedelta(days=3))
    assert (tier_of(session, served), tier_of(session, member)) == ("Gold", "Gold")
    history = session.scalars(select(VipPlace).where(VipPlace.client_id == member.id).order_by(VipPlace.id)).all()
    assert [(place.tier, place.until) for place in history] == [(silver, TODAY + timedelta(days=3)), (gold, None)]
    assert session.scalars(select(HandOff)).all() == []


@pytest.mark.parametrize("something", ["nothing", "deal", "nobody serves"])
def test_leaving_never_leaves_the_client_or_its_work_behind(session: Session, cast: Cast, something: str) -> None:
    gold, _ = make_tiers(session, cast)
    client = make_client(session, cast.vip)
    if something != "nobody serves":
        make_engagement(session, client, cast.clerk)
    if something == "deal":
        make_deal(session, client, department=VIP)
    enter(session, client, gold, cast)
    paying(session, cast.clerk, 1000)
    review = approved(session, cast, open_review(session, cast))
    assert tier_of(session, client) is None
    session.refresh(client)
    line = line_of(session, review, client)
    if something == "nothing":
        assert [each.department for each in client.open_engagements] == [CLIENT]
        assert line.handoff_id is None
        return
    handoff = session.get_one(HandOff, line.handoff_id)
    assert (handoff.giver, handoff.receiver, handoff.answers["why_back"]) == (VIP, CLIENT, "Agreed with Sales")
    assert client.open_engagement(VIP) is not None, "until it is accepted, the VIP owner answers"


def test_another_hand_off_on_its_way_is_waited_for(session: Session, cast: Cast) -> None:
    make_tiers(session, cast)
    client = paying(session, cast.clerk, 1000)
    other = make_handoff(session, client, SALES)
    review = approved(session, cast, open_review(session, cast))
    line = line_of(session, review, client)
    assert line.handoff_id is None
    with pytest.raises(Refused):
        begin_handoff(session, line, by=cast.director, at=AT)
    session.add(other.withdraw(by=cast.clerk, at=AT, seen=other.version))
    session.flush()
    handoff = begin_handoff(session, line, by=cast.director, at=AT)
    accept(session, handoff, cast)
    assert tier_of(session, client) == "Gold"
    with pytest.raises(Refused):
        begin_handoff(session, line, by=cast.director, at=AT)


def test_a_hand_off_under_way_already_carries_the_entry(session: Session, cast: Cast) -> None:
    make_tiers(session, cast)
    client = paying(session, cast.clerk, 1000)
    handoff = make_handoff(session, client, VIP)
    review = approved(session, cast, open_review(session, cast))
    assert line_of(session, review, client).handoff_id == handoff.id
    accept(session, handoff, cast)
    assert tier_of(session, client) == "Gold"


def test_a_hand_off_outside_the_list_enters_no_programme(session: Session, cast: Cast) -> None:
    make_tiers(session, cast)
    client = make_client(session, cast.clerk)
    accept(session, make_handoff(session, client, VIP), cast)
    assert tier_of(session, client) is None


def test_reckoned_anew_keeps_what_was_decided(session: Session, cast: Cast) -> None:
    make_tiers(session, cast)
    first, second = paying(session, cast.clerk, 1000), paying(session, cast.clerk, 10)
    review = open_review(session, cast)
    hand = review.put_on(session, second, by=cast.head_of_vip, at=AT)
    assert (hand.proposed, hand.reasons, hand.best) == (VipStep.WAIT, ["by_hand"], "c")
    with pytest.raises(Refused):
        review.put_on(session, second, by=cast.head_of_vip, at=AT)
    line = line_of(session, review, first)
    session.add(line.decide(VipStep.WAIT, None, "", by=cast.head_of_vip, at=AT, seen=line.version))
    session.flush()
    third = paying(session, cast.clerk, 9000)
    session.add(review.reckon_anew(session, cast.company, by=cast.head_of_vip, at=AT, seen=review.version))
    session.flush()
    assert line_of(session, review, first).decision is VipStep.WAIT
    assert line_of(session, review, third).proposed is VipStep.ENTER
    kinds = session.scalars(select(Event.kind).where(Event.kind.startswith("vipreview:")).order_by(Event.id)).all()
    assert kinds == ["vipreview:opened", "vipreview:added", "vipreview:decided", "vipreview:reckoned"]


def test_an_open_task_of_the_vip_owner_is_passed_on(session: Session, cast: Cast) -> None:
    gold, _ = make_tiers(session, cast)
    client = make_client(session, cast.vip)
    make_engagement(session, client, cast.clerk)
    make_task(session, client, department=VIP)
    enter(session, client, gold, cast)
    paying(session, cast.clerk, 1000)
    review = approved(session, cast, open_review(session, cast))
    assert line_of(session, review, client).handoff_id is not None
