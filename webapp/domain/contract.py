"""Contracts: what was sold to a client and is paid for, monthly or once."""

from datetime import date, datetime
from decimal import Decimal, ROUND_HALF_UP
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.awareness import Awareness
from webapp.domain.base import Base, Choice
from webapp.domain.calendar import in_month, last_day, month_of, months_on, years_on
from webapp.domain.client import Client
from webapp.domain.deal import Deal
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.money import LARGEST, share, WHOLE
from webapp.domain.product import Billing, Product
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


class Contract(Base):
    """One product that a client pays for. Its amount includes the tax.

    A monthly contract is invoiced on the first day of each month that it touches; the first and the last month in
    proportion to their days. A one-off contract is invoiced once, when it starts.
    """

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
    billing: Mapped[Billing] = mapped_column(Choice(Billing))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    tax: Mapped[str] = mapped_column(String(20), default="none")
    """A key of the tax rates; the amount includes the tax."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day; None until somebody gives notice."""
    notice_days: Mapped[int] = mapped_column(default=30)
    payment_day: Mapped[int] = mapped_column(default=10)
    """Day of the month by which the invoice is to be paid."""
    indexation: Mapped[int] = mapped_column(default=0)
    """Basis points by which the amount grows each year."""
    next_indexation_on: Mapped[date | None]
    next_invoice_on: Mapped[date | None]
    """The day on which the next invoice falls due for writing; None when all are written."""
    end_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship()
    deal: Mapped[Deal | None] = relationship()
    product: Mapped[Product | None] = relationship()
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
        session.add(contract._event("contract:added", by=by, at=at))
        Awareness.note_all(session, contract.client_id, [contract.product_id], "buy", by=by, at=at)
        return contract

    @property
    def is_monthly(self) -> bool:
        return self.billing is Billing.MONTHLY

    def runs_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    @property
    def notice_by(self) -> date | None:
        """The last day on which notice is still in time; None without an end."""
        return None if self.ends_on is None else date.fromordinal(self.ends_on.toordinal() - self.notice_days)

    def change(self, *, by: User, at: datetime, seen: int, **fields: object) -> Event:
        """Change the terms for the invoices to come. Invoices written already stay as they are."""
        unknown = set(fields) - self.EDITABLE
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        if seen != self.version:
            raise Stale
        changed = sorted(field for field, value in fields.items() if getattr(self, field) != value)
        if "starts_on" in changed and self._last_invoiced() is not None:
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
        last = self._last_invoiced()
        if last is not None and month_of(ends_on) < last:
            raise Refused(N_("Months after this day are invoiced already"), field="ends_on")
        if last is not None and self.ends_on is not None and last_day(last) > self.ends_on < ends_on:
            raise Refused(
                N_("The last month is invoiced in part: conclude a new contract from then on"), field="ends_on"
            )
        self.ends_on, self.end_reason = ends_on, reason.strip()
        self._check()
        following = self.starts_on if last is None else months_on(last, 1)
        self.next_invoice_on = following if following <= ends_on else None
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

    def period_amount(self, month: date) -> int:
        """What a month costs: the amount, in proportion to the days that the contract runs in it (half up, but
        never nothing)."""
        if not self.is_monthly:
            return self.amount_minor
        first, last = max(self.starts_on, month), last_day(month)
        last = last if self.ends_on is None else min(self.ends_on, last)
        days, whole = (last - first).days + 1, last_day(month).day
        return max(1, int((Decimal(self.amount_minor) * days / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    def due_on(self, month: date, issued_on: date) -> date:
        """By when the month's invoice is to be paid: the payment day, or the day of issue where that is past."""
        return max(in_month(month, self.payment_day), issued_on, self.starts_on)

    def tax_inside(self, minor: int, day: date) -> int:
        """The tax that a sum of this contract holds on a day."""
        return rates_on(day)[self.tax].inside(minor)

    def written_through(self, month: date) -> None:
        """The month's invoice is written: the next one follows on the first of the next month, where it still runs."""
        following = months_on(month, 1)
        ends = self.ends_on if self.is_monthly else self.starts_on
        self.next_invoice_on = None if ends is not None and following > ends else following

    def _last_invoiced(self) -> date | None:
        """The last month whose invoice is written."""
        if self.next_invoice_on is None:
            return month_of(self.ends_on or self.starts_on)
        return None if self.next_invoice_on <= self.starts_on else months_on(month_of(self.next_invoice_on), -1)

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
