"""The clerk's queue: why a client stands in it, in which order, when it comes back. Policy as data, all of it here."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.domain.words import N_


class Reason(StrEnum):
    """Why a client stands in the queue."""

    BROKEN = "broken"
    OVERDUE = "overdue"
    RENEWAL = "renewal"
    ONBOARDING = "onboarding"
    HANDOFF = "handoff"
    REQUEST = "request"
    LAUNCH = "launch"
    ROUTINE = "routine"


@dataclass(frozen=True, slots=True)
class Rank:
    """One kind of operation: its name, what to say on the phone, and after how many working days it comes back when it
    was dealt with but what caused it still stands."""

    reason: Reason
    label: str
    script: str
    returns: int


RANKS: tuple[Rank, ...] = (
    Rank(
        Reason.BROKEN,
        N_("Broken promise to pay"),
        N_("“You promised the payment by then, and it did not come. What happened? What day can I count on?”"),
        1,
    ),
    Rank(
        Reason.OVERDUE,
        N_("Overdue payment"),
        N_("“I am calling about the invoices past their day. Is anything wrong with them? When will you pay?”"),
        3,
    ),
    Rank(
        Reason.RENEWAL,
        N_("Contract ends"),
        N_("“Your contract runs out soon. Shall I prepare the next one on the same terms, or has your need changed?”"),
        5,
    ),
    Rank(
        Reason.ONBOARDING,
        N_("New client"),
        N_("“I look after you from now on. Is everything working as promised? To whom do I send the invoices?”"),
        3,
    ),
    Rank(
        Reason.HANDOFF,
        N_("Hand-off to accept"),
        N_("Read the checklist; ask the giver what is unclear. Accept it, or return it with the gaps named."),
        1,
    ),
    Rank(
        Reason.REQUEST,
        N_("Request of another department"),
        N_("Do what was asked, and tell the colleague who asked what came of it."),
        2,
    ),
    Rank(
        Reason.LAUNCH,
        N_("New product to tell of"),
        N_("“We have something new: {product}. May I tell you in two sentences what it gives you?”"),
        2,
    ),
    Rank(
        Reason.ROUTINE,
        N_("Planned touch"),
        N_("“I am calling as agreed. Does everything work? Did the last invoice reach you? Is there anything new?”"),
        5,
    ),
)
"""In the order in which they stand: whoever has several reasons stands where the first of them puts him."""

PLACE: dict[Reason, int] = {rank.reason: place for place, rank in enumerate(RANKS)}
RANK_OF: dict[Reason, Rank] = {rank.reason: rank for rank in RANKS}
RESTS = 90
"""The place of a client with nothing to do now."""


HABITS: tuple[tuple[int, int, str], ...] = (
    (3, 150, N_("pays late as a rule")),
    (1, 100, N_("has paid late before")),
    (0, 60, N_("late for the first time")),
)
"""So many invoices paid late within a year, what the overdue sum then weighs in percent, and the words: a first delay
is not a chronic one."""


def habit_of(late: int) -> tuple[int, int, str]:
    return next(habit for habit in HABITS if late >= habit[0])


LATE_DAYS = 3
"""A payment so many days after its day is not late yet: banks rest on weekends."""

LOOK_BACK_DAYS = 365
"""How far back the habit of paying, and broken promises, are looked at."""

RENEWAL_AHEAD_DAYS = 14
"""A contract is spoken about so many days before the last day on which notice could be given."""

NEW_CLIENT_DAYS = 30
"""So long after the department took a client over, its tasks are steps of onboarding."""

BROKEN_DAYS = 60
"""A broken promise puts a client first for so long, while anything is overdue."""

NO_ANSWER_HOURS: tuple[int, ...] = (2, 9, 18)
"""Working hours after which to try again: the first time later today, then tomorrow, then every second day."""

NO_ANSWER_DAYS = 7
"""Vain calls of so many days count together."""


class Outcome(StrEnum):
    """How an operation ended."""

    DONE = "done"
    PROMISED = "promised"
    POSTPONED = "postponed"
    HANDED = "handed"
    DISPUTED = "disputed"
    NO_ANSWER = "noanswer"

    @property
    def label(self) -> str:
        return {
            "done": N_("Done"),
            "promised": N_("Promised to pay"),
            "postponed": N_("Postponed"),
            "handed": N_("Given to a colleague"),
            "disputed": N_("Disputed"),
            "noanswer": N_("No answer"),
        }[self.value]


RESULTS: dict[str, str] = {
    "agreed": N_("Spoke: agreed"),
    "will_look": N_("Spoke: they will look into it"),
    "documents": N_("Spoke: documents were asked for"),
    "renews": N_("Spoke: the contract is prolonged"),
    "thinks": N_("Spoke: they think about it"),
    "nothing": N_("Spoke: all is well"),
}
"""What came of a call, ready to choose; a note may say more."""

HANDING_REASONS: dict[str, str] = {
    "room": N_("Has more room now"),
    "stands_in": N_("Stands in during an absence"),
    "knows": N_("Knows the client"),
    "matter": N_("Knows the matter better"),
    "language": N_("Speaks their language"),
}
"""Why a client goes to a colleague, ready to choose; own words may stand in their place."""

ROOM_LOOKED_AT = 30
"""So many waiting items of each clerk are looked at, to find who has most room: half an hour's work, with which nobody
has any. They are counted anew for each item that is shown."""

LONGEST_OPERATION = 20 * 60
"""Seconds: what takes longer was left open."""

WHOM: dict[Reason, tuple[str, ...]] = {
    Reason.BROKEN: ("pays", "decides", "keeps_gate"),
    Reason.OVERDUE: ("pays", "keeps_gate", "decides"),
    Reason.RENEWAL: ("decides", "advises", "uses"),
    Reason.ONBOARDING: ("uses", "decides", "keeps_gate"),
    Reason.HANDOFF: ("decides", "uses", "pays"),
    Reason.REQUEST: ("decides", "uses", "keeps_gate"),
    Reason.LAUNCH: ("decides", "advises", "uses"),
    Reason.ROUTINE: ("uses", "decides", "keeps_gate"),
}
"""Whom to call first, by their part in the client's decisions; the rest follow."""
