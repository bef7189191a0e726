"""An invoice follows its table: every pair of states is tried, by every verb, and by the sums alone."""

from collections.abc import Callable
from itertools import product

import pytest
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client, make_invoice
from webapp.domain.errors import Refused
from webapp.domain.invoice import Invoice
from webapp.domain.invoice_state import InvoiceState, state_of, TRANSITIONS

TOTAL = 4
PAIRS = list(product(InvoiceState, InvoiceState))
SUMS = {
    InvoiceState.ISSUED: (0, 0),
    InvoiceState.PARTLY_PAID: (1, 0),
    InvoiceState.PAID: (TOTAL, 0),
    InvoiceState.CREDITED: (0, TOTAL),
}
"""What is settled and what is credited in each state."""


@pytest.fixture
def invoice(session: Session, cast: Cast) -> Invoice:
    return make_invoice(session, make_client(session, cast.clerk), TOTAL)


def put(invoice: Invoice, settled: int, credited: int) -> Invoice:
    """The invoice as it would stand after so much was paid and taken back."""
    invoice.settled_minor, invoice.credited_minor = settled, credited
    invoice.outstanding_minor = TOTAL - settled - credited
    invoice.state = state_of(TOTAL, settled, credited)
    return invoice


def allowed(before: InvoiceState, after: InvoiceState) -> bool:
    return before is after or after in TRANSITIONS[before]


def test_the_table_names_every_state() -> None:
    assert set(TRANSITIONS) == set(InvoiceState)
    assert {state: state_of(TOTAL, *sums) for state, sums in SUMS.items()} == {state: state for state in InvoiceState}


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=lambda state: state.value)
def test_the_sums_bring_an_invoice_only_where_the_table_leads(
    invoice: Invoice, before: InvoiceState, after: InvoiceState
) -> None:
    put(invoice, *SUMS[before])
    invoice.settled_minor, invoice.credited_minor = SUMS[after]
    if allowed(before, after):
        invoice._count()
        assert (invoice.state, invoice.outstanding_minor) == (after, TOTAL - sum(SUMS[after]))
    else:
        with pytest.raises(Refused, match="cannot become"):
            invoice._count()
        assert invoice.state is before


def test_the_verbs_walk_the_whole_table_and_nothing_beside_it(session: Session, cast: Cast, invoice: Invoice) -> None:
    """From every sum that may be settled and credited, everything is tried that an allocation or a clerk can do."""
    walked: set[tuple[InvoiceState, InvoiceState]] = set()

    def credit(minor: int) -> Callable[[], object]:
        how = {"by": cast.clerk, "at": AT, "on": TODAY}
        return lambda: invoice.credit(session, minor, "Too much", seen=invoice.version, **how)

    for settled, credited in product(range(TOTAL + 1), repeat=2):
        if settled + credited > TOTAL:
            continue
        for minor in range(-TOTAL, TOTAL + 1):
            for verb in (lambda minor=minor: invoice.settle(minor), credit(minor)):
                before = put(invoice, settled, credited).state
                session.flush()
                try:
                    verb()
                except Refused:
                    assert (invoice.settled_minor, invoice.credited_minor) == (settled, credited)
                    assert invoice.state is before
                    continue
                assert allowed(before, invoice.state)
                assert invoice.state is state_of(TOTAL, invoice.settled_minor, invoice.credited_minor)
                assert min(invoice.settled_minor, invoice.credited_minor, invoice.outstanding_minor) >= 0
                walked.add((before, invoice.state))
    assert {pair for pair in walked if pair[0] is not pair[1]} == {
        (before, after) for before, afters in TRANSITIONS.items() for after in afters
    }
    assert not any(before is InvoiceState.CREDITED for before, _ in walked)
