"""Share links: how a client reads and answers a sent proposal without a login."""

import secrets
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, func, Index, select, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_state import VersionState
from webapp.domain.user import hashed, User
from webapp.domain.words import N_

ONE_SITTING = timedelta(minutes=30)
"""Opened again within that time, it is the same reading."""

MOST_LINKS = 20
"""Of one version: one for each person who takes part in the decision, and some to spare."""

FARTHEST = timedelta(days=366)
"""After the proposal's last day nobody needs to read it for longer."""


class ShareLink(Base):
    """A link to one sent version, and to nothing else. Only the token's hash is kept here; a letter that names the link
    keeps its own words.

    It ends with the day it was made for, or when somebody revokes it. ``openings`` counts readings by people.
    """

    __tablename__ = "share_link"
    __table_args__ = (Index("ix_share_link_version_id", "version_id", "id"), {"sqlite_autoincrement": True})

    version_id: Mapped[int] = mapped_column(ForeignKey("proposal_version.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    openings: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    """The last reading that was counted."""

    shared: Mapped[ProposalVersion] = relationship()
    made_by: Mapped[User] = relationship()

    @classmethod
    def make(
        cls, session: Session, shared: ProposalVersion, last_day: date, *, by: User, at: datetime, beyond: bool = False
    ) -> str:
        """A new link, good until the end of its last day at the company's seat. Returns the token.

        ``beyond`` lets the client read on after the proposal has expired.
        """
        company = session.get_one(Company, 1)
        if shared.state is not VersionState.SENT:
            raise Refused(N_("Only a sent version can be shared"))
        if last_day < company.today(at):
            raise Refused(N_("This day has passed"), field="last_day")
        if last_day > shared.valid_until and not beyond:
            raise Refused(N_("The proposal expires before that day"), field="last_day")
        if last_day > max(shared.valid_until, company.today(at)) + FARTHEST:
            raise Refused(N_("This date is too far away"), field="last_day")
        living = (cls.version_id == shared.id, cls.revoked_at.is_(None), cls.expires_at > at)
        if (session.scalar(select(func.count(cls.id)).where(*living)) or 0) >= MOST_LINKS:
            raise Refused(N_("At most %(most)s links of a version work at a time"), most=MOST_LINKS)
        token = secrets.token_urlsafe(32)
        ends = datetime.combine(last_day + timedelta(days=1), time(), ZoneInfo(company.timezone))
        link = cls(shared=shared, token_hash=hashed(token), made_by=by, made_at=at, expires_at=ends)
        session.add(link)
        session.flush()
        session.add(shared.tell("proposal:shared", by=by, at=at, until=last_day.isoformat()))
        return token

    @classmethod
    def find(cls, session: Session, token: str, at: datetime) -> "ShareLink | None":
        """The link of a token while it works; of an unknown, expired or revoked one alike nothing."""
        link = session.scalar(select(cls).where(cls.token_hash == hashed(token)))
        return link if link is not None and link.works(at) else None

    def works(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at

    def revoke(self, *, by: User, at: datetime) -> Event:
        """From now on it opens nothing."""
        if not self.works(at):
            raise Refused(N_("This link opens nothing already"))
        self.revoked_at = at
        return self.shared.tell("proposal:unshared", by=by, at=at)

    def is_another_reading(self, at: datetime) -> bool:
        return self.opened_at is None or at - self.opened_at >= ONE_SITTING

    def open(self, *, at: datetime) -> Event | None:
        """A person reads it; None within one sitting."""
        if not self.works(at) or not self.is_another_reading(at):
            return None
        self.openings, self.opened_at = self.openings + 1, at
        return self.shared.tell("proposal:opened", by=None, at=at, times=self.openings)
