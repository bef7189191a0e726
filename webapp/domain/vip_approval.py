"""Approval: the decided list of a quarter takes effect, all of it in one transaction or nothing.

Another tier, and leaving the programme, hold from the day of approval. Entering is a hand-off that leaves the Client
department serving: it is drafted for the clerk with the reason of the review already in it, the rest of the checklist
stays the clerk's, and the client enters when the VIP department accepts. Whom the VIP department works with already
enters at once. Leaving ends the VIP department's work: at once where the Client department serves and nothing open is
left to pass on, else by a hand-off of the VIP owner's.
"""

from contextlib import suppress
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import selectinload, Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.handoff import HandOff
from webapp.domain.promise import Promise
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.vip_line import VipLine
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import ReviewState, VipReview
from webapp.domain.vip_rules import CHANGES, VipStep
from webapp.domain.words import Department, N_

DRAFTED = N_("The VIP list is approved: complete the hand-off of the client")
DAYS_TO_OFFER = 5
"""Calendar days in which the giver completes the checklist. Ours: the method names no number."""

WAYS = {VipStep.ENTER: (Department.CLIENT, Department.VIP), VipStep.LEAVE: (Department.VIP, Department.CLIENT)}
WHY = {WAYS[VipStep.ENTER]: "why_vip", WAYS[VipStep.LEAVE]: "why_back"}
"""The line of the checklist that the review's reason answers."""


def approve(session: Session, review: VipReview, company: Company, *, by: User, at: datetime, seen: int) -> Event:
    """The director agrees to the list, and it takes effect."""
    review.check_ready(seen)
    session.execute(
        update(VipLine)
        .where(VipLine.review_id == review.id, VipLine.decision.is_(None))
        .values(decision=VipLine.proposed, tier_id=VipLine.proposed_tier_id)
    )
    changes = (
        select(VipLine)
        .where(VipLine.review_id == review.id, VipLine.decision.in_(CHANGES))
        .options(selectinload(VipLine.client).selectinload(Client.engagements))
        .order_by(VipLine.id)
    )
    counts = {step: 0 for step in VipStep if step in CHANGES}
    for line in session.scalars(changes).all():
        _carry_out(session, line, company.today(at), by=by, at=at)
        counts[VipStep(line.decision or "")] += 1
    session.flush()
    review.state, review.approved_by, review.approved_at = ReviewState.APPROVED, by, at
    details = {"quarter": review.quarter.isoformat()} | {step.value: count for step, count in counts.items()}
    return event("vipreview:approved", by=by, at=at, subject_id=review.id, details=details)


def begin_handoff(session: Session, line: VipLine, *, by: User, at: datetime) -> HandOff:
    """Begin, or begin again, the hand-off that carries an approved line out. Refused where it cannot begin yet."""
    if line.review.state is not ReviewState.APPROVED or line.decision not in WAYS:
        raise Refused(N_("Nothing is to be handed off here"))
    if line.decision is VipStep.ENTER and VipPlace.held(session, line.client) is not None:
        raise Refused(N_("This client is in the VIP programme already"))
    return _begin(session, line, WAYS[line.decision], by=by, at=at)


def _begin(session: Session, line: VipLine, way: tuple[Department, Department], *, by: User, at: datetime) -> HandOff:
    giver, receiver = way
    engagement = line.client.open_engagement(giver)
    if engagement is None:
        raise Refused(N_("The department that gives does not work with this client"))
    pending = HandOff.pending(session, line.client)
    if pending is not None and (pending.giver, pending.receiver) == (giver, receiver):
        line.handoff_id = pending.id
        session.add(_told(line, pending, by=by, at=at))
        return pending
    handoff = HandOff.draft(session, engagement, receiver, by=by, at=at)
    answers = {WHY[way]: line.reason}
    session.add(handoff.fill(answers, by=by, at=at, seen=handoff.version))
    due_on = engagement.owner.today(at) + timedelta(days=DAYS_TO_OFFER)
    Task.plan(session, engagement, TaskKind.OTHER, DRAFTED, due_on, by=by, at=at)
    line.handoff_id = handoff.id
    session.flush()
    session.add(_told(line, handoff, by=by, at=at))
    return handoff


def _carry_out(session: Session, line: VipLine, on: date, *, by: User, at: datetime) -> None:
    told = {"by": by, "at": at, "on": on}
    place = VipPlace.held(session, line.client)
    if line.decision is VipStep.MOVE and place is not None and line.tier is not None:
        if place.tier_id != line.tier_id:
            place.move(session, line.tier, line.reason, **told)  # type: ignore[arg-type]
    elif line.decision is VipStep.ENTER and line.tier is not None:
        if line.client.open_engagement(Department.VIP) is None:
            _try_handoff(session, line, by=by, at=at)
        elif place is None:
            VipPlace.take(session, line.client, line.tier, line.reason, **told)  # type: ignore[arg-type]
    elif line.decision is VipStep.LEAVE:
        if place is not None:
            session.add(place.leave(line.reason, **told))  # type: ignore[arg-type]
        _end_work(session, line, by=by, at=at)


def _end_work(session: Session, line: VipLine, *, by: User, at: datetime) -> None:
    engagement = line.client.open_engagement(Department.VIP)
    if engagement is None:
        return
    serves = line.client.open_engagement(Department.CLIENT) is not None
    if serves and not _leaves_something(session, engagement) and HandOff.pending(session, line.client) is None:
        session.add(engagement.close(by=by, at=at, reason=line.reason[:200]))
    else:
        _try_handoff(session, line, by=by, at=at)


def _leaves_something(session: Session, engagement: Engagement) -> bool:
    """Whether something open hangs on the VIP owner, which a hand-off must carry over (rule 2)."""
    promised = exists().where(
        Promise.client_id == engagement.client_id,
        Promise.owner_id == engagement.owner_id,
        Promise.kept_at.is_(None),
        Promise.broken_at.is_(None),
    )
    return (
        any(task.is_open for task in engagement.tasks)
        or any(deal.is_open for deal in engagement.deals)
        or bool(session.scalar(select(promised)))
    )


def _try_handoff(session: Session, line: VipLine, *, by: User, at: datetime) -> None:
    """Begin the hand-off where it can begin; where another one is on its way, the line says so and waits."""
    with suppress(Refused):
        _begin(session, line, WAYS[VipStep(line.decision or "")], by=by, at=at)


def _told(line: VipLine, handoff: HandOff, *, by: User, at: datetime) -> Event:
    details = {"quarter": line.review.quarter.isoformat(), "decision": line.decision or ""}
    return event("vipreview:handedoff", by=by, at=at, client_id=line.client_id, subject_id=handoff.id, details=details)
