"""Acceptance: what moves to the new owner when a hand-off is accepted. All of it in one transaction, or nothing."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused
from webapp.domain.event import event
from webapp.domain.route import FIRST_MEETING_DAYS
from webapp.domain.stage import Stage
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import approved_entry
from webapp.domain.words import Department, N_, Role

if TYPE_CHECKING:
    from webapp.domain.handoff import HandOff

REASON = N_("Hand-off")
INTRODUCTION = N_("Introduce yourself to the client")


def enter_lane(
    session: Session, handoff: "HandOff", owner: User, first_stage: Stage, *, by: User, at: datetime
) -> Engagement:
    """The receiving department's engagement with the chosen owner: a new one, or the one that is open already.

    A colleague who answers for the client there keeps it, unless they themselves, their head or a director
    chooses another: a hand-off is no way to grab (rule 4).
    """
    taken = handoff.client.open_engagement(handoff.receiver)
    if taken is None:
        if first_stage.department is not handoff.receiver or first_stage.removed_at is not None:
            raise Refused(N_("This stage belongs to another department"))
        return Engagement.open(session, handoff.client, first_stage, owner, by=by, at=at)
    if taken.owner_id != owner.id:
        if by.role is Role.MEMBER and by.id != taken.owner_id and taken.owner.active:
            raise Refused(
                N_("%(name)s answers for this client in your department; only the head gives it to another"),
                field="owner_id",
                name=taken.owner.name,
            )
        session.add(taken.reassign(owner, by=by, at=at, reason=REASON, seen=taken.version))
    return taken


def move_work(session: Session, handoff: "HandOff", taken: Engagement, *, by: User, at: datetime) -> None:
    """Open tasks of the route's kinds, open deals and open promises go to the new owner; the next touch follows.

    A promise stays only with somebody who answers for the client in a third department. An introduction that came to
    nothing so far falls away: the client meets the new owner.
    """
    given, owner = handoff.engagement, taken.owner
    moving = [task for task in given.tasks if task.is_open and task.kind in handoff.route.tasks]
    for task in (*moving, *taken.tasks):
        if task.is_open and task.subject == INTRODUCTION:
            session.add(task.cancel(by=by, at=at))
    for task in moving:
        if task.is_open:
            task.engagement, task.owner = taken, owner
    for deal in list(given.deals):
        if deal.is_open:
            deal.engagement, deal.owner = taken, owner
            session.add(
                event(
                    "deal:moved",
                    by=by,
                    at=at,
                    client_id=handoff.client_id,
                    subject_id=deal.id,
                    details={"name": deal.name, "to": owner.name},
                )
            )
    elsewhere = {e.owner_id for e in handoff.client.open_engagements if e not in (given, taken)}
    for promise in handoff.client.promises:
        if promise.is_open and promise.owner_id not in elsewhere:
            promise.owner = owner
    given.plan_next_touch()
    Task.plan(
        session, taken, TaskKind.CALL, INTRODUCTION, owner.today(at) + timedelta(days=FIRST_MEETING_DAYS), by=by, at=at
    )


def join_programme(session: Session, handoff: "HandOff", *, by: User, at: datetime) -> None:
    """The VIP department takes over whom the approved list takes in: with it the client enters the programme."""
    if handoff.receiver is not Department.VIP:
        return
    line = approved_entry(session, handoff.client)
    if line is not None and line.tier is not None:
        VipPlace.take(session, handoff.client, line.tier, line.reason, by=by, at=at, on=by.today(at))
