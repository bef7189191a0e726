"""The demo company's world while its two years are told: who, when, and one client's story."""

import heapq
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from webapp.demo.pace import Pace
from webapp.demo.texts import Good, Texts
from webapp.demo.visiting import hold
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.contract import Contract
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.interaction import Began, Interaction, InteractionKind
from webapp.domain.product import Product
from webapp.domain.stage import Stage
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose
from webapp.domain.words import Department

Telling = Generator[datetime, None, Any]
"""A course of events that says when it wants to go on. Its answer is for who waits for its end."""

FIRST_VISITS = {"meeting": Purpose.INTRODUCTION, "agreed": Purpose.PRODUCT}
"""What a hunter's visits are for, by moment of the story."""

LAST = 5
"""The place of Sales' last stage: the client made the first payment."""


@dataclass
class World:
    """Everything the stories share. ``chance`` is seeded, ``until`` is where history ends: nothing asks the clock."""

    session: Session
    texts: Texts
    chance: Random
    until: datetime
    company: Company
    users: dict[str, User]
    stages: dict[Department, list[Stage]]
    products: list[tuple[Good, Product]]
    write_pdf: Callable[[dict[str, object]], bytes]
    stories: list["Story"] = field(default_factory=list)
    pace: Pace = field(init=False)
    now: datetime = field(init=False)
    contracts: list[Contract] = field(default_factory=list)
    habits: Random = field(default_factory=lambda: Random("habits"))  # noqa: S311 - a story, not a secret
    """The chance of payers, apart from that of the other stories."""
    leaving: dict[int, int] = field(default_factory=dict)
    """By client that is about to go, or gone: how many days later than usual it pays."""
    leaflets: dict[int, int] = field(default_factory=dict)
    """By product that has one: the file that goes out with a proposal."""
    lost: int = 0
    _waiting: list[tuple[datetime, int, "Story | None", Telling]] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=count)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.texts.company["timezone"])

    def tell(self, telling: Telling, story: "Story | None" = None) -> None:
        """Let a course of events begin; it takes part in time order with all others."""
        moment = next(telling, None)
        if moment is not None:
            heapq.heappush(self._waiting, (moment, next(self._turn), story, telling))

    def run(self) -> None:
        """Go through time until history ends."""
        while self._waiting:
            moment, _, story, telling = heapq.heappop(self._waiting)
            if moment >= self.until:
                return
            if story is None or not story.held:
                self.now = moment
                self.tell(telling, story)

    def works(self, day: date) -> bool:
        return self.company.hours.works_on(day)

    def on(self, day: date) -> datetime:
        """Some minute of the day, or of the next one that is worked, but never before now."""
        while not self.works(day):
            day += timedelta(days=1)
        minutes = self.chance.randrange(9 * 60 + 5, 17 * 60 + 40)
        moment = datetime.combine(day, time(minutes // 60, minutes % 60), self.zone)
        return moment if moment > self.now else self.now + timedelta(minutes=self.chance.randrange(4, 40))

    def later(self, least: int, most: int) -> datetime:
        """Some working moment between so many days from now."""
        return self.on(self.today + timedelta(days=self.chance.randint(least, most)))

    def worked_ago(self, hours: int) -> datetime:
        """The moment since which so many working hours have passed when history ends."""
        moment = self.until
        while self.company.hours.between(moment, self.until) < timedelta(hours=hours):
            moment -= timedelta(minutes=20)
        return moment

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def happens(self, percent: int) -> bool:
        return self.chance.randrange(100) < percent


@dataclass
class Story:
    """One client's: what its tellers know. ``held`` stops them where they are."""

    world: World
    client: Client
    contacts: list[Contact]
    planned: Task = field(init=False)
    """The last."""
    touches: int = 0
    attacks: int = 0
    """By competitors."""
    held: bool = False
    listed: bool = False
    """In the VIP programme: its visits go on until a review ends them."""
    stops: int | None = None
    """A client found lately hurries to this stage of Sales, and stands there when history ends."""

    def at(self, department: Department) -> Engagement:
        """The department's open work; KeyError where the story went wrong."""
        return {engagement.department: engagement for engagement in self.client.open_engagements}[department]

    def works_with(self, department: Department) -> bool:
        return self.client.open_engagement(department) is not None

    @property
    def decider(self) -> Contact:
        return (self.there or self.contacts)[0]

    @property
    def there(self) -> list[Contact]:
        """Those who have not left."""
        return [contact for contact in self.contacts if contact.left_at is None]

    @property
    def pending(self) -> HandOff | None:
        self.world.pace.write()
        return HandOff.pending(self.world.session, self.client)

    def move(self, department: Department, position: int) -> None:
        """To the stage at that place of the lane, unless the client stands there."""
        world, engagement = self.world, self.at(department)
        stage = world.stages[department][position]
        if engagement.stage is not stage:
            world.session.add(engagement.move_to(stage, by=engagement.owner, at=world.now, seen=engagement.version))
        self.held = self.held or (position == self.stops and position < LAST)

    def plan(
        self, department: Department, about: str, least: int, most: int, kind: TaskKind, purpose: Purpose | None = None
    ) -> datetime:
        """Plan the next touch; the answer is when the owner gets to it, which is not always the day."""
        world, engagement = self.world, self.at(department)
        due = self._soon() if self.stops is not None and not self.held else world.later(least, most)
        day = due.astimezone(world.zone).date()
        subject = world.chance.choice(world.texts.tasks[about])
        by, purpose = engagement.owner, purpose or FIRST_VISITS.get(about)
        self.planned = Task.plan(world.session, engagement, kind, subject, day, by=by, at=world.now, purpose=purpose)
        if self.stops is not None:
            return due
        late = world.chance.choices((0, world.chance.randint(1, 3), world.chance.randint(5, 14)), (80, 13, 7))[0]
        return due if not late else world.on(day + timedelta(days=late))

    def _soon(self) -> datetime:
        """Within the hour on the way to an earlier stage, within days on the whole way."""
        world = self.world
        if self.stops == LAST:
            return world.later(1, 3)
        return world.now + timedelta(minutes=world.chance.randint(30, 60))

    def touch(self, department: Department, about: str, kind: InteractionKind, product: str = "") -> Interaction | None:
        """What was planned happens, is recorded and done. A visit is told of in its own way: then None."""
        world, engagement = self.world, self.at(department)
        owner = engagement.owner
        visits = [task.visit for task in engagement.tasks if task.is_open and task.kind is TaskKind.MEETING]
        if kind is InteractionKind.MEETING and visits and visits[0] is not None:
            self.meet(department, about, visits[0], self._call_soon(engagement))
            return None
        contact, text, reached = self._said(about, product)
        held = Interaction.record(
            world.session,
            self.client,
            kind,
            text,
            by=owner,
            at=world.now,
            contact=contact,
            purpose_reached=reached,
            began=Began.THEY if self.touches % 3 == 2 else Began.WE,
        )
        for task in engagement.tasks:
            if task.is_open and task.due_on <= world.today:
                world.session.add(task.finish(by=owner, at=world.now))
        self.touches += 1
        return held

    def meet(self, department: Department, about: str, visit: Visit, then: Task) -> None:
        """A planned visit is held, and told of."""
        contact, text, reached = self._said(about)
        hold(self, visit, text, contact, reached, then)
        self.touches += 1

    def _call_soon(self, engagement: Engagement) -> Task:
        world, due = self.world, self.world.today + timedelta(days=2)
        subject = world.texts.tasks["need"][0]
        return Task.plan(world.session, engagement, TaskKind.CALL, subject, due, by=engagement.owner, at=world.now)

    def _said(self, about: str, product: str = "") -> tuple[Contact, str, bool | None]:
        """With whom, what came of it, and whether it reached its purpose."""
        world = self.world
        contact = self.decider if world.happens(60) else world.chance.choice(self.there or self.contacts)
        text = world.chance.choice(world.texts.said[about]).format(name=contact.name, product=product)
        return contact, text, None if world.happens(15) else world.happens(85)
