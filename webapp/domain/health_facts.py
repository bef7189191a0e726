"""What is known of a client on a day: the facts that its health stands on. Dates, never ages; nothing of later days."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from webapp.domain.attack_state import Severity
from webapp.domain.contact import DecisionRole
from webapp.domain.health_known import LOOK_BACK
from webapp.domain.visit_state import VisitOutcome


class Source(NamedTuple):
    """Where a fact is written down: what kind of record, and its number."""

    kind: str
    """``contact``, ``user`` (an interaction with that one of ours on the day), ``invoice``, ``promise``, ``attack``,
    ``deal``, ``contract``, ``client``, ``visit``, or ``nothing``: what is not recorded, with the client's number."""
    id: int


class Touch(NamedTuple):
    """One of ours and one of theirs, both still there, and when the other side last took part."""

    user_id: int
    head: bool
    contact_id: int
    role: str
    """What they do in the client's decisions."""
    on: date

    @property
    def decides(self) -> bool:
        return self.role == DecisionRole.DECIDES


class Bill(NamedTuple):
    """An invoice: when it was due, and when it was covered, if it was."""

    id: int
    product: int
    """What it is for: the product's number, or that of the contract, below zero, where no product is named."""
    monthly: bool
    issued_on: date
    due_on: date
    minor: int
    currency: str
    paid_on: date | None


class Vow(NamedTuple):
    """A promise of ours. At most one of the last two is known."""

    id: int
    due_on: date | None
    kept_on: date | None
    broken_on: date | None


class Dispute(NamedTuple):
    """An invoice that the client did not accept."""

    invoice_id: int
    began_on: date
    ended_on: date | None


class Assault(NamedTuple):
    """A rival's attack as it stood on the day."""

    id: int
    severity: Severity
    raised_on: date
    ended_on: date | None
    lost: bool
    defended: bool


class Leaver(NamedTuple):
    """A person of the client's who is there no more."""

    contact_id: int
    left_on: date
    role: str
    champion: bool

    @property
    def decided(self) -> bool:
        return self.role == DecisionRole.DECIDES

    def replaced_by(self, touch: Touch) -> bool:
        """Whether somebody spoken with since takes their place: one who decides that of a decider or a champion, one of
        the same role that of another, and anybody that of a person whose role nobody knew."""
        if touch.on <= self.left_on:
            return False
        if self.decided or self.champion:
            return touch.decides
        return self.role in (touch.role, DecisionRole.UNKNOWN)


class Notice(NamedTuple):
    """The last day of a contract, as somebody set it."""

    contract_id: int
    given_on: date
    ends_on: date


HABIT = timedelta(days=95)
"""What fell due in the last three months and a little is the present; what fell due before shows what is usual."""

LEAST_BEFORE = 3
"""Covered invoices from which on a client has habits of its own; until then its contract's day counts."""


@dataclass(frozen=True)
class Facts:
    """Everything that was known of one client at the end of a day at the company's seat. What several rules ask for is
    reckoned once."""

    client_id: int
    day: date
    since: date
    """Since when the client is known to us."""
    live_days: int
    """For so many days a contact is live."""
    key: bool = False
    programme_since: date | None = None
    """Since when it is in the VIP programme; None: it is not."""
    visit_norm: int | None = None
    """Days from one visit to the next; None where no norm is set."""
    threads: tuple[Touch, ...] = ()
    last_contact: tuple[date, int] | None = None
    """When anybody of theirs last took part, and with whom of ours; also of people who are gone."""
    last_visit: tuple[date, int] | None = None
    """The last held visit with a purpose, and whose."""
    last_word: tuple[date, int, VisitOutcome] | None = None
    """How the last held visit ended, whatever it was for: the day, the visit, and what was told of it."""
    bills: tuple[Bill, ...] = ()
    pledges_broken: tuple[tuple[date, int], ...] = ()
    """Promises to pay that the client broke: the day, and the promise."""
    promises: tuple[Vow, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    talks: tuple[tuple[date, int], ...] = ()
    """Open deals: the day they were opened, and their number."""
    notices: tuple[Notice, ...] = ()
    attacks: tuple[Assault, ...] = ()
    leavers: tuple[Leaver, ...] = ()
    lost_on: date | None = None
    """The client is lost: since when."""

    @property
    def age_days(self) -> int:
        return (self.day - self.since).days

    @property
    def watched_from(self) -> date:
        """From which day on the facts reach: of what is not among them, nothing is recorded since."""
        return max(self.since, self.day - timedelta(days=LOOK_BACK))

    def ago(self, on: date) -> int:
        """Days since then."""
        return (self.day - on).days

    @cached_property
    def live(self) -> list[Touch]:
        oldest = self.day - timedelta(days=self.live_days)
        return [each for each in self.threads if oldest <= each.on <= self.day]

    @cached_property
    def disputed(self) -> frozenset[int]:
        """Invoices that the client does not accept."""
        return frozenset(each.invoice_id for each in self.disputes if each.ended_on is None)

    @cached_property
    def due_lately(self) -> list[Bill]:
        """What fell due in the last three months and is not disputed."""
        since = self.day - HABIT
        return [bill for bill in self.bills if since <= bill.due_on < self.day and bill.id not in self.disputed]

    @cached_property
    def usual_lateness(self) -> int:
        """Days by which this client usually pays late: the median of what fell due before the last three months."""
        since = self.day - HABIT
        before = [
            bill.paid_on.toordinal() - bill.due_on.toordinal()
            for bill in self.bills
            if bill.due_on < since and bill.paid_on is not None
        ]
        return max(0, sorted(before)[(len(before) - 1) // 2]) if len(before) >= LEAST_BEFORE else 0
