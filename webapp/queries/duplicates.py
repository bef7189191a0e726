"""Clients that may be the one somebody is about to add, in whatever department, without disclosing their contacts."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload, Session

from webapp.domain.client import Client, name_key
from webapp.domain.contact import Contact
from webapp.domain.engagement import Engagement
from webapp.domain.user import Actor
from webapp.domain.words import Department, N_

SIMILAR = 84
"""Out of 100: above it two names are thought to be one firm's (found by trial on typing mistakes and word order)."""
CANDIDATES = 1000
"""Names compared at most, twice: a bound, whatever the number of clients."""
SHOWN = 5
LAST = "\U0010ffff"

SAME_INN = N_("the same ИНН")
SAME_NAME = N_("the same name")
SIMILAR_NAME = N_("a similar name")
SAME_CONTACT = N_("a contact with this phone or e-mail")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A known client and why it is thought to be the same: never a phone or an e-mail."""

    id: int
    name: str
    because: str
    lanes: tuple[tuple[Department, str], ...]
    """Department and its owner's name."""

    @property
    def certain(self) -> bool:
        """One ИНН is one firm."""
        return self.because == SAME_INN


def duplicates(
    session: Session, actor: Actor, *, name: str = "", inn: str = "", phone: str = "", email: str = "", but: int = 0
) -> tuple[Duplicate, ...]:
    """The most likely duplicates, the surest first. ``but`` is the client that is being edited itself."""
    because: dict[int, str] = {}
    if inn:
        for key in session.scalars(select(Client.id).where(Client.inn == inn, Client.inn != "")):
            because.setdefault(key, SAME_INN)
    for key, reason in _of_that_name(session, name_key(name)):
        because.setdefault(key, reason)
    ways = [Contact.phone == phone] * bool(phone) + [Contact.email == email.lower()] * bool(email)
    if ways:
        found = select(Contact.client_id).where(or_(*ways), Contact.removed_at.is_(None)).limit(SHOWN)
        for key in session.scalars(found):
            because.setdefault(key, SAME_CONTACT)
    because.pop(but, None)
    return _shown(session, dict(list(because.items())[:SHOWN]))


def _of_that_name(session: Session, key: str) -> Sequence[tuple[int, str]]:
    """Clients of the same or a similar name; only names that begin like one of its words are compared.

    First those that begin alike for longer: where there are too many to compare all, they are the likelier.
    """
    if len(key) < 3:
        return ()
    words = [word for word in key.split()[:3] if len(word) > 2] or [key]
    likeness: dict[int, float] = {}
    for letters in (4, 2):
        starts = sorted({word[:letters] for word in words})
        begin_alike = or_(*(Client.name_key.between(start, start + LAST) for start in starts))
        rows = session.execute(select(Client.id, Client.name_key).where(begin_alike).limit(CANDIDATES))
        likeness |= {row.id: fuzz.token_sort_ratio(row.name_key, key) for row in rows}
    same = session.scalars(select(Client.id).where(Client.name_key == key).limit(SHOWN))
    likeness |= dict.fromkeys(same, 100)
    best = sorted((item for item in likeness.items() if item[1] >= SIMILAR), key=lambda item: -item[1])
    return [(client, SAME_NAME if points == 100 else SIMILAR_NAME) for client, points in best[:SHOWN]]


def _shown(session: Session, because: dict[int, str]) -> tuple[Duplicate, ...]:
    if not because:
        return ()
    wanted = (
        select(Client)
        .where(Client.id.in_(because))
        .options(selectinload(Client.engagements).options(joinedload(Engagement.owner)))
    )
    clients = {client.id: client for client in session.scalars(wanted)}
    return tuple(
        Duplicate(
            client.id,
            client.name,
            reason,
            tuple((engagement.department, engagement.owner.name) for engagement in client.open_engagements),
        )
        for key, reason in because.items()
        if (client := clients.get(key)) is not None
    )
