"""A client's place in the VIP programme: from which day until which, in which tier, and why. Its history stays."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.vip_tier import VipTier
from webapp.domain.words import N_

HELD = text("until IS NULL")


class VipPlace(Base):
    """One stay in one tier. A client holds at most one place; another tier is another place.

    On day D a client is in the programme when ``since <= D`` and ``until`` is None or later than D.
    """

    __tablename__ = "vip_place"
    __table_args__ = (
        Index("uq_vip_place_held", "client_id", unique=True, sqlite_where=HELD, postgresql_where=HELD),
        Index("ix_vip_place_tier", "tier_id", "client_id", sqlite_where=HELD, postgresql_where=HELD),
        Index("ix_vip_place_client_id_since", "client_id", "since"),
        CheckConstraint("until is null or until >= since", name="ends_after_it_began"),
        CheckConstraint("entered_because <> ''", name="entered_with_reason"),
        CheckConstraint("(until is null) = (left_because = '')", name="left_with_reason"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    tier_id: Mapped[int] = mapped_column(ForeignKey("vip_tier.id"))
    since: Mapped[date]
    until: Mapped[date | None]
    """The first day on which the client no longer holds this place."""
    entered_because: Mapped[str] = mapped_column(String(500))
    left_because: Mapped[str] = mapped_column(String(500), default="")

    client: Mapped[Client] = relationship()
    tier: Mapped[VipTier] = relationship()

    @classmethod
    def take(
        cls, session: Session, client: Client, tier: VipTier, reason: str, *, by: User | None, at: datetime, on: date
    ) -> "VipPlace":
        """The client enters the programme on the day ``on``."""
        if cls.held(session, client) is not None:
            raise Refused(N_("This client is in the VIP programme already"))
        place = cls._begin(session, client, tier, reason, on)
        details = {"name": tier.name, "reason": place.entered_because}
        session.add(place._event("vip:entered", by=by, at=at, details=details))
        return place

    @classmethod
    def held(cls, session: Session, client: Client) -> "VipPlace | None":
        """The place that the client holds now."""
        return session.scalar(select(cls).where(cls.client_id == client.id, cls.until.is_(None)))

    def move(
        self, session: Session, tier: VipTier, reason: str, *, by: User | None, at: datetime, on: date
    ) -> "VipPlace":
        """To another tier: this place ends, and the next one begins on the same day."""
        if tier.id == self.tier_id:
            raise Refused(N_("The client is in this tier already"), field="tier_id")
        self._end(reason, on)
        session.flush()
        place = VipPlace._begin(session, self.client, tier, reason, on)
        details = {"from": self.tier.name, "to": tier.name, "reason": place.entered_because}
        session.add(place._event("vip:moved", by=by, at=at, details=details))
        return place

    def leave(self, reason: str, *, by: User | None, at: datetime, on: date) -> Event:
        """The client leaves the programme; from the day ``on`` it is no longer in it."""
        self._end(reason, on)
        details = {"name": self.tier.name, "reason": self.left_because}
        return self._event("vip:left", by=by, at=at, details=details)

    @classmethod
    def _begin(cls, session: Session, client: Client, tier: VipTier, reason: str, on: date) -> "VipPlace":
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        place = cls(client=client, tier=tier, since=on, entered_because=reason.strip()[:500])
        session.add(place)
        session.flush()
        return place

    def _end(self, reason: str, on: date) -> None:
        if self.until is not None:
            raise Refused(N_("This client has left the VIP programme already"))
        if not reason.strip():
            raise Refused(N_("Say why"), field="reason")
        self.until, self.left_because = max(on, self.since), reason.strip()[:500]

    def _event(self, kind: str, *, by: User | None, at: datetime, details: dict[str, str]) -> Event:
        stages = tuple(engagement.stage_id for engagement in self.client.open_engagements)
        return event(kind, by=by, at=at, client_id=self.client_id, subject_id=self.id, stages=stages, details=details)
