"""The states of an attack and which may follow which, kinds of evidence, severities and causes: policy as data."""

from enum import StrEnum

from sqlalchemy import text

from webapp.domain.words import N_


class AttackState(StrEnum):
    RAISED = "raised"
    DEFENDING = "defending"
    DEFENDED = "defended"
    LOST = "lost"
    FALSE_ALARM = "false_alarm"

    @property
    def label(self) -> str:
        return {
            "raised": N_("Nobody took it up"),
            "defending": N_("Being defended"),
            "defended": N_("Defended"),
            "lost": N_("Lost to the competitor"),
            "false_alarm": N_("False alarm"),
        }[self.value]


ENDS = frozenset({AttackState.DEFENDED, AttackState.LOST, AttackState.FALSE_ALARM})

TRANSITIONS: dict[AttackState, frozenset[AttackState]] = {
    AttackState.RAISED: ENDS | {AttackState.DEFENDING},
    AttackState.DEFENDING: ENDS,
    AttackState.DEFENDED: frozenset(),
    AttackState.LOST: frozenset(),
    AttackState.FALSE_ALARM: frozenset(),
}
"""Which state may follow which."""

STILL_OPEN = text("state in ('raised', 'defending')")


class Severity(StrEnum):
    """How near the client is to leaving, from what was seen or heard."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def label(self) -> str:
        return {
            "low": N_("They were seen or named"),
            "medium": N_("They made an offer"),
            "high": N_("The client is about to go"),
        }[self.value]

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class SignalKind(StrEnum):
    """What was noticed."""

    NAMED = "named"
    SEEN = "seen"
    OFFER = "offer"
    PRICE = "price"
    TRIAL = "trial"
    LEAVING = "leaving"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            "named": N_("The client named them"),
            "seen": N_("They were seen at the client"),
            "offer": N_("The client has their offer"),
            "price": N_("The client asks for a lower price because of them"),
            "trial": N_("The client tries their product"),
            "leaving": N_("The client speaks of leaving to them"),
            "other": N_("Other"),
        }[self.value]


LOST_CAUSES: dict[str, str] = {
    "price": N_("Cheaper elsewhere"),
    "our_mistake": N_("Our mistake"),
    "product": N_("Their product fits better"),
    "relations": N_("Their relations are stronger"),
    "order": N_("Decided above the client"),
    "other": N_("Other"),
}
"""Why a client went to the rival."""

USUAL_HOURS = {Severity.LOW.value: 40, Severity.MEDIUM.value: 16, Severity.HIGH.value: 8}
"""Working hours to a personal visit: about a week, two days, one day. Ours: the method publishes no number."""
