"""Competitors of the demo company, and their attacks: noticed by all departments, visited, ended or still open."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from webapp.demo.world import Story, Telling, World
from webapp.domain.attack import Attack, defending
from webapp.domain.attack_state import LOST_CAUSES, Severity, SignalKind
from webapp.domain.competitor import Competitor
from webapp.domain.contact import Contact
from webapp.domain.rival_thread import RivalThread
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.visit_state import Mood, TRANSITIONS, VisitOutcome, VisitState
from webapp.domain.words import Department

SALES, CLIENT, VIP = Department
DEFENDED, FALSE_ALARM = "defended", "false_alarm"


class Plan(NamedTuple):
    """One attack: days before the end on which it began, whose, what each department noticed, and how bad; days until
    somebody visited (None: nobody did) and how it ended (a cause of LOST_CAUSES; "": it did not yet)."""

    days: int
    rival: int
    noticed: tuple[tuple[Department, SignalKind], ...]
    severity: Severity
    visited: int | None
    ended: str


LOW, MEDIUM, HIGH = Severity
NAMED, SEEN, OFFER, PRICE, TRIAL, LEAVING = list(SignalKind)[:6]

PLANS = (
    Plan(358, 0, ((CLIENT, NAMED),), LOW, 3, DEFENDED),
    Plan(340, 1, ((SALES, SEEN), (CLIENT, PRICE)), MEDIUM, 1, "price"),
    Plan(322, 2, ((VIP, OFFER),), MEDIUM, 1, DEFENDED),
    Plan(305, 0, ((CLIENT, LEAVING),), HIGH, None, "our_mistake"),
    Plan(286, 3, ((SALES, NAMED),), LOW, 3, FALSE_ALARM),
    Plan(264, 1, ((CLIENT, PRICE), (VIP, OFFER)), MEDIUM, 1, DEFENDED),
    Plan(243, 0, ((SALES, TRIAL),), MEDIUM, 5, "product"),
    Plan(225, 2, ((CLIENT, NAMED),), LOW, 3, DEFENDED),
    Plan(205, 1, ((SALES, OFFER),), MEDIUM, 1, DEFENDED),
    Plan(184, 0, ((CLIENT, LEAVING),), HIGH, 1, DEFENDED),
    Plan(170, 3, ((VIP, SEEN),), LOW, 3, FALSE_ALARM),
    Plan(154, 1, ((CLIENT, PRICE), (CLIENT, OFFER)), MEDIUM, 4, "price"),
    Plan(137, 0, ((SALES, TRIAL), (CLIENT, LEAVING)), HIGH, 1, DEFENDED),
    Plan(120, 2, ((CLIENT, OFFER),), MEDIUM, 1, "relations"),
    Plan(103, 1, ((VIP, PRICE),), MEDIUM, 1, DEFENDED),
    Plan(85, 0, ((CLIENT, NAMED),), LOW, 3, DEFENDED),
    Plan(71, 3, ((SALES, OFFER),), MEDIUM, None, "order"),
    Plan(58, 1, ((CLIENT, LEAVING),), HIGH, 1, DEFENDED),
    Plan(44, 0, ((VIP, OFFER), (CLIENT, PRICE)), MEDIUM, 1, DEFENDED),
    Plan(30, 2, ((SALES, SEEN),), LOW, 3, FALSE_ALARM),
    Plan(19, 1, ((CLIENT, TRIAL),), MEDIUM, 1, DEFENDED),
    Plan(9, 0, ((CLIENT, PRICE), (VIP, OFFER)), MEDIUM, 1, ""),
    Plan(6, 1, ((SALES, OFFER),), MEDIUM, None, ""),
    Plan(4, 2, ((CLIENT, LEAVING), (SALES, NAMED)), HIGH, None, ""),
    Plan(2, 0, ((VIP, SEEN),), LOW, None, ""),
    Plan(0, 3, ((CLIENT, OFFER),), MEDIUM, None, ""),
)
UNTOUCHED = 4
"""Nobody took up an attack that began so few days before the end."""

JUST_NOW = 3
"""Working hours before the end at which the last one began."""

TALKS = 3
"""One of so many attacks, and each that is still open, makes known with whom the competitor talks."""

VISITED_FIRST = 0.7
CHANCE = "rivals"


def attacks(world: World) -> list[Telling]:
    """The registry from the first day, and each attack in its time."""
    director = world.users["director"]
    named = zip(world.texts.rivals, world.texts.rival_notes, strict=True)
    rivals = [Competitor.add(world.session, name, note, by=director, at=world.now) for name, note in named]
    chance = Random(CHANCE)  # noqa: S311 - a story, not a secret
    return [_attack(world, plan, rivals[plan.rival], number, chance) for number, plan in enumerate(PLANS)]


def _attack(world: World, plan: Plan, rival: Competitor, number: int, chance: Random) -> Telling:
    yield _days_ago(world, plan.days, chance) if plan.days else world.worked_ago(JUST_NOW)
    story = _victim(world, chance)
    contact = chance.choice(story.there)
    if number % TALKS == 0 or not plan.ended:
        with world.pace.at_once():
            RivalThread.note(world.session, contact, rival, by=_who(story, plan.noticed[0][0]), at=world.now)
    attack = _signal(story, plan, *plan.noticed[0], contact, rival, chance)
    for department, kind in plan.noticed[1:]:
        yield _next(world, 1, chance)
        if attack.is_open:
            _signal(story, plan, department, kind, contact, rival, chance)
    if plan.ended or plan.days > UNTOUCHED:
        yield from _defend(story, attack, plan, chance)


def _defend(story: Story, attack: Attack, plan: Plan, chance: Random) -> Telling:
    """Somebody takes it up and visits the client; it ends as planned, unless the client is lost meanwhile."""
    world = story.world
    yield world.now + timedelta(minutes=chance.randrange(15, 90))
    if not attack.is_open:
        return
    world.session.add(attack.take_up(by=attack.owner, at=world.now, seen=attack.version))
    if plan.visited is not None:
        yield _next(world, plan.visited, chance)
        if attack.is_open:
            _visit(story, attack, plan, chance)
    if plan.ended:
        yield _next(world, chance.randint(3, 12), chance)
        if attack.is_open:
            _end(world, attack, plan.ended, chance)


def _signal(
    story: Story,
    plan: Plan,
    department: Department,
    kind: SignalKind,
    contact: Contact,
    rival: Competitor,
    chance: Random,
) -> Attack:
    world = story.world
    evidence = chance.choice(world.texts.noticed[kind]).format(name=contact.name, rival=rival.name)
    with world.pace.at_once():
        return Attack.signal(
            world.session,
            story.client,
            rival,
            kind,
            evidence,
            plan.severity,
            by=_who(story, department),
            at=world.now,
            company=world.company,
        )


def _visit(story: Story, attack: Attack, plan: Plan, chance: Random) -> None:
    """The owner goes there, and says what came of it and what is next."""
    world, owner, planned = story.world, attack.owner, attack.visit
    visit = planned.visit if planned is not None else None
    if visit is None or VisitState.HELD not in TRANSITIONS[visit.state]:
        return
    lost = plan.ended in LOST_CAUSES
    words = chance.choice(world.texts.visited).format(rival=attack.competitor.name)
    due = (world.now + timedelta(days=chance.randint(9, 20))).date()
    then = Task.plan(
        world.session,
        defending(story.client),
        TaskKind.CALL,
        chance.choice(world.texts.tasks["keep"]),
        due,
        by=owner,
        at=world.now,
    )
    told = visit.hold(
        world.session,
        VisitOutcome.LEAVING if lost else VisitOutcome.SETTLED,
        words,
        by=owner,
        at=world.now,
        company=world.company,
        then=then,
        met=[story.decider],
        reached=not lost,
        mood=Mood.BAD if lost else Mood.EVEN,
        attack_id=attack.id,
    )
    world.session.add(told)


def _end(world: World, attack: Attack, ended: str, chance: Random) -> None:
    texts, said = world.texts, {"by": attack.owner, "at": world.now, "seen": attack.version}
    if ended == DEFENDED:
        told = attack.defend(chance.choice(texts.defended), **said)
    elif ended == FALSE_ALARM:
        told = attack.dismiss(chance.choice(texts.false_alarms), **said)
    else:
        told = attack.lose(ended, chance.choice(texts.gone[ended]), **said)
    world.session.add(told)


def _victim(world: World, chance: Random) -> Story:
    """Mostly a client whom the VIP department visits: it is worth a competitor's while. Nobody is attacked for ever."""
    there = [story for story in world.stories if story.there]
    served = [story for story in there if story.works_with(CLIENT) or story.works_with(VIP)]
    visited = [story for story in served if story.works_with(VIP)]
    wanted = visited if visited and chance.random() < VISITED_FIRST else served
    least = min(story.attacks for story in wanted)
    story = chance.choice([story for story in wanted if story.attacks == least])
    story.attacks += 1
    return story


def _who(story: Story, department: Department) -> User:
    """Who of that department deals with the client, or else somebody who happened to be there."""
    engagement = story.client.open_engagement(department)
    if engagement is not None:
        return engagement.owner
    return story.world.users[{SALES: "hunter", CLIENT: "clerk", VIP: "vip"}[department]]


def _days_ago(world: World, days: int, chance: Random) -> datetime:
    return _minute(world, (world.until - timedelta(days=days)).astimezone(world.zone).date(), chance)


def _next(world: World, days: int, chance: Random) -> datetime:
    return _minute(world, world.today + timedelta(days=days), chance)


def _minute(world: World, day: date, chance: Random) -> datetime:
    """Some minute of that day, or of the next one that is worked."""
    while not world.works(day):
        day += timedelta(days=1)
    return datetime.combine(day, time(10 + chance.randrange(6), chance.randrange(60)), world.zone)
