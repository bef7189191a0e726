"""Promises to pay: what the client said it will pay, and by when. (What we promised the client is a ``Promise``.)"""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, exists, ForeignKey, func, Index, ScalarSelect, select, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.allocation import Allocation
from webapp.domain.base import Base, Choice
from webapp.domain.calendar import last_day, month_of
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.contract import Contract
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.invoice import Invoice
from webapp.domain.money import CURRENCIES, LARGEST
from webapp.domain.user import User
from webapp.domain.words import N_

OPEN = text("state = 'open'")


class PromiseToPayState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"

    @property
    def label(self) -> str:
        return {"open": N_("Open"), "kept": N_("Kept"), "broken": N_("Broken")}[self.value]


TRANSITIONS: dict[PromiseToPayState, frozenset[PromiseToPayState]] = {
    PromiseToPayState.OPEN: frozenset({PromiseToPayState.KEPT, PromiseToPayState.BROKEN}),
    PromiseToPayState.KEPT: frozenset(),
    PromiseToPayState.BROKEN: frozenset(),
}


class PromiseToPay(Base):
    """A sum by a day. Kept when what covers the client's invoices since then reaches the sum, or where nothing is owed
    any more when the day is over; else broken then. A client has one open promise per currency: a new date or sum
    changes it, and that is counted."""

    __tablename__ = "promise_to_pay"
    __table_args__ = (
        Index("uq_promise_to_pay_open", "client_id", "currency", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_promise_to_pay_due", "due_on", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_promise_to_pay_client_id_state", "client_id", "state", "due_on"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    made_at: Mapped[datetime]
    due_on: Mapped[date]
    state: Mapped[PromiseToPayState] = mapped_column(Choice(PromiseToPayState), default=PromiseToPayState.OPEN)
    closed_at: Mapped[datetime | None]
    moved: Mapped[int] = mapped_column(default=0)
    """How often the client put it off or changed the sum."""

    client: Mapped[Client] = relationship()
    contact: Mapped[Contact | None] = relationship()
    taken_by: Mapped[User] = relationship()

    @classmethod
    def make(
        cls,
        session: Session,
        client: Client,
        amount_minor: int,
        currency: str,
        due_on: date,
        *,
        by: User,
        at: datetime,
        contact: Contact | None = None,
    ) -> "PromiseToPay":
        """The client promises; where a promise is open already, its sum and day change."""
        if currency not in CURRENCIES:
            raise Refused(N_("Choose a currency"), field="currency")
        if not 0 < amount_minor <= LARGEST:
            raise Refused(N_("The amount is more than zero"), field="amount_minor")
        if due_on < by.today(at):
            raise Refused(N_("This day is over"), field="due_on")
        owed, coming = _owed(session, client, currency, due_on)
        if owed and amount_minor > owed + coming:
            raise Refused(N_("This is more than they owe and are invoiced by then"), field="amount_minor")
        mine = (cls.client_id == client.id, cls.currency == currency, cls.state == PromiseToPayState.OPEN)
        promise = session.scalar(select(cls).where(*mine).with_for_update())
        if promise is not None:
            was = promise.due_on
            promise.amount_minor, promise.due_on, promise.contact = amount_minor, due_on, contact or promise.contact
            promise.moved += 1
            session.add(promise._event("promisetopay:changed", by=by, at=at, was=was.isoformat()))
            return promise
        promise = cls(
            client=client,
            contact=contact,
            taken_by=by,
            amount_minor=amount_minor,
            currency=currency,
            made_at=at,
            due_on=due_on,
        )
        session.add(promise)
        session.flush()
        session.add(promise._event("promisetopay:made", by=by, at=at))
        return promise

    def keep(self, *, at: datetime) -> Event:
        """What came since then reaches the sum, or nothing is owed any more."""
        self._become(PromiseToPayState.KEPT, at)
        return self._event("promisetopay:kept", by=None, at=at)

    def break_off(self, *, at: datetime, today: date) -> Event:
        """The day passed, and the money did not come."""
        if self.due_on >= today:
            raise Refused(N_("The day is not over yet"))
        self._become(PromiseToPayState.BROKEN, at)
        return self._event("promisetopay:broken", by=None, at=at)

    def _become(self, state: PromiseToPayState, at: datetime) -> None:
        if state not in TRANSITIONS[self.state]:
            raise Refused(N_("This promise is closed already"))
        self.state, self.closed_at = state, at

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: object) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client_id if self.client_id is not None else self.client.id,
            subject_id=self.id,
            details={
                "amount_minor": self.amount_minor,
                "currency": self.currency,
                "due": self.due_on.isoformat(),
                **details,
            },
        )


def _owed(session: Session, client: Client, currency: str, due_on: date) -> tuple[int, int]:
    """What the client owes, and what its contracts are still to be invoiced for by the end of that day's month. Whoever
    owes nothing yet may promise anything."""
    owed = select(func.coalesce(func.sum(Invoice.outstanding_minor), 0)).where(
        Invoice.client_id == client.id, Invoice.currency == currency, Invoice.outstanding_minor > 0
    )
    contracts = session.scalars(
        select(Contract).where(
            Contract.client_id == client.id,
            Contract.currency == currency,
            Contract.next_invoice_on <= last_day(month_of(due_on)),
        )
    )
    coming = sum(
        each.amount_minor * (_months(each.next_invoice_on, due_on) if each.is_monthly else 1) for each in contracts
    )
    return int(session.scalar(owed) or 0), coming


def _months(first: date | None, last: date) -> int:
    """The calendar months from one day to a later one, both included."""
    return 0 if first is None else (last.year - first.year) * 12 + last.month - first.month + 1


def came_since() -> ScalarSelect[int]:
    """What came for the client's invoices, in the promise's currency, after the promise was made."""
    return (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0))
        .where(Allocation.client_id == PromiseToPay.client_id, Allocation.currency == PromiseToPay.currency)
        .where(Allocation.at > PromiseToPay.made_at)
        .correlate(PromiseToPay)
        .scalar_subquery()
    )


def keep_paid(session: Session, clients: Collection[int] | None, *, at: datetime) -> int:
    """Close the open promises whose sum has come (of these clients; None: of all). One statement, and the events."""
    paid = select(PromiseToPay).where(
        PromiseToPay.state == PromiseToPayState.OPEN, came_since() >= PromiseToPay.amount_minor
    )
    if clients is not None:
        paid = paid.where(PromiseToPay.client_id.in_(clients))
    kept = session.scalars(paid.order_by(PromiseToPay.id).with_for_update()).all()
    session.add_all([promise.keep(at=at) for promise in kept])
    return len(kept)


def break_due(session: Session, today: date, *, at: datetime, most: int) -> int:
    """Close up to ``most`` open promises whose day is over; how many those were. Who owes nothing any more, as after a
    credit note, broke none."""
    owing = exists().where(
        Invoice.client_id == PromiseToPay.client_id,
        Invoice.currency == PromiseToPay.currency,
        Invoice.outstanding_minor > 0,
    )
    over = (
        select(PromiseToPay, owing)
        .where(PromiseToPay.state == PromiseToPayState.OPEN, PromiseToPay.due_on < today)
        .order_by(PromiseToPay.due_on, PromiseToPay.id)
        .limit(most)
        .with_for_update()
    )
    closed = session.execute(over).all()
    session.add_all(
        [promise.break_off(at=at, today=today) if owes else promise.keep(at=at) for promise, owes in closed]
    )
    return len(closed)
