"""How long a contract runs, what each of its months costs, and when its next invoice falls due."""

from datetime import date
from decimal import Decimal, ROUND_HALF_UP

from sqlalchemy import BindParameter, ColumnElement
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.base import Choice
from webapp.domain.calendar import in_month, last_day, month_of, months_on
from webapp.domain.product import Billing

Day = date | BindParameter[date]


class ContractTerm:
    """The columns of a contract that say when it runs and when it is paid, with what follows from them.

    A monthly contract is invoiced on the first day of each month that it touches; the first and the last month in
    proportion to their days. A one-off contract is invoiced once, when it starts.
    """

    billing: Mapped[Billing] = mapped_column(Choice(Billing))
    amount_minor: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day; None until somebody gives notice."""
    notice_days: Mapped[int] = mapped_column(default=30)
    payment_day: Mapped[int] = mapped_column(default=10)
    """Day of the month by which the invoice is to be paid."""
    next_invoice_on: Mapped[date | None]
    """The day on which the next invoice falls due for writing; None when all are written."""

    @property
    def is_monthly(self) -> bool:
        return self.billing is Billing.MONTHLY

    @classmethod
    def lasting(cls, day: Day) -> ColumnElement[bool]:
        """Those that are not over on a day, begun or not: what was paid for once stays the client's."""
        return (cls.billing == Billing.ONE_OFF) | cls.ends_on.is_(None) | (cls.ends_on >= day)

    @classmethod
    def in_force(cls, day: Day) -> ColumnElement[bool]:
        """Those by which clients have something on a day: they began, and are not over."""
        return (cls.starts_on <= day) & cls.lasting(day)

    @classmethod
    def paid_monthly(cls, day: Day) -> ColumnElement[bool]:
        """Those in force whose amount is paid each month."""
        return (cls.billing == Billing.MONTHLY) & cls.in_force(day)

    @property
    def notice_by(self) -> date | None:
        """The last day on which notice is still in time; None without an end."""
        return None if self.ends_on is None else date.fromordinal(self.ends_on.toordinal() - self.notice_days)

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
        """By when the month's invoice is to be paid: the month's payment day, or where that is over when the invoice is
        written or the contract begins, the next one."""
        first = max(issued_on, self.starts_on)
        month = max(month, month_of(first))
        day = in_month(month, self.payment_day)
        return day if day >= first else in_month(months_on(month, 1), self.payment_day)

    def written_through(self, month: date) -> None:
        """The month's invoice is written: the next one follows on the first of the next month, where it still runs."""
        following = months_on(month, 1)
        ends = self.ends_on if self.is_monthly else self.starts_on
        self.next_invoice_on = None if ends is not None and following > ends else following

    def last_invoiced(self) -> date | None:
        """The last month whose invoice is written."""
        if self.next_invoice_on is None:
            return month_of(self.ends_on or self.starts_on)
        return None if self.next_invoice_on <= self.starts_on else months_on(month_of(self.next_invoice_on), -1)
