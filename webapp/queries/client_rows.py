"""What a client's page shows, row by row."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Row

from webapp.domain.contact import Contact
from webapp.domain.deal import DealStatus
from webapp.domain.proposal_state import Standing
from webapp.domain.task import TaskKind
from webapp.domain.words import Department


@dataclass(frozen=True, slots=True)
class Lane:
    """A department's open work with the client."""

    id: int
    department: Department
    stage: str
    limit_days: int | None
    owner_id: int
    owner: str
    since: datetime
    next_touch_on: date | None
    receivers: tuple[Department, ...]
    """Departments to which the asker may begin a hand-off from here."""
    may_reassign: bool


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A person at the client. ``phone`` and ``email`` are empty where ``hidden`` says that there is something."""

    id: int
    name: str
    position: str
    role: str
    phone: str
    email: str
    hidden: bool
    note: str
    consent: str
    left: bool


@dataclass(frozen=True, slots=True)
class ProposalRow:
    id: int
    label: str
    version: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class DealRow:
    id: int
    name: str
    status: DealStatus
    currency: str
    one_off_minor: int
    monthly_minor: int
    expected_on: date | None
    closed_on: date | None
    owner: str
    proposals: tuple[ProposalRow, ...]


@dataclass(frozen=True, slots=True)
class TaskRow:
    id: int
    kind: TaskKind
    subject: str
    due_on: date
    due_time: time | None
    owner: str
    mine: bool
    may_close: bool


@dataclass(frozen=True, slots=True)
class PromiseRow:
    id: int
    text: str
    due_on: date | None
    owner: str
    overdue: bool
    may_close: bool


@dataclass(frozen=True, slots=True)
class HandOffRow:
    id: int
    giver: Department
    receiver: Department
    state: str
    label: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class LossRow:
    """Why the client is lost. ``competitor`` is empty where no rival has it."""

    cause: str
    competitor: str
    note: str
    lost_on: date


@dataclass(frozen=True, slots=True)
class ClientPage:
    """Everything on the page but the timeline."""

    lanes: tuple[Lane, ...]
    contacts: tuple[ContactRow, ...]
    deals: tuple[DealRow, ...]
    deals_count: int
    tasks: tuple[TaskRow, ...]
    promises: tuple[PromiseRow, ...]
    handoff: HandOffRow | None
    """The one that waits for an answer."""
    handoffs: tuple[HandOffRow, ...]
    attracted_by: str | None
    attraction_over: date | None
    """Since when its period of initial attraction is over, where it is."""
    loss: LossRow | None
    """Of a client that is lost now."""
    health: tuple[int, str, int] | None
    """Level, band and trend; None of one that has none yet."""
    may_edit: bool
    may_add_deal: bool
    may_reveal: bool


CONTACT = (
    *(Contact.id, Contact.name, Contact.position, Contact.decision_role, Contact.phone, Contact.email, Contact.note),
    *(Contact.consent, Contact.left_at),
)
"""The columns that ``contact_row`` reads."""


def contact_row(contact: Contact | Row[*tuple[Any, ...]], *, shown: bool) -> ContactRow:
    """A contact, or a row of such columns, as the page shows it: with or without its phone and e-mail."""
    return ContactRow(
        contact.id,
        contact.name,
        contact.position,
        contact.decision_role.label if contact.decision_role != "unknown" else "",
        contact.phone if shown else "",
        contact.email if shown else "",
        not shown and bool(contact.phone or contact.email),
        contact.note,
        contact.consent,
        contact.left_at is not None,
    )
