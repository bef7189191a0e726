"""What lies beside the telephone while a client of the queue is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp.domain.absence import Absence
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.interaction import CONTACTS, Interaction, InteractionKind
from webapp.domain.invoice import Invoice
from webapp.domain.permissions import allows, Permission
from webapp.domain.promise_to_pay import PromiseToPay, PromiseToPayState
from webapp.domain.queue import Rank, Reason, RESTS, ROOM_LOOKED_AT, WHOM
from webapp.domain.queue_item import QueueItem
from webapp.domain.user import Actor, User
from webapp.domain.words import Department, Role
from webapp.queries.client_rows import CONTACT, contact_row, ContactRow
from webapp.queries.telling import ON_THE_PHONE, TELLABLE, Tellable, told_of
from webapp.queries.together import Together

CONTACTS_SHOWN, INVOICES_SHOWN = 8, 12


@dataclass(frozen=True, slots=True)
class Why:
    """One reason with its facts, as ``queue_facts`` found them."""

    rank: Rank
    facts: dict[str, Any]

    @property
    def reason(self) -> Reason:
        return self.rank.reason


@dataclass(frozen=True, slots=True)
class Item:
    """A client's place: the strongest reason stands first."""

    client_id: int
    client: str
    clerk_id: int | None
    whys: tuple[Why, ...]

    @property
    def first(self) -> Why:
        return self.whys[0]

    @property
    def tasks(self) -> tuple[dict[str, Any], ...]:
        return tuple(task for why in self.whys for task in why.facts.get("tasks", ()))


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice that is not paid in full."""

    id: int
    number: int
    year: int
    due_on: date
    outstanding_minor: int
    currency: str
    disputed: bool


@dataclass(frozen=True, slots=True)
class Spoke:
    at: datetime
    kind: InteractionKind
    outcome: str
    who: str


@dataclass(frozen=True, slots=True)
class Promised:
    due_on: date
    amount_minor: int
    currency: str
    state: PromiseToPayState


@dataclass(frozen=True, slots=True)
class Clerk:
    id: int
    name: str
    head: bool = False
    waiting: int = 0
    """Items in the queue, as far as is looked."""
    stand_in_id: int | None = None
    """Who answers for the clerk's clients during an absence that runs; None: the clerk is here."""


@dataclass(frozen=True, slots=True)
class Card:
    """What lies beside the telephone while this client is called."""

    item: Item
    contacts: tuple[ContactRow, ...]
    """Whom to call first stands first."""
    owed: tuple[Owed, ...]
    spoke: Spoke | None
    promised: tuple[Promised, ...]
    tellable: tuple[Tellable, ...]
    clerks: tuple[Clerk, ...]
    """To whom the client may be given."""
    may_work: bool


_CONTACTS = (
    select(*CONTACT)
    .where(Contact.client_id == bindparam("client"), Contact.removed_at.is_(None), Contact.left_at.is_(None))
    .order_by(Contact.id)
    .limit(30)
)
_OWED = (
    select(
        Invoice.id,
        Invoice.number,
        Invoice.year,
        Invoice.due_on,
        Invoice.outstanding_minor,
        Invoice.currency,
        Invoice.disputed_at.is_not(None),
    )
    .where(Invoice.client_id == bindparam("client"), Invoice.outstanding_minor > 0)
    .order_by(Invoice.due_on, Invoice.id)
    .limit(INVOICES_SHOWN)
)
_SPOKE = (
    select(Interaction.at, Interaction.kind, Interaction.outcome, User.name)
    .join(User, User.id == Interaction.user_id)
    .where(Interaction.client_id == bindparam("client"), Interaction.kind.in_(CONTACTS))
    .order_by(Interaction.at.desc(), Interaction.id.desc())
    .limit(1)
)
_PROMISED = (
    select(PromiseToPay.due_on, PromiseToPay.amount_minor, PromiseToPay.currency, PromiseToPay.state)
    .where(PromiseToPay.client_id == bindparam("client"), PromiseToPay.state != PromiseToPayState.KEPT)
    .order_by(PromiseToPay.due_on.desc(), PromiseToPay.id.desc())
    .limit(2)
)


_WAITING = (
    select(QueueItem.rank)
    .where(QueueItem.clerk_id == User.id, QueueItem.rank < RESTS)
    .order_by(QueueItem.rank)
    .limit(ROOM_LOOKED_AT)
    .correlate(User)
    .subquery()
)
_STAND_IN = (
    select(Absence.colleague_id)
    .where(Absence.user_id == User.id, Absence.ended_at.is_(None))
    .order_by(Absence.id.desc())
    .limit(1)
    .correlate(User)
)
CLERKS = (
    select(
        User.id,
        User.name,
        User.role == Role.HEAD,
        select(func.count()).select_from(_WAITING).scalar_subquery(),
        _STAND_IN.scalar_subquery(),
    )
    .where(User.department == Department.CLIENT, User.deactivated_at.is_(None))
    .order_by(User.role == Role.HEAD, User.name, User.id)
)
BESIDE = (_CONTACTS, _OWED, _SPOKE, _PROMISED, TELLABLE)
"""What lies beside the telephone, for the client that the parameter names."""
_BESIDE = Together(*BESIDE)


def colleague_for(clerks: Sequence[Clerk], clerk_id: int) -> Clerk | None:
    """To whom an item of this clerk's goes unless somebody says otherwise: whoever stands in during an absence, else
    who is here and has most room; a head only where nobody else is."""
    stand_in = next((clerk.stand_in_id for clerk in clerks if clerk.id == clerk_id), None)
    others = [clerk for clerk in clerks if clerk.id != clerk_id]
    return min(
        others,
        key=lambda clerk: (clerk.id != stand_in, clerk.stand_in_id is not None, clerk.head, clerk.waiting, clerk.name),
        default=None,
    )


def card_of(session: Session, actor: Actor, item: Item, clerks: tuple[Clerk, ...]) -> Card:
    """What is needed to work one item. Two statements at most."""
    beside = _BESIDE.read(session.connection(), {"client": item.client_id})
    return card(actor, item, session.get_one(Client, item.client_id), session.get_one(Company, 1), beside, clerks)


def card(
    actor: Actor, item: Item, client: Client, company: Company, beside: Sequence[list[Any]], clerks: tuple[Clerk, ...]
) -> Card:
    """The card of an item; ``beside`` holds the rows of ``BESIDE``."""
    contacts, owed, spoke, promised, tellable = beside
    order = WHOM[item.first.reason]
    shown = allows(actor, Permission.CONTACT_DETAILS, (company, client))
    first = sorted(contacts, key=lambda each: (*order, each.decision_role).index(each.decision_role))[:CONTACTS_SHOWN]
    return Card(
        item,
        tuple(contact_row(contact, shown=shown) for contact in first),
        tuple(Owed(*row) for row in owed),
        Spoke(*spoke[0]) if spoke else None,
        tuple(Promised(*row) for row in promised),
        told_of(tellable[:ON_THE_PHONE]),
        clerks,
        allows(actor, Permission.QUEUE_WORK, client),
    )
