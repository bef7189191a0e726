"""Letters: e-mails to a client, and alarms about it. Each goes out once; where a crash leaves that open, a person
decides."""

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select, String, Text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session, validates

from webapp.domain.base import Base, Choice
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.file import StoredFile
from webapp.domain.letter_state import DELAYS, LetterKind, LetterState, LOST, MOST_ATTEMPTS, TRANSITIONS, TROUBLED
from webapp.domain.mail_settings import is_address
from webapp.domain.user import User
from webapp.domain.words import N_

ANYONE = re.compile(r"[^\s<>]+@[^\s<>]+")
LONGEST_ANSWER = 500
ALREADY = N_("This letter was written already: look at the client's letters")

KEYS = re.compile(r"(/[mp]/)[\w-]{20,}", re.ASCII)
"""Addresses that are keys themselves: of a mailing's page, of a shared proposal."""

Attachment = tuple[StoredFile, str]
"""A stored file, and the name under which the client gets it."""


class Letter(Base):
    """An e-mail to a client, kept as it went out. ``message_id`` is fixed at creation: a bounce names it."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_troubled_id", "troubled", "id"),
        Index("ix_letter_state_id", "state", "id"),
        Index("ix_letter_state_next_attempt_at", "state", "next_attempt_at"),
        Index("ix_letter_client_id_troubled_id", "client_id", "troubled", "id"),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    """Who had it written, and who gets the answer; None where Baton did by itself."""
    kind: Mapped[LetterKind] = mapped_column(Choice(LetterKind))
    state: Mapped[LetterState] = mapped_column(Choice(LetterState), default=LetterState.WAITING)
    troubled: Mapped[bool] = mapped_column(default=False)
    """Whether a person has to decide; follows the state, and puts such letters first in every list. Never of an alarm:
    the menu and the first page tell of the attack as well."""
    purpose: Mapped[str] = mapped_column(String(80), unique=True)
    """What it is for, as ``reminder:123:2026-11``: nothing is queued twice. One that reminds of several invoices names
    the first here, and ``Reminder`` all of them."""
    message_id: Mapped[str] = mapped_column(String(320), unique=True)
    address: Mapped[str] = mapped_column(String(320))
    language: Mapped[str] = mapped_column(String(5))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    """When it is tried next; None unless it waits."""
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    """What the server, or the message that came back, said last; without addresses."""

    client: Mapped[Client] = relationship()
    contact: Mapped[Contact | None] = relationship()
    author: Mapped[User | None] = relationship()
    attachments: Mapped[list["LetterAttachment"]] = relationship(
        back_populates="letter", order_by="LetterAttachment.id", cascade="all, delete-orphan"
    )

    @property
    def told(self) -> str:
        """The text as colleagues read it: what opens something for the client opens nothing for them."""
        return KEYS.sub(r"\1…", self.body)

    @classmethod
    def write(
        cls,
        session: Session,
        client: Client,
        kind: LetterKind,
        *,
        purpose: str,
        address: str,
        subject: str,
        body: str,
        language: str,
        by: User | None,
        at: datetime,
        contact: Contact | None = None,
        attachments: Sequence[Attachment] = (),
    ) -> "Letter":
        """Queue a letter. It goes out soon after the transaction; ``purpose`` refuses a second one."""
        company = session.get_one(Company, 1)
        if not company.sends_mail:
            raise Refused(N_("E-mail is not set up yet: an administrator does that in the settings"))
        if cls.queued(session, [purpose]):
            raise Refused(ALREADY)
        if contact is not None and contact.client_id != client.id:
            raise Refused(N_("This contact belongs to another client"), field="contact_id")
        letter = cls(
            client=client,
            contact=contact,
            author=by,
            kind=kind,
            purpose=purpose,
            message_id=f"<{secrets.token_hex(16)}.baton@{company.mail_from.rpartition('@')[2]}>",
            address=address,
            language=language,
            subject=subject,
            body=body,
            written_at=at,
            next_attempt_at=at,
            attachments=[LetterAttachment(file=file, name=name) for file, name in attachments],
        )
        try:
            with session.begin_nested():
                session.add(letter)
                session.flush()
                session.add(letter._event("letter:queued", by=by, at=at))
        except IntegrityError:
            raise Refused(ALREADY) from None  # somebody was faster
        return letter

    @staticmethod
    def queued(session: Session, purposes: Iterable[str]) -> set[str]:
        """Which of these letters were written already."""
        return set(session.scalars(select(Letter.purpose).where(Letter.purpose.in_(list(purposes)))))

    @validates("address")
    def _one_address(self, key: str, address: str) -> str:
        if not is_address(address):
            raise Refused(N_("This is not an e-mail address"), field="address")
        return address

    @validates("subject")
    def _one_line(self, key: str, subject: str) -> str:
        if not subject.strip() or len(subject) > 200 or not subject.isprintable():
            raise Refused(N_("A subject is one line of at most 200 characters"), field="subject")
        return subject

    @validates("state")
    def _follow(self, key: str, state: LetterState) -> LetterState:
        self.troubled = state in TROUBLED and self.kind is not LetterKind.ALARM
        return state

    def begin(self, *, at: datetime) -> Event:
        """An attempt begins. It is committed before a word is said to the server: a crash cannot repeat it."""
        self._become(LetterState.SENDING)
        self.attempts, self.tried_at, self.next_attempt_at = self.attempts + 1, at, None
        return self._event("letter:sending", by=None, at=at, on_timeline=False, attempt=self.attempts)

    def accept(self, answer: str, *, at: datetime) -> Event:
        """The server took the letter."""
        self._become(LetterState.SENT, answer)
        self.sent_at = at
        return self._event("letter:sent", by=None, at=at)

    def delay(self, answer: str, *, at: datetime) -> Event:
        """The attempt failed before the server took anything: again later, but not for ever."""
        if self.attempts >= MOST_ATTEMPTS:
            return self.refuse(answer, at=at)
        self._become(LetterState.WAITING, answer)
        self.next_attempt_at = at + DELAYS[self.attempts - 1]
        return self._event(
            "letter:delayed", by=None, at=at, on_timeline=False, attempt=self.attempts, reason=self.answer
        )

    def refuse(self, answer: str, *, at: datetime) -> Event:
        """The server will never take it, or did not for too long."""
        self._become(LetterState.FAILED, answer)
        return self._event("letter:failed", by=None, at=at, reason=self.answer)

    def lose(self, answer: str, *, at: datetime) -> Event:
        """Nobody knows whether the server took it."""
        self._become(LetterState.UNSURE, answer)
        return self._event("letter:unsure", by=None, at=at, reason=self.answer)

    def is_lost(self, at: datetime) -> bool:
        return self.state is LetterState.SENDING and self.tried_at is not None and self.tried_at < at - LOST

    def bounce(self, answer: str, *, by: User | None, at: datetime) -> Event:
        """It came back: a message says so, or a person who read it."""
        self._become(LetterState.BOUNCED, answer)
        return self._event("letter:bounced", by=by, at=at, reason=self.answer)

    def arrive(self, *, by: User, at: datetime) -> Event:
        """A person knows that it arrived after all."""
        if self.state is not LetterState.UNSURE:
            raise Refused(N_("Nobody doubts that it arrived"))
        self._become(LetterState.SENT)
        self.sent_at = self.tried_at
        return self._event("letter:arrived", by=by, at=at)

    def repeat(self, address: str, *, by: User, at: datetime) -> Event:
        """A person sends it again, perhaps to a corrected address; it keeps its Message-ID."""
        self._become(LetterState.WAITING)
        self.address, self.attempts, self.next_attempt_at = address, 0, at
        return self._event("letter:repeated", by=by, at=at)

    def cancel(self, *, by: User | None, at: datetime) -> Event:
        """It is not sent, or not again."""
        self._become(LetterState.CANCELLED)
        self.next_attempt_at = None
        return self._event("letter:cancelled", by=by, at=at)

    def may_become(self, state: LetterState) -> bool:
        return state in TRANSITIONS[self.state]

    def _become(self, state: LetterState, answer: str | None = None) -> None:
        if not self.may_become(state):
            raise Refused(N_("This letter is “%(state)s” by now"), state=self.state.label)
        self.state = state
        if answer is not None:
            self.answer = ANYONE.sub("…", answer)[:LONGEST_ANSWER]

    def _event(
        self, kind: str, *, by: User | None, at: datetime, on_timeline: bool = True, **details: str | int
    ) -> Event:
        return event(
            kind,
            by=by,
            at=at,
            client_id=self.client_id if on_timeline and self.kind is not LetterKind.ALARM else None,
            subject_id=self.id,
            details={"kind": self.kind, "subject": ANYONE.sub("…", self.subject), **details},
        )


class LetterAttachment(Base):
    """A stored file that goes with a letter, under the name that the client sees."""

    __tablename__ = "letter_attachment"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    name: Mapped[str] = mapped_column(String(200))

    letter: Mapped[Letter] = relationship(back_populates="attachments")
    file: Mapped[StoredFile] = relationship()
