"""The words of letters, with places that Baton fills: ``{number}``. Nothing in a text is ever evaluated."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base, Choice, kept
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.letter_shipped import SHIPPED
from webapp.domain.user import User
from webapp.domain.words import N_

PLACE = re.compile(r"\{([^{}\n]*)\}")


class TextKind(StrEnum):
    INVOICE = "invoice"
    REMINDER = "reminder"
    LAST_REMINDER = "last_reminder"
    REMINDER_OF_SEVERAL = "reminder_of_several"
    LAST_REMINDER_OF_SEVERAL = "last_reminder_of_several"
    PROPOSAL = "proposal"
    ALARM = "alarm"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAUNCH = "launch"

    @property
    def label(self) -> str:
        return {
            "invoice": N_("Invoice"),
            "reminder": N_("First reminder"),
            "last_reminder": N_("Second reminder"),
            "reminder_of_several": N_("First reminder of several invoices"),
            "last_reminder_of_several": N_("Second reminder of several invoices"),
            "proposal": N_("Proposal"),
            "alarm": N_("Alarm to colleagues: a competitor"),
            "asked": N_("To the owner: a client asks"),
            "accepted": N_("To the owner: a proposal is accepted"),
            "declined": N_("To the owner: a proposal is declined"),
            "launch": N_("New product"),
        }[self.value]


EVERYWHERE = {
    "client": N_("the client's name"),
    "contact": N_("the addressee's name"),
    "company": N_("our company's name"),
    "author": N_("who writes"),
}
OF_AN_INVOICE = {
    "number": N_("the invoice's number"),
    "date": N_("the day of the invoice"),
    "sum": N_("what is still owed"),
    "due": N_("until when it is to be paid"),
}
OF_SEVERAL_INVOICES = {
    "list": N_("the invoices, one in each line"),
    "numbers": N_("the first five invoices' numbers"),
    "sum": N_("what is still owed on all of them"),
    "days": N_("days since the oldest was due"),
}
OF_AN_ANSWER = {
    "number": N_("the proposal's number"),
    "title": N_("the proposal's title"),
    "who": N_("who answered"),
    "words": N_("what they wrote"),
}
PLACES: dict[TextKind, dict[str, str]] = {
    TextKind.INVOICE: EVERYWHERE | OF_AN_INVOICE,
    TextKind.REMINDER: EVERYWHERE | OF_AN_INVOICE | {"days": N_("days since it was due")},
    TextKind.LAST_REMINDER: EVERYWHERE | OF_AN_INVOICE | {"days": N_("days since it was due")},
    TextKind.REMINDER_OF_SEVERAL: EVERYWHERE | OF_SEVERAL_INVOICES,
    TextKind.LAST_REMINDER_OF_SEVERAL: EVERYWHERE | OF_SEVERAL_INVOICES,
    TextKind.PROPOSAL: EVERYWHERE
    | {
        "number": N_("the proposal's number"),
        "title": N_("the proposal's title"),
        "until": N_("until when it is valid"),
        "link": N_("where the client reads it, asks and accepts it"),
    },
    TextKind.ALARM: EVERYWHERE
    | {
        "competitor": N_("the competitor's name"),
        "evidence": N_("what was seen or heard"),
        "due": N_("by when the client is to be visited"),
        "link": N_("the address of the attack's page"),
    },
    TextKind.ASKED: EVERYWHERE | OF_AN_ANSWER,
    TextKind.ACCEPTED: EVERYWHERE | OF_AN_ANSWER,
    TextKind.DECLINED: EVERYWHERE | OF_AN_ANSWER,
    TextKind.LAUNCH: EVERYWHERE
    | {
        "product": N_("the new product"),
        "message": N_("what the launch says of it"),
        "link": N_("where the client answers"),
        "unsubscribe": N_("where the addressee stops the mailings"),
    },
}
"""What may stand in a text, and what each place is filled with."""

SECRET: dict[TextKind, frozenset[str]] = {
    TextKind.PROPOSAL: frozenset({"link"}),
    TextKind.LAUNCH: frozenset({"link", "unsubscribe"}),
}
"""Places whose addresses are keys. Colleagues read every subject, so that none stands there."""


class LetterText(Base):
    """A company's own words for one kind of letter in one language. Without a row the shipped words count."""

    __tablename__ = "letter_text"
    __table_args__ = (UniqueConstraint("kind", "language"), {"sqlite_autoincrement": True})

    kind: Mapped[TextKind] = mapped_column(Choice(TextKind))
    language: Mapped[str] = mapped_column(String(5))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)

    @classmethod
    def find(cls, session: Session, kind: TextKind, language: str) -> "LetterText | None":
        return session.scalars(select(cls).where(cls.kind == kind, cls.language == language)).one_or_none()

    @classmethod
    def keep(
        cls, session: Session, kind: TextKind, language: str, subject: str, body: str, *, by: User, at: datetime
    ) -> "LetterText":
        """The company's own words from now on. Letters already written keep theirs."""
        shipped(kind, language)
        check_places(kind, subject=subject, body=body)
        new = cls(kind=kind, language=language, subject=subject, body=body)
        text = kept(session, lambda: cls.find(session, kind, language), new)
        text.subject, text.body = subject, body
        session.add(text._event("lettertext:changed", by=by, at=at))
        return text

    def drop(self, session: Session, *, by: User, at: datetime) -> Event:
        """Back to the shipped words."""
        session.delete(self)
        return self._event("lettertext:dropped", by=by, at=at)

    def _event(self, kind: str, *, by: User, at: datetime) -> Event:
        return event(
            kind, by=by, at=at, subject_id=self.id, details={"text": self.kind.value, "language": self.language}
        )


def shipped(kind: TextKind, language: str) -> tuple[str, str]:
    """Subject and body as they come with Baton."""
    return SHIPPED[kind.value, language]


def words(session: Session, kind: TextKind, language: str) -> tuple[str, str]:
    """Subject and body as the company writes them in that language; English where we have no words."""
    language = language if (kind.value, language) in SHIPPED else "en"
    own = LetterText.find(session, kind, language)
    return (own.subject, own.body) if own is not None else shipped(kind, language)


def check_places(kind: TextKind, **texts: str) -> None:
    """Refuse a place that nothing fills; the message names it."""
    for field, text in texts.items():
        for name in PLACE.findall(text):
            if name not in PLACES[kind]:
                raise Refused(N_("Nothing fills {%(name)s} in this letter"), field=field, name=name[:40])
            if field == "subject" and name in SECRET.get(kind, ()):
                raise Refused(N_("{%(name)s} may stand in the text only"), field=field, name=name)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled, once: what a value holds is never read as a place."""
    return PLACE.sub(lambda place: values.get(place[1], place[0]), text)


def fill_line(text: str, values: Mapping[str, str]) -> str:
    """The same for a subject: one line, whatever the values hold."""
    line = " ".join(fill(text, values).split())
    return "".join(letter for letter in line if letter.isprintable())[:200]
