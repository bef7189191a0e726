"""What stands in the way of a launch's contacts: the weeks of its clients and of our people, who serves whom, and
who may be mailed. A fixed number of statements, however many clients."""

from collections.abc import Collection
from datetime import date, datetime, time
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.engagement import Engagement
from webapp.domain.interaction import Began, CONTACTS, Interaction
from webapp.domain.launch import Launch
from webapp.domain.launch_diary import Diary, monday, weeks
from webapp.domain.launch_state import Channel, TouchState
from webapp.domain.launch_touch import LaunchTouch
from webapp.domain.task import Task, TaskKind
from webapp.domain.words import Department

STANDING = (TouchState.PLANNED, TouchState.GIVEN, TouchState.DONE)
"""What takes room in a diary."""

KINDS = (TaskKind.CALL, TaskKind.MEETING, TaskKind.EMAIL)
"""Planned work that is a contact with the client."""


def diary_of(session: Session, launch: Launch, clients: Collection[int], company: Company, at: datetime) -> Diary:
    """What stands in the weeks from this one on: contacts of any launch, other planned work, and whom somebody of ours
    was in contact with this week. Four statements."""
    today = company.today(at)
    this = monday(today)
    diary = Diary(company.contacts_a_week, weeks(max(today, launch.starts_on), launch.ends_on))
    planned = select(LaunchTouch.client_id, LaunchTouch.week, func.count()).where(
        LaunchTouch.client_id.in_(clients), LaunchTouch.week >= this, LaunchTouch.state.in_(STANDING)
    )
    for client, week, number in session.execute(planned.group_by(LaunchTouch.client_id, LaunchTouch.week)):
        if week is not None:
            diary.add(client, week, number)
    others = (
        select(Task.client_id, Task.due_on)
        .outerjoin(LaunchTouch, LaunchTouch.task_id == Task.id)
        .where(Task.client_id.in_(clients), Task.closed_at.is_(None), Task.due_on >= this)
        .where(Task.kind.in_(KINDS), LaunchTouch.id.is_(None))
    )
    for client, due in session.execute(others):
        diary.add(client, monday(due))
    _spoken(session, diary, clients, company, this)
    work = select(LaunchTouch.person_id, LaunchTouch.channel, LaunchTouch.week, func.count()).where(
        LaunchTouch.person_id.is_not(None), LaunchTouch.week >= this, LaunchTouch.state.in_(STANDING)
    )
    for person, channel, week, number in session.execute(
        work.group_by(LaunchTouch.person_id, LaunchTouch.week, LaunchTouch.channel)
    ):
        if person is not None and week is not None:
            diary.work[person, channel, week] = number
    return diary


def _spoken(session: Session, diary: Diary, clients: Collection[int], company: Company, this: date) -> None:
    """Contacts of this week that we began. Those that carried out a launch's own stand in the diary already."""
    since = datetime.combine(this, time(), ZoneInfo(company.timezone))
    spoken = (
        select(Interaction.client_id, func.count())
        .where(Interaction.client_id.in_(clients), Interaction.at >= since, Interaction.kind.in_(CONTACTS))
        .where(or_(Interaction.began.is_(None), Interaction.began != Began.THEY))
        .group_by(Interaction.client_id)
    )
    own = (
        select(LaunchTouch.client_id, func.count())
        .where(LaunchTouch.client_id.in_(clients), LaunchTouch.done_at >= since)
        .where(LaunchTouch.channel.in_([Channel.CALL, Channel.VISIT]), LaunchTouch.week == this)
        .group_by(LaunchTouch.client_id)
    )
    done: dict[int, int] = {row[0]: row[1] for row in session.execute(own)}
    for client, number in session.execute(spoken):
        diary.add(client, this, max(0, number - done.get(client, 0)))


def lanes_of(session: Session, clients: Collection[int]) -> dict[tuple[int, Department], int]:
    """Who serves and who develops each client."""
    found = session.execute(
        select(Engagement.client_id, Engagement.department, Engagement.owner_id).where(
            Engagement.client_id.in_(clients), Engagement.closed_at.is_(None)
        )
    )
    return {(client, department): owner for client, department, owner in found}


def reachable_of(session: Session, clients: Collection[int]) -> dict[int, bool]:
    """Whether somebody at the client may be mailed; False where whoever has an address wants nothing."""
    there = and_(Contact.left_at.is_(None), Contact.removed_at.is_(None), Contact.email != "")
    found = select(Contact.client_id, Contact.no_mailings).where(Contact.client_id.in_(clients), there)
    known: dict[int, bool] = {}
    for client, refuses in session.execute(found):
        known[client] = known.get(client, False) or not refuses
    return known


def turns_of(session: Session, launch: Launch, week: date) -> dict[tuple[int | None, Channel], "count[int]"]:
    """How many each person was given in the week already: the next ones are due on the days after."""
    given = (
        select(LaunchTouch.person_id, LaunchTouch.channel, func.count())
        .where(LaunchTouch.launch_id == launch.id, LaunchTouch.week == week)
        .where(LaunchTouch.state.in_([TouchState.GIVEN, TouchState.DONE]))
        .group_by(LaunchTouch.person_id, LaunchTouch.channel)
    )
    return {(person, channel): count(number) for person, channel, number in session.execute(given)}
