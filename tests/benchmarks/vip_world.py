"""What the VIP department of ``world`` sees: a full week of one person's visits, and a client with many people."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import make_contact, make_interaction
from webapp.domain.attack import Attack
from webapp.domain.attack_state import Severity, SignalKind
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.competitor import Competitor
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.engagement import Engagement
from webapp.domain.interaction import InteractionKind
from webapp.domain.rival_thread import RivalThread
from webapp.domain.task import Task, TaskKind
from webapp.domain.thread_keeping import keep
from webapp.domain.user import User
from webapp.domain.visit_state import Purpose
from webapp.domain.words import Department

PERSON, OTHER, CLIENT = 3, 6, 4713
"""Whose week is asked for, who takes what is beyond a tier's capacity, and whose people are drawn."""

VISITS, OVERDUE, DUE, PEOPLE, OURS = 20, 3, 12, 6, 3
"""What a tier's capacity makes of a person: some forty clients. Of theirs six, of ours three who know two each."""

DISTRICTS = ("Сокол", "Тверской", "Арбат", "Хамовники")


def build(session: Session, now: datetime) -> None:
    """Visits in the week, some that nobody told of, and clients whom the norm asks for, by district."""
    by = session.get_one(User, PERSON)
    mine = select(Engagement).where(Engagement.owner_id == PERSON, Engagement.closed_at.is_(None))
    working = session.scalars(mine.where(Engagement.department == Department.VIP).order_by(Engagement.id)).all()
    monday = now.date() - timedelta(days=now.weekday())
    for number, engagement in enumerate(working):
        engagement.client.district = DISTRICTS[number % len(DISTRICTS)]
        if number >= VISITS + OVERDUE:
            if number < VISITS + OVERDUE + DUE:
                engagement.opened_at = now - timedelta(days=80 + number % 40)
            else:
                engagement.owner_id = OTHER
            continue
        day = monday + timedelta(days=number % 5 if number < VISITS else -3)
        Task.plan(
            session, engagement, TaskKind.MEETING, "Visit", max(day, now.date()), by=by, at=now, purpose=Purpose.REVIEW
        ).due_on = day
    _people(session, session.get_one(Client, CLIENT), now)
    session.commit()


def _people(session: Session, client: Client, now: datetime) -> None:
    """Those of theirs in three layers, those of ours who know them, and a rival after the client."""
    ours = session.scalars(select(User).where(User.id.in_(range(1, OURS + 1)))).all()
    rival = Competitor.add(session, "Конкурент", by=ours[0], at=now)
    theirs: list[Contact] = []
    for number in range(PEOPLE):
        above = theirs[(number - 1) // 2].id if number else None
        role = list(DecisionRole)[number % len(DecisionRole)]
        contact = make_contact(session, client, f"Человек {number}", decision_role=role, at=now)
        contact.reports_to_id = above
        theirs.append(contact)
        session.flush()
    for number in range(2 * OURS):
        contact, one = theirs[number * 2 % PEOPLE], ours[number % OURS]
        for ago in (3, 20, 45):
            at = now - timedelta(days=ago + number)
            kind = InteractionKind.MEETING if ago == 3 else InteractionKind.CALL
            make_interaction(session, client, kind, by=one, contact=contact, happened_at=at, at=now)
    RivalThread.note(session, theirs[0], rival, by=ours[0], at=now)
    told = {"by": ours[0], "at": now, "company": session.get_one(Company, 1)}
    Attack.signal(session, client, rival, SignalKind.SEEN, "Видели у них", Severity.MEDIUM, **told)
    keep(session, [client.id], at=now)
