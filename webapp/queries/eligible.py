"""Whom a product suits: how many, and who for example; and what may be asked of clients."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain import eligible
from webapp.domain.client import Client
from webapp.domain.eligibility import EligibilityRule, Failure
from webapp.domain.product import Product
from webapp.domain.user import Actor

EXAMPLES = 5
MOST_WORDS = 100


@dataclass(frozen=True, slots=True)
class Suited:
    """So many of all clients of ours, and the first of them by name."""

    count: int
    all: int
    examples: tuple[tuple[int, str], ...]


def suited(session: Session, actor: Actor, rule: EligibilityRule, day: date) -> Suited:
    """Three statements."""
    where = eligible.suited(rule, day)
    count = session.scalar(select(func.count()).select_from(Client).where(where)) or 0
    ours = session.scalar(select(func.count()).select_from(Client).where(Client.lost_at.is_(None))) or 0
    first = select(Client.id, Client.name).where(where).order_by(Client.name_key, Client.id).limit(EXAMPLES)
    return Suited(count, ours, tuple((row.id, row.name) for row in session.execute(first)))


@dataclass(frozen=True, slots=True)
class Unsuited:
    """A product that does not suit a client, and why."""

    id: int
    name: str
    failures: tuple[Failure, ...]


def unsuited(session: Session, actor: Actor, products: Collection[int], client_id: int, day: date) -> list[Unsuited]:
    """Those of the products that do not suit the client. One statement where none says whom it suits, else six."""
    asked = select(Product.id, Product.name, Product.eligibility).where(Product.id.in_(products))
    rows = [row for row in session.execute(asked.order_by(Product.name_key)) if row.eligibility]
    if not rows:
        return []
    facts = eligible.facts_of(session, [client_id], day)[client_id]
    rules = {row.id: EligibilityRule.of_json(row.eligibility) for row in rows}
    found = [Unsuited(row.id, row.name, tuple(rules[row.id].failures(facts))) for row in rows]
    return [each for each in found if each.failures]


def sectors(session: Session) -> list[str]:
    """The sectors of clients, the commonest first; so many that a form can show them."""
    return list(
        session.scalars(
            select(Client.sector)
            .where(Client.sector != "")
            .group_by(Client.sector)
            .order_by(func.count().desc(), Client.sector)
            .limit(MOST_WORDS)
        )
    )
