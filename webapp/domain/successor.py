"""A successor: when a person at a client leaves, somebody of ours asks who replaces them."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from webapp.domain.contact import Contact
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.words import Department, N_

WHO_REPLACES = N_("Find out who replaces the contact who left")

DAYS = 3
"""Until the task is due. No source gives a number; a client whose only contact left cannot wait for long."""

FIRST = (Department.VIP, Department.CLIENT, Department.SALES)
"""Whose work it is, where several departments serve the client."""


def seek_successor(session: Session, contact: Contact, *, by: User, at: datetime, on: date) -> Task | None:
    """Plan the task for whoever answers for the client; of a lost one nobody does. ``on`` is today."""
    if contact.client.lost_at is not None:
        return None
    engagement = min(contact.client.open_engagements, key=lambda each: FIRST.index(each.department))
    return Task.plan(session, engagement, TaskKind.CALL, WHO_REPLACES, on + timedelta(days=DAYS), by=by, at=at)
