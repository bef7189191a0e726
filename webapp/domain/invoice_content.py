"""What an invoice's or a credit note's document says, as plain JSON. Sums in minor units, dates as ISO texts."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.calendar import last_day
from webapp.domain.company import Company
from webapp.domain.event import Event
from webapp.domain.invoice import CreditNote, Invoice
from webapp.domain.leaflet import leaflet_of
from webapp.domain.proposal_content import OURS, THEIRS
from webapp.domain.tax import rates_on


def invoice_content(session: Session, invoice: Invoice) -> dict[str, Any]:
    """Everything that stands on the invoice: name and tax as they were on the day of its issue."""
    company, contract = session.get_one(Company, 1), invoice.contract
    issued = _as_issued(session, invoice)
    first, last = max(contract.starts_on, invoice.period), last_day(invoice.period)
    if contract.ends_on is not None and contract.ends_on >= first:
        last = min(contract.ends_on, last)
    rate = rates_on(invoice.issued_on)[issued.get("tax", contract.tax)]
    return {
        "number": invoice.label,
        "language": company.language,
        "currency": invoice.currency,
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "from": _side(company, OURS),
        "to": _side(invoice.client, THEIRS),
        "contract": contract.number,
        "name": issued.get("name", contract.name),
        "period": [first.isoformat(), last.isoformat()] if contract.is_monthly else None,
        "total_minor": invoice.total_minor,
        "tax_minor": invoice.tax_minor,
        "tax_rate": rate.basis_points,
        "leaflet": leaflet_of(session, invoice),
    }


def credit_content(session: Session, note: CreditNote) -> dict[str, Any]:
    """Everything that stands on a credit note."""
    invoice = note.invoice
    rate = rates_on(invoice.issued_on)[_as_issued(session, invoice).get("tax", invoice.contract.tax)]
    return {
        **invoice_content(session, invoice),
        "credit": note.label,
        "credited_on": note.issued_on.isoformat(),
        "reason": note.reason,
        "credit_minor": note.amount_minor,
        "credit_tax_minor": rate.inside(note.amount_minor),
    }


def _as_issued(session: Session, invoice: Invoice) -> dict[str, Any]:
    """What the event of its issue says; nothing for invoices that came from elsewhere."""
    told = select(Event.details).where(
        Event.client_id == invoice.client_id, Event.kind == "invoice:issued", Event.subject_id == invoice.id
    )
    return session.scalars(told).first() or {}


def _side(owner: Any, fields: list[str]) -> dict[str, str]:
    return {name: getattr(owner, name) for name in fields}
