"""Deals: possible sales, with product lines, one-off and monthly sums, and how they ended."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.money import LARGEST, line_total
from webapp.domain.product import Billing, Product
from webapp.domain.sold_part import keep_parts, SoldPart
from webapp.domain.user import User
from webapp.domain.words import Department, N_

if TYPE_CHECKING:
    from webapp.domain.proposal import Proposal

STILL_OPEN, NOT_CLOSED, CLOSED = text("status = 'open'"), text("closed_on IS NULL"), text("closed_on IS NOT NULL")


class DealStatus(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"

    @property
    def label(self) -> str:
        return {"open": N_("Open"), "won": N_("Won"), "lost": N_("Lost")}[self.value]


LOST_REASONS: dict[str, str] = {
    "price": N_("Cheaper elsewhere"),
    "competitor": N_("Chose a competitor"),
    "no_need": N_("No need any more"),
    "no_money": N_("No money"),
    "our_mistake": N_("Our mistake"),
    "no_answer": N_("Stopped answering"),
    "other": N_("Other"),
    "unknown": N_("Not known"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a person wrote it. ``quantity`` in thousandths of the unit; ``price_minor`` per unit."""

    name: str
    quantity: int
    price_minor: int | None
    billing: Billing
    product_id: int | None = None


class Deal(Base):
    """One possible sale to a client. Its sums are those of its lines, kept so that columns can be added up."""

    __tablename__ = "deal"
    __table_args__ = (
        # The status is one value only, but first, or SQLite without statistics takes another index.
        Index(
            "ix_deal_open_by_engagement",
            *("status", "engagement_id", "currency", "one_off_minor", "monthly_minor", "expected_on"),
            sqlite_where=STILL_OPEN,
            postgresql_where=STILL_OPEN,
        ),
        # For sums of the boards, which say it by the day: a number is compared first, and no word that all have.
        Index(
            "ix_deal_not_closed",
            *("engagement_id", "currency", "one_off_minor", "monthly_minor", "expected_on", "closed_on"),
            sqlite_where=NOT_CLOSED,
            postgresql_where=NOT_CLOSED,
        ),
        Index("ix_deal_closed_on", "closed_on", sqlite_where=CLOSED, postgresql_where=CLOSED),
        Index("ix_deal_status_expected", "status", "expected_on", "id"),
        Index("ix_deal_client_id_status", "client_id", "status"),
        CheckConstraint("status <> 'open' or engagement_id is not null", name="open_has_engagement"),
        CheckConstraint("(status = 'open') = (closed_on is null)", name="closed_has_date"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    engagement_id: Mapped[int | None] = mapped_column(ForeignKey("engagement.id", ondelete="SET NULL"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[DealStatus] = mapped_column(Choice(DealStatus), default=DealStatus.OPEN)
    currency: Mapped[str] = mapped_column(String(3))
    one_off_minor: Mapped[int] = mapped_column(default=0)
    monthly_minor: Mapped[int] = mapped_column(default=0)
    opened_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    lost_reason: Mapped[str] = mapped_column(String(20), default="")
    competitor: Mapped[str] = mapped_column(String(160), default="")
    version: Mapped[int] = mapped_column(default=1)

    client: Mapped[Client] = relationship(back_populates="deals")
    engagement: Mapped[Engagement | None] = relationship(back_populates="deals")
    owner: Mapped[User] = relationship()
    lines: Mapped[list["DealLine"]] = relationship(
        back_populates="deal", order_by="DealLine.position", cascade="all, delete-orphan"
    )
    proposals: Mapped[list["Proposal"]] = relationship(back_populates="deal", order_by="Proposal.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_open(self) -> bool:
        return self.status is DealStatus.OPEN

    @classmethod
    def add(
        cls,
        session: Session,
        engagement: Engagement,
        name: str,
        currency: str,
        *,
        by: User,
        at: datetime,
        lines: Sequence[Line] = (),
        expected_on: date | None = None,
    ) -> "Deal":
        """A new open deal in a department's current work with the client."""
        engagement.hold(session)
        deal = cls(
            client=engagement.client,
            engagement=engagement,
            owner=engagement.owner,
            name=name,
            currency=currency,
            opened_on=by.today(at),
            expected_on=expected_on,
        )
        deal._set_lines(lines)
        session.add(deal)
        session.flush()
        session.add(deal._event("deal:added", by=by, at=at))
        return deal

    def change(
        self,
        *,
        by: User | None,
        at: datetime,
        seen: int,
        name: str,
        currency: str,
        expected_on: date | None,
        lines: Sequence[Line],
    ) -> Event:
        self._check(seen)
        self.name, self.currency, self.expected_on = name, currency, expected_on
        self._set_lines(lines)
        return self._event("deal:changed", by=by, at=at)

    def win(self, *, by: User | None, at: datetime, seen: int) -> Event:
        """The client bought. The first won deal makes the hunter who brought the client the one who attracted it."""
        self._check(seen)
        if not self.lines:
            raise Refused(N_("Add at least one product line before winning the deal"))
        self.status, self.closed_on = DealStatus.WON, (by or self.owner).today(at)
        keep_parts(self)
        if self.client.attracted_by_id is None:
            self.client.attracted_by, self.client.attracted_at = self._hunter(), at
        return self._event("deal:won", by=by, at=at)

    def lose(self, reason: str, *, by: User, at: datetime, seen: int, competitor: str = "") -> Event:
        self._check(seen)
        if reason not in LOST_REASONS:
            raise Refused(N_("Choose why the deal was lost"), field="reason")
        self.status, self.closed_on = DealStatus.LOST, by.today(at)
        self.lost_reason, self.competitor = reason, competitor.strip()
        return self._event("deal:lost", by=by, at=at, reason=reason, competitor=self.competitor)

    def reopen(self, *, by: User, at: datetime, seen: int) -> Event:
        """A deal closed by mistake is open again, in the owner's open engagement."""
        if seen != self.version:
            raise Stale
        if self.is_open:
            raise Refused(N_("This deal is open"))
        self.client.check_ours()
        engagement = min(self.client.open_engagements, key=lambda each: each.owner_id != self.owner_id)
        self.engagement, self.owner, self.status = engagement, engagement.owner, DealStatus.OPEN
        was, self.closed_on, self.lost_reason, self.competitor = str(self.closed_on), None, "", ""
        keep_parts(self)
        return self._event("deal:reopened", by=by, at=at, was_closed=was)

    def check_open(self) -> None:
        """Before anything more is offered or changed."""
        if not self.is_open:
            raise Refused(N_("This deal is closed"))

    def _hunter(self) -> User:
        """Who brought the client: the last owner in Sales, even where another department won the deal since."""
        brought = (e.owner for e in reversed(self.client.engagements) if e.department is Department.SALES)
        return next(brought, self.owner)

    def _set_lines(self, lines: Sequence[Line]) -> None:
        self.lines = [DealLine(position=position, **asdict(line)) for position, line in enumerate(lines)]
        totals = {
            billing: sum(line.total_minor for line in self.lines if line.billing is billing) for billing in Billing
        }
        if max(totals.values()) > LARGEST:
            raise Refused(N_("This sum is too large"), field="lines")
        self.one_off_minor, self.monthly_minor = totals[Billing.ONE_OFF], totals[Billing.MONTHLY]

    def _check(self, seen: int) -> None:
        if seen != self.version:
            raise Stale
        self.check_open()

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: str) -> Event:
        sums = {"currency": self.currency, "one_off_minor": self.one_off_minor, "monthly_minor": self.monthly_minor}
        told = {"name": self.name, **sums, **details}
        stages = self.client.stage_ids  # its proposal stands on the client's cards in every lane
        return event(kind, by=by, at=at, client_id=self.client_id, subject_id=self.id, stages=stages, details=told)


class DealLine(Base):
    """One product of a deal. ``price_minor`` is None while nobody named a price."""

    __tablename__ = "deal_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"), {"sqlite_autoincrement": True})

    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    name: Mapped[str] = mapped_column(String(300))
    quantity: Mapped[int]
    """In thousandths of the unit."""
    price_minor: Mapped[int | None]
    billing: Mapped[Billing] = mapped_column(Choice(Billing))

    deal: Mapped[Deal] = relationship(back_populates="lines")
    product: Mapped[Product | None] = relationship()
    parts: Mapped[list[SoldPart]] = relationship(
        order_by=SoldPart.id, cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def total_minor(self) -> int:
        return 0 if self.price_minor is None else line_total(self.quantity, self.price_minor)
