"""One client in a quarterly review: what the rules propose and why, by which figures, and what a person decided."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.sales_class import SalesClass
from webapp.domain.user import User
from webapp.domain.vip_rules import CHANGES, INSIDE, OUTSIDE, VipStep
from webapp.domain.vip_tier import VipTier
from webapp.domain.words import N_

if TYPE_CHECKING:
    from webapp.domain.vip_review import VipReview


class VipLine(Base):
    """A line of the list. With the approval of its review it never changes: a database trigger refuses it. Only the
    hand-off that carries it out is written down later."""

    __tablename__ = "vip_line"
    __table_args__ = (
        Index("uq_vip_line_review_id_client_id", "review_id", "client_id", unique=True),
        Index("ix_vip_line_review_id_proposed", "review_id", "proposed", "id"),
        Index("ix_vip_line_review_id_decision", "review_id", "decision", "id"),
        Index("ix_vip_line_client_id", "client_id", "id"),
        CheckConstraint(
            "decision is null or decision not in ('enter', 'move') or tier_id is not null", name="decided_tier"
        ),
        CheckConstraint(
            "decision is null or decision not in ('enter', 'move', 'leave') or reason <> ''", name="decided_because"
        ),
        {"sqlite_autoincrement": True},
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("vip_review.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    was_tier_id: Mapped[int | None] = mapped_column(ForeignKey("vip_tier.id"))
    """The tier in which the client stood when the review was reckoned; None outside the programme."""
    proposed: Mapped[VipStep] = mapped_column(Choice(VipStep))
    proposed_tier_id: Mapped[int | None] = mapped_column(ForeignKey("vip_tier.id"))
    best: Mapped[SalesClass | None] = mapped_column(Choice(SalesClass))
    """Its best class among its currencies."""
    reasons: Mapped[list[str]] = mapped_column(JSON)
    """Keys of RULES that led to the proposal."""
    decision: Mapped[VipStep | None] = mapped_column(Choice(VipStep))
    tier_id: Mapped[int | None] = mapped_column(ForeignKey("vip_tier.id"))
    """In which tier the client stands by the decision."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    handoff_id: Mapped[int | None] = mapped_column(ForeignKey("handoff.id", ondelete="SET NULL"), index=True)
    """The hand-off that carries the decision out."""
    version: Mapped[int] = mapped_column(default=1)

    review: Mapped["VipReview"] = relationship(back_populates="lines")
    client: Mapped[Client] = relationship()
    tier: Mapped[VipTier | None] = relationship(foreign_keys=tier_id)
    was_tier: Mapped[VipTier | None] = relationship(foreign_keys=was_tier_id)
    sums: Mapped[list["VipSum"]] = relationship(back_populates="line", order_by="VipSum.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def choices(self) -> tuple[VipStep, ...]:
        """What can be decided of this client."""
        return OUTSIDE if self.was_tier_id is None else INSIDE

    def decide(self, step: VipStep, tier: VipTier | None, reason: str, *, by: User, at: datetime, seen: int) -> Event:
        """What is to become of the client. Whatever changes the list says why."""
        if seen != self.version:
            raise Stale
        self.review.check_open()
        if step not in self.choices:
            raise Refused(N_("This cannot be decided of this client"), field="decision")
        if step in CHANGES and not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        kept = self._tier_for(step, tier)
        self.decision, self.tier_id, self.reason = step, kept, reason.strip()[:500]
        self.decided_by_id, self.decided_at = by.id, at
        details = {"client": self.client.name, "decision": step, "reason": self.reason}
        return event("vipreview:decided", by=by, at=at, subject_id=self.review_id, details=details)

    def _tier_for(self, step: VipStep, tier: VipTier | None) -> int | None:
        if step is VipStep.STAY:
            return self.was_tier_id
        if step not in (VipStep.ENTER, VipStep.MOVE):
            return None
        if tier is None:
            raise Refused(N_("Choose the tier"), field="tier_id")
        if tier.retired_at is not None:
            raise Refused(N_("This tier is retired"), field="tier_id")
        if tier.id == self.was_tier_id:
            raise Refused(N_("The client is in this tier already"), field="tier_id")
        return tier.id


class VipSum(Base):
    """What the client of a line paid in one currency, as the review was reckoned."""

    __tablename__ = "vip_sum"
    __table_args__ = (Index("ix_vip_sum_line_id", "line_id", "id"), {"sqlite_autoincrement": True})

    line_id: Mapped[int] = mapped_column(ForeignKey("vip_line.id", ondelete="CASCADE"))
    currency: Mapped[str] = mapped_column(String(3))
    paid_minor: Mapped[int]
    before_minor: Mapped[int]
    """In the 12 months before."""
    sales_class: Mapped[SalesClass] = mapped_column(Choice(SalesClass))

    line: Mapped[VipLine] = relationship(back_populates="sums")
