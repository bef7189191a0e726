"""What each band asks for: a task with an owner and a deadline, and no more at once than the owner can work.

Those that bring most money come first; the others stand in line. A task that is open already, and answers as much, is
enough: no client gets two for the same reason.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased, selectinload, Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.health import PARTS
from webapp.domain.health_kept import KeptHealth
from webapp.domain.health_terms import Band, Terms, Work
from webapp.domain.task import Task, TaskKind
from webapp.domain.visit_state import Purpose
from webapp.domain.words import N_

BECAUSE: dict[str, str] = {
    "relationship": N_("Health is low: hardly anybody of ours is in live contact"),
    "payments": N_("Health is low: the client pays later than it used to"),
    "promises": N_("Health is low: promises or invoices are in dispute"),
    "growth": N_("Health is low: the client buys less than half a year ago"),
    "rivals": N_("Health is low: a competitor is after the client"),
    "people": N_("Health is low: somebody who mattered left the client"),
}
"""What the task says, by the part that takes most."""

OTHERWISE: dict[Band, str] = {
    Band.CRITICAL: N_("Health is low: see why"),
    Band.AT_RISK: N_("Nothing speaks for this client yet: find out how it is"),
    Band.TOO_EARLY: N_("Nothing was heard for long: find out how the client is"),
    Band.HEALTHY: N_("The client is healthy: offer what it does not have yet"),
}


def plan_work(session: Session, terms: Terms, *, at: datetime, most: int) -> int:
    """Plan up to ``most`` of the tasks that the bands ask for; how many those were. The gravest band first."""
    company = session.get_one(Company, 1)
    today = company.today(at)
    planned = 0
    for work in terms.work:
        if work.most and planned < most:
            planned += _plan(session, company, work, today, at, most - planned)
    return planned


def _plan(session: Session, company: Company, work: Work, today: date, at: datetime, most: int) -> int:
    due_on = company.hours.first_day(today + timedelta(days=work.days))
    chosen = _chosen(session, work, at, due_on, most)
    rows = session.scalars(
        select(KeptHealth)
        .where(KeptHealth.client_id.in_(chosen))
        .options(selectinload(KeptHealth.client).selectinload(Client.engagements))
        .order_by(KeptHealth.client_id)
        .execution_options(populate_existing=True)
    ).all()
    planned = 0
    for row in rows:
        mine = next((each for each in row.client.open_engagements if each.owner_id == row.owner_id), None)
        if mine is not None:
            purpose = Purpose.REVIEW if work.kind is TaskKind.MEETING else None
            task = Task.plan(session, mine, work.kind, reason(row), due_on, by=None, at=at, purpose=purpose)
            row.task_id, row.task_band = task.id, work.band
            planned += 1
    session.flush()
    return planned


def reason(row: KeptHealth) -> str:
    """The sentence that tells the owner why: the part that takes most."""
    worst = min(PARTS, key=lambda part: row.points.get(part.key, 0))
    low = row.band in (Band.CRITICAL, Band.AT_RISK) and row.points.get(worst.key, 0) < 0
    return BECAUSE[worst.key] if low else OTHERWISE[row.band]


def _chosen(session: Session, work: Work, at: datetime, due_on: date, most: int) -> list[int]:
    """The clients that come next, each owner's by money, as far as the owner's hands reach."""
    asked = aliased(Task)
    at_work = (
        select(KeptHealth.owner_id, func.count())
        .join(Task, Task.id == KeptHealth.task_id)
        .where(KeptHealth.task_band == work.band, Task.closed_at.is_(None))
        .group_by(KeptHealth.owner_id)
    )
    busy = {row[0]: row[1] for row in session.execute(at_work)}
    lately = at - timedelta(days=work.days)
    free = or_(
        asked.id.is_(None),
        and_(asked.closed_at.is_not(None), or_(KeptHealth.task_band != work.band, asked.closed_at < lately)),
        and_(asked.closed_at.is_(None), KeptHealth.task_band != work.band) if work.band is Band.CRITICAL else false(),
    )
    enough = Task.kind == TaskKind.MEETING if work.band is Band.CRITICAL else Task.id == Task.id
    answered = exists().where(
        Task.client_id == KeptHealth.client_id, Task.closed_at.is_(None), Task.due_on <= due_on, enough
    )
    place = func.row_number().over(
        partition_by=KeptHealth.owner_id, order_by=(KeptHealth.monthly_minor.desc(), KeptHealth.client_id)
    )
    line = (
        select(KeptHealth.client_id, KeptHealth.owner_id, place.label("place"))
        .join(asked, asked.id == KeptHealth.task_id, isouter=True)
        .where(KeptHealth.band == work.band, KeptHealth.owner_id.is_not(None), KeptHealth.frozen_on.is_(None))
        .where(free, ~answered)
        .subquery()
    )
    rows = session.execute(select(line).where(line.c.place <= work.most).order_by(line.c.place, line.c.client_id))
    chosen = [client for client, owner, nth in rows if nth <= work.most - busy.get(owner, 0)]
    return chosen[:most]
