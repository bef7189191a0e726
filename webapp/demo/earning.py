"""What the demo company's people earn: four rules, closed months, one that waits for the director, the running one."""

from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.demo.world import Telling, World
from webapp.domain.allocation import Allocation
from webapp.domain.attraction import AttractionKind
from webapp.domain.calendar import month_of, months_on
from webapp.domain.client import Client
from webapp.domain.commission import CommissionReading
from webapp.domain.commission_reckoning import close, keep, keep_periods, tell_matured
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.commission_terms import Payee, Portion, Step, Terms, Tier
from webapp.domain.company import Company
from webapp.domain.event import Event

INITIAL = Terms(Portion.INITIAL, 10_00)
CURRENT = Terms(
    Portion.CURRENT, 2_50, tiers=(Tier(5, 3_00), Tier(10, 3_50)), steps=(Step(18, 50_00),), after_handoff=True
)
SOLD = Terms(Portion.CURRENT, 2_00, Payee.SELLER)
TOLD = Terms(Portion.CURRENT, 1_00, Payee.TELLER, told_within=180)
MONTHS = 8
"""Months before the running one since when the rules hold: all are closed but the last, which waits to be."""


def earn(world: World) -> Telling:
    """Clients mature month by month; then come the rules, and the director closes two months."""
    running = month_of(world.until.astimezone(world.zone).date())
    director, session = world.users["director"], world.session
    begins, month = months_on(running, -MONTHS), months_on(world.today.replace(day=1), 1)
    session.add(
        world.company.change(by=director, at=world.now, attraction_kind=AttractionKind.PAYMENTS, attraction_size=3)
    )
    while month <= running:
        yield _morning(world, month)
        with world.pace.at_once():
            keep_periods(session, session.scalars(select(Client.id)).all())
            tell_matured(session, world.today, at=world.now)
            if month == begins:
                for name, terms in zip(world.texts.rules, (INITIAL, CURRENT, SOLD, TOLD), strict=True):
                    by = {"by": director, "at": world.now, "closed_through": None}
                    CommissionRule.add(session, name, begins, terms, **by)
            if month > begins:
                keep(session, world.today, at=world.now)
            if begins < month < running:
                session.add(close(session, months_on(month, -1), by=director, at=world.now))
        month = months_on(month, 1)


def _morning(world: World, day: date) -> datetime:
    """Before anybody works."""
    return max(datetime.combine(day, time(8), world.zone), world.now)


def keep_earnings(session: Session, company: Company, at: datetime) -> None:
    """The open months as they stand when history ends."""
    keep(session, company.today(at), at=at)
    last = session.scalar(select(func.max(Allocation.id))) or 0
    told = session.scalar(select(func.max(Event.id))) or 0
    session.add(CommissionReading(id=1, allocation_id=last, event_id=told, at=at))
