"""Contracts: what was sold to a client and is paid for, monthly or once."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.awareness import Awareness
from webapp.domain.base import Base
from webapp.domain.calendar import last_day, month_of, months_on, years_on
from webapp.domain.client import Client
from webapp.domain.contract_term import ContractTerm
from webapp.domain.deal import Deal
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.money import LARGEST, share, WHOLE
from webapp.domain.product import Billing, Product
from webapp.domain.sold_part import parts_of_contract, SoldPart
from webapp.domain.tax import rates_on
from webapp.domain.user import User
from webapp.domain.words import N_

if TYPE_CHECKING:
    from webapp.domain.invoice import Invoice

LATEST_PAYMENT_DAY = 31
LONGEST_NOTICE = 730
"""Days."""
HIGHEST_INDEXATION = 5_000
"""Basis points a year."""
TO_INVOICE = text("next_invoice_on IS NOT NULL")


class Contract(ContractTerm, Base):
    """One product that a client pays for. Its amount includes the tax."""

    __tablename__ = "contract"
    __table_args__ = (
        Index("ix_contract_to_invoice", "next_invoice_on", "id", sqlite_where=TO_INVOICE, postgresql_where=TO_INVOICE),
        Index("ix_contract_client_id_ends_on", "client_id", "ends_on"),
        Index("ix_contract_ends_on", "ends_on"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("payment_day between 1 and 31", name="payment_day"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    name: Mapped[str] = mapped_column(String(300))
    """What is paid for, as the invoice says it."""
    number: Mapped[str] = mapped_column(String(40), default="")
    """The paper's number, where there is one."""
    currency: Mapped[str] = mapped_column(String(3))
    tax: Mapped[str] = mapped_column(String(20), default="none")
    """A key of the tax rates, as agreed; the amount includes the tax. See ``tax_on``."""
    indexation: Mapped[int] = mapped_column(default=0)
    """Basis points by which the amount grows each year."""
    next_indexation_on: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship()
    deal: Mapped[Deal | None] = relationship()
    product: Mapped[Product | None] = relationship()
    parts: Mapped[list[SoldPart]] = relationship(order_by=SoldPart.id, cascade="all, delete-orphan")
    """What the product held as a bundle when it was sold."""
    invoices: Mapped[list["Invoice"]] = relationship(back_populates="contract", order_by="Invoice.id")

    __mapper_args__ = {"version_id_col": version}

    EDITABLE = frozenset("name number amount_minor tax starts_on notice_days payment_day indexation".split())

    @classmethod
    def conclude(
        cls,
        session: Session,
        client: Client,
        name: str,
        billing: Billing,
        amount_minor: int,
        currency: str,
        starts_on: date,
        *,
        by: User | None,
        at: datetime,
        ends_on: date | None = None,
        indexation: int = 0,
        **fields: object,
    ) -> "Contract":
        """A new contract. It is invoiced from its first day on, also where that day is past."""
        monthly = billing is Billing.MONTHLY
        contract = cls(
            client=client,
            name=name,
            billing=billing,
            amount_minor=amount_minor,
            currency=currency,
            starts_on=starts_on,
            ends_on=ends_on if monthly else starts_on,
            indexation=indexation,
            next_indexation_on=years_on(starts_on) if monthly and indexation else None,
            next_invoice_on=starts_on,
            **fields,
        )
        contract._check()
        session.add(contract)
        session.flush()
        contract.parts = parts_of_contract(session, contract)
        session.add(contract._event("contract:added", by=by, at=at))
        contract._own(session, by=by, at=at)
        return contract

    def change(self, *, by: User, at: datetime, seen: int, **fields: object) -> Event:
        """Change the terms for the invoices to come. Invoices written already stay as they are."""
        unknown = set(fields) - self.EDITABLE
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        if seen != self.version:
            raise Stale
        changed = sorted(field for field, value in fields.items() if getattr(self, field) != value)
        if "starts_on" in changed and self.last_invoiced() is not None:
            raise Refused(N_("It is invoiced already: the first day stays"), field="starts_on")
        was = self.amount_minor
        for field in changed:
            setattr(self, field, fields[field])
        if "starts_on" in changed:
            self.next_invoice_on, self.ends_on = self.starts_on, self.ends_on if self.is_monthly else self.starts_on
        if {"indexation", "starts_on"} & set(changed):
            self.next_indexation_on = self._next_anniversary(by.today(at)) if self.indexation else None
        self._check()
        details = {"was_minor": was} if "amount_minor" in changed else {}
        return self._event("contract:changed", by=by, at=at, fields=changed, **details)

    def end(self, ends_on: date, reason: str, *, by: User, at: datetime, seen: int) -> Event:
        """The contract's last day, with the reason. A later one prolongs it."""
        if seen != self.version:
            raise Stale
        if not self.is_monthly:
            raise Refused(N_("Only a monthly contract has an end"))
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        last = self.last_invoiced()
        if last is not None and month_of(ends_on) < last:
            raise Refused(N_("Months after this day are invoiced already"), field="ends_on")
        if last is not None and self.ends_on is not None and last_day(last) > self.ends_on < ends_on:
            raise Refused(
                N_("The last month is invoiced in part: conclude a new contract from then on"), field="ends_on"
            )
        was_over = self.ends_on is not None and self.ends_on < by.today(at)
        self.ends_on, self.end_reason = ends_on, reason.strip()
        self._check()
        following = self.starts_on if last is None else months_on(last, 1)
        self.next_invoice_on = following if following <= ends_on else None
        session = object_session(self)
        if session is not None and was_over and ends_on >= by.today(at):  # a night may have ended what the client owned
            self._own(session, by=by, at=at)
        return self._event("contract:ended", by=by, at=at, ends=ends_on.isoformat(), reason=reason.strip())

    def index(self, *, at: datetime) -> Event:
        """Raise the amount by the yearly rate, rounded half up to the minor unit; the next time is a year later."""
        if self.next_indexation_on is None:
            raise Refused(N_("This contract is not indexed"))
        was, raised = self.amount_minor, self.amount_minor + share(self.amount_minor, self.indexation)
        self.amount_minor = min(raised, LARGEST)
        self.next_indexation_on = years_on(self.next_indexation_on)
        self._check()
        return self._event("contract:indexed", by=None, at=at, was_minor=was)

    def tax_on(self, day: date) -> str:
        """The key of its tax rate on a day. A contract concluded at its product's own rate follows the product, where
        that is taxed otherwise from a later day on; one with another rate keeps it."""
        product, agreed = self.product, self.tax or "none"
        return agreed if product is None else product.tax_moved(agreed, self.currency, self.starts_on, day)

    def tax_inside(self, minor: int, day: date) -> int:
        """The tax that a sum of this contract holds on a day."""
        return rates_on(day)[self.tax_on(day)].inside(minor)

    @property
    def gives(self) -> list[int]:
        """The products that the client owns by it, as ``giving.GIVEN`` says of all contracts."""
        return [self.product_id, *(part.product_id for part in self.parts)] if self.product_id is not None else []

    def _own(self, session: Session, *, by: User | None, at: datetime) -> None:
        """The client owns what the contract gives."""
        Awareness.note_all(session, self.client_id, self.gives, "buy", by=by, at=at)

    def _next_anniversary(self, today: date) -> date:
        year = next(count for count in range(1, 200) if years_on(self.starts_on, count) > today)
        return years_on(self.starts_on, year)

    def _check(self) -> None:
        if not self.name.strip():
            raise Refused(N_("Say what is paid for"), field="name")
        if not 0 < self.amount_minor <= LARGEST:
            raise Refused(N_("The amount is more than zero"), field="amount_minor")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise Refused(N_("The contract ends after it starts"), field="ends_on")
        if not 1 <= (self.payment_day or 10) <= LATEST_PAYMENT_DAY:
            raise Refused(N_("A day of the month, 1 to 31"), field="payment_day")
        if not 0 <= (self.notice_days if self.notice_days is not None else 30) <= LONGEST_NOTICE:
            raise Refused(N_("Between 0 and %(most)s days"), field="notice_days", most=LONGEST_NOTICE)
        if not 0 <= self.indexation <= HIGHEST_INDEXATION:
            raise Refused(
                N_("Between 0 and %(most)s percent a year"), field="indexation", most=HIGHEST_INDEXATION * 100 // WHOLE
            )
        if (self.tax or "none") not in rates_on(self.starts_on):
            raise Refused(N_("This tax rate is not in force on the first day"), field="tax")

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: object) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client_id if self.client_id is not None else self.client.id,
            subject_id=self.id,
            details={"name": self.name, "amount_minor": self.amount_minor, "currency": self.currency, **details},
        )
