"""From a statement's lines to payments: what came in, and what makes a document the same one as last time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.company import Company
from webapp.domain.payment import Payment
from webapp.exchange.statement.form import Direction, Line, Ours, Source
from webapp.exchange.statement.reading import Reading

T = TypeVar("T")


def ours(company: Company) -> Ours:
    """What makes an account the company's."""
    return Ours(frozenset({company.bank_account} - {""}), company.inn, company.currency)


def read(name: str, content: bytes, company: Company, chosen: dict[str, str]) -> Reading:
    return Reading(Source.of(name, content), ours(company), chosen)


def incoming(reading: Reading) -> Iterator[tuple[str, Line]]:
    """Each line that brought money, with its fingerprint. Lines that are alike in everything are counted: two equal
    rows of a table are two payments, and are the same two next time."""
    alike: Counter[bytes] = Counter()
    for line in reading:
        if line.direction is Direction.INCOMING and line.booked_on is not None:
            said = _said(line)
            alike[said] += 1
            yield blake2b(said + str(alike[said]).encode(), digest_size=32).hexdigest(), line


def _said(line: Line) -> bytes:
    parts: list[Any] = [line.account, line.number, line.dated_on, line.booked_on, line.amount_minor, line.currency]
    parts += [line.payer.account, line.payer.inn, line.purpose.casefold(), line.reference]
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()


def payment_of(fingerprint: str, line: Line) -> Payment:
    """The payment that a line tells of, not saved."""
    return Payment.begin(
        line.amount_minor,
        line.currency,
        line.booked_on or line.dated_on,  # type: ignore[arg-type]
        fingerprint=fingerprint,
        document_number=line.number[:40],
        payer_name=line.payer.name,
        payer_inn=line.payer.inn,
        payer_account=line.payer.account,
        purpose=line.purpose,
    )


def known(session: Session, fingerprints: Sequence[str]) -> set[str]:
    """Those of the documents that are payments already."""
    there = session.scalars(select(Payment.fingerprint).where(Payment.fingerprint.in_(fingerprints)))
    return {fingerprint for fingerprint in there if fingerprint is not None}


def order(payment: Payment) -> tuple[Any, ...]:
    """The order in which payments are matched, whatever order the bank wrote them in."""
    return payment.received_on, payment.fingerprint


def parts(items: Iterable[T], most: int) -> Iterator[list[T]]:
    """Some at a time."""
    rest = iter(items)
    while part := list(islice(rest, most)):
        yield part
