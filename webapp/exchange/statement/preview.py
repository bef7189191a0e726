"""What importing a statement would do, said before anything is written."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.invoice import Invoice
from webapp.domain.matching import Match, Owed
from webapp.domain.matching_facts import AT_ONCE, match_all
from webapp.domain.payment import Payment
from webapp.domain.payment_likeness import resembling
from webapp.domain.words import N_
from webapp.exchange.statement.documents import incoming, known, order, parts, payment_of, read
from webapp.exchange.statement.form import Direction, Statement

MOST_SHOWN = 50
MOST_PREVIEWED = 20_000
"""Payments of one file whose matches are worked out beforehand; the command imports larger files without."""


@dataclass
class Preview:
    """``counts`` and ``sums`` (minor units by currency) of what would happen; the first payments with their match."""

    statement: Statement
    counts: Counter[str] = field(default_factory=Counter)
    sums: dict[str, Counter[str]] = field(default_factory=dict)
    shown: list[dict[str, Any]] = field(default_factory=list)
    strange: list[dict[str, Any]] = field(default_factory=list)

    @property
    def told(self) -> dict[str, Any]:
        """As JSON: what is kept beside the statement, and what the command prints."""
        return {**self.counts, "sums": {name: dict(sums) for name, sums in self.sums.items()}}


def preview(
    session: Session,
    name: str,
    content: bytes,
    company: Company,
    chosen: dict[str, str],
    *,
    most: int | None = MOST_PREVIEWED,
) -> Preview:
    """Read the whole file and match it. Refused with the line where it cannot be trusted; nothing is written.

    ``most`` None takes a file of any size; beyond MOST_PREVIEWED it is only counted, so that memory stays flat.
    """
    reading = read(name, content, company, chosen)
    new: list[Payment] = []
    seen: Counter[str] = Counter(known=0, new=0)
    for some in parts(incoming(reading), AT_ONCE):
        there = known(session, [fingerprint for fingerprint, _ in some])
        seen.update(known=len(there), new=len(some) - len(there))
        if seen["new"] <= MOST_PREVIEWED:
            new += [payment_of(fingerprint, line) for fingerprint, line in some if fingerprint not in there]
        elif most is not None:
            raise Refused(
                N_("More than %(most)s new payments: an operator imports so large a file by command"), most=most
            )
        else:
            new = []
    if reading.statement is None:
        raise RuntimeError("a statement that was read to its end")
    found = Preview(reading.statement)
    directions = reading.statement.counts
    found.counts.update(
        {
            "documents": sum(directions.values()),
            **seen,
            "spent": directions.get(Direction.OUTGOING, 0),
            "own": directions.get(Direction.OWN, 0),
            "left_out": directions.get(Direction.PENDING, 0) + directions.get(Direction.UNKNOWN, 0),
            **({"matched": 0, "left": 0, "resembling": 0} if seen["new"] <= MOST_PREVIEWED else {}),
        }
    )
    new.sort(key=order)
    _match(session, found, new)
    return found


def _match(session: Session, found: Preview, new: list[Payment]) -> None:
    owed: dict[int, Owed] = {}
    shown: list[tuple[Payment, Match | None]] = []
    for some in parts(new, AT_ONCE):
        alike = {id(payment): old for payment, old in resembling(session, some)}
        plain = [payment for payment in some if id(payment) not in alike]
        certain = dict(zip(map(id, plain), match_all(session, plain, shared=owed), strict=True))
        for payment in some:
            match = next((match for match in certain.get(id(payment), ()) if match.certain), None)
            sort = "matched" if match else "left"
            found.counts[sort] += 1
            found.sums.setdefault(sort, Counter())[payment.currency] += payment.amount_minor
            if len(shown) < MOST_SHOWN:
                shown.append((payment, match))
            old = alike.get(id(payment))
            if old is not None:
                found.counts["resembling"] += 1
                if len(found.strange) < MOST_SHOWN:
                    found.strange.append({**_described(payment), "payment": old.id, "was": _described(old)})
    found.shown = _shown(session, shown)


def _shown(session: Session, shown: list[tuple[Payment, Match | None]]) -> list[dict[str, Any]]:
    clients = {match.client_id for _, match in shown if match}
    invoices = {number for _, match in shown if match for number, _ in match.parts}
    names = dict(session.execute(select(Client.id, Client.name).where(Client.id.in_(clients))).all())
    labels = {invoice.id: invoice.label for invoice in session.scalars(select(Invoice).where(Invoice.id.in_(invoices)))}
    return [
        {
            **_described(payment),
            "reason": match.reason if match else "",
            "client": names[match.client_id] if match else "",
            "invoices": [{"number": labels[number], "minor": minor} for number, minor in match.parts] if match else [],
        }
        for payment, match in shown
    ]


def _described(payment: Payment) -> dict[str, Any]:
    return {
        "number": payment.document_number,
        "day": payment.received_on.isoformat(),
        "minor": payment.amount_minor,
        "currency": payment.currency,
        "payer": payment.payer_name,
        "purpose": payment.purpose[:300],
    }
