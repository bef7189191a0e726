"""What letters about invoices say: they bring one, or remind of what is overdue."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from webapp.domain.calendar import month_of
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.invoice import Invoice
from webapp.domain.letter import ALREADY, Attachment
from webapp.domain.letter_state import LetterKind
from webapp.domain.letter_text import TextKind
from webapp.domain.reminder import Reminder
from webapp.domain.user import User
from webapp.domain.words import N_
from webapp.exchange.letters import addressee, day_of, Draft, draft_of, language_of, NOBODY
from webapp.pdf.words import money

FILE_NAMES = {"ru": "Счёт {number}.pdf", "en": "Invoice {number}.pdf"}

LINES = {
    "ru": "№ {number} от {date}, срок оплаты {due}: к оплате {sum}",
    "en": "{number} of {date}, due on {due}: {sum} is open",
}
"""How a reminder of several invoices tells of each."""

NAMED_IN_SUBJECT = 5


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


def check_reminded(session: Session, invoice: Invoice, *, at: datetime) -> None:
    """Refuse to remind of an invoice twice in a month, before anything is printed for it."""
    if Reminder.noted(session, [invoice.id], _month(session, at)):
        raise Refused(ALREADY)


def purpose_of(invoice: Invoice) -> str:
    """An invoice is sent once."""
    return f"invoice:{invoice.id}"


def about_invoice(session: Session, invoice: Invoice, *, by: User | None, at: datetime) -> Draft:
    """The letter that brings an invoice; once for each invoice. Its PDF is printed before."""
    check_invoice(session, invoice, remind=False, at=at)
    language = language_of(session.get_one(Company, 1).language)
    return draft_of(
        session,
        invoice.client,
        TextKind.INVOICE,
        LetterKind.INVOICE,
        purpose_of(invoice),
        language,
        _values(session, invoice, language, at),
        (_attached(invoice, language),),
        by=by,
    )


def reminder(session: Session, invoices: Sequence[Invoice], *, by: User | None, at: datetime) -> Draft:
    """The letter that reminds a client of its overdue invoices, with their PDFs, printed before. Each invoice is
    reminded of at most once in a month: what was is refused when the letter is sent. The words are firmer where each of
    them was reminded of before."""
    for invoice in invoices:
        check_invoice(session, invoice, remind=True, at=at)
    numbers, language = [invoice.id for invoice in invoices], language_of(session.get_one(Company, 1).language)
    month = _month(session, at)
    again = Reminder.before(session, numbers, month) == set(numbers)
    if len(invoices) == 1:
        kind = TextKind.LAST_REMINDER if again else TextKind.REMINDER
        values = _values(session, invoices[0], language, at)
    else:
        kind = TextKind.LAST_REMINDER_OF_SEVERAL if again else TextKind.REMINDER_OF_SEVERAL
        values = _values_of_several(session, invoices, language, at)
    return draft_of(
        session,
        invoices[0].client,
        kind,
        LetterKind.REMINDER,
        f"reminder:{min(numbers)}:{month:%Y-%m}",
        language,
        values,
        tuple(_attached(invoice, language) for invoice in invoices),
        by=by,
        reminds=tuple(numbers),
    )


def _month(session: Session, at: datetime) -> date:
    return month_of(session.get_one(Company, 1).today(at))


def _values(session: Session, invoice: Invoice, language: str, at: datetime) -> dict[str, str]:
    return {
        "number": invoice.label,
        "date": day_of(invoice.issued_on, language),
        "sum": money(invoice.outstanding_minor, invoice.currency, language),
        "due": day_of(invoice.due_on, language),
        "days": str(invoice.days_late(session.get_one(Company, 1).today(at))),
    }


def _values_of_several(session: Session, invoices: Sequence[Invoice], language: str, at: datetime) -> dict[str, str]:
    """The oldest first; sums of different currencies are never added."""
    ordered = sorted(invoices, key=lambda invoice: (invoice.due_on, invoice.id))
    each = [_values(session, invoice, language, at) for invoice in ordered]
    owed: dict[str, int] = {}
    for invoice in ordered:
        owed[invoice.currency] = owed.get(invoice.currency, 0) + invoice.outstanding_minor
    named, more = [values["number"] for values in each[:NAMED_IN_SUBJECT]], len(each) > NAMED_IN_SUBJECT
    return {
        "list": "\n".join(LINES[language].format(**values) for values in each),
        "numbers": ", ".join(named) + (" …" if more else ""),
        "sum": "; ".join(money(minor, currency, language) for currency, minor in owed.items()),
        "days": each[0]["days"],
    }


def _attached(invoice: Invoice, language: str) -> Attachment:
    if invoice.file is None:
        raise Refused(N_("The PDF is not printed yet"))
    return invoice.file, FILE_NAMES[language].format(number=invoice.label.replace("/", "-"))
