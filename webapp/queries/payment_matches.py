"""What is suggested for payments, as a person reads it: whose they are, which invoices they cover, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.covering import STRANGERS, suggested
from webapp.domain.invoice import Invoice
from webapp.domain.matching import REASONS
from webapp.domain.payment import Payment
from webapp.domain.payment_likeness import resembling
from webapp.domain.user import Actor


@dataclass(frozen=True, slots=True)
class Part:
    """So much of the payment covers an invoice of which so much is owed."""

    invoice_id: int
    label: str
    due_on: date
    minor: int
    outstanding_minor: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    reason: str
    label: str
    """The reason, in words."""
    client_id: int
    client: str
    parts: tuple[Part, ...]
    rest_minor: int
    """What stays as the client's credit."""
    stranger: bool
    """Nobody has said yet that this payer pays for the client."""

    @property
    def value(self) -> str:
        """The parts as a form carries them: ``17:4000,18:500``."""
        return ",".join(f"{part.invoice_id}:{part.minor}" for part in self.parts)


def suggestions_for(session: Session, actor: Actor, payments: Sequence[Payment]) -> dict[int, tuple[Suggestion, ...]]:
    """The suggestions for each payment, by its id, in a fixed number of statements."""
    matches = suggested(session, payments)
    clients = {match.client_id for some in matches for match in some}
    invoices = {number for some in matches for match in some for number, _ in match.parts}
    called = session.execute(select(Client.id, Client.name).where(Client.id.in_(clients)))
    names: dict[int, str] = {number: name for number, name in called}  # noqa: C416 (rows are no pairs to mypy)
    rows = session.execute(
        select(Invoice.id, Invoice.number, Invoice.year, Invoice.due_on, Invoice.outstanding_minor).where(
            Invoice.id.in_(invoices)
        )
    )
    known = {row.id: row for row in rows}
    return {
        payment.id: tuple(
            Suggestion(
                match.reason,
                REASONS[match.reason].label,
                match.client_id,
                names[match.client_id],
                tuple(
                    Part(
                        number,
                        f"{known[number].number}/{known[number].year}",
                        known[number].due_on,
                        minor,
                        known[number].outstanding_minor,
                    )
                    for number, minor in match.parts
                ),
                payment.free_minor - sum(minor for _, minor in match.parts),
                match.reason in STRANGERS and bool(payment.payer_inn or payment.payer_account),
            )
            for match in some
        )
        for payment, some in zip(payments, matches, strict=True)
    }


def resembled(session: Session, actor: Actor, payments: Sequence[Payment]) -> dict[int, tuple[int, int]]:
    """Earlier payments that these resemble: by the later one's id, the earlier one's id and sum. One of the two may be
    the other, corrected by the bank."""
    return {new.id: (old.id, old.amount_minor) for new, old in resembling(session, payments)}
