"""The demo company's VIP programme: its tiers, two quarters that were approved, and one that is being decided."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from webapp.demo.passing import fill, give, introduce, take
from webapp.demo.serving import visit
from webapp.demo.world import Story, Telling, World
from webapp.domain.calendar import months_on, quarter_of
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import PENDING
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_approval import approve
from webapp.domain.vip_line import VipLine
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import VipReview
from webapp.domain.vip_rules import CHANGES, VipStep
from webapp.domain.vip_tier import NormKind, VipTier
from webapp.domain.words import Department

TIERS: tuple[tuple[NormKind, int, int, SalesClass], ...] = (
    (NormKind.A_QUARTER, 3, 12, SalesClass.A),
    (NormKind.DAYS_BETWEEN, 60, 25, SalesClass.B),
)
"""Norm, clients an owner, and the class of sales that each tier suits: this company's choice, no standard."""

AFTER = 9
"""Days after a quarter began on which its list is reviewed."""

HANDED_OFF = 3
"""So many of those whom the VIP department does not know yet enter with each list; the others wait."""

SERVED = 12
"""So many of those with whom it works already enter with each list."""


def set_tiers(world: World) -> list[VipTier]:
    """The tiers, the highest first."""
    by = {"by": world.users["director"], "at": world.now}
    named = zip(world.texts.tiers, TIERS, strict=True)
    return [
        VipTier.add(world.session, name, kind, size, capacity, suits, **by)
        for name, (kind, size, capacity, suits) in named
    ]


def review_quarters(world: World, tiers: list[VipTier]) -> Telling:
    """Two quarters before this one are reviewed and approved; this one waits for the heads."""
    running = quarter_of(world.until.astimezone(world.zone).date())
    for back in (-6, -3, 0):
        yield _morning(world, months_on(running, back))
        if quarter_of(world.today) != months_on(running, back):
            return
        with world.pace.at_once():
            review = VipReview.begin(world.session, world.company, by=world.users["head_of_vip"], at=world.now)
            if back:
                _decide(world, review, tiers)
        if back:
            yield world.now + timedelta(days=1)
            with world.pace.at_once():
                _approve(world, review)


def _morning(world: World, quarter: date) -> datetime:
    """Some days into the quarter; where it has just begun, a moment ago."""
    day = datetime.combine(quarter + timedelta(days=AFTER), time(9, 40), world.zone)
    return max(world.now, min(day, world.until - timedelta(minutes=5)))


def _decide(world: World, review: VipReview, tiers: list[VipTier]) -> None:
    """Who is visited already comes first; of the others only as many as the department can take up."""
    session, head = world.session, world.users["head_of_vip"]
    free, served = HANDED_OFF, SERVED
    stories = {story.client.id: story for story in world.stories}
    for line in session.scalars(select(VipLine).where(VipLine.review_id == review.id).order_by(VipLine.id)).all():
        story = stories[line.client_id]
        step, tier, reason = line.proposed, session.get(VipTier, line.proposed_tier_id or 0), world.texts.agreed
        if line.was_tier_id is None:
            works = story.works_with(Department.VIP)
            takes = served if works else free * (line.best == "a" and _can_come(story))
            step = VipStep.ENTER if takes else VipStep.WAIT
            tier = tier or tiers[-1]
            reason = world.texts.agreed if takes else world.texts.later if line.proposed in CHANGES else ""
            served, free = served - (works and takes > 0), free - (not works and takes > 0)
        said = {"by": head, "at": world.now, "seen": line.version}
        session.add(line.decide(step, tier if step in (VipStep.ENTER, VipStep.MOVE) else None, reason, **said))
    session.flush()
    session.add(review.submit(session, by=head, at=world.now, seen=review.version))


def _can_come(story: Story) -> bool:
    return story.works_with(Department.CLIENT) and not story.held and story.pending is None


def _approve(world: World, review: VipReview) -> None:
    """The director agrees; clients in the programme keep being visited, and the new ones are handed off."""
    session, director = world.session, world.users["director"]
    world.pace.write()
    told = set(session.scalars(select(HandOff.id).where(HandOff.state.in_(PENDING))))  # by the clients' own stories
    session.add(approve(session, review, world.company, by=director, at=world.now, seen=review.version))
    session.flush()
    listed = set(session.scalars(select(VipPlace.client_id).where(VipPlace.until.is_(None))))
    begun = select(VipLine.client_id, VipLine.decision, VipLine.handoff_id).where(VipLine.review_id == review.id)
    handed = {row.client_id: row for row in session.execute(begun.where(VipLine.handoff_id.is_not(None)))}
    for story in world.stories:
        row = handed.get(story.client.id)
        story.listed = story.client.id in listed or (row is not None and row.decision is VipStep.ENTER)
        if row is not None and row.handoff_id not in told:
            world.tell(_hand_off(story, session.get_one(HandOff, row.handoff_id), visits=story.listed), story)


def _hand_off(story: Story, handoff: HandOff, *, visits: bool) -> Telling:
    """The giver completes the checklist, the other department accepts; the VIP department then visits."""
    world = story.world
    yield world.later(1, 3)
    fill(story, handoff, everything=True)
    give(world, handoff)
    yield world.later(0, 2)
    with world.pace.at_once():
        take(world, handoff)
    yield world.later(1, 4)
    introduce(world, handoff)
    if visits:
        world.tell(visit(story), story)
