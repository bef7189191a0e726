"""Hand-offs of the demo company: in every state, some returned, some past their time."""

from datetime import datetime, timedelta

from webapp.demo.world import Story, Telling, World
from webapp.domain.handoff import HandOff
from webapp.domain.stage import first_stage
from webapp.domain.user import User
from webapp.domain.words import Department

SALES, CLIENT, VIP = Department

TEAMS: dict[Department, tuple[str, ...]] = {
    SALES: ("hunter", "second_hunter", "third_hunter"),
    CLIENT: ("clerk", "clerk", "second_clerk", "second_clerk", "third_clerk"),
    VIP: ("vip", "second_vip"),
}
"""Who takes clients over, by part in the story; the third clerk is new and takes fewer."""


def pass_on(story: Story, giver: Department, receiver: Department) -> Telling:
    """Draft, offer, perhaps returned once, accepted, introduced."""
    world = story.world
    handoff = draft(story, giver, receiver)
    yield world.later(0, 2)
    fill(story, handoff, everything=True)
    give(world, handoff)
    if world.happens(17):
        yield world.later(0, 1)
        send_back(world, handoff)
        yield world.later(1, 2)
        fill(story, handoff, everything=True)
        give(world, handoff)
    yield world.later(0, 1) if world.happens(85) else world.later(2, 5)
    take(world, handoff)
    yield world.later(1, 5)
    if world.happens(90):
        introduce(world, handoff)


def draft(story: Story, giver: Department, receiver: Department) -> HandOff:
    engagement = story.at(giver)
    story.world.pace.write()
    return HandOff.draft(story.world.session, engagement, receiver, by=engagement.owner, at=story.world.now)


def fill(story: Story, handoff: HandOff, *, everything: bool) -> None:
    """Write the checklist down: all of it, or only half of the required lines."""
    world, route = story.world, handoff.route
    items = route.checklist if everything else route.required[: len(route.required) // 2]
    open_promises = "; ".join(promise.text for promise in story.client.promises if promise.is_open)
    none = world.texts.answers["open_problems"][0]
    decider = f"{story.decider.name}, {story.decider.position}"
    answers = {
        item.key: world.chance.choice(world.texts.answers[item.key]).format(
            decider=decider, promises=open_promises or none
        )
        for item in items
        if item.required or world.happens(60)
    }
    by = handoff.engagement.owner
    world.session.add(handoff.fill(answers, by=by, at=world.now, seen=handoff.version))


def give(world: World, handoff: HandOff) -> None:
    by = handoff.engagement.owner
    world.session.add(handoff.offer(by=by, at=world.now, company=world.company, seen=handoff.version))


def send_back(world: World, handoff: HandOff) -> None:
    gap = world.chance.choice(("who_decides", "promises"))
    because = world.chance.choice(world.texts.returned)
    by = _taker(world, handoff.receiver)
    world.session.add(handoff.send_back([gap], because, by=by, at=world.now, seen=handoff.version))


def take(world: World, handoff: HandOff) -> None:
    """A colleague who serves the client already keeps it; else somebody takes it."""
    serving = handoff.client.open_engagement(handoff.receiver)
    owner = serving.owner if serving is not None else _taker(world, handoff.receiver)
    world.pace.write()
    entry = first_stage(world.session, handoff.receiver)
    handoff.accept(world.session, owner, entry, by=owner, at=world.now, seen=handoff.version)


def introduce(world: World, handoff: HandOff) -> None:
    giver = handoff.engagement.owner
    by = giver if giver.active else handoff.owner or giver
    world.session.add(handoff.introduce(by=by, at=world.now, seen=handoff.version))


LAST_WEEK: tuple[tuple[Department, Department, str, int], ...] = (
    (SALES, CLIENT, "offered", 30),
    (CLIENT, VIP, "offered", 28),
    (SALES, CLIENT, "withdrawn", 26),
    (CLIENT, VIP, "accepted", 25),
    (SALES, CLIENT, "accepted", 24),
    (SALES, CLIENT, "offered", 20),
    (SALES, CLIENT, "returned", 18),
    (CLIENT, VIP, "returned", 15),
    (CLIENT, SALES, "drafted", 12),
    (SALES, CLIENT, "returned", 11),
    (SALES, CLIENT, "drafted", 9),
    (CLIENT, VIP, "offered", 7),
    (CLIENT, VIP, "drafted", 7),
    (VIP, CLIENT, "offered", 6),
    (SALES, CLIENT, "offered", 5),
    (CLIENT, SALES, "offered", 4),
    (SALES, CLIENT, "drafted", 3),
    (VIP, SALES, "drafted", 3),
    (SALES, CLIENT, "offered", 2),
)
"""What is under way when history ends: giver, receiver, the state it is in, and how many working hours ago it began."""


def last_week(world: World) -> None:
    """Let each of them begin in its time with a client that is free then."""
    for giver, receiver, state, hours in LAST_WEEK:
        world.tell(_one(world, giver, receiver, state, world.worked_ago(hours)))


def _one(world: World, giver: Department, receiver: Department, state: str, moment: datetime) -> Telling:
    yield moment
    story = _free(world, giver, receiver)
    story.held = True
    handoff = draft(story, giver, receiver)
    fill(story, handoff, everything=state != "drafted")
    if state == "drafted":
        return
    give(world, handoff)
    if state == "offered":
        return
    yield moment + timedelta(minutes=world.chance.randrange(40, 90))
    if state == "returned":
        send_back(world, handoff)
    elif state == "accepted":
        take(world, handoff)
    else:
        by = handoff.engagement.owner
        world.session.add(handoff.withdraw(by=by, at=world.now, seen=handoff.version))


def _free(world: World, giver: Department, receiver: Department) -> Story:
    """A client with the giver that nobody is handing off; in Sales the furthest."""
    free = [
        story
        for story in world.stories
        if story.works_with(giver) and not story.works_with(receiver) and not story.held and story.pending is None
    ]
    if receiver is CLIENT and giver is VIP:
        free = [story for story in world.stories if story.works_with(VIP) and not story.held and story.pending is None]
    free = [story for story in free if not (giver is VIP and story.listed)] or free
    furthest = max(story.at(giver).stage.position for story in free) if giver is SALES else 0
    return world.chance.choice([story for story in free if story.at(giver).stage.position >= furthest])


def _taker(world: World, department: Department) -> User:
    return world.users[world.chance.choice(TEAMS[department])]
