"""The demo company's visits: planned with a purpose, held or not, and this week's laid out by day."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select

from webapp.domain.contact import Contact
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Mood, NOT_HELD, Purpose, VisitOutcome
from webapp.domain.words import Department

if TYPE_CHECKING:
    from webapp.demo.world import Story, World

VIP = Department.VIP
PURPOSES = (Purpose.REVIEW,) * 6 + (Purpose.PRODUCT,) * 3 + (Purpose.COMPLAINT, Purpose.BIRTHDAY)
ENDED = {
    True: ((VisitOutcome.WARM, Mood.GOOD), (VisitOutcome.AGREED, Mood.GOOD), (VisitOutcome.INTERESTED, Mood.GOOD)),
    False: ((VisitOutcome.WARM, Mood.EVEN), (VisitOutcome.COMPLAINED, Mood.BAD)),
}
"""Outcomes and moods of visits that reached their purpose, and of the others."""

MISSED = 8
"""Of a hundred visits so many are not held."""
LATELY = timedelta(days=75)
"""Since then half of the visits end with a call to agree on the next one: the norm then asks for it by itself."""
A_DAY, DAYS = 2, 5
"""Visits on each of the next working days."""
TIMES = (time(10), time(14, 30))


def plan_next(story: "Story", least: int) -> tuple[Task, datetime]:
    """The next visit to a client of the VIP department, and when its owner gets there."""
    chance = _chance(story)
    purpose = Purpose.INTRODUCTION if least < 35 else chance.choice(PURPOSES)
    due = story.plan(VIP, "visit", least, 75, TaskKind.MEETING, purpose)
    return story.planned, due


def go(story: "Story", task: Task) -> tuple[Task, datetime]:
    """The planned visit is held, or not; the answer is the next touch."""
    world, chance = story.world, _chance(story)
    visit = task.visit
    if visit is None or not visit.is_to_come:
        return plan_next(story, 35)
    if chance.randrange(100) < MISSED:
        due = story.plan(VIP, "visit", 3, 12, TaskKind.MEETING, visit.purpose)
        reason = chance.choice(list(NOT_HELD))
        told = visit.miss(world.session, reason, by=task.owner, at=world.now, then=story.planned)
        world.session.add(told)
        return story.planned, due
    if world.until - world.now < LATELY and chance.random() < 0.5:
        due = story.plan(VIP, "routine", 35, 75, TaskKind.CALL)
        then = story.planned
    else:
        then, due = plan_next(story, 35)
    story.meet(VIP, "visit", visit, then)
    return then, due


def drop(story: "Story", task: Task) -> None:
    """The client leaves the department: nobody goes there any more."""
    if task.is_open:
        story.world.session.add(task.cancel(by=task.owner, at=story.world.now))


def hold(story: "Story", visit: Visit, words: str, contact: Contact, reached: bool | None, then: Task) -> None:
    """What came of a visit that was held by who planned it."""
    world, chance = story.world, _chance(story)
    outcome, mood = chance.choice(ENDED[reached is not False])
    told = visit.hold(
        world.session,
        outcome,
        words,
        by=then.owner,
        at=world.now,
        company=world.company,
        then=then,
        met=[contact],
        reached=reached,
        mood=mood,
        product=chance.choice(world.products)[1] if outcome is VisitOutcome.INTERESTED else None,
    )
    world.session.add(told)


def lay_out_the_week(world: "World") -> Iterator[datetime]:
    """Just before history ends the VIP department spreads its next visits over the next days, and calls ahead."""
    yield world.until - timedelta(minutes=50)
    world.pace.write()
    days = [day for day in (world.today + timedelta(days=count) for count in range(14)) if world.works(day)][:DAYS]
    for user in (world.users["vip"], world.users["second_vip"]):
        _spread(world, user, days)


def _spread(world: "World", user: User, days: list[date]) -> None:
    planned = (
        select(Task)
        .join(Visit, Visit.task_id == Task.id)
        .where(Task.owner_id == user.id, Task.closed_at.is_(None), Task.kind == TaskKind.MEETING)
        .where(Task.due_on > world.today)
        .order_by(Task.due_on, Task.id)
        .limit(A_DAY * len(days))
    )
    for number, task in enumerate(world.session.scalars(planned).all()):
        day, hour = days[number // A_DAY % len(days)], TIMES[number % A_DAY]
        visit = task.visit
        if visit is None:
            continue
        by = {"by": user, "at": world.now}
        world.session.add(task.postpone(day, **by, due_time=hour))
        world.session.add(visit.change(visit.purpose or Purpose.REVIEW, "", task.client.contacts[:1], **by))
        if number % 4 == 0:
            world.session.add(visit.call_ahead(**by))


def _chance(story: "Story") -> Random:
    """Of its own, so that visits take nothing from the chances of everything else."""
    return Random(f"visit {story.client.name} {story.touches} {story.world.today}")  # noqa: S311 - a story
