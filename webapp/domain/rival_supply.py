"""What a client buys from a competitor instead of from us. A person says so: a rival that was seen is a suggestion."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.product_family import ProductFamily
from webapp.domain.user import User
from webapp.domain.words import N_

CURRENT = text("ended_at IS NULL")


class RivalSupply(Base):
    """One family that the client buys at a competitor's, for as long as we know it. One competitor at a time."""

    __tablename__ = "rival_supply"
    __table_args__ = (
        Index(
            "uq_rival_supply_current",
            "client_id",
            "family_id",
            unique=True,
            sqlite_where=CURRENT,
            postgresql_where=CURRENT,
        ),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("product_family.id"), index=True)
    competitor_id: Mapped[int] = mapped_column(ForeignKey("competitor.id"), index=True)
    since: Mapped[datetime]
    """When somebody noted it."""
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    ended_at: Mapped[datetime | None]

    client: Mapped[Client] = relationship()
    family: Mapped[ProductFamily] = relationship()
    competitor: Mapped[Competitor] = relationship()
    noted_by: Mapped[User] = relationship()

    @classmethod
    def current(cls, session: Session, client_id: int, family_id: int) -> "RivalSupply | None":
        held = select(cls).where(cls.client_id == client_id, cls.family_id == family_id, cls.ended_at.is_(None))
        return session.scalar(held)

    @classmethod
    def note(
        cls, session: Session, client: Client, family: ProductFamily, competitor: Competitor, *, by: User, at: datetime
    ) -> "RivalSupply":
        """Somebody learned it. Whoever supplied the family before does so no more; what is known already stays."""
        client.check_ours()
        client.hold(session)
        known = cls.current(session, client.id, family.id)
        if known is not None and known.competitor_id == competitor.id:
            return known
        if known is not None:
            session.add(known.end(by=by, at=at))
            session.flush()
        supply = cls(client=client, family=family, competitor=competitor, since=at, noted_by=by)
        session.add(supply)
        session.flush()
        session.add(supply._event("rivalsupply:noted", by=by, at=at))
        return supply

    def end(self, *, by: User, at: datetime) -> Event:
        """They buy it there no more, or never did."""
        if self.ended_at is not None:
            raise Refused(N_("This is over already"))
        self.ended_at = at
        return self._event("rivalsupply:ended", by=by, at=at)

    def _event(self, kind: str, *, by: User, at: datetime) -> Event:
        details = {"name": f"{self.family.name} · {self.competitor.name}"}
        return event(kind, by=by, at=at, client_id=self.client_id, subject_id=self.family_id, details=details)
