"""The commission ledger as it is kept: lines, the months that are closed, and how far the facts were read."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, func, Index, JSON, select, String
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.attraction import Place
from webapp.domain.base import Base, Choice
from webapp.domain.calendar import month_of, months_on
from webapp.domain.commission_rule import CommissionVersion
from webapp.domain.commission_terms import Portion


class CommissionEntry(Base):
    """One line of the ledger. Those of a closed month never change: a database trigger refuses it."""

    __tablename__ = "commission_entry"
    __table_args__ = (
        Index("ix_commission_entry_person", "person_id", "month", "currency", "amount_minor", "client_id"),
        Index("ix_commission_entry_month", "month", "person_id", "currency", "amount_minor"),
        Index("ix_commission_entry_client", "client_id", "person_id", "month"),
        Index("ix_commission_entry_allocation_id", "allocation_id"),
        CheckConstraint("version_id is not null or amount_minor = 0", name="paid_by_a_rule"),
        {"sqlite_autoincrement": True},
    )

    month: Mapped[date]
    """The month in whose statement the line stands, by its first day."""
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocation.id"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("commission_version.id"))
    portion: Mapped[Portion] = mapped_column(Choice(Portion))
    base_minor: Mapped[int]
    basis_points: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    received_on: Mapped[date]
    corrects: Mapped[date | None]
    """The closed month that the line corrects."""
    told: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What its sentence tells beside the figures."""


class CommissionMonth(Base):
    """A month that the director closed. Neither it nor its lines change any more: database triggers refuse it."""

    __tablename__ = "commission_month"

    month: Mapped[date] = mapped_column(unique=True)
    closed_at: Mapped[datetime]
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    last_allocation_id: Mapped[int]
    """What was entered later and belongs to this month or to one before corrects it in a later one."""


class CommissionReading(Base):
    """One row: how far the facts were read into the running months, and when."""

    __tablename__ = "commission_reading"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"), {"sqlite_autoincrement": True})

    allocation_id: Mapped[int] = mapped_column(default=0)
    event_id: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]


class AttractionPeriod(Base):
    """A client's period of initial attraction, worked out; of its payments for one product that has its own setting,
    by itself or in a bundle, or (product 0) of all others."""

    __tablename__ = "attraction_period"
    __table_args__ = (
        Index("ix_attraction_period_client_id_product", "client_id", "product", unique=True),
        Index("ix_attraction_period_ended_on", "ended_on", "client_id"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    product: Mapped[int]
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    last_on: Mapped[date | None]
    last_payment: Mapped[int | None]
    last_allocation: Mapped[int | None]
    last_minor: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    """When its end was told to the hunter and the head of the Client department."""

    @property
    def last(self) -> Place | None:
        if self.last_on is None or self.last_payment is None or self.last_allocation is None:
            return None
        return Place(self.last_on, self.last_payment, self.last_allocation)


def closed_through(session: Session) -> CommissionMonth | None:
    """The last closed month; all months of the ledger before it are closed too."""
    return session.scalar(select(CommissionMonth).order_by(CommissionMonth.month.desc()).limit(1))


def first_open(session: Session) -> date | None:
    """The month that is closed next: the one after the last closed, or that in which the first rule starts. None
    without a rule: the ledger begins with the first one."""
    closed = closed_through(session)
    if closed is not None:
        return months_on(closed.month, 1)
    begins = session.scalar(select(func.min(CommissionVersion.starts_on)))
    return None if begins is None else month_of(begins)
