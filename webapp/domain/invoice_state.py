"""The states of an invoice, and which may follow which: policy as data."""

from enum import StrEnum

from webapp.domain.words import N_


class InvoiceState(StrEnum):
    ISSUED = "issued"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    CREDITED = "credited"

    @property
    def label(self) -> str:
        return {
            "issued": N_("Issued"),
            "partly_paid": N_("Partly paid"),
            "paid": N_("Paid"),
            "credited": N_("Credited"),
        }[self.value]


TRANSITIONS: dict[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.ISSUED: frozenset({InvoiceState.PARTLY_PAID, InvoiceState.PAID, InvoiceState.CREDITED}),
    InvoiceState.PARTLY_PAID: frozenset({InvoiceState.ISSUED, InvoiceState.PAID}),
    InvoiceState.PAID: frozenset({InvoiceState.ISSUED, InvoiceState.PARTLY_PAID}),
    InvoiceState.CREDITED: frozenset(),
}
"""Which state may follow which. A credited invoice owes nothing and takes no payment any more."""


def state_of(total_minor: int, settled_minor: int, credited_minor: int) -> InvoiceState:
    """The state that the sums say."""
    if credited_minor == total_minor:
        return InvoiceState.CREDITED
    if settled_minor + credited_minor == total_minor:
        return InvoiceState.PAID
    return InvoiceState.PARTLY_PAID if settled_minor else InvoiceState.ISSUED


DISPUTE_REASONS: dict[str, str] = {
    "service": N_("The service was not as agreed"),
    "sum": N_("The sum is wrong"),
    "twice": N_("Invoiced twice"),
    "paid": N_("They say it is paid"),
    "documents": N_("Documents are missing"),
    "other": N_("Other"),
}
"""Why a client does not accept an invoice. A dispute stops the reminders."""

YEARS_TO_CLAIM = 3
"""An older invoice is not looked for when a payment is matched (ГК РФ, ст. 196)."""
