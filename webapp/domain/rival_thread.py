"""Rival threads: a competitor talks to one of theirs. Entered by people: from a signal, or by hand on the contact."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.competitor import Competitor
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.words import N_

CURRENT = text("ended_at IS NULL")


class RivalThread(Base):
    """One of theirs, and the competitor who talks to them, for as long as we know it. One at a time for each pair."""

    __tablename__ = "rival_thread"
    __table_args__ = (
        Index(
            "uq_rival_thread_current",
            "contact_id",
            "competitor_id",
            unique=True,
            sqlite_where=CURRENT,
            postgresql_where=CURRENT,
        ),
        Index("ix_rival_thread_client_id", "client_id"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    competitor_id: Mapped[int] = mapped_column(ForeignKey("competitor.id"), index=True)
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    noted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    contact: Mapped[Contact] = relationship()
    competitor: Mapped[Competitor] = relationship()

    @classmethod
    def note(
        cls, session: Session, contact: Contact, competitor: Competitor, *, by: User, at: datetime
    ) -> "RivalThread":
        """Somebody learned that the competitor talks to this person. What is known already stays as it is."""
        if not contact.there:
            raise Refused(N_("This contact is not there any more"), field="contact_id")
        contact.client.hold(session)
        known = session.scalar(_current(contact).where(cls.competitor_id == competitor.id))
        if known is not None:
            return known
        thread = cls(
            client_id=contact.client_id, contact=contact, competitor=competitor, noted_by_id=by.id, noted_at=at
        )
        session.add(thread)
        session.flush()
        session.add(thread._event("contact:rivalnoted", by=by, at=at))
        return thread

    def end(self, *, by: User, at: datetime) -> Event:
        """They do not talk any more, or never did."""
        self.ended_at = at
        return self._event("contact:rivalended", by=by, at=at)

    def _event(self, kind: str, *, by: User, at: datetime) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client_id,
            subject_id=self.contact_id,
            details={"name": f"{self.contact.name} · {self.competitor.name}"},
        )


def talk_to(session: Session, contact: Contact, rivals: Collection[int], *, by: User, at: datetime) -> None:
    """As far as we know now, these competitors (ids) talk to the person, and no others."""
    known = {thread.competitor_id: thread for thread in session.scalars(_current(contact).order_by(RivalThread.id))}
    session.add_all(thread.end(by=by, at=at) for rival, thread in known.items() if rival not in rivals)
    for rival in sorted(set(rivals) - set(known)):
        RivalThread.note(session, contact, session.get_one(Competitor, rival), by=by, at=at)


def _current(contact: Contact) -> Select[RivalThread]:
    return select(RivalThread).where(RivalThread.contact_id == contact.id, RivalThread.ended_at.is_(None))
