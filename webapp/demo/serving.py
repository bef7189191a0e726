"""A client's life with the Client and the VIP department, as the demo company lives it."""

from webapp.demo.passing import pass_on
from webapp.demo.selling import lose, offer, promise, sell, win
from webapp.demo.world import Story, Telling
from webapp.domain.interaction import InteractionKind
from webapp.domain.promise import Promise
from webapp.domain.task import TaskKind
from webapp.domain.words import Department

SALES, CLIENT, VIP = Department


def live(story: Story) -> Telling:
    """The whole way: won by Sales, handed to the Client department, served for good."""
    won = yield from sell(story)
    if story.stops is not None:  # bought just now, and wants more: ready to be handed off
        story.stops = None
        offer(story, SALES, story.world.texts.more)
        story.plan(SALES, "more", 5, 16, TaskKind.CALL)
        return
    while won:
        yield story.world.later(1, 8)
        yield from pass_on(story, SALES, CLIENT)
        goes_back = yield from serve(story)
        if not goes_back:
            return
        yield from pass_on(story, CLIENT, SALES)
        won = yield from sell(story)


def serve(story: Story) -> Telling:
    """Month after month. The answer is whether the client goes back to Sales."""
    world = story.world
    yield world.later(1, 3)
    story.touch(CLIENT, "welcome", InteractionKind.CALL)
    story.move(CLIENT, 1)
    for month in range(100):
        if world.happens(1):
            return False  # nobody planned anything: a blind spot
        about = "routine" if month == 0 else world.chance.choices(("routine", "late", "keep"), (76, 16, 8))[0]
        yield story.plan(CLIENT, about, 35, 75, TaskKind.CALL)
        story.touch(CLIENT, about, InteractionKind.CALL)
        settle_promises(story)
        story.move(CLIENT, {"routine": 1 if month == 0 else 2, "late": 3, "keep": 4}[about])
        if world.happens(14):
            yield from extend(story, CLIENT)
        if month >= 3 and len(story.client.open_engagements) == 1 and story.pending is None:
            if world.happens(5):
                return True
            if world.happens(16):
                yield from pass_on(story, CLIENT, VIP)
                world.tell(visit(story), story)
    return False


def visit(story: Story) -> Telling:
    """The VIP department's programme of visits, with a sale now and then, and its end."""
    world = story.world
    yield world.later(1, 4)
    story.touch(VIP, "welcome", InteractionKind.CALL)
    for visits in range(100):
        yield story.plan(VIP, "visit", 14 if visits == 0 else 35, 75, TaskKind.MEETING)
        story.touch(VIP, "visit", InteractionKind.MEETING)
        if visits < 2:
            story.move(VIP, visits + 1)
        if world.happens(25):
            promise(story, VIP)
        if visits >= 2 and world.happens(50):
            if story.at(VIP).stage.position < 3:
                story.move(VIP, 3)
            yield from extend(story, VIP)
        if visits >= 3 and world.happens(14) and story.pending is None:
            receiver = CLIENT if world.happens(70) else SALES
            yield from pass_on(story, VIP, receiver)
            if receiver is SALES and (yield from sell(story)) and story.pending is None:
                yield from pass_on(story, SALES, CLIENT)
            return


def extend(story: Story, department: Department) -> Telling:
    """A further sale to a client that we serve."""
    world = story.world
    deal = offer(story, department, world.texts.more)
    yield story.plan(department, "more", 5, 20, TaskKind.EMAIL)
    story.touch(department, "more", InteractionKind.EMAIL, deal.lines[0].name)
    yield story.plan(department, "more", 7, 30, TaskKind.CALL)
    if world.happens(62):
        story.touch(department, "agreed", InteractionKind.CALL)
        if department is VIP:
            story.move(VIP, 4)
        win(story, deal)
    else:
        lose(story, department, deal)


def settle_promises(story: Story) -> None:
    """Most promises are kept about when they were due, few are broken, some are forgotten."""
    world = story.world
    due: list[Promise] = [each for each in story.client.promises if each.overdue(world.today)]
    for each in due:
        if world.happens(70):
            world.session.add(each.keep(by=each.owner, at=world.now))
        elif world.happens(20):
            reason = world.chance.choice(world.texts.broken)
            world.session.add(each.break_off(by=each.owner, at=world.now, reason=reason))
