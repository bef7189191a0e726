"""The states of a hand-off, and which may follow which: policy as data."""

from enum import StrEnum

from sqlalchemy import text

from webapp.domain.words import N_


class HandOffState(StrEnum):
    DRAFTED = "drafted"
    OFFERED = "offered"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    INTRODUCED = "introduced"

    @property
    def label(self) -> str:
        return {
            "drafted": N_("Drafted"),
            "offered": N_("Offered"),
            "returned": N_("Returned"),
            "accepted": N_("Accepted"),
            "withdrawn": N_("Withdrawn"),
            "introduced": N_("Introduced"),
        }[self.value]


TRANSITIONS: dict[HandOffState, frozenset[HandOffState]] = {
    HandOffState.DRAFTED: frozenset({HandOffState.OFFERED, HandOffState.WITHDRAWN}),
    HandOffState.OFFERED: frozenset({HandOffState.ACCEPTED, HandOffState.RETURNED, HandOffState.WITHDRAWN}),
    HandOffState.RETURNED: frozenset({HandOffState.OFFERED, HandOffState.WITHDRAWN}),
    HandOffState.ACCEPTED: frozenset({HandOffState.INTRODUCED}),
    HandOffState.WITHDRAWN: frozenset(),
    HandOffState.INTRODUCED: frozenset(),
}
"""Which state may follow which."""

PENDING = (HandOffState.DRAFTED, HandOffState.OFFERED, HandOffState.RETURNED)
STILL_PENDING = text("state in ('drafted', 'offered', 'returned')")
