"""The states of a letter, which may follow which, and when a letter is tried again: policy as data."""

from datetime import timedelta
from enum import StrEnum

from webapp.domain.words import N_


class LetterKind(StrEnum):
    INVOICE = "invoice"
    REMINDER = "reminder"
    PROPOSAL = "proposal"
    ALARM = "alarm"
    """To our own people: a competitor is after the client."""
    ANSWER = "answer"
    """To one of ours: the client answered."""
    LAUNCH = "launch"
    """About a new product; only to those who did not refuse mailings."""

    @property
    def label(self) -> str:
        return {
            "invoice": N_("Invoice"),
            "reminder": N_("Reminder"),
            "proposal": N_("Proposal"),
            "alarm": N_("Alarm"),
            "answer": N_("Client's answer"),
            "launch": N_("New product"),
        }[self.value]


class LetterState(StrEnum):
    """``unsure`` is a letter whose text was handed over without an answer: it may have arrived."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNSURE = "unsure"
    FAILED = "failed"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return {
            "waiting": N_("Waiting"),
            "sending": N_("Being sent"),
            "sent": N_("Sent"),
            "unsure": N_("Perhaps sent"),
            "failed": N_("Not sent"),
            "bounced": N_("Came back"),
            "cancelled": N_("Left as it is"),
        }[self.value]


TROUBLED = frozenset({LetterState.UNSURE, LetterState.FAILED, LetterState.BOUNCED})
"""A person has to decide what becomes of these."""

TRANSITIONS: dict[LetterState, frozenset[LetterState]] = {
    LetterState.WAITING: frozenset({LetterState.SENDING, LetterState.CANCELLED}),
    LetterState.SENDING: frozenset(
        {LetterState.WAITING, LetterState.SENT, LetterState.UNSURE, LetterState.FAILED, LetterState.BOUNCED}
    ),
    LetterState.SENT: frozenset({LetterState.BOUNCED}),
    LetterState.UNSURE: frozenset(
        {LetterState.WAITING, LetterState.SENT, LetterState.FAILED, LetterState.BOUNCED, LetterState.CANCELLED}
    ),
    LetterState.FAILED: frozenset({LetterState.WAITING, LetterState.CANCELLED}),
    LetterState.BOUNCED: frozenset({LetterState.WAITING, LetterState.CANCELLED}),
    LetterState.CANCELLED: frozenset({LetterState.WAITING}),
}
"""Which state may follow which. Only a person lets a letter wait again once its text may have gone out."""

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
"""How long a letter waits after each attempt that may succeed later; together 22 hours."""

MOST_ATTEMPTS = len(DELAYS) + 1

LOST = timedelta(minutes=10)
"""A letter being sent for so long was left by a crash: nobody knows whether it went out. Longer than any attempt."""
