"""The job that writes letters about many invoices: it prints what is not printed yet, and skips what was written.

What is to be written stands in the database until it is: a worker that is killed in the middle loses nothing and
writes nothing twice.
"""

from collections.abc import Iterable
from time import monotonic
from typing import NamedTuple

from flask import current_app
from sqlalchemy import exists, or_, select

from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.invoice import Invoice
from webapp.domain.letter_state import LetterKind
from webapp.domain.user import User
from webapp.domain.wanted_letter import LEFT, MOST_ATTEMPTS, WantedLetter
from webapp.exchange import letters
from webapp.invoice_printing import stored_pdf
from webapp.jobs import later, limited, queue, sweep
from webapp.posting import post_letters
from webapp.web.clock import now

ROUND = 60
"""Seconds after which a round makes room for other jobs; the next one goes on."""

TIME_LIMIT = 300
"""Seconds for one round; a print takes a quarter of one."""


class Wanted(NamedTuple):
    """A letter in hand, read while no transaction is open."""

    id: int
    invoice_id: int
    kind: LetterKind
    user_id: int | None
    attempts: int


def ask_for_letters(kind: LetterKind, invoice_ids: Iterable[int], user_id: int | None) -> None:
    """Write to each invoice's payer, soon: the invoice itself, or a reminder."""
    with transaction() as session:
        WantedLetter.ask(session, kind, invoice_ids, user_id)
    later(mail_invoices)


@limited(TIME_LIMIT)
def mail_invoices() -> None:
    """Write what is wanted. Twice the same is refused by its purpose.

    What cannot be written (paid, disputed or without an address by now) is left out.
    """
    ends = monotonic() + ROUND
    while (wanted := _take()) is not None:
        try:
            _mail(wanted)
        except Refused as refusal:
            _drop(wanted, refusal.message)
        if monotonic() > ends:
            later(mail_invoices)
            break
    later(post_letters)


@sweep
def write_what_is_wanted() -> None:
    """Begin a round when a letter waits, or was left by a crash."""
    free = or_(WantedLetter.tried_at.is_(None), WantedLetter.tried_at < now() - LEFT)
    found = db.session.scalar(select(exists().where(free)))
    db.session.rollback()
    if found and not queue().holds(mail_invoices):
        later(mail_invoices)


def _take() -> Wanted | None:
    if not db.session.scalar(select(exists().where(WantedLetter.id > 0))):
        db.session.rollback()
        return None
    with transaction() as session:
        found = WantedLetter.take(session, at=now())
        return found and Wanted(found.id, found.invoice_id, found.kind, found.user_id, found.attempts)


def _mail(wanted: Wanted) -> None:
    if wanted.attempts > MOST_ATTEMPTS:
        _drop(wanted, "given up after so many attempts")
        return
    invoice, at = db.session.get_one(Invoice, wanted.invoice_id), now()
    remind = wanted.kind is LetterKind.REMINDER
    letters.check_invoice(db.session(), invoice, remind=remind, at=at)
    stored_pdf(invoice)
    db.session.expire(invoice)
    with transaction() as session:
        invoice = session.get_one(Invoice, wanted.invoice_id)
        by = session.get_one(User, wanted.user_id) if wanted.user_id is not None else None
        draft = (letters.reminder if remind else letters.about_invoice)(session, invoice, by=by, at=at)
        draft.send(session, letters.addressee(invoice.client), by=by, at=at)
        session.delete(session.get_one(WantedLetter, wanted.id))


def _drop(wanted: Wanted, why: str) -> None:
    db.session.rollback()
    current_app.logger.info("no letter about invoice %s: %s", wanted.invoice_id, why)
    with transaction() as session:
        session.delete(session.get_one(WantedLetter, wanted.id))
