"""Printing invoices and credit notes: once, then the stored bytes are given for ever."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.credit_note_file import CreditNoteFile
from webapp.domain.file import StoredFile
from webapp.domain.invoice import CreditNote, Invoice
from webapp.domain.invoice_content import credit_content, invoice_content
from webapp.jobs import later, limited
from webapp.pdf import document
from webapp.web.clock import now

TIME_LIMIT = 60
"""Seconds for one print in a worker; it takes a quarter of one."""

AT_ONCE = BoundedSemaphore(2)
"""So many documents are printed at once by the threads of a web process: others must stay answered."""

PATIENCE = 5
"""Seconds that a person waits for a turn; then the worker prints, and the person asks again."""


class Busy(Exception):
    """Too many people print: the worker does it."""


@limited(TIME_LIMIT)
def print_invoice(invoice_id: int) -> None:
    """Print an invoice and keep its PDF, unless that happened already."""
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is not None:
        stored_pdf(invoice)


def stored_pdf(invoice: Invoice) -> StoredFile:
    """The invoice's PDF, printed now where it was not before. No transaction is open while it prints."""
    if invoice.file is not None:
        return invoice.file
    content = invoice_content(db.session(), invoice)
    db.session.rollback()
    pdf = document.print_paper(document.write_invoice(content))
    with transaction() as session:
        return _keep(session, invoice.id, pdf)


def pdf_now(invoice: Invoice) -> StoredFile:
    """The same for a person who waits; raises Busy where too many do, and leaves it to the worker."""
    if invoice.file is not None:
        return invoice.file
    invoice_id = invoice.id
    with _turn(lambda: later(print_invoice, invoice_id)):
        return stored_pdf(invoice)


def credit_pdf(note: CreditNote) -> StoredFile:
    """A credit note's PDF, for a person who waits: printed when it is asked for first, and then the same for ever."""
    note_id = note.id
    known = CreditNoteFile.of(db.session(), note_id)
    if known is not None:
        return known
    content = credit_content(db.session(), note)
    db.session.rollback()
    pdf = printed(document.write_credit_note(content))
    with transaction() as session:
        return CreditNoteFile.keep(session, note_id, pdf)


def printed(html: str) -> bytes:
    """A document that nobody keeps, for a person who waits; raises Busy where too many do."""
    with _turn(lambda: None):
        return document.print_paper(html)


def _keep(session: Session, invoice_id: int, pdf: bytes) -> StoredFile:
    """Whoever printed first wins. The invoice's version stays: a printed form is not a change of what is owed."""
    invoice = session.get_one(Invoice, invoice_id, with_for_update=True)
    if invoice.file is not None:
        return invoice.file
    file = StoredFile.store(session, pdf, "application/pdf")
    session.execute(update(Invoice).where(Invoice.id == invoice_id).values(file_id=file.id))
    session.add(invoice.printed(file, at=now()))
    return file


@contextmanager
def _turn(otherwise: Callable[[], None]) -> Iterator[None]:
    if not AT_ONCE.acquire(timeout=PATIENCE):
        otherwise()
        raise Busy
    try:
        yield
    finally:
        AT_ONCE.release()
