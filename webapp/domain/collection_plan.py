"""The plan of collecting: what a clerk is to collect in a month. Set anew, never changed: history is the table."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.calendar import month_of
from webapp.domain.engagement import can_own
from webapp.domain.errors import Refused
from webapp.domain.event import event
from webapp.domain.money import CURRENCIES, LARGEST
from webapp.domain.user import User
from webapp.domain.words import Department, N_


class CollectionPlan(Base):
    """One setting of one clerk's plan for a month; the last one counts. A database trigger refuses a change."""

    __tablename__ = "collection_plan"
    __table_args__ = (
        Index("ix_collection_plan_month", "month", "clerk_id", "currency", "id"),
        CheckConstraint("amount_minor >= 0", name="amount_positive"),
        {"sqlite_autoincrement": True},
    )

    clerk_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    month: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300), default="")
    set_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    set_at: Mapped[datetime]

    clerk: Mapped[User] = relationship(foreign_keys=clerk_id)
    set_by: Mapped[User] = relationship(foreign_keys=set_by_id)

    @classmethod
    def set(
        cls,
        session: Session,
        clerk: User,
        month: date,
        amount_minor: int,
        currency: str,
        *,
        by: User,
        at: datetime,
        reason: str = "",
    ) -> "CollectionPlan":
        """Set the plan of a month that is not over, for somebody who answers for clients. A change says why."""
        if currency not in CURRENCIES:
            raise Refused(N_("Choose a currency"), field="currency")
        if not 0 <= amount_minor <= LARGEST:
            raise Refused(N_("This sum is too large"), field="amount_minor")
        if not can_own(clerk, Department.CLIENT):
            raise Refused(N_("%(name)s does not work in this department"), field="clerk_id", name=clerk.name)
        if month_of(month) < month_of(by.today(at)):
            raise Refused(N_("This month is over"), field="month")
        before = cls.latest(session, clerk.id, month_of(month), currency)
        if before is not None and before.amount_minor == amount_minor:
            raise Refused(N_("This is the plan already"), field="amount_minor")
        if before is not None and not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        plan = cls(
            clerk=clerk,
            month=month_of(month),
            currency=currency,
            amount_minor=amount_minor,
            reason=reason.strip(),
            set_by=by,
            set_at=at,
        )
        session.add(plan)
        session.flush()
        details = {
            "name": clerk.name,
            "month": plan.month.isoformat(),
            "amount_minor": amount_minor,
            "currency": currency,
            "was_minor": None if before is None else before.amount_minor,
            "reason": plan.reason,
        }
        session.add(event("plan:set", by=by, at=at, subject_id=plan.id, details=details))
        return plan

    @classmethod
    def latest(cls, session: Session, clerk_id: int, month: date, currency: str) -> "CollectionPlan | None":
        return session.scalar(
            select(cls)
            .where(cls.clerk_id == clerk_id, cls.month == month, cls.currency == currency)
            .order_by(cls.id.desc())
            .limit(1)
        )
