"""The states of a visit and which may follow which, purposes, outcomes, moods and reasons: policy as data."""

from enum import StrEnum

from webapp.domain.words import N_


class VisitState(StrEnum):
    PLANNED = "planned"
    CONFIRMED = "confirmed"
    HELD = "held"
    NOT_HELD = "not_held"
    UNTOLD = "untold"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return {
            "planned": N_("Planned"),
            "confirmed": N_("Called ahead"),
            "held": N_("Held"),
            "not_held": N_("Not held"),
            "untold": N_("Ticked off, not told"),
            "cancelled": N_("Cancelled"),
        }[self.value]


ENDS = frozenset({VisitState.HELD, VisitState.NOT_HELD, VisitState.UNTOLD, VisitState.CANCELLED})
TO_COME = frozenset({VisitState.PLANNED, VisitState.CONFIRMED})

TRANSITIONS: dict[VisitState, frozenset[VisitState]] = {
    VisitState.PLANNED: ENDS | {VisitState.CONFIRMED},
    VisitState.CONFIRMED: ENDS | {VisitState.PLANNED},
    VisitState.UNTOLD: frozenset({VisitState.HELD, VisitState.NOT_HELD}),
    VisitState.HELD: frozenset(),
    VisitState.NOT_HELD: frozenset(),
    VisitState.CANCELLED: frozenset(),
}
"""Which state may follow which. Another day undoes the call ahead; what was only ticked off may be told later."""


class Purpose(StrEnum):
    """What a visit is for."""

    INTRODUCTION = "introduction"
    REVIEW = "review"
    PRODUCT = "product"
    COMPLAINT = "complaint"
    ATTACK = "attack"
    BIRTHDAY = "birthday"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            "introduction": N_("Get to know each other"),
            "review": N_("Quarterly review"),
            "product": N_("Show a new product"),
            "complaint": N_("Settle a complaint"),
            "attack": N_("Defend against a competitor"),
            "birthday": N_("Congratulate"),
            "other": N_("Another purpose"),
        }[self.value]


class VisitOutcome(StrEnum):
    """How a visit ended, for one tap."""

    WARM = "warm"
    AGREED = "agreed"
    INTERESTED = "interested"
    SETTLED = "settled"
    COMPLAINED = "complained"
    LEAVING = "leaving"

    @property
    def label(self) -> str:
        return {
            "warm": N_("A good talk"),
            "agreed": N_("Agreed on something"),
            "interested": N_("Interested in a product"),
            "settled": N_("A problem is settled"),
            "complained": N_("They complained"),
            "leaving": N_("They think of leaving"),
        }[self.value]


class Mood(StrEnum):
    GOOD = "good"
    EVEN = "even"
    BAD = "bad"

    @property
    def label(self) -> str:
        return {"good": N_("Warm"), "even": N_("Even"), "bad": N_("Cold")}[self.value]


NOT_HELD: dict[str, str] = {
    "client_cancelled": N_("The client called it off"),
    "nobody_there": N_("Nobody was there"),
    "no_time": N_("I did not make it"),
    "road": N_("Road or weather"),
    "other": N_("Other"),
}
"""Why a visit was not held."""

USUAL_DAYS = 90
"""Days between two visits to a client of the VIP department. Ours: the method publishes no number of visits."""
