"""A client is lost: all work with it ends at once, for a reason; and a lost client may come back."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.attacks import make_attack, make_competitor
from tests.cast import AT, Cast, stages, TODAY
from tests.factories import (
    make_client,
    make_contact,
    make_contract,
    make_deal,
    make_engagement,
    make_handoff,
    make_promise,
    make_task,
)
from webapp.domain.attack_state import AttackState
from webapp.domain.client import Client
from webapp.domain.deal import DealStatus
from webapp.domain.engagement import can_own, Engagement
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.handoff_state import HandOffState
from webapp.domain.loss import Loss, LOSS_CAUSES
from webapp.domain.permissions import allows, Permission
from webapp.domain.sales_class import SalesClass
from webapp.domain.successor import seek_successor
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import NormKind, VipTier
from webapp.domain.words import Department

LATER = AT + timedelta(days=40)


def lose(session: Session, client: Client, cast: Cast, cause: str = "price", **fields: object) -> Loss:
    given = {"by": cast.director, "at": AT} | fields
    return Loss.record(session, client, cause, given.pop("lost_on", TODAY), **given)  # type: ignore[arg-type]


def test_all_work_with_the_client_ends_with_it(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    make_engagement(session, client, cast.clerk)
    task = make_task(session, client, department=Department.CLIENT)
    deal, promise = make_deal(session, client, department=Department.SALES), make_promise(session, client)
    rival, other = make_competitor(session, cast.vip, "North"), make_competitor(session, cast.vip, "South")
    won, idle = make_attack(session, client, cast, rival), make_attack(session, client, cast, other)
    tier = VipTier.add(session, "Platinum", NormKind.A_QUARTER, 3, 12, SalesClass.A, by=cast.director, at=AT)
    place = VipPlace.take(session, client, tier, "Large", by=cast.director, at=AT, on=TODAY)
    handoff = make_handoff(session, client, Department.VIP, giver=Department.CLIENT)

    loss = lose(session, client, cast, competitor=rival, note="Half the price")

    assert client.lost_at == AT
    assert client.open_engagements == []
    assert (task.is_open, promise.is_open, handoff.state) == (False, False, HandOffState.WITHDRAWN)
    assert (deal.status, deal.lost_reason, deal.competitor) == (DealStatus.LOST, "price", "North")
    assert (won.state, won.cause, idle.state) == (AttackState.LOST, "price", AttackState.FALSE_ALARM)
    assert place.left_because
    assert (loss.cause, loss.competitor, loss.lost_on) == ("price", rival, TODAY)
    told = session.scalars(select(Event).where(Event.kind == "client:lost")).one()
    assert told.details["name"] == "North"
    assert len(told.stage_ids) == 2


def test_contracts_end_on_the_day_that_is_named_or_run_on(session: Session, cast: Cast) -> None:
    ending, running = (make_client(session, cast.hunter) for _ in "12")
    ends, starts_later = make_contract(session, ending), make_contract(session, ending, starts_on=date(2026, 6, 1))
    runs = make_contract(session, running)
    lose(session, ending, cast, ends_on=date(2026, 3, 31))
    lose(session, running, cast)
    assert (ends.ends_on, starts_later.ends_on, runs.ends_on) == (date(2026, 3, 31), date(2026, 6, 1), None)


@pytest.mark.parametrize("wrong", [{"cause": "mood"}, {"lost_on": TODAY + timedelta(days=1)}])
def test_a_loss_has_a_cause_that_is_known_and_a_day_that_is_past(session: Session, cast: Cast, wrong: dict) -> None:
    client = make_client(session, cast.hunter)
    with pytest.raises(Refused):
        lose(session, client, cast, **wrong)
    assert client.lost_at is None


def test_nobody_begins_anything_with_a_lost_client(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    contact, deal = make_contact(session, client), make_deal(session, client)
    lose(session, client, cast)
    for attempt in (
        lambda: make_engagement(session, client, cast.clerk),
        lambda: make_attack(session, client, cast),
        lambda: deal.reopen(by=cast.director, at=AT, seen=deal.version),
        lambda: lose(session, client, cast),
    ):
        with pytest.raises(Refused, match="lost"):
            attempt()
    assert seek_successor(session, contact, by=cast.director, at=AT, on=TODAY) is None


def test_a_client_comes_back_to_somebody_and_may_be_lost_again(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    loss = lose(session, client, cast)
    first = stages(session, Department.CLIENT)[0]
    with pytest.raises(Refused, match="does not work"):
        loss.win_back(session, cast.former, first, by=cast.director, at=LATER)
    taken = loss.win_back(session, cast.clerk, first, by=cast.director, at=LATER)
    assert (client.lost_at, client.open_engagements) == (None, [taken])
    assert (taken.owner, taken.stage) == (cast.clerk, first)
    with pytest.raises(Refused):
        loss.win_back(session, cast.clerk, first, by=cast.director, at=LATER)
    again = lose(session, client, cast, cause="closed", at=LATER, lost_on=LATER.date())
    assert Loss.current(session, client) is again


def test_owners_and_heads_record_a_loss_and_heads_take_the_client_back(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)

    def may(permission: Permission) -> set[str]:
        return {part for part, actor in cast.actors.items() if allows(actor, permission, client)}

    assert may(Permission.CLIENT_LOSE) == {"hunter", "head_of_sales", "director"}
    lose(session, client, cast)
    assert may(Permission.CLIENT_WIN_BACK) == {"head_of_sales", "head_of_client", "head_of_vip", "director"}


STEPS = st.lists(st.sampled_from(("lose", "back", "mistake", "open", "close", "give")), min_size=3, max_size=12)


@settings(max_examples=25)
@given(steps=STEPS, cause=st.sampled_from(sorted(LOSS_CAUSES)))
def test_whatever_is_tried_a_client_is_lost_or_somebody_answers_for_it(
    session: Session, cast: Cast, steps: list[str], cause: str
) -> None:
    """Rule 1, asked of the database."""
    unheld = (
        select(Client.id)
        .outerjoin(Engagement, (Engagement.client_id == Client.id) & Engagement.closed_at.is_(None))
        .where(Client.lost_at.is_(None) == Engagement.id.is_(None))
    )
    with session.begin_nested() as trial:
        client = make_client(session, cast.hunter)
        for step in steps:
            with suppress(Refused):
                _try(session, cast, client, step, cause)
            session.flush()
            assert session.scalars(unheld).all() == []
            assert all(can_own(each.owner, each.department) for each in client.open_engagements)
            losses = session.scalars(select(Loss).where(Loss.won_back_at.is_(None))).all()
            assert len(losses) == (client.lost_at is not None)
        trial.rollback()


def _try(session: Session, cast: Cast, client: Client, step: str, cause: str) -> None:
    if step == "lose":
        lose(session, client, cast, cause)
    elif step == "open":
        make_engagement(session, client, cast.clerk)
    elif step == "close" and client.open_engagements:
        session.add(client.open_engagements[0].close(by=cast.director, at=AT, reason="Because"))
    elif step == "give" and client.open_engagements:
        make_handoff(session, client, Department.VIP, giver=client.open_engagements[0].department)
    elif (loss := Loss.current(session, client)) is not None:
        entry = stages(session, Department.VIP)[0]
        loss.win_back(session, cast.vip, entry, by=cast.director, at=AT, mistaken=step == "mistake")
