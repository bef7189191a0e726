"""Launches: the audience is frozen, no week holds more contacts than the company allows, and sending is not telling."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import (
    line,
    make_bundle,
    make_client,
    make_contact,
    make_contract,
    make_deal,
    make_engagement,
    make_product,
    make_task,
)
from webapp.domain import launch_audience
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import Happening
from webapp.domain.client import Client
from webapp.domain.eligibility import Eligibility
from webapp.domain.errors import Refused, Stale
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.launch import Launch
from webapp.domain.launch_audience import AudienceRule
from webapp.domain.launch_diary import day_for, Diary, monday, weeks
from webapp.domain.launch_figures import keep_figures, LaunchFigures
from webapp.domain.launch_keeping import keep_after, keep_clients
from webapp.domain.launch_spreading import again, give_call, give_out, give_visit, plan, take_back
from webapp.domain.launch_state import Channel, Heard, LaunchState, Missed, Step, TouchState, TRANSITIONS
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.mailing_link import CALL_BACK, MailingLink
from webapp.domain.product import Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.sales_class import SalesClass
from webapp.domain.task import Task
from webapp.domain.white_space_keeping import begin_ownership
from webapp.domain.words import Department

A_WEEK = timedelta(days=7)
ALL = {Channel.VISIT: (1500_00, 0), Channel.CALL: (100_00, 0), Channel.EMAIL: (1_00, 0), Channel.LEAFLET: (5_00, 0)}


@pytest.fixture
def product(session: Session, cast: Cast) -> Product:
    return make_product(session, cast.director, "Cameras")


def make_launch(session: Session, cast: Cast, product: Product, **fields: object) -> Launch:
    given = {
        "product": product,
        "name": "Tell of the cameras",
        "owner": cast.head_of_vip,
        "starts_on": TODAY,
        "ends_on": TODAY + 8 * A_WEEK,
        "message": "You see every shop.",
        "leaflet": "**See** every shop.",
        "currency": "RUB",
    }
    channels = fields.pop("channels", ALL)
    return Launch.draft(session, channels, by=cast.head_of_vip, at=AT, **given | fields)  # type: ignore[arg-type]


def run(session: Session, cast: Cast, launch: Launch, *, at: datetime = AT) -> None:
    size = launch_audience.freeze(session, launch, AudienceRule(), at=at)
    session.add(launch.freeze(size, by=cast.head_of_vip, at=at, seen=launch.version))
    session.flush()
    session.add(launch.start("https://baton.test", by=cast.head_of_vip, at=at, today=at.date(), seen=launch.version))
    session.flush()


def spread(session: Session, launch: Launch, *, at: datetime = AT) -> None:
    while plan(session, launch, at=at, most=2):
        pass
    again(session, launch, at=at, most=100)
    while give_out(
        session, launch, {Channel.VISIT: give_visit, Channel.CALL: partial(give_call, at=at)}, at=at, most=2
    ):
        pass


def figures(session: Session) -> Sequence[LaunchFigures]:
    return session.scalars(select(LaunchFigures).order_by(LaunchFigures.launch_id)).all()


def touches(session: Session, client: Client) -> dict[Channel, LaunchTouch]:
    found = session.scalars(select(LaunchTouch).where(LaunchTouch.client_id == client.id).order_by(LaunchTouch.id))
    return {touch.channel: touch for touch in found}


@pytest.mark.parametrize("state", LaunchState)
@pytest.mark.parametrize("wanted", LaunchState)
def test_a_launch_follows_its_table(state: LaunchState, wanted: LaunchState) -> None:
    launch = Launch(name="L", state=state, product=Product(name="P"), size=1, ends_on=TODAY, version=1)
    launch.channels = []
    if wanted in TRANSITIONS[state]:
        launch._become(wanted)
        assert launch.state is wanted
    else:
        with pytest.raises(Refused):
            launch._become(wanted)


def test_it_starts_with_a_frozen_audience_only_and_then_nothing_changes(session: Session, cast: Cast, product) -> None:
    launch, client = make_launch(session, cast, product), make_client(session, cast.clerk)
    with pytest.raises(Refused, match="Freeze the audience"):
        launch.start("", by=cast.director, at=AT, today=TODAY, seen=launch.version)
    with pytest.raises(Refused, match="No client fits"):
        launch.freeze(0, by=cast.director, at=AT, seen=launch.version)
    run(session, cast, launch)
    make_client(session, cast.clerk, name="Came later")
    spread(session, launch)
    assert session.scalars(select(LaunchClient.client_id)).all() == [client.id]
    with pytest.raises(Refused, match="has started"):
        launch.change(ALL, by=cast.director, at=AT, seen=launch.version, name="Another")
    with pytest.raises(Refused, match="has started"):
        launch.thaw(by=cast.director, at=AT, seen=launch.version)
    with pytest.raises(Stale):
        launch.pause(by=cast.director, at=AT, seen=launch.version - 1)


def test_the_rule_finds_whom_it_names(session: Session, cast: Cast, product: Product) -> None:
    safety = ProductFamily.add(session, "Safety", by=cast.director, at=AT)
    other = make_product(session, cast.director, "Access", family_id=safety.id)
    _trade, told, owner, lost, unfit, holder = (
        make_client(session, cast.clerk, name=name, sector="Trade") for name in ("a", "b", "c", "d", "e", "f")
    )
    make_client(session, cast.hunter, name="g", sector="Building")
    make_contract(session, owner, product=product)
    make_contract(session, holder, product=other)
    lost.lost_at = AT
    Awareness.of(session, unfit.id, product.id, at=AT).exclude("no shops", by=cast.clerk, at=AT)
    call = Interaction.record(session, told, InteractionKind.CALL, "x", by=cast.clerk, at=AT)
    Awareness.of(session, told.id, product.id, at=AT).tell(call, by=cast.clerk, at=AT)
    session.flush()

    def found(suits: Eligibility = Eligibility(), **rule: object) -> set[str]:  # noqa: B008 - it never changes
        wanted = launch_audience.audience(session, AudienceRule(suits, **rule), product, at=AT)  # type: ignore[arg-type]
        return set(session.scalars(select(Client.name).where(Client.id.in_(wanted))))

    assert found() == {"a", "f", "g"}
    assert found(told_too=True) == {"a", "b", "f", "g"}
    Awareness.of(session, told.id, product.id, at=AT).answer(Happening.REFUSED, at=AT)
    session.flush()
    assert found(told_too=True) == {"a", "f", "g"}, "who refused it is meant by no rule"
    assert found(Eligibility(lanes=frozenset({Department.CLIENT}))) == {"a", "f"}
    assert found(Eligibility(sectors=frozenset({"Building"}))) == {"g"}
    assert found(Eligibility(owns=frozenset({other.id}))) == {"f"}
    assert found(Eligibility(lacks_families=frozenset({safety.id}))) == {"a", "g"}
    assert found(owner_id=cast.hunter.id) == {"g"}
    assert found(classes=(SalesClass.C,)) == {"a", "f", "g"}
    assert found(classes=(SalesClass.A,)) == found(tiers=(1,)) == set()
    assert found(quiet_days=30, told_too=True) == {"a", "f", "g"}
    product.eligibility = Eligibility(sectors=frozenset({"Trade"})).as_json()
    assert found() == {"a", "f"}
    rule = AudienceRule(Eligibility(sectors=frozenset({"Trade"})), (SalesClass.B,), (1, 2), None, 30, True)
    assert AudienceRule.read(rule.told()) == rule


def test_a_vip_client_is_visited_and_everybody_else_is_called(session: Session, cast: Cast, product: Product) -> None:
    key, plain, free = (
        make_client(session, cast.vip),
        make_client(session, cast.clerk),
        make_client(session, cast.hunter),
    )
    make_engagement(session, key, cast.clerk)
    for client in (key, plain):
        make_contact(session, client)
    make_contact(session, free, no_mailings=True)
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    spread(session, launch)
    assert set(touches(session, key)) == {Channel.VISIT, Channel.EMAIL, Channel.LEAFLET}
    assert touches(session, key)[Channel.VISIT].state is TouchState.GIVEN
    call = touches(session, plain)[Channel.CALL]
    assert (call.state, call.task and call.task.owner, call.task and call.task.subject) == (
        TouchState.GIVEN,
        cast.clerk,
        "Tell of the cameras",
    )
    missed = {channel: touch.missed for channel, touch in touches(session, free).items()}
    assert missed == {Channel.CALL: Missed.NOBODY, Channel.EMAIL: Missed.OPTED_OUT, Channel.LEAFLET: None}


def test_who_bought_or_refused_since_it_was_planned_is_told_no_more(session: Session, cast: Cast, product) -> None:
    bought, refused, unfit, told, key = (make_client(session, cast.clerk, name=name) for name in "abcde")
    make_engagement(session, key, cast.vip)
    launch = make_launch(session, cast, product, channels={Channel.CALL: (0, 0), Channel.VISIT: (0, 0)})
    run(session, cast, launch)
    plan(session, launch, at=AT, most=10)
    Awareness.of(session, bought.id, product.id, at=AT).buy(by=cast.clerk, at=AT)
    for client in (refused, key):
        Awareness.of(session, client.id, product.id, at=AT).answer(Happening.REFUSED, at=AT)
    Awareness.of(session, unfit.id, product.id, at=AT).exclude("no shops", by=cast.clerk, at=AT)
    Awareness.of(session, told.id, product.id, at=AT).answer(Happening.INTERESTED, at=AT)
    session.flush()
    spread(session, launch)
    missed = {client.name: touches(session, client)[Channel.CALL].missed for client in (bought, refused, unfit, told)}
    assert missed == {"a": Missed.OWNED, "b": Missed.REFUSED, "c": Missed.NOT_ELIGIBLE, "d": None}
    assert touches(session, key)[Channel.VISIT].missed is Missed.REFUSED
    assert session.scalars(select(Task.client_id)).all() == [told.id]


def test_who_refused_before_the_spreading_came_to_it_is_in_no_plan(session: Session, cast: Cast, product) -> None:
    refused, unfit, bought, free = (make_client(session, cast.clerk, name=name) for name in "abcd")
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    Awareness.of(session, refused.id, product.id, at=AT).answer(Happening.REFUSED, at=AT)
    Awareness.of(session, unfit.id, product.id, at=AT).exclude("no shops", by=cast.clerk, at=AT)
    Awareness.of(session, bought.id, product.id, at=AT).buy(by=cast.clerk, at=AT)
    session.flush()
    spread(session, launch)
    assert touches(session, refused) == touches(session, unfit) == {}
    assert {each.missed for each in touches(session, bought).values()} == {Missed.OWNED}
    assert touches(session, free)[Channel.CALL].state is TouchState.GIVEN
    rows = {row.client_id: (row.step, row.refused) for row in session.scalars(select(LaunchClient))}
    assert (rows[refused.id], rows[unfit.id]) == ((Step.TOLD, True), (Step.NONE, True))
    (kept,) = figures(session)
    assert kept.to_plan == 0
    assert all(missed != Missed.REFUSED for *_, missed, _count in kept.touches)


def test_who_is_readmitted_after_the_spreading_came_to_it_is_planned_after_all(session: Session, cast, product) -> None:
    unfit, told = (make_client(session, cast.clerk, name=name) for name in "ab")
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    known = [Awareness.of(session, client.id, product.id, at=AT) for client in (unfit, told)]
    known[0].exclude("no shops", by=cast.clerk, at=AT)
    session.flush()
    spread(session, launch)
    assert touches(session, unfit) == {}
    known[1].exclude("no shops", by=cast.clerk, at=AT)
    for readmitted in (False, True):
        for each in known if readmitted else ():
            each.readmit(by=cast.clerk, at=AT)
        session.flush()
        keep_after(session, {("awareness:changed", each.client_id): AT for each in known}, at=AT)
        assert figures(session)[0].to_plan == (1 if readmitted else 0), "the other has its contact"
    spread(session, launch)
    assert touches(session, unfit)[Channel.CALL].state is TouchState.GIVEN
    assert figures(session)[0].to_plan == 0


def test_spreading_again_makes_nothing_twice(session: Session, cast: Cast, product: Product) -> None:
    for _ in range(5):
        make_client(session, cast.clerk)
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    spread(session, launch)
    before = (session.scalar(select(func.count(LaunchTouch.id))), session.scalar(select(func.count(Task.id))))
    spread(session, launch)
    assert (session.scalar(select(func.count(LaunchTouch.id))), session.scalar(select(func.count(Task.id)))) == before
    assert before[1] == 5


def test_calls_are_spread_over_the_weeks_a_person_has(session: Session, cast: Cast, product: Product) -> None:
    for _ in range(7):
        make_client(session, cast.clerk)
    launch = make_launch(session, cast, product, channels={Channel.CALL: (0, 3)})
    run(session, cast, launch)
    spread(session, launch)
    weeks_used = session.scalars(select(LaunchTouch.week).order_by(LaunchTouch.week)).all()
    assert weeks_used == [TODAY] * 3 + [TODAY + A_WEEK] * 3 + [TODAY + 2 * A_WEEK]
    assert [task.due_on for task in session.scalars(select(Task).order_by(Task.id))] == [
        TODAY,
        TODAY + timedelta(days=1),
        TODAY + timedelta(days=2),
    ]
    spread(session, launch, at=AT + A_WEEK)
    assert session.scalar(select(func.count(Task.id))) == 6


def test_nothing_is_given_out_before_the_first_day(session: Session, cast: Cast, product: Product) -> None:
    client = make_client(session, cast.clerk)
    launch = make_launch(session, cast, product, starts_on=TODAY + timedelta(days=2))
    run(session, cast, launch)
    spread(session, launch)
    assert touches(session, client)[Channel.CALL].state is TouchState.PLANNED
    spread(session, launch, at=AT + timedelta(days=2))
    assert session.scalars(select(Task.due_on)).all() == [TODAY + timedelta(days=2)]


def test_a_frozen_audience_is_of_one_product(session: Session, cast: Cast, product: Product) -> None:
    launch, other = make_launch(session, cast, product), make_product(session, cast.director)
    make_client(session, cast.clerk)
    size = launch_audience.freeze(session, launch, AudienceRule(), at=AT)
    session.add(launch.freeze(size, by=cast.director, at=AT, seen=launch.version))
    session.flush()
    with pytest.raises(Refused, match="open it again"):
        launch.change(ALL, by=cast.director, at=AT, seen=launch.version, product=other)
    session.add(launch.thaw(by=cast.director, at=AT, seen=launch.version))
    launch_audience.forget(session, launch)
    session.flush()
    launch.change(ALL, by=cast.director, at=AT, seen=launch.version, product=other)
    assert session.scalars(select(LaunchClient)).all() == []


def test_what_a_pause_held_up_finds_another_week(session: Session, cast: Cast, product: Product) -> None:
    client = make_client(session, cast.clerk)
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    plan(session, launch, at=AT, most=10)
    assert touches(session, client)[Channel.CALL].week == TODAY
    later = AT + 3 * A_WEEK
    make_task(session, client, later.date())
    make_task(session, client, later.date())
    again(session, launch, at=later, most=10)
    call = touches(session, client)[Channel.CALL]
    assert (call.week, call.late) == (TODAY + 4 * A_WEEK, True)
    again(session, launch, at=AT + 30 * A_WEEK, most=10)
    assert call.missed is Missed.NO_ROOM


def test_an_end_takes_back_what_is_not_done(session: Session, cast: Cast, product: Product) -> None:
    client = make_client(session, cast.clerk)
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    spread(session, launch)
    session.add(launch.end(by=cast.director, at=AT))
    while take_back(session, launch, at=AT, most=1):
        pass
    call = touches(session, client)[Channel.CALL]
    assert (call.missed, call.task and call.task.outcome) == (Missed.ENDED, "cancelled")


def test_a_client_counts_where_it_was_told_first_and_sending_never_tells(session: Session, cast: Cast, product) -> None:
    called, mailed, untold = (make_client(session, cast.clerk) for _ in range(3))
    for client in (called, mailed, untold):
        make_contact(session, client)
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    plan(session, launch, at=AT, most=10)
    for client in (called, mailed, untold):
        touch = touches(session, client)[Channel.EMAIL]
        touch.give()
        touch.carry_out(at=AT)
        Awareness.of(session, client.id, product.id, at=AT).send(by=None, at=AT)
    keep_clients(session, [called.id, mailed.id, untold.id], at=AT)
    rows = {row.client_id: row for row in session.scalars(select(LaunchClient))}
    assert {(row.step, row.heard) for row in rows.values()} == {(Step.NONE, None)}
    talk = Interaction.record(session, called, InteractionKind.CALL, "Told", by=cast.clerk, at=AT)
    known = Awareness.of(session, called.id, product.id, at=AT)
    known.tell(talk, Happening.INTERESTED, by=cast.clerk, at=AT)
    known.buy(by=cast.clerk, at=AT)
    Awareness.of(session, mailed.id, product.id, at=AT).answer(Happening.REFUSED, at=AT)
    session.flush()
    keep_clients(session, [called.id, mailed.id, untold.id], at=AT)
    assert [(rows[each.id].heard, rows[each.id].step, rows[each.id].refused) for each in (called, mailed, untold)] == [
        (Heard.CALL, Step.BOUGHT, False),
        (Heard.EMAIL, Step.TOLD, True),
        (None, Step.NONE, False),
    ]


def test_whoever_is_told_of_a_product_and_buys_a_bundle_with_it_bought(session: Session, cast: Cast, product) -> None:
    client, office = make_client(session, cast.clerk), make_bundle(session, cast.director, product)
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    talk = Interaction.record(session, client, InteractionKind.CALL, "Told", by=cast.clerk, at=AT)
    Awareness.of(session, client.id, product.id, at=AT).tell(talk, by=cast.clerk, at=AT)
    make_contract(session, client, product=office)
    session.flush()
    keep_clients(session, [client.id], at=AT)
    row = session.scalars(select(LaunchClient)).one()
    assert (row.heard, row.step) == (Heard.CALL, Step.BOUGHT)


def test_only_what_was_bought_since_the_launch_began_is_a_sale_of_it(session: Session, cast: Cast, product) -> None:
    office = make_bundle(session, cast.director, product)
    owners = [make_client(session, cast.clerk, name=name) for name in ("before", "in a bundle", "since", "by a deal")]
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    plan(session, launch, at=AT, most=10)
    before, since = TODAY - timedelta(days=40), TODAY + timedelta(days=4)
    won = make_deal(session, owners[3], line(billing=product.billing))  # before; its contract begins later
    for client, deal, day in zip(owners, (None, None, None, won), (before, before, since, since), strict=True):
        sold = office if client is owners[1] else product
        make_contract(session, client, product=sold, starts_on=day, deal=deal)
    session.add(won.win(by=cast.clerk, at=AT - timedelta(days=2), seen=won.version))
    session.flush()
    session.execute(delete(Awareness))  # nobody noted it, as before anybody could
    night = AT + timedelta(days=5)
    begun = begin_ownership(session, night.date(), at=night, most=99)
    session.flush()
    session.expire_all()
    keep_clients(session, [each.id for each in owners], at=night)
    known = session.scalars(select(Awareness).where(Awareness.product_id == product.id)).all()
    assert (begun, {each.state for each in known}) == (5, {"owned"})
    steps = dict(session.execute(select(LaunchClient.client_id, LaunchClient.step)).all())
    assert {each.name: steps[each.id] for each in owners} == {
        "before": Step.NONE, "in a bundle": Step.NONE, "since": Step.BOUGHT, "by a deal": Step.NONE,
    }  # fmt: skip


def test_who_got_a_proposal_is_counted_though_it_tells_nobody(session: Session, cast: Cast, product) -> None:
    told, untold = (make_client(session, cast.clerk) for _ in range(2))
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    plan(session, launch, at=AT, most=10)
    talk = Interaction.record(session, told, InteractionKind.CALL, "Told", by=cast.clerk, at=AT)
    Awareness.of(session, told.id, product.id, at=AT).tell(talk, by=cast.clerk, at=AT)
    for client in (told, untold):
        Awareness.of(session, client.id, product.id, at=AT).offer(by=cast.clerk, at=AT)
    session.flush()
    keep_clients(session, [told.id, untold.id], at=AT)
    rows = {row.client_id: (row.step, row.offered) for row in session.scalars(select(LaunchClient))}
    assert rows == {told.id: (Step.OFFERED, True), untold.id: (Step.NONE, True)}


def test_after_its_end_offers_and_sales_count_for_the_settled_days(session: Session, cast: Cast, product) -> None:
    called, late, untold, told_later = (make_client(session, cast.clerk) for _ in range(4))
    launch = make_launch(session, cast, product)
    run(session, cast, launch)
    plan(session, launch, at=AT, most=10)
    talk = Interaction.record(session, called, InteractionKind.CALL, "Told", by=cast.clerk, at=AT)
    Awareness.of(session, called.id, product.id, at=AT).tell(talk, by=cast.clerk, at=AT)
    session.flush()
    clients = [called.id, late.id, untold.id, told_later.id]
    keep_clients(session, clients, at=AT)
    cast.company.launch_days = 30
    session.add(launch.end(by=cast.director, at=AT))
    cast.company.launch_days = 60  # settled when it ended
    after = AT + timedelta(days=29)
    Awareness.of(session, called.id, product.id, at=after).buy(by=cast.clerk, at=after)
    Awareness.of(session, untold.id, product.id, at=after).offer(by=cast.clerk, at=after)
    talk = Interaction.record(session, told_later, InteractionKind.CALL, "Told", by=cast.clerk, at=after)
    Awareness.of(session, told_later.id, product.id, at=after).tell(talk, by=cast.clerk, at=after)
    session.flush()
    assert keep_clients(session, clients, at=after) == {launch.id}
    Awareness.of(session, late.id, product.id, at=after).buy(by=cast.clerk, at=after)
    session.flush()
    assert keep_clients(session, clients, at=AT + timedelta(days=30)) == set()
    rows = {row.client_id: row.place for row in session.scalars(select(LaunchClient))}
    assert rows == {
        called.id: (Heard.CALL, Step.BOUGHT, False, True),
        untold.id: (None, Step.NONE, False, True),
        told_later.id: (None, Step.NONE, False, False),
        late.id: (None, Step.NONE, False, False),
    }


def test_only_launches_of_whose_clients_something_changed_are_counted_anew(
    session: Session, cast: Cast, product
) -> None:
    client = make_client(session, cast.clerk)
    launch = make_launch(session, cast, product, channels={Channel.CALL: (0, 0)})
    run(session, cast, launch)
    plan(session, launch, at=AT, most=10)
    (kept,) = figures(session)
    kept.clients = []
    keep_after(session, {("interaction:added", client.id): AT}, at=AT)
    assert kept.clients == []
    Awareness.of(session, client.id, product.id, at=AT).answer(Happening.INTERESTED, at=AT)
    session.flush()
    keep_after(session, {("awareness:changed", client.id): AT}, at=AT)
    assert kept.clients == [[Heard.OTHER, Step.INTERESTED, False, False, 1]]


@pytest.fixture
def link(session: Session, cast: Cast, product: Product) -> MailingLink:
    """In the e-mail that a client got on the first day."""
    client = make_client(session, cast.clerk)
    contact = make_contact(session, client)
    launch = make_launch(session, cast, product, channels={Channel.EMAIL: (0, 0)})
    run(session, cast, launch)
    plan(session, launch, at=AT, most=10)
    cast.company.mailing_days = 30
    token = MailingLink.make(session, touches(session, client)[Channel.EMAIL], contact, at=AT)
    session.flush()
    found = MailingLink.find(session, token)
    assert found is not None
    return found


def test_a_client_may_change_its_mind_twice_and_each_time_within_a_week(session: Session, cast: Cast, link) -> None:
    yes, no, day = Happening.INTERESTED, Happening.REFUSED, timedelta(days=1)
    assert link.choices(AT) == (yes, no)
    link.say(session, yes, at=AT)
    link.say(session, yes, at=AT)  # a second tap
    link.say(session, no, at=AT + 6 * day)
    assert [(task.subject, task.outcome) for task in session.scalars(select(Task))] == [(CALL_BACK, "cancelled")]
    assert link.choices(AT + 13 * day) == ()
    with pytest.raises(Refused, match="please call us"):
        link.say(session, yes, at=AT + 13 * day)
    link.say(session, yes, at=AT + 12 * day)
    assert [task.outcome for task in session.scalars(select(Task).order_by(Task.id))] == ["cancelled", ""]
    with pytest.raises(Refused, match="please call us"):
        link.say(session, no, at=AT + 12 * day)
    assert (link.answer, link.answers) == (yes, 3)


def test_a_links_answers_end_and_its_way_out_does_not(session: Session, cast: Cast, link) -> None:
    cast.company.mailing_days = 90  # settled when it was made
    late = AT + timedelta(days=30)
    assert link.choices(late - timedelta(seconds=1))
    assert link.choices(late) == ()
    with pytest.raises(Refused, match="please call us"):
        link.say(session, Happening.INTERESTED, at=late)
    assert session.scalars(select(Awareness)).all() == []
    link.stop(session, at=late + timedelta(days=9_999))
    assert link.contact.no_mailings


WEEKS = weeks(TODAY, TODAY + 5 * A_WEEK)


@given(
    cap=st.integers(1, 4),
    stand=st.lists(st.tuples(st.integers(1, 3), st.sampled_from(WEEKS)), max_size=20),
    wanted=st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from(Channel), st.integers(7, 8), st.integers(0, 2)), max_size=60
    ),
)
def test_no_week_holds_more_than_the_cap_by_what_launches_plan(cap, stand, wanted) -> None:
    diary = Diary(cap, WEEKS)
    for client, week in stand:
        diary.add(client, week)
    others = dict(diary.contacts)
    planned: dict[tuple[int, date], int] = {}
    work: dict[tuple[int, Channel, date], int] = {}
    for client, channel, person, a_week in wanted:
        week, _ = diary.place(client, channel, person, a_week)
        if week is not None:
            planned[client, week] = planned.get((client, week), 0) + 1
            assert others.get((client, week), 0) + planned[client, week] <= cap
            work[person, channel, week] = work.get((person, channel, week), 0) + 1
            assert not a_week or work[person, channel, week] <= a_week
        elif not a_week:
            assert all(diary.contacts.get((client, each), 0) >= cap for each in WEEKS)


@pytest.mark.parametrize("today", [TODAY + timedelta(days=number) for number in range(7)])
def test_work_is_due_on_a_working_day_of_its_week_that_is_not_over(today: date) -> None:
    days = {day_for(monday(today), today, turn, [1, 2, 3, 4, 5]) for turn in range(10)}
    assert all(day >= today for day in days)
    assert today.isoweekday() > 5 or days == {
        today + timedelta(days=number) for number in range(6 - today.isoweekday())
    }


def test_two_launches_share_the_cap(session: Session, cast: Cast, product: Product) -> None:
    clients = [make_client(session, cast.clerk) for _ in range(3)]
    for client in clients:
        make_contact(session, client)
    make_task(session, clients[0], TODAY)
    for each in (product, make_product(session, cast.director), make_product(session, cast.director)):
        launch = make_launch(session, cast, each)
        run(session, cast, launch)
        spread(session, launch)
    counted = session.execute(
        select(LaunchTouch.client_id, LaunchTouch.week, func.count())
        .where(LaunchTouch.channel != Channel.LEAFLET)
        .group_by(LaunchTouch.client_id, LaunchTouch.week)
    ).all()
    assert all(number <= 2 - (client == clients[0].id and week == TODAY) for client, week, number in counted)
    assert sum(number for *_, number in counted) == 3 * 3 * 2
    kept = {each.launch_id: (each.clients, each.touches, each.to_plan) for each in figures(session)}
    keep_figures(session, kept)
    assert {each.launch_id: (each.clients, each.touches, each.to_plan) for each in figures(session)} == kept
