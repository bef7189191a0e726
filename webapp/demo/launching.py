"""The demo company's launches of new products: one that ended, with many told by visits and few by e-mail, and one
that runs, with calls in the queues and visits in the planner."""

from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import select

from webapp.demo.novelties import NOVELTIES, Novelty
from webapp.demo.world import Telling, World
from webapp.domain import launch_audience
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import Happening
from webapp.domain.contract import Contract
from webapp.domain.eligibility import Eligibility
from webapp.domain.interaction import Began, Interaction, InteractionKind
from webapp.domain.launch import Launch
from webapp.domain.launch_audience import AudienceRule
from webapp.domain.launch_figures import keep_figures
from webapp.domain.launch_keeping import keep_after
from webapp.domain.launch_spreading import again, give_call, give_out, give_visit, plan, take_back
from webapp.domain.launch_state import Channel, TouchState
from webapp.domain.launch_touch import LaunchTouch
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.task import Task, TaskKind
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Mood, Purpose, VisitOutcome
from webapp.domain.words import Department

BEGAN = (110, 16)
"""Days before the end on which each began."""
WEEKS = (9, 3)
ALL_AT_ONCE = 10_000
COSTS = {Channel.VISIT: 40_00, Channel.CALL: 4_00, Channel.EMAIL: 10, Channel.LEAFLET: 60}
"""Minor units for one contact; ten times as much where prices are in roubles."""
A_WEEK = {Channel.VISIT: 2, Channel.CALL: 3}
SPOKEN = {Channel.VISIT: 85, Channel.CALL: 70}
"""Of a hundred visits and calls, in so many the product was spoken of."""
ANSWERS = 6
"""Of a hundred who were mailed so many answer by themselves."""
INTERESTED, OFFERED, BOUGHT = 40, 65, 50
"""Of a hundred told, interested and offered."""


def launches(world: World) -> tuple[Telling, ...]:
    """The ended launch, and the one that runs."""
    return tuple(_launch(world, number, novelty) for number, novelty in enumerate(_novelties(world)))


def _novelties(world: World) -> tuple[Novelty, ...]:
    return NOVELTIES[world.company.language]


def _launch(world: World, number: int, novelty: Novelty) -> Telling:
    yield _morning(world, (world.until - timedelta(days=BEGAN[number])).astimezone(world.zone).date())
    with world.pace.at_once():
        launch = _begin(world, number, novelty)
    for week in range(WEEKS[number]):
        day = world.today if week == 0 else world.today + timedelta(days=7 - world.today.weekday())
        last = number == 1 and week == WEEKS[number] - 1
        yield world.worked_ago(3) if last else _morning(world, day) + timedelta(minutes=30)
        with world.pace.at_once():
            _give(world, launch)
        if last:
            break  # its work is still to be done
        yield _morning(world, day + timedelta(days=3)) + timedelta(hours=5)
        with world.pace.at_once():
            _work(world, launch, novelty)
    if not number:
        yield _morning(world, world.today + timedelta(days=7))
        with world.pace.at_once():
            world.session.add(launch.end(by=launch.owner, at=world.now))
            take_back(world.session, launch, at=world.now, most=ALL_AT_ONCE)


def _begin(world: World, number: int, novelty: Novelty) -> Launch:
    session, at, owner = world.session, world.now, world.users["head_of_vip"]
    family = session.scalars(select(ProductFamily).where(ProductFamily.name == novelty.family)).first()
    currency, scale = world.company.currency, 10 if world.company.currency == "RUB" else 1
    given: dict[str, Any] = {"family_id": family and family.id, "billing": Billing.MONTHLY}
    product = Product.add(session, novelty.product, novelty.price * 100, currency, by=owner, at=at, **given)
    launch = Launch.draft(
        session,
        {channel: (cost * scale, A_WEEK.get(channel, 0)) for channel, cost in COSTS.items()},
        by=owner,
        at=at,
        product=product,
        name=novelty.name,
        owner=owner,
        starts_on=world.today,
        ends_on=world.today + timedelta(days=70),
        message=novelty.message,
        leaflet=novelty.leaflet,
        told_goal=40,
        interested_goal=15,
        sold_goal=6,
        currency=currency,
    )
    rule = AudienceRule(Eligibility(lanes=frozenset({Department.CLIENT, Department.VIP})))
    size = launch_audience.freeze(session, launch, rule, at=at)
    session.add(launch.freeze(size, by=owner, at=at, seen=launch.version))
    launch.look(rule.told())
    session.flush()
    session.add(launch.start("", by=owner, at=at, today=world.today, seen=launch.version))
    session.flush()
    plan(session, launch, at=at, most=ALL_AT_ONCE)
    return launch


