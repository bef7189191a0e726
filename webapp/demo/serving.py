"""A client's life with the Client and the VIP department, as the demo company lives it."""

from collections import Counter
from datetime import timedelta

from webapp.demo.passing import pass_on
from webapp.demo.selling import lose, offer, promise, sell, win
from webapp.demo.visiting import drop, go, plan_next
from webapp.demo.world import Story, Telling, World
from webapp.domain.awareness import Awareness
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.promise import Promise
from webapp.domain.stage import missing
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
        call = story.touch(CLIENT, about, InteractionKind.CALL)
        settle_promises(story)
        story.move(CLIENT, {"routine": 1 if month == 0 else 2, "late": 3, "keep": 4}[about])
        if world.happens(14):
            yield from extend(story, CLIENT, call)
        if month >= 3 and len(story.client.open_engagements) == 1 and story.pending is None:
            if world.happens(5):
                return True
            if world.happens(22):
                yield from pass_on(story, CLIENT, VIP)
                world.tell(visit(story), story)
    return False


def visit(story: Story) -> Telling:
    """The VIP department's programme of visits, with a sale now and then, and its end."""
    world = story.world
    yield world.later(1, 4)
    story.touch(VIP, "welcome", InteractionKind.CALL)
    task, due = plan_next(story, 14)
    for visits in range(100):
        yield max(due, world.now + timedelta(minutes=20))
        if not story.works_with(VIP):
            return  # a review took the client out of the programme
        if task.kind is TaskKind.CALL:
            story.touch(VIP, "routine", InteractionKind.CALL)
            task, due = plan_next(story, 35)
            continue
        task, due = go(story, task)
        if visits < 2:
            story.move(VIP, visits + 1)
        if world.happens(25):
            promise(story, VIP)
        if visits >= 2 and world.happens(50):
            if story.at(VIP).stage.position < 3:
                story.move(VIP, 3)
            yield from extend(story, VIP)
        if visits >= 3 and world.happens(14) and story.pending is None:
            drop(story, task)
            receiver = CLIENT if world.happens(70) else SALES
            yield from pass_on(story, VIP, receiver)
            if receiver is SALES and (yield from sell(story)) and story.pending is None:
                yield from pass_on(story, SALES, CLIENT)
            return


def stand_everywhere(world: World) -> Telling:
    """In the last hour: where nobody stands in a stage, one who may moves there from a fuller one."""
    yield world.worked_ago(1)
    for lane in Department:
        for place in range(len(world.stages[lane])):
            _stand(world, lane, place)


def _stand(world: World, lane: Department, place: int) -> None:
    standing = [story for story in world.stories if story.works_with(lane) and not story.held]
    count = Counter(story.at(lane).stage.position for story in standing)
    if count[place]:
        return
    for story in sorted(standing, key=lambda each: -count[each.at(lane).stage.position]):
        engagement = story.at(lane)
        passed = world.stages[lane][engagement.stage.position : place]
        if count[engagement.stage.position] > 1 and not any(missing(engagement, s, world.today) for s in passed):
            story.move(lane, place)
            return


def extend(story: Story, department: Department, call: Interaction | None = None) -> Telling:
    """A further sale to a client that we serve, who heard of the product in that call."""
    world = story.world
    deal = offer(story, department, world.texts.more)
    product = deal.lines[0].product_id
    if call is not None and product is not None:
        known = Awareness.of(world.session, story.client.id, product, at=world.now)
        told = known.tell(call, by=call.user, at=world.now)
        world.session.add_all([told] if told is not None else [])
    yield story.plan(department, "more", 5, 20, TaskKind.EMAIL)
    if not story.works_with(department):
        return
    story.touch(department, "more", InteractionKind.EMAIL, deal.lines[0].name)
    yield story.plan(department, "more", 7, 30, TaskKind.CALL)
    if not story.works_with(department):
        return
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
