"""The job that writes letters about many invoices: it prints what is not printed yet, and skips what was written.

What is to be written stands in the database until it is: a worker that is killed in the middle loses nothing and
writes nothing twice.
"""

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import NamedTuple

from flask import current_app
from huey.exceptions import HueyException
from sqlalchemy import exists, or_, select

from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.invoice import Invoice
from webapp.domain.letter_state import LetterKind
from webapp.domain.user import User
from webapp.domain.wanted_letter import LEFT, MOST_ATTEMPTS, WantedLetter
from webapp.exchange import invoice_letters
from webapp.exchange.letters import addressee
from webapp.invoice_printing import stored_pdf
from webapp.jobs import later, limited, queue, sweep
from webapp.posting import post_letters
from webapp.web.clock import now

ROUND = 60
"""Seconds after which a round makes room for other jobs; the next one goes on."""

TIME_LIMIT = 300
"""Seconds for one round; a print takes a quarter of one."""


class Wanted(NamedTuple):
    """An invoice to write about in hand, read while no transaction is open."""

    id: int
    invoice_id: int
    kind: LetterKind
    user_id: int | None
    attempts: int


def ask_for_letters(kind: LetterKind, invoice_ids: Iterable[int], user_id: int | None) -> None:
    """Write to each invoice's payer, soon: the invoice itself, or one reminder of all that are the client's."""
    with transaction() as session:
        WantedLetter.ask(session, kind, invoice_ids, user_id)
    later(mail_invoices)


@limited(TIME_LIMIT)
def mail_invoices() -> None:
    """Write what is wanted. Twice the same is refused.

    What cannot be written (paid, disputed or without an address by now) is left out.
    """
    ends = monotonic() + ROUND
    while wanted := _take():
        _write([each for each in wanted if _printed(each)])
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


def _take() -> list[Wanted]:
    if not db.session.scalar(select(exists().where(WantedLetter.id > 0))):
        db.session.rollback()
        return []
    with transaction() as session:
        return [
            Wanted(each.id, each.invoice_id, each.kind, each.user_id, each.attempts)
            for each in WantedLetter.take(session, at=now())
        ]


def _printed(wanted: Wanted) -> bool:
    """Whether the invoice can be written about now; its PDF is stored then. What failed to print waits for an attempt
    of its own."""
    if wanted.attempts > MOST_ATTEMPTS:
        _drop(wanted, "given up after so many attempts")
        return False
    if not _stands(wanted):
        return False
    try:
        stored_pdf(db.session.get_one(Invoice, wanted.invoice_id))
    except HueyException:
        raise  # the time of the round is over
    except Exception:
        db.session.rollback()
        current_app.logger.exception("invoice %s could not be printed for its letter", wanted.invoice_id)
        return False
    db.session.expire_all()
    return True


def _stands(wanted: Wanted) -> bool:
    """Whether there is still something to write about; what is paid, disputed or reminded of is left out for good."""
    invoice, remind = db.session.get_one(Invoice, wanted.invoice_id), wanted.kind is LetterKind.REMINDER
    try:
        invoice_letters.check_invoice(db.session(), invoice, remind=remind, at=now())
        if remind:
            invoice_letters.check_reminded(db.session(), invoice, at=now())
    except Refused as refusal:
        _drop(wanted, refusal.message)
        return False
    return True


def _write(wanted: Sequence[Wanted]) -> None:
    """One letter about all of them. Where one of them fell out meanwhile, about the rest; where nobody can tell which,
    one about each."""
    try:
        if wanted:
            _mail(wanted)
    except Refused as refusal:
        if len(wanted) == 1:
            _drop(wanted[0], refusal.message)
            return
        db.session.rollback()
        standing = [each for each in wanted if _stands(each)]
        for part in [standing] if len(standing) < len(wanted) else [[each] for each in wanted]:
            _write(part)


def _mail(wanted: Sequence[Wanted]) -> None:
    at, kind, user_id = now(), wanted[0].kind, wanted[0].user_id
    with transaction() as session:
        by = session.get_one(User, user_id) if user_id is not None else None
        invoices = [session.get_one(Invoice, each.invoice_id) for each in wanted]
        if kind is LetterKind.REMINDER:
            draft = invoice_letters.reminder(session, invoices, by=by, at=at)
        else:
            draft = invoice_letters.about_invoice(session, invoices[0], by=by, at=at)
        draft.send(session, addressee(invoices[0].client), by=by, at=at)
        for each in wanted:
            session.delete(session.get_one(WantedLetter, each.id))


def _drop(wanted: Wanted, why: str) -> None:
    db.session.rollback()
    current_app.logger.info("no letter about invoice %s: %s", wanted.invoice_id, why)
    with transaction() as session:
        session.delete(session.get_one(WantedLetter, wanted.id))
