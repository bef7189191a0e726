"""Whom of the people on vCards we know already: at this client, or at another."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client, name_key
from webapp.domain.contact import Contact
from webapp.domain.user import Actor
from webapp.exchange.vcard import Card

MOST = 500
"""Known people compared with a file."""


@dataclass(frozen=True, slots=True)
class Met:
    """A person of a file. ``here``: the name of the same one at this client; ``elsewhere``: another client of whom
    somebody has this phone or e-mail."""

    card: Card
    here: str | None
    elsewhere: str | None


def met(session: Session, actor: Actor, client: Client, cards: Sequence[Card]) -> tuple[Met, ...]:
    """Each card with whom it resembles. One statement."""
    phones, emails = {card.phone for card in cards} - {""}, {card.email for card in cards} - {""}
    reached = or_(Contact.phone.in_(phones), Contact.email.in_(emails))
    known = session.execute(
        select(Contact.name, Contact.phone, Contact.email, Contact.client_id, Client.name.label("client"))
        .join(Client, Client.id == Contact.client_id)
        .where(Contact.removed_at.is_(None), or_(Contact.client_id == client.id, reached))
        .order_by(Contact.client_id != client.id, Contact.id)
        .limit(MOST)
    ).all()
    found = []
    for card in cards:
        same = [row for row in known if _reaches(card, row.phone, row.email)]
        named = [row for row in known if row.client_id == client.id and name_key(row.name) == name_key(card.name)]
        here = next((row.name for row in (*same, *named) if row.client_id == client.id), None)
        found.append(Met(card, here, next((row.client for row in same if row.client_id != client.id), None)))
    return tuple(found)


def _reaches(card: Card, phone: str, email: str) -> bool:
    return (card.phone != "" and card.phone == phone) or (card.email != "" and card.email == email)
