"""The demo company's health: half a year of it, reckoned from what was known on each day, and the work it asks for."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.demo.collecting import NEVER
from webapp.demo.world import Story, Telling, World
from webapp.domain.contact import DecisionRole
from webapp.domain.health_keeping import everybody, keep
from webapp.domain.health_terms import SHIPPED
from webapp.domain.health_work import plan_work
from webapp.domain.invoice import Invoice
from webapp.domain.promise import Promise
from webapp.domain.successor import seek_successor
from webapp.domain.user import User
from webapp.domain.words import Department

STEP = timedelta(days=5)
STEPS = 36
"""Half a year."""

NEGLECTED = 4
"""Clients in a bad way."""

MOST = 200
"""Tasks at once; the bands ask for fewer."""


def keep_half_a_year(session: Session, at: datetime) -> None:
    """A day in five, the last one at ``at``."""
    clients = everybody(session)
    for ago in range(STEPS, -1, -1):
        keep(session, clients, at=at - ago * STEP)
    session.flush()
    plan_work(session, SHIPPED, at=at, most=MOST)


def decline(world: World) -> Telling:
    """Four clients whom nobody looked after: no contact for months, they stop paying, who decides left, a promise is
    overdue and an invoice in dispute. Their stories stop here; what clerks and launches still call them about does not
    mend that before somebody looks at the radar."""
    yield world.until - timedelta(days=112)
    monthly = {each.client_id for each in world.contracts if each.is_monthly and each.invoices and each.ends_on is None}
    chosen = [story for story in world.stories if _served(story) and story.client.id in monthly][:NEGLECTED]
    for story in chosen:
        story.held = True
        owner = _owner(story)
        due_on = world.today + timedelta(days=50)
        Promise.make(world.session, story.client, world.texts.promises[0], by=owner, at=world.now, due_on=due_on)
    yield world.until - timedelta(days=80)
    world.leaving |= dict.fromkeys((story.client.id for story in chosen), NEVER)
    yield world.until - timedelta(days=48)
    for story in [each for each in chosen if each.client.open_engagements]:
        gone = next(each for each in story.contacts if each.decision_role is DecisionRole.DECIDES)
        world.session.add(gone.leave(by=_owner(story), at=world.now))
        seek_successor(world.session, gone, by=_owner(story), at=world.now, on=world.today)
    yield world.until - timedelta(days=23)
    for story in [each for each in chosen if each.client.open_engagements][:2]:
        mine = select(Invoice).where(Invoice.client_id == story.client.id, Invoice.outstanding_minor > 0)
        world.pace.write()
        owed = world.session.scalars(mine.order_by(Invoice.id).limit(1)).first()
        if owed is not None and owed.disputed_at is None:
            world.session.add(owed.dispute("service", "", by=_owner(story), at=world.now))


def _served(story: Story) -> bool:
    decides = any(each.decision_role is DecisionRole.DECIDES and each.left_at is None for each in story.contacts)
    return decides and story.works_with(Department.CLIENT) and not story.held and not story.listed


def _owner(story: Story) -> User:
    return story.client.open_engagements[0].owner
