"""Birthdays to come of people at the asker's own clients: nobody else's, for a birthday is personal. One statement."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import extract, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.engagement import Engagement
from webapp.domain.user import Actor

AHEAD = 14
"""Days, today among them."""

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Birthday:
    contact: str
    client_id: int
    client: str
    on: date
    """The day that is celebrated: 1 March for the 29th of February, where the year has none."""
    turns: int


def birthdays(session: Session, actor: Actor, today: date) -> tuple[Birthday, ...]:
    """Those of the next days, the nearest first. Whoever owns a client may see them: Permission.CONTACT_PERSONAL."""
    days = [today + timedelta(days=ahead) for ahead in range(AHEAD)]
    month, day = extract("month", Contact.birthday), extract("day", Contact.birthday)
    owned = select(Engagement.client_id).where(Engagement.owner_id == actor.id, Engagement.closed_at.is_(None))
    found = session.execute(
        select(Contact.name, Contact.birthday, Client.id, Client.name)
        .join(Client, Client.id == Contact.client_id)
        .where(Contact.client_id.in_(owned), Contact.removed_at.is_(None), Contact.left_at.is_(None))
        .where((month * 100 + day).in_([100 * each.month + each.day for each in days] + _leap(days)))
        .limit(SHOWN)
    )
    rows = [(name, born, client_id, client) for name, born, client_id, client in found if born is not None]
    dated = [
        Birthday(name, client_id, client, on, on.year - born.year)
        for name, born, client_id, client in rows
        for on in days
        if (on.month, on.day) == _celebrated(born, on.year)
    ]
    return tuple(sorted(dated, key=lambda birthday: (birthday.on, birthday.contact)))


def _leap(days: list[date]) -> list[int]:
    return [229] if any((day.month, day.day) == (3, 1) and not _is_leap(day.year) for day in days) else []


def _celebrated(born: date, year: int) -> tuple[int, int]:
    return (3, 1) if (born.month, born.day) == (2, 29) and not _is_leap(year) else (born.month, born.day)


def _is_leap(year: int) -> bool:
    return date(year, 3, 1) - date(year, 2, 28) == timedelta(days=2)
