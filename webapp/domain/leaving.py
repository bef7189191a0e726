"""Leaving: what a person answers for, and how it passes to a colleague before they go."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload, Session

from webapp.domain.deal import Deal, DealStatus
from webapp.domain.engagement import can_own, Engagement
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.promise import Promise
from webapp.domain.task import Task
from webapp.domain.user import User
from webapp.domain.words import N_

OPEN: dict[Any, ColumnElement[bool]] = {
    Engagement: Engagement.closed_at.is_(None),
    Task: Task.closed_at.is_(None),
    Deal: Deal.status == DealStatus.OPEN,
    Promise: Promise.kept_at.is_(None) & Promise.broken_at.is_(None),
}
"""What a person can answer for, and when it is open."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much open work somebody answers for."""

    engagements: int
    tasks: int
    deals: int
    promises: int

    @property
    def total(self) -> int:
        return self.engagements + self.tasks + self.deals + self.promises


def holdings(session: Session, user_id: int) -> Holdings:
    """Counts of the open work that a user answers for, in one statement."""
    counts = [
        select(func.count()).select_from(kind).where(kind.owner_id == user_id, still_open).scalar_subquery()
        for kind, still_open in OPEN.items()
    ]
    return Holdings(*session.execute(select(*counts)).one())


def hand_over(session: Session, user: User, colleague: User, *, by: User, at: datetime, reason: str) -> Holdings:
    """Give all open work of a user to one colleague of the same department, with a reason (rule 4).

    Every client, task, deal and promise tells it on its own timeline. Returns how much there was.
    """
    if not reason.strip():
        raise Refused(N_("Say why"), field="reason")
    if colleague.id == user.id or user.department is None or not can_own(colleague, user.department):
        raise Refused(N_("%(name)s does not work in this department"), field="colleague_id", name=colleague.name)
    held = holdings(session, user.id)
    owned = select(Engagement).where(Engagement.owner_id == user.id, OPEN[Engagement]).order_by(Engagement.id)
    together = (selectinload(Engagement.tasks), selectinload(Engagement.deals), selectinload(Engagement.stage))
    for engagement in session.scalars(owned.options(*together)).all():
        session.add(engagement.reassign(colleague, by=by, at=at, reason=reason, seen=engagement.version))
    session.flush()
    for task in session.scalars(select(Task).where(Task.owner_id == user.id, OPEN[Task])).all():
        session.add(_pass_on(task, "task:reassigned", task.subject, colleague, by=by, at=at, reason=reason))
    for deal in session.scalars(select(Deal).where(Deal.owner_id == user.id, OPEN[Deal])).all():
        session.add(_pass_on(deal, "deal:reassigned", deal.name, colleague, by=by, at=at, reason=reason))
    for promise in session.scalars(select(Promise).where(Promise.owner_id == user.id, OPEN[Promise])).all():
        session.add(_pass_on(promise, "promise:reassigned", promise.text, colleague, by=by, at=at, reason=reason))
    session.flush()
    return held


def _pass_on(
    thing: Task | Deal | Promise, kind: str, name: str, colleague: User, *, by: User, at: datetime, reason: str
) -> Event:
    before, thing.owner = thing.owner, colleague
    engagement = None if isinstance(thing, Promise) else thing.engagement
    return event(
        kind,
        by=by,
        at=at,
        client_id=thing.client_id,
        subject_id=thing.id,
        stages=(engagement.stage_id,) if engagement is not None and engagement.is_open else (),
        details={"name": name[:200], "from": before.name, "to": colleague.name, "reason": reason.strip()},
    )
