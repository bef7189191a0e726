"""A leaver: clients that hang on one person's thread get a new owner, and a visit of the head first."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload, Session

from webapp.domain.engagement import can_own, Engagement
from webapp.domain.errors import Refused
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.visit_state import Purpose
from webapp.domain.words import N_, Role

VISIT_FIRST = N_("Visit the client before the colleague leaves, and introduce the new owner")

DAYS = 7
"""Until the visit is due. The method says that the head goes first; the number is ours."""


def head_for(session: Session, leaver: User) -> User:
    """Who visits first: the leaver's own head, or the department's."""
    heads = session.scalars(
        select(User)
        .where(User.role == Role.HEAD, User.department == leaver.department, User.deactivated_at.is_(None))
        .where(User.id != leaver.id)
        .order_by(User.id != leaver.head_id, User.id)
        .limit(1)
    )
    head = heads.first()
    if head is None:
        raise Refused(N_("This department has no head who could visit the clients"))
    return head


def save_threads(
    session: Session, leaver: User, clients: Collection[int], colleague: User, *, by: User, at: datetime, reason: str
) -> int:
    """Give the leaver's work with these clients to a colleague; the head visits each. How many those were.

    Clients for whom the leaver no longer answers are left as they are: somebody gave them away meanwhile.
    """
    if not reason.strip():
        raise Refused(N_("Say why"), field="reason")
    if not clients:
        raise Refused(N_("Choose at least one client"))
    if colleague.id == leaver.id or leaver.department is None or not can_own(colleague, leaver.department):
        raise Refused(N_("%(name)s does not work in this department"), field="colleague_id", name=colleague.name)
    head, due = head_for(session, leaver), _due(by, at)
    owned = (
        select(Engagement)
        .where(Engagement.client_id.in_(clients), Engagement.owner_id == leaver.id, Engagement.closed_at.is_(None))
        .options(selectinload(Engagement.tasks), selectinload(Engagement.deals), selectinload(Engagement.stage))
        .order_by(Engagement.id)
    )
    engagements = session.scalars(owned).all()
    for engagement in engagements:
        purpose = Purpose.INTRODUCTION
        Task.plan(session, engagement, TaskKind.MEETING, VISIT_FIRST, due, by=by, at=at, owner=head, purpose=purpose)
        session.add(engagement.reassign(colleague, by=by, at=at, reason=reason, seen=engagement.version))
    session.flush()
    return len(engagements)


def _due(by: User, at: datetime) -> date:
    return by.today(at) + timedelta(days=DAYS)
