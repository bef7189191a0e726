"""Mailing links: how a client answers an e-mail about a new product, or asks for no more of them, without a login."""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, select, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import Happening
from webapp.domain.base import Base, Choice
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.launch import Launch
from webapp.domain.launch_touch import LaunchTouch
from webapp.domain.letter_privacy import hold_mailings
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import hashed
from webapp.domain.words import Department, N_

CALL_BACK = N_("Call back: they are interested in our e-mail")
FIRST = (Department.VIP, Department.CLIENT, Department.SALES)
"""Who calls back, where several departments work with the client."""


class MailingLink(Base):
    """A link in one e-mail to one contact. Only the token's hash is kept. It opens the product's page and the way out
    of the mailings; it shows nothing else of the client."""

    __tablename__ = "mailing_link"

    touch_id: Mapped[int] = mapped_column(ForeignKey("launch_touch.id", ondelete="CASCADE"), unique=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    answer: Mapped[Happening | None] = mapped_column(Choice(Happening))
    """What the client said by it last."""
    answered_at: Mapped[datetime | None]

    touch: Mapped[LaunchTouch] = relationship()
    contact: Mapped[Contact | None] = relationship()

    @classmethod
    def make(cls, session: Session, touch: LaunchTouch, contact: Contact) -> str:
        """The link of an e-mail that is being written. Returns its token."""
        token = secrets.token_urlsafe(32)
        session.add(cls(touch=touch, contact=contact, token_hash=hashed(token)))
        return token

    @classmethod
    def find(cls, session: Session, token: str) -> "MailingLink | None":
        return session.scalar(select(cls).where(cls.token_hash == hashed(token)))

    @property
    def launch(self) -> Launch:
        return self.touch.launch

    def say(self, session: Session, said: Happening, *, at: datetime) -> None:
        """The client answers by itself: it is interested, or it is not. Whoever answers for it calls back."""
        if said not in (Happening.INTERESTED, Happening.REFUSED):
            raise ValueError(f"{said} is no answer to an e-mail")
        if self.touch.client.lost_at is not None:
            raise Refused(N_("This link takes no answer any more"))
        if self.answer == said:
            return
        first, self.answer, self.answered_at = self.answer is None, said, at
        client, product = self.touch.client, self.launch.product_id
        Awareness.note_all(session, client.id, [product], "answer", said=said, at=at)
        if first and said is Happening.INTERESTED and client.open_engagements:
            lane = min(client.open_engagements, key=lambda each: FIRST.index(each.department))
            today = session.get_one(Company, 1).today(at)
            Task.plan(session, lane, TaskKind.CALL, CALL_BACK, today, by=None, at=at)

    def stop(self, session: Session, *, at: datetime) -> None:
        """The contact wants no mailings: what still waits for it is not sent."""
        if self.contact is None or self.contact.removed_at is not None:
            return
        told = self.contact.stop_mailings(at=at)
        session.add_all([told] if told is not None else [])
        session.add_all(hold_mailings(session, self.contact, by=None, at=at))
