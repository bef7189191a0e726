"""How far a version of a proposal is, and the numbers that a company may wish otherwise."""

from datetime import date, timedelta
from enum import StrEnum

from webapp.domain.words import N_

PREFIXES = {"ru": "КП", "en": "P"}
"""What a proposal's number begins with, by the company's language (коммерческое предложение)."""

COPIED = "language currency prices_include_tax title text terms discount template attached".split()
"""What the next version begins with as the last one has it, beside its lines."""

VALID_DAYS = 30
"""How long a new draft is valid unless somebody says otherwise."""

EXPIRING_DAYS = 3
"""So many days before its end a proposal of an open deal becomes a task, and says that it ends."""

ON_THE_BOARD = frozenset(f"proposal:{what}" for what in "printed opened asked accepted declined expiring".split())
"""What happens to a version that the client's cards on the board tell, in whichever lane."""

MOST_FAILURES = 3
"""How often a print that failed is begun again by itself."""


class VersionState(StrEnum):
    DRAFT = "draft"
    PRINTING = "printing"
    SENT = "sent"

    @property
    def label(self) -> str:
        return {"draft": N_("Draft"), "printing": N_("Being printed"), "sent": N_("Sent")}[self.value]


class Standing(StrEnum):
    """How far a version came with the client, for everybody who looks at the deal."""

    DRAFT = "draft"
    PRINTING = "printing"
    SENT = "sent"
    OPENED = "opened"
    QUESTION = "question"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        return STANDINGS[self][0]

    @property
    def tone(self) -> str | None:
        """How loudly it is shown: good, warn, bad, accent, or plainly."""
        return STANDINGS[self][1]


STANDINGS: dict[Standing, tuple[str, str | None]] = {
    Standing.DRAFT: (N_("Draft"), None),
    Standing.PRINTING: (N_("Being printed"), "accent"),
    Standing.SENT: (N_("Sent"), "accent"),
    Standing.OPENED: (N_("Opened by the client"), "accent"),
    Standing.QUESTION: (N_("Question"), "warn"),
    Standing.ACCEPTED: (N_("Accepted by the client"), "good"),
    Standing.DECLINED: (N_("Declined by the client"), "bad"),
    Standing.EXPIRED: (N_("Expired"), None),
}


def standing(state: VersionState, valid_until: date, today: date, openings: int, answer: str | None) -> Standing:
    """Of a version: what the client said last, else that its days are over, else whether anybody opened it."""
    if answer in (Standing.ACCEPTED, Standing.DECLINED):
        return Standing(answer)
    if state is not VersionState.SENT:
        return Standing(state.value)
    if valid_until < today:
        return Standing.EXPIRED
    if answer is not None:
        return Standing(answer)
    return Standing.OPENED if openings else Standing.SENT


def ends_soon(how: Standing, valid_until: date, today: date) -> bool:
    """Whether a version that the client may still accept has few days left."""
    waits = how in (Standing.SENT, Standing.OPENED, Standing.QUESTION)
    return waits and today <= valid_until <= today + timedelta(days=EXPIRING_DAYS)
