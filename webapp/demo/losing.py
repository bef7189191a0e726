"""How the demo company loses clients: forgotten ones, ones a rival won, ones that stop paying, ones that close.

Most announce themselves for weeks, some do not: as it is.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import select

from webapp.demo.collecting import NEVER
from webapp.demo.serving import serve
from webapp.demo.world import Story, Telling, World
from webapp.domain.attack import Attack
from webapp.domain.attack_state import AttackState
from webapp.domain.calendar import last_day
from webapp.domain.competitor import Competitor
from webapp.domain.loss import Loss
from webapp.domain.stage import first_stage
from webapp.domain.successor import seek_successor
from webapp.domain.task import Task, TaskKind
from webapp.domain.words import Department

CLIENT, VIP = Department.CLIENT, Department.VIP

FIRST = 560
"""Days before the end on which the first of them begins to go."""

LATELY = 15
"""Days before the end since when nobody new begins to go: the last days belong to the other stories."""

KNOWN_FOR = 120
"""Days for which a client is served before it goes: earlier it was never really won."""

VISITED = 3
"""Of a hundred that go, so many are in the VIP department's care."""

WITH_THE_ATTACK, IF_VISITED = 80, 15
"""Of a hundred lost attacks, so many cost the whole client; fewer where the VIP department visits it."""

BACK_EVERY = 5
"""Of so many lost clients one comes back."""


def lose_some(world: World) -> Telling:
    """Every two or three weeks somebody begins to go."""
    fate = Random("losses")  # noqa: S311 - a story, not a secret
    yield world.until - timedelta(days=FIRST)
    while world.now < world.until - timedelta(days=LATELY):
        story = _somebody(world, fate)
        if story is not None:
            way = fate.choices(list(WAYS), list(WAYS.values()))[0]
            world.leaving.setdefault(story.client.id, 0)
            world.tell(way(world, story, fate))
        yield _in(world, fate, 12, 24)


def lose_to_rivals(world: World) -> Telling:
    """Some days after an attack is lost, most of its clients are."""
    fate = Random("rivals' gains")  # noqa: S311 - a story, not a secret
    known: set[int] = set()
    yield world.until - timedelta(days=FIRST)
    while True:
        world.pace.write()
        for attack in world.session.scalars(select(Attack).where(Attack.state == AttackState.LOST)).all():
            story = next(each for each in world.stories if each.client is attack.client)
            all_of_it = IF_VISITED if story.works_with(VIP) else WITH_THE_ATTACK
            if attack.id not in known and fate.randrange(100) < all_of_it:
                world.tell(lose(world, story, fate, attack.cause, attack.competitor))
            known.add(attack.id)
        yield _in(world, fate, 3, 9)


def forget(world: World, story: Story, fate: Random) -> Telling:
    """Nobody gets to its tasks any more; months later a rival came, or it needs us no more."""
    story.held = True
    world.leaving[story.client.id] = fate.randint(8, 25)
    yield _in(world, fate, 85, 150)
    cause = fate.choice(("price", "relations", "relations", "no_need"))
    world.pace.write()
    rivals = world.session.scalars(select(Competitor).order_by(Competitor.id)).all()
    yield from lose(world, story, fate, cause, fate.choice(rivals) if cause != "no_need" else None)


def stop_paying(world: World, story: Story, fate: Random) -> Telling:
    """Its invoices stay owed; after some months the company lets it go."""
    world.leaving[story.client.id] = NEVER
    yield _in(world, fate, 110, 160)
    yield from lose(world, story, fate, "unpaid")


def go_at_once(world: World, story: Story, fate: Random) -> Telling:
    """Decided elsewhere; of some the one who decided left weeks before."""
    if fate.random() < 0.5 and len(story.there) > 1:
        by = story.client.open_engagements[-1].owner
        gone = story.decider
        world.session.add(gone.leave(by=by, at=world.now))
        seek_successor(world.session, gone, by=by, at=world.now, on=world.today)
        yield _in(world, fate, 25, 70)
    yield from lose(world, story, fate, fate.choice(("order", "closed", "closed", "our_mistake")))


WAYS: dict[Callable[[World, Story, Random], Telling], int] = {forget: 55, stop_paying: 20, go_at_once: 25}
"""How clients go, and of a hundred how many."""


def lose(world: World, story: Story, fate: Random, cause: str, rival: Competitor | None = None) -> Telling:
    """The client is lost, and perhaps back some months later."""
    client = story.client
    if client.lost_at is not None or story.pending is not None:
        return
    story.held = True
    since: date = world.today - timedelta(days=fate.randint(0, 6))
    by = client.open_engagements[-1].owner
    with world.pace.at_once():
        Loss.record(
            world.session,
            client,
            cause,
            since,
            by=by,
            at=world.now,
            competitor=rival,
            note=fate.choice({**world.texts.gone, **world.texts.lost}[cause]),
            ends_on=last_day(world.today),
        )
    world.lost += 1
    if world.lost % BACK_EVERY == 2 and cause not in {"closed", "unpaid"}:
        yield _in(world, fate, 60, 120)
        _win_back(world, story)


def _win_back(world: World, story: Story) -> None:
    """A head of the Client department calls, and it is served again."""
    with world.pace.at_once():
        loss = Loss.current(world.session, story.client)
        if loss is None:
            return
        owner, head = world.users["second_clerk"], world.users["head_of_client"]
        taken = loss.win_back(world.session, owner, first_stage(world.session, CLIENT), by=head, at=world.now)
        subject = world.chance.choice(world.texts.tasks["routine"])
        due = world.today + timedelta(days=2)
        Task.plan(world.session, taken, TaskKind.CALL, subject, due, by=head, at=world.now)
    story.held = False
    world.leaving.pop(story.client.id, None)
    world.tell(serve(story), story)


def _somebody(world: World, fate: Random) -> Story | None:
    """A client that is served long enough, and of whom nothing else is being told; seldom one that is visited."""
    visited = fate.randrange(100) < VISITED
    since = world.now - timedelta(days=KNOWN_FOR)
    fit = [
        story
        for story in world.stories
        if not story.held
        and story.stops is None
        and story.client.id not in world.leaving
        and story.works_with(VIP if visited else CLIENT)
        and (visited or not story.works_with(VIP))
        and min(e.opened_at for e in story.client.open_engagements if e.department in (CLIENT, VIP)) < since
    ]
    return fate.choice(fit) if fit else None


def _in(world: World, fate: Random, least: int, most: int) -> datetime:
    return world.on(world.today + timedelta(days=fate.randint(least, most)))
