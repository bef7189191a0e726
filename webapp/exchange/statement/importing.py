"""Bringing a statement in, a batch in a transaction: first its payments, then what they cover; and taking it back."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload, Session

from webapp.domain.allocation import ReturnKind
from webapp.domain.bulk import write_changed, write_new
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.event import Event, write_all
from webapp.domain.file import StoredFile
from webapp.domain.invoice import Invoice
from webapp.domain.matching import Match
from webapp.domain.matching_facts import AT_ONCE, match_all
from webapp.domain.payment import Payment
from webapp.domain.payment_likeness import resembling
from webapp.domain.statement import Statement
from webapp.domain.user import User
from webapp.domain.words import N_
from webapp.exchange.statement.documents import incoming, known, parts, payment_of, read
from webapp.exchange.statement.form import Line
from webapp.exchange.statement.preview import Preview

MISTAKE = N_("The statement was undone")
UNDONE_AT_ONCE = 100
"""Payments that are given back in one transaction: others wait for the write lock no longer than that takes."""


def keep(
    session: Session,
    name: str,
    content: bytes,
    found: Preview,
    chosen: dict[str, str],
    *,
    by: User | None,
    at: datetime,
) -> Statement:
    """Keep the file with its preview until somebody confirms it. No payment is entered yet."""
    file = StoredFile.store(session, content, "text/plain")
    account = next(iter(found.statement.accounts), None)
    statement = Statement(
        name=name[:200],
        sha256=file.sha256,
        file=file,
        chosen=chosen,
        format=found.statement.head.format[:20],
        account=account.number if account else next(iter(found.statement.received), ""),
        starts_on=found.statement.head.begins_on or (account and account.begins_on),
        ends_on=found.statement.head.ends_on or (account and account.ends_on),
        opening_minor=account and account.opening,
        closing_minor=account and account.closing,
        currency=account.currency if account else "",
        counts=found.told,
        preview={"shown": found.shown, "strange": found.strange, "missing": list(found.statement.missing)},
        imported_by=by,
        imported_at=at,
        touched_at=at,
    )
    session.add(statement)
    session.flush()
    return statement


def batches(session: Session, statement: Statement, company: Company) -> Iterator[list[tuple[str, Line]]]:
    """The lines that brought money, some at a time."""
    content = session.get_one(StoredFile, statement.file_id).content
    return parts(incoming(read(statement.name, content, company, dict(statement.chosen))), AT_ONCE)


def enter(
    session: Session, statement_id: int, some: Sequence[tuple[str, Line]], *, by: User | None, at: datetime
) -> int:
    """Enter those of the payments that are not known; how many."""
    there = known(session, [fingerprint for fingerprint, _ in some])
    new = [payment_of(fingerprint, line) for fingerprint, line in some if fingerprint not in there]
    for payment in new:
        payment.statement_id = statement_id
    session.add_all(new)
    session.flush()
    write_all(session, [payment.received(by=by, at=at) for payment in new])
    return len(new)


def unmatched(session: Session, statement_id: int) -> list[int]:
    """Its payments that wait for a client, in the order in which they are matched."""
    mine = select(Payment.id).where(
        Payment.statement_id == statement_id,
        Payment.client_id.is_(None),
        Payment.set_aside_at.is_(None),
        Payment.fingerprint.is_not(None),
        Payment.free_minor > 0,
    )
    return list(session.scalars(mine.order_by(Payment.received_on, Payment.fingerprint)))


def match(session: Session, statement_id: int, some: Sequence[int], *, by: User | None, at: datetime) -> None:
    """Allocate what is certain of these payments, as far as they still wait. The session is empty afterwards."""
    rows = select(Payment).where(Payment.id.in_(some)).order_by(Payment.id).with_for_update()
    found = {payment.id: payment for payment in session.scalars(rows)}
    payments = [payment for payment in map(found.__getitem__, some) if _waits(payment)]
    alike = {new.id for new, _ in resembling(session, payments, statement_id)}
    plain = [payment for payment in payments if payment.id not in alike]
    certain = [
        (payment, matches[0])
        for payment, matches in zip(plain, match_all(session, plain), strict=True)
        if matches and matches[0].certain
    ]
    write_all(session, _allocated(session, certain, by=by, at=at))


def _waits(payment: Payment) -> bool:
    return payment.client_id is None and payment.set_aside_at is None and payment.free_minor > 0


def _allocated(
    session: Session, certain: Sequence[tuple[Payment, Match]], *, by: User | None, at: datetime
) -> list[Event]:
    wanted = sorted({number for _, match in certain for number, _ in match.parts})
    served = selectinload(Invoice.client).selectinload(Client.engagements)
    rows = select(Invoice).where(Invoice.id.in_(wanted)).order_by(Invoice.id).options(served).with_for_update()
    invoices = {invoice.id: invoice for invoice in session.scalars(rows)}
    clients = {
        client.id: client
        for client in session.scalars(select(Client).where(Client.id.in_({match.client_id for _, match in certain})))
    }
    told, entries = [], []
    for payment, found in certain:
        told.append(payment.claim(clients[found.client_id], by=by, at=at))
        for number, minor in found.parts:
            invoice = invoices[number]
            part = min(minor, invoice.outstanding_minor)  # somebody may have paid it a moment ago
            if part:
                entries.append((payment, payment.cover(invoice, part, by=by, at=at, reason=found.reason)))
    told += [payment.told(entry, by=by, at=at) for payment, entry in entries]
    write_changed(session, [payment for payment, _ in certain])
    write_changed(session, invoices.values())
    write_new(session, [entry for _, entry in entries])
    session.expunge_all()
    return told


def done(session: Session, statement_id: int) -> dict[str, Any]:
    """What came of the statement, as the preview counts it: payments entered, and of those the ones that have a client
    and the rest, with their sums."""
    claimed = Payment.client_id.is_not(None)
    rows = session.execute(
        select(claimed, Payment.currency, func.count(), func.sum(Payment.amount_minor))
        .where(Payment.statement_id == statement_id)
        .group_by(claimed, Payment.currency)
        .order_by(Payment.currency)
    ).all()
    counts = {"new": 0, "matched": 0, "left": 0}
    sums: dict[str, dict[str, int]] = {}
    for has_client, currency, count, minor in rows:
        sort = "matched" if has_client else "left"
        counts["new"] += count
        counts[sort] += count
        sums.setdefault(sort, {})[currency] = int(minor)
    return {**counts, "sums": sums}


def clients_of(session: Session, statement_id: int) -> list[int]:
    """The clients whose money it brought."""
    whose = select(Payment.client_id).where(Payment.statement_id == statement_id, Payment.client_id.is_not(None))
    return sorted(filter(None, session.scalars(whose.distinct())))


def left_of(session: Session, statement_id: int) -> int:
    """How many of its payments were not given back yet."""
    rest = select(func.count()).where(Payment.statement_id == statement_id, Payment.fingerprint.is_not(None))
    return session.scalar(rest) or 0


def give_back(session: Session, statement_id: int, *, by: User | None, at: datetime, on: date) -> bool:
    """Undo some of the statement: its next payments go back as written by mistake, what they covered is owed again.
    Whether there were any. One that went back loses its fingerprint: the same document may come again."""
    next_ones = (
        select(Payment)
        .where(Payment.statement_id == statement_id, Payment.fingerprint.is_not(None))
        .order_by(Payment.id)
        .limit(UNDONE_AT_ONCE)
        .options(selectinload(Payment.allocations))
    )
    payments = session.scalars(next_ones).all()
    for payment in payments:
        rest = payment.amount_minor - payment.returned_minor
        if rest:
            payment.give_back(session, rest, ReturnKind.MISTAKE, MISTAKE, by=by, at=at, on=on)
        payment.fingerprint = None
    return bool(payments)
