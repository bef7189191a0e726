"""Mailing links: how a client answers an e-mail about a new product, or asks for no more of them, without a login."""

import secrets
from datetime import datetime, timedelta

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
ANSWERS = (Happening.INTERESTED, Happening.REFUSED)
MOST_ANSWERS = 3
"""By one link: the first, and two changes of mind."""
CHANGEABLE = timedelta(days=7)
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
    answers: Mapped[int] = mapped_column(default=0)
    answers_until: Mapped[datetime]
    """Settled when it is made. The way out of the mailings works for ever."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"))
    """The call back that it began."""

    touch: Mapped[LaunchTouch] = relationship()
    contact: Mapped[Contact | None] = relationship()
    task: Mapped[Task | None] = relationship()

    @classmethod
    def make(cls, session: Session, touch: LaunchTouch, contact: Contact, *, at: datetime) -> str:
        """The link of an e-mail that is being written. Returns its token."""
        token = secrets.token_urlsafe(32)
        until = at + timedelta(days=session.get_one(Company, 1).mailing_days)
        session.add(cls(touch=touch, contact=contact, token_hash=hashed(token), answers_until=until))
        return token

    @classmethod
    def find(cls, session: Session, token: str) -> "MailingLink | None":
        return session.scalar(select(cls).where(cls.token_hash == hashed(token)))

    @property
    def launch(self) -> Launch:
        return self.touch.launch

    def works(self, at: datetime) -> bool:
        """Whether it still shows the product, and takes an answer to it."""
        return at < self.answers_until and self.touch.client.lost_at is None

    def choices(self, at: datetime) -> tuple[Happening, ...]:
        """What may be answered at that moment. A change of mind is heard ``MOST_ANSWERS`` times in all, each within
        ``CHANGEABLE`` of the one before: whoever changes it later, or once more, talks to one of ours."""
        if not self.works(at):
            return ()
        if self.answered_at is not None and (self.answers >= MOST_ANSWERS or at - self.answered_at >= CHANGEABLE):
            return ()
        return tuple(said for said in ANSWERS if said is not self.answer)

    def say(self, session: Session, said: Happening, *, at: datetime) -> None:
        """The client answers by itself: it is interested, and whoever answers for it calls back; or it is not."""
        if said not in ANSWERS:
            raise ValueError(f"{said} is no answer to an e-mail")
        if self.works(at) and self.answer is said:
            return
        if said not in self.choices(at):
            raise Refused(N_("This link takes no answer any more: please call us"))
        self.answer, self.answered_at, self.answers = said, at, self.answers + 1
        client, product = self.touch.client, self.launch.product_id
        Awareness.note_all(session, client.id, [product], "answer", said=said, at=at)
        if said is Happening.REFUSED and self.task is not None and self.task.is_open:
            session.add(self.task.cancel(by=None, at=at))
        elif said is Happening.INTERESTED and client.open_engagements:
            lane = min(client.open_engagements, key=lambda each: FIRST.index(each.department))
            today = session.get_one(Company, 1).today(at)
            self.task = Task.plan(session, lane, TaskKind.CALL, CALL_BACK, today, by=None, at=at)

    def stop(self, session: Session, *, at: datetime) -> None:
        """The contact wants no mailings: what still waits for it is not sent."""
        if self.contact is None or self.contact.removed_at is not None:
            return
        told = self.contact.stop_mailings(at=at)
        session.add_all([told] if told is not None else [])
        session.add_all(hold_mailings(session, self.contact, by=None, at=at))
