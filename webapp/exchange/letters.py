"""What letters to clients say, and to whom they go; here those that bring a proposal."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from webapp.domain.calendar import month_of
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.errors import Refused
from webapp.domain.letter import Attachment, Letter
from webapp.domain.letter_state import LetterKind
from webapp.domain.letter_text import fill, fill_line, TextKind, words
from webapp.domain.product_file import sent_files
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_answer import ProposalAnswer
from webapp.domain.reminder import Reminder
from webapp.domain.user import User
from webapp.domain.words import N_
from webapp.pdf.words import long_date

LANGUAGES = ("en", "ru")
NOBODY = N_("No contact of this client has an e-mail address: add one")

LINK = "{link}"
ITS_LINE = re.compile(r"^.*\{link\}.*(\n+|\Z)", re.MULTILINE)

EXAMPLES = {
    "en": {
        "client": "Romashka", "contact": "Ivan Petrov", "number": "17/2026", "date": "March 2, 2026",
        "sum": "100,000.00 RUB", "due": "March 10, 2026", "days": "12", "title": "Connect the office",
        "until": "April 1, 2026", "competitor": "North Telecom", "evidence": "Their offer lay on the director’s table.",
        "link": "https://baton.example/17", "who": "Ivan Petrov", "words": "When can you begin?",
        "product": "Video surveillance from the cloud", "message": "You see every shop on your phone.",
        "unsubscribe": "https://baton.example/m/17/stop", "numbers": "17/2026, 29/2026",
        "list": "17/2026 of March 2, 2026, due on March 10, 2026: 60,000.00 RUB is open\n"
        "29/2026 of March 3, 2026, due on March 12, 2026: 40,000.00 RUB is open",
    },
    "ru": {
        "client": "Ромашка", "contact": "Иван Петрович", "number": "17/2026", "date": "2 марта 2026 года",
        "sum": "100 000,00 ₽", "due": "10 марта 2026 года", "days": "12", "title": "Подключение офиса",
        "until": "1 апреля 2026 года", "competitor": "Север-Телеком",
        "evidence": "На столе у директора лежало их предложение.", "link": "https://baton.example/17",
        "who": "Иван Петрович", "words": "Когда можно начать?",
        "product": "Видеонаблюдение из облака", "message": "Каждый магазин виден с телефона.",
        "unsubscribe": "https://baton.example/m/17/stop", "numbers": "17/2026, 29/2026",
        "list": "№ 17/2026 от 2 марта 2026 года, срок оплаты 10 марта 2026 года: к оплате 60 000,00 ₽\n"
        "№ 29/2026 от 3 марта 2026 года, срок оплаты 12 марта 2026 года: к оплате 40 000,00 ₽",
    },
}  # fmt: skip
"""What a preview fills the places with."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before somebody sends it. ``{contact}`` still stands in its words: the addressee may be chosen. So does
    ``{link}``, where ``link`` makes what it stands for: a page of the client's own, opened by whoever has its address.
    """

    client: Client
    kind: LetterKind
    purpose: str
    language: str
    subject: str
    body: str
    attachments: tuple[Attachment, ...]
    link: Callable[[Session], str] | None = None
    reminds: tuple[int, ...] = ()
    """The invoices of which it reminds: each is noted with the letter."""

    def send(
        self,
        session: Session,
        contact: Contact | None,
        *,
        by: User | None,
        at: datetime,
        subject: str | None = None,
        body: str | None = None,
    ) -> Letter:
        """Queue it for the contact, with other words where somebody wrote them."""
        if contact is None or not contact.there or not contact.email:
            raise Refused(NOBODY, field="contact_id")
        subject, body = self.subject if subject is None else subject, self.body if body is None else body
        named = {"contact": contact.name}
        if LINK in subject:
            raise Refused(N_("{%(name)s} may stand in the text only"), field="subject", name="link")
        if LINK in body:
            if self.link is None:
                raise Refused(N_("Nothing fills {%(name)s} in this letter"), field="body", name="link")
            named["link"] = self.link(session)
        letter = Letter.write(
            session,
            self.client,
            self.kind,
            purpose=self.purpose,
            address=contact.email,
            subject=fill_line(subject, named),
            body=fill(body, named),
            language=self.language,
            by=by,
            at=at,
            contact=contact,
            attachments=self.attachments,
        )
        if self.reminds:
            Reminder.note(session, letter, self.reminds, month_of(session.get_one(Company, 1).today(at)))
        return letter


def addressee(client: Client, *, pays: bool = True) -> Contact | None:
    """Who gets a letter unless somebody chooses: who pays (or decides), else the first with an address."""
    reachable = [contact for contact in client.contacts if contact.there and contact.email]
    order = (DecisionRole.PAYS, DecisionRole.DECIDES) if pays else (DecisionRole.DECIDES, DecisionRole.PAYS)
    wanted = [contact for role in order for contact in reachable if contact.decision_role is role]
    return next(iter([*wanted, *reachable]), None)


def about_proposal(
    session: Session,
    version: ProposalVersion,
    name: str,
    contact: Contact | None,
    *,
    by: User,
    at: datetime,
    link: Callable[[Session], str],
) -> Draft:
    """The letter that brings a sent version of a proposal; once for each version and contact. ``name``: its PDF's.
    ``link`` makes the address of its page, which a letter names as long as the client may still accept."""
    if version.file is None:
        raise Refused(N_("The PDF is not printed yet"))
    client, language = version.proposal.deal.client, language_of(version.language)
    values = {"number": version.proposal.label, "title": version.title, "until": day_of(version.valid_until, language)}
    today = session.get_one(Company, 1).today(at)
    return draft_of(
        session,
        client,
        TextKind.PROPOSAL,
        LetterKind.PROPOSAL,
        f"proposal:{version.id}:{contact.id if contact is not None else 0}",
        language,
        values,
        ((version.file, name), *sent_files(session, version.printed or {})),
        by=by,
        link=link if ProposalAnswer.may_accept(session, version, today) else None,
    )


def draft_of(
    session: Session,
    client: Client,
    text: TextKind,
    kind: LetterKind,
    purpose: str,
    language: str,
    values: Mapping[str, str],
    attachments: tuple[Attachment, ...],
    *,
    by: User | None,
    link: Callable[[Session], str] | None = None,
    reminds: tuple[int, ...] = (),
) -> Draft:
    """The company's words for such a letter with their places filled, but for those that wait for the addressee."""
    subject, body = words(session, text, language)
    if link is None:
        body = ITS_LINE.sub("", body)
    known = {
        "client": client.name,
        "company": session.get_one(Company, 1).name,
        "author": by.name if by is not None else "",
        **values,
    }
    subject, body = fill_line(subject, known), fill(body, known)
    return Draft(client, kind, purpose, language, subject, body, attachments, link, reminds)


def day_of(day: date, language: str) -> str:
    """The date within a sentence: an abbreviation at its end would be followed by a second full stop."""
    return long_date(day.isoformat(), language).replace("г.", "года")


def language_of(wanted: str) -> str:
    return wanted if wanted in LANGUAGES else "en"
