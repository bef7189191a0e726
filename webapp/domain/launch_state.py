"""The states of a launch, its channels, what becomes of a contact planned through one, and the steps of its funnel:
policy as data."""

from enum import IntEnum, StrEnum

from webapp.domain.interaction import InteractionKind
from webapp.domain.words import N_

BASELINE = 90
"""Percent of clients whom mailings with invoices and e-mails fail to reach about a new product (DOMAIN.md)."""


class LaunchState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return {"draft": N_("Draft"), "running": N_("Running"), "paused": N_("Paused"), "ended": N_("Ended")}[
            self.value
        ]


TRANSITIONS: dict[LaunchState, frozenset[LaunchState]] = {
    LaunchState.DRAFT: frozenset({LaunchState.RUNNING}),
    LaunchState.RUNNING: frozenset({LaunchState.PAUSED, LaunchState.ENDED}),
    LaunchState.PAUSED: frozenset({LaunchState.RUNNING, LaunchState.ENDED}),
    LaunchState.ENDED: frozenset(),
}
"""Which state may follow which. What ended never runs again."""

COUNTING = frozenset({LaunchState.RUNNING, LaunchState.PAUSED})
"""While it is so, what clients learn and buy counts for the launch; after its end only what they are offered and buy,
for some time."""


class Channel(StrEnum):
    """How the news of a product gets to a client, the most personal first: so a client's weeks are filled."""

    VISIT = "visit"
    CALL = "call"
    EMAIL = "email"
    LEAFLET = "leaflet"

    @property
    def label(self) -> str:
        return {
            "visit": N_("Visit"),
            "call": N_("Call"),
            "email": N_("E-mail"),
            "leaflet": N_("Leaflet with the invoice"),
        }[self.value]


CONTACTS = frozenset({Channel.VISIT, Channel.CALL, Channel.EMAIL})
"""What counts as a contact for the weekly cap. A leaflet lies in an envelope that goes out anyway."""

IN_PERSON = frozenset({Channel.VISIT, Channel.CALL})


class TouchState(StrEnum):
    """What became of one client's contact by one channel."""

    PLANNED = "planned"
    GIVEN = "given"
    DONE = "done"
    MISSED = "missed"

    @property
    def label(self) -> str:
        return {
            "planned": N_("Waits for its week"),
            "given": N_("Given out"),
            "done": N_("Done"),
            "missed": N_("Not possible"),
        }[self.value]


TOUCH_TRANSITIONS: dict[TouchState, frozenset[TouchState]] = {
    TouchState.PLANNED: frozenset({TouchState.GIVEN, TouchState.MISSED}),
    TouchState.GIVEN: frozenset({TouchState.DONE, TouchState.MISSED}),
    TouchState.DONE: frozenset({TouchState.MISSED}),
    TouchState.MISSED: frozenset({TouchState.DONE}),
}
"""Which may follow which: an e-mail that was sent may come back, and one that seemed lost may have arrived."""


class Missed(StrEnum):
    """Why nothing comes of a contact. The last three are states of awareness, too."""

    NOBODY = "nobody"
    NO_ADDRESS = "no_address"
    OPTED_OUT = "opted_out"
    NO_ROOM = "no_room"
    CANCELLED = "cancelled"
    FAILED = "failed"
    ENDED = "ended"
    OWNED = "owned"
    REFUSED = "refused"
    NOT_ELIGIBLE = "not_eligible"

    @property
    def label(self) -> str:
        return {
            "nobody": N_("Neither a clerk nor the VIP department serves the client"),
            "no_address": N_("No contact has an e-mail address"),
            "opted_out": N_("They want no mailings"),
            "no_room": N_("No week was free before the launch ends"),
            "cancelled": N_("The task was cancelled"),
            "failed": N_("The e-mail did not arrive"),
            "ended": N_("The launch ended before"),
            "owned": N_("They own it by now"),
            "refused": N_("They refused it meanwhile"),
            "not_eligible": N_("It does not suit them, as somebody found meanwhile"),
        }[self.value]


class Heard(StrEnum):
    """Through what a client came to know first, of what a person told it or it answered itself."""

    VISIT = "visit"
    CALL = "call"
    EMAIL = "email"
    LEAFLET = "leaflet"
    OTHER = "other"


HEARD_BY: dict[InteractionKind, Heard] = {InteractionKind.MEETING: Heard.VISIT, InteractionKind.CALL: Heard.CALL}
"""By what it was told; an event is none of the launch's channels."""


class Step(IntEnum):
    """How far a client came in the launch; each includes those before it."""

    NONE = 0
    TOLD = 1
    INTERESTED = 2
    OFFERED = 3
    BOUGHT = 4
