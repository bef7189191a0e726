"""What letters about invoices and proposals say, and to whom they go."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.errors import Refused
from webapp.domain.invoice import Invoice
from webapp.domain.letter import Attachment, Letter
from webapp.domain.letter_state import LetterKind
from webapp.domain.letter_text import fill, fill_line, TextKind, words
from webapp.domain.product_file import sent_files
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_answer import ProposalAnswer
from webapp.domain.user import User
from webapp.domain.words import N_
from webapp.pdf.words import long_date, money

LANGUAGES = ("en", "ru")
NOBODY = N_("No contact of this client has an e-mail address: add one")

LINK = "{link}"
ITS_LINE = re.compile(r"^.*\{link\}.*(\n+|\Z)", re.MULTILINE)

FILE_NAMES = {"ru": "Счёт {number}.pdf", "en": "Invoice {number}.pdf"}

EXAMPLES = {
    "en": {
        "client": "Romashka", "contact": "Ivan Petrov", "number": "17/2026", "date": "March 2, 2026",
        "sum": "100,000.00 RUB", "due": "March 10, 2026", "days": "12", "title": "Connect the office",
        "until": "April 1, 2026", "competitor": "North Telecom", "evidence": "Their offer lay on the director’s table.",
        "link": "https://baton.example/17", "who": "Ivan Petrov", "words": "When can you begin?",
        "product": "Video surveillance from the cloud", "message": "You see every shop on your phone.",
        "unsubscribe": "https://baton.example/m/17/stop",
    },
    "ru": {
        "client": "Ромашка", "contact": "Иван Петрович", "number": "17/2026", "date": "2 марта 2026 года",
        "sum": "100 000,00 ₽", "due": "10 марта 2026 года", "days": "12", "title": "Подключение офиса",
        "until": "1 апреля 2026 года", "competitor": "Север-Телеком",
        "evidence": "На столе у директора лежало их предложение.", "link": "https://baton.example/17",
        "who": "Иван Петрович", "words": "Когда можно начать?",
        "product": "Видеонаблюдение из облака", "message": "Каждый магазин виден с телефона.",
        "unsubscribe": "https://baton.example/m/17/stop",
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
        return Letter.write(
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


def addressee(client: Client, *, pays: bool = True) -> Contact | None:
    """Who gets a letter unless somebody chooses: who pays (or decides), else the first with an address."""
    reachable = [contact for contact in client.contacts if contact.there and contact.email]
    order = (DecisionRole.PAYS, DecisionRole.DECIDES) if pays else (DecisionRole.DECIDES, DecisionRole.PAYS)
    wanted = [contact for role in order for contact in reachable if contact.decision_role is role]
    return next(iter([*wanted, *reachable]), None)


def check_invoice(session: Session, invoice: Invoice, *, remind: bool, at: datetime) -> None:
    """Refuse a letter about this invoice: for a preview, and again when it is written."""
    if not invoice.is_owed:
        raise Refused(N_("Nothing is owed on this invoice"))
    if addressee(invoice.client) is None:
        raise Refused(NOBODY, field="contact_id")
    if remind and invoice.disputed_at is not None:
        raise Refused(N_("The client disputes this invoice: no reminder until that is settled"))
    if remind and not invoice.days_late(session.get_one(Company, 1).today(at)):
        raise Refused(N_("This invoice is not overdue"))


def purpose_of(invoice: Invoice, day: date, *, remind: bool) -> str:
    """What the letter is for: an invoice is sent once, and reminded of once in a month."""
    return f"reminder:{invoice.id}:{day:%Y-%m}" if remind else f"invoice:{invoice.id}"


def about_invoice(session: Session, invoice: Invoice, *, by: User | None, at: datetime) -> Draft:
    """The letter that brings an invoice; once for each invoice. Its PDF is printed before."""
    check_invoice(session, invoice, remind=False, at=at)
    purpose = purpose_of(invoice, session.get_one(Company, 1).today(at), remind=False)
    return _of_invoice(session, invoice, TextKind.INVOICE, LetterKind.INVOICE, purpose, by=by, at=at)


def reminder(session: Session, invoice: Invoice, *, by: User | None, at: datetime) -> Draft:
    """The letter that reminds of an overdue invoice; at most one in a month, the second and later in firmer words."""
    check_invoice(session, invoice, remind=True, at=at)
    series, purpose = f"reminder:{invoice.id}:", purpose_of(invoice, session.get_one(Company, 1).today(at), remind=True)
    before = session.scalar(
        select(exists().where(Letter.purpose >= series, Letter.purpose < purpose))  # the index answers, months sort
    )
    kind = TextKind.LAST_REMINDER if before else TextKind.REMINDER
    return _of_invoice(session, invoice, kind, LetterKind.REMINDER, purpose, by=by, at=at)


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
    client, language = version.proposal.deal.client, _language(version.language)
    values = {"number": version.proposal.label, "title": version.title, "until": _day(version.valid_until, language)}
    today = session.get_one(Company, 1).today(at)
    return _draft(
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


def _of_invoice(
    session: Session, invoice: Invoice, text: TextKind, kind: LetterKind, purpose: str, *, by: User | None, at: datetime
) -> Draft:
    if invoice.file is None:
        raise Refused(N_("The PDF is not printed yet"))
    company = session.get_one(Company, 1)
    language = _language(company.language)
    values = {
        "number": invoice.label,
        "date": _day(invoice.issued_on, language),
        "sum": money(invoice.outstanding_minor, invoice.currency, language),
        "due": _day(invoice.due_on, language),
        "days": str(invoice.days_late(company.today(at))),
    }
    name = FILE_NAMES[language].format(number=invoice.label.replace("/", "-"))
    return _draft(session, invoice.client, text, kind, purpose, language, values, ((invoice.file, name),), by=by)


def _draft(
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
) -> Draft:
    subject, body = words(session, text, language)
    if link is None:
        body = ITS_LINE.sub("", body)
    known = {
        "client": client.name,
        "company": session.get_one(Company, 1).name,
        "author": by.name if by is not None else "",
        **values,
    }
    return Draft(client, kind, purpose, language, fill_line(subject, known), fill(body, known), attachments, link)


def _day(day: date, language: str) -> str:
    """The date within a sentence: an abbreviation at its end would be followed by a second full stop."""
    return long_date(day.isoformat(), language).replace("г.", "года")


def _language(wanted: str) -> str:
    return wanted if wanted in LANGUAGES else "en"