def _give(world: World, launch: Launch) -> None:
    """This week's work is given out; e-mails leave at once, leaflets with what was invoiced."""
    session, at = world.session, world.now
    again(session, launch, at=at, most=ALL_AT_ONCE)
    givers = {Channel.VISIT: give_visit, Channel.CALL: partial(give_call, at=at), Channel.EMAIL: _mailed}
    give_out(session, launch, givers, at=at, most=ALL_AT_ONCE)
    for touch in _given(world, launch, Channel.EMAIL, Channel.LEAFLET):
        touch.carry_out(at=at)
        product, chance = [launch.product_id], _chance(launch, touch)
        Awareness.note_all(session, touch.client_id, product, "send", by=None, at=at)
        if touch.channel is Channel.EMAIL and chance.randrange(100) < ANSWERS:
            said = chance.choice((Happening.INTERESTED, Happening.REFUSED))
            Awareness.note_all(session, touch.client_id, product, "answer", said=said, at=at)
    _keep(world, launch)


def _chance(launch: Launch, touch: LaunchTouch) -> Random:
    """What becomes of a contact hangs on the client alone: who else is contacted changes nothing of it."""
    return Random(f"{launch.name} {touch.channel} {touch.client.name}")  # noqa: S311 - a story


def _mailed(session: Any, touch: LaunchTouch, day: date) -> None:
    touch.give()


def _work(world: World, launch: Launch, novelty: Novelty) -> None:
    """The week's calls and visits: in most of them somebody tells of the product."""
    for touch in _given(world, launch, Channel.CALL, Channel.VISIT):
        chance = _chance(launch, touch)
        lanes = {lane.department: lane for lane in touch.client.open_engagements}
        lane = lanes.get(Department.VIP if touch.channel is Channel.VISIT else Department.CLIENT)
        if lane is None or chance.randrange(100) >= SPOKEN[touch.channel]:
            _tick_off(world, touch, chance)
            continue
        words, by = chance.choice(novelty.told), lane.owner
        contact = next((each for each in touch.client.contacts if each.there), None)
        if touch.channel is Channel.VISIT:
            about, day = world.texts.tasks["routine"][0], world.today + timedelta(days=30)
            then = Task.plan(world.session, lane, TaskKind.CALL, about, day, by=by, at=world.now)
            held = Visit.unplanned(world.session, touch.client, Purpose.PRODUCT)
            told = held.hold(
                world.session,
                VisitOutcome.WARM,
                words,
                by=by,
                at=world.now,
                company=world.company,
                then=then,
                met=[contact] if contact else [],
                reached=True,
                mood=Mood.GOOD,
            )
            world.session.add(told)
            talk = held.interaction
        else:
            kind, began = InteractionKind.CALL, Began.WE
            said: dict[str, Any] = {"by": by, "at": world.now, "contact": contact, "purpose_reached": True}
            talk = Interaction.record(world.session, touch.client, kind, words, began=began, **said)
            if touch.task is not None and touch.task.is_open:
                world.session.add(touch.task.finish(by=by, at=world.now))
        if talk is not None:
            _follow(world, launch, touch, talk, chance)
    _keep(world, launch)


def _tick_off(world: World, touch: LaunchTouch, chance: Random) -> None:
    """Somebody called about something else, and the task is done: nobody was told."""
    if touch.task is not None and touch.task.is_open and chance.randrange(100) < 40:
        world.session.add(touch.task.finish(by=touch.task.owner, at=world.now))


def _follow(world: World, launch: Launch, touch: LaunchTouch, talk: Interaction, chance: Random) -> None:
    """How the client took it, and whether it was offered and bought."""
    likes = chance.randrange(100) < INTERESTED
    said = Happening.INTERESTED if likes else chance.choice((Happening.TOLD, Happening.TOLD, Happening.REFUSED))
    note = partial(Awareness.note_all, world.session, touch.client_id, [launch.product_id], at=world.now, by=talk.user)
    note("tell", interaction=talk, said=said)
    if not likes or chance.randrange(100) >= OFFERED:
        return
    note("offer")
    if chance.randrange(100) >= BOUGHT:
        return
    contract = Contract.conclude(
        world.session,
        touch.client,
        launch.product.name,
        Billing.MONTHLY,
        launch.product.price_minor,
        launch.product.currency,
        (world.today.replace(day=1) + timedelta(days=32)).replace(day=1),
        by=talk.user,
        at=world.now,
        product_id=launch.product_id,
        tax=world.texts.tax,
    )
    world.contracts.append(contract)


def _given(world: World, launch: Launch, *channels: Channel) -> list[LaunchTouch]:
    found = select(LaunchTouch).where(LaunchTouch.launch_id == launch.id, LaunchTouch.channel.in_(channels))
    return list(world.session.scalars(found.where(LaunchTouch.state == TouchState.GIVEN).order_by(LaunchTouch.id)))


def _keep(world: World, launch: Launch) -> None:
    """What the application keeps with every change is kept here once a week."""
    clients = select(LaunchTouch.client_id).where(LaunchTouch.launch_id == launch.id).distinct()
    told = dict.fromkeys((("task:done", client) for client in world.session.scalars(clients)), world.now)
    keep_after(world.session, told, at=world.now)
    keep_figures(world.session, [launch.id])


def _morning(world: World, day: date) -> datetime:
    while not world.works(day):
        day += timedelta(days=1)
    return datetime.combine(day, time(9, 40), world.zone)
