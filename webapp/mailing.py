"""The job that writes letters about many invoices: it prints what is not printed yet, and skips what was written."""

from flask import current_app

from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.invoice import Invoice
from webapp.domain.letter_state import LetterKind
from webapp.domain.user import User
from webapp.exchange import letters
from webapp.invoice_printing import stored_pdf
from webapp.jobs import later, limited
from webapp.posting import post_letters
from webapp.web.clock import now

MOST = 100
"""Invoices in one job; more are the next job's, so that it ends within its limit."""

TIME_LIMIT = 300
"""Seconds; a print takes a quarter of one."""


@limited(TIME_LIMIT)
def mail_invoices(kind: str, invoice_ids: list[int], user_id: int | None) -> None:
    """Write to each invoice's payer: the invoice itself, or a reminder. Twice the same is refused by its purpose.

    What cannot be written (paid, disputed or without an address by now) is left out.
    """
    remind, rest = LetterKind(kind) is LetterKind.REMINDER, invoice_ids[MOST:]
    for invoice_id in invoice_ids[:MOST]:
        try:
            _mail(invoice_id, user_id, remind=remind)
        except Refused as refusal:
            db.session.rollback()
            current_app.logger.info("no letter about invoice %s: %s", invoice_id, refusal.message)
    later(post_letters)
    if rest:
        later(mail_invoices, kind, rest, user_id)


def _mail(invoice_id: int, user_id: int | None, *, remind: bool) -> None:
    invoice, at = db.session.get_one(Invoice, invoice_id), now()
    letters.check_invoice(db.session(), invoice, remind=remind, at=at)
    stored_pdf(invoice)
    db.session.expire(invoice)
    with transaction() as session:
        invoice = session.get_one(Invoice, invoice_id)
        by = session.get_one(User, user_id) if user_id is not None else None
        draft = (letters.reminder if remind else letters.about_invoice)(session, invoice, by=by, at=at)
        draft.send(session, letters.addressee(invoice.client), by=by, at=at)
