"""What a client may know of a product, and what makes it so: policy as data."""

from enum import StrEnum

from webapp.domain.interaction import InteractionKind
from webapp.domain.words import N_


class AwarenessState(StrEnum):
    """How far a client came with a product."""

    NOT_TOLD = "not_told"
    SENT = "sent"
    TOLD = "told"
    INTERESTED = "interested"
    OFFERED = "offered"
    OWNED = "owned"
    REFUSED = "refused"
    NOT_ELIGIBLE = "not_eligible"

    @property
    def label(self) -> str:
        return {
            "not_told": N_("Not told"),
            "sent": N_("Sent, not told"),
            "told": N_("Told in person"),
            "interested": N_("Interested"),
            "offered": N_("Offered"),
            "owned": N_("Owns it"),
            "refused": N_("Refused"),
            "not_eligible": N_("Not eligible"),
        }[self.value]


class Happening(StrEnum):
    """What changes it."""

    SENT = "sent"
    TOLD = "told"
    INTERESTED = "interested"
    REFUSED = "refused"
    OFFERED = "offered"
    OFFERED_WITHIN = "offered_within"
    BOUGHT = "bought"
    ENDED = "ended"
    EXCLUDED = "excluded"
    READMITTED = "readmitted"


NOT_TOLD, SENT, TOLD, INTERESTED, OFFERED, OWNED, REFUSED, NOT_ELIGIBLE = AwarenessState

BECOMES: dict[Happening, dict[AwarenessState, AwarenessState]] = {
    Happening.SENT: {NOT_TOLD: SENT},
    Happening.TOLD: dict.fromkeys((NOT_TOLD, SENT), TOLD),
    Happening.INTERESTED: dict.fromkeys((NOT_TOLD, SENT, TOLD, REFUSED, NOT_ELIGIBLE), INTERESTED),
    Happening.REFUSED: dict.fromkeys((NOT_TOLD, SENT, TOLD, INTERESTED, OFFERED), REFUSED),
    Happening.OFFERED: dict.fromkeys((NOT_TOLD, SENT, TOLD, INTERESTED, REFUSED, NOT_ELIGIBLE), OFFERED),
    Happening.OFFERED_WITHIN: dict.fromkeys((NOT_TOLD, SENT, TOLD, INTERESTED), OFFERED),
    Happening.BOUGHT: dict.fromkeys(AwarenessState, OWNED),
    Happening.ENDED: {OWNED: TOLD},
    Happening.EXCLUDED: dict.fromkeys((NOT_TOLD, SENT, TOLD, INTERESTED, REFUSED), NOT_ELIGIBLE),
    Happening.READMITTED: {NOT_ELIGIBLE: NOT_TOLD},
}
"""What a state becomes; one that is not named stays. Sending never makes anybody told, and takes nothing back; a client
whom the product does not suit stays so until it shows interest. An offer of a bundle offers its parts too, and speaks
against no word that was said of one: who refused a part, or whom it does not suit, stays so."""

NO_MORE = frozenset({OWNED, REFUSED, NOT_ELIGIBLE})
"""Nobody who stands there is told or offered it on our own account."""

TELLING = frozenset({Happening.TOLD, Happening.INTERESTED, Happening.REFUSED})
"""What only a person's talk with the client, or the client's own answer, may say."""

IN_PERSON = frozenset({InteractionKind.MEETING, InteractionKind.CALL, InteractionKind.EVENT})
"""Interactions in which somebody is told; an e-mail or a letter is sending."""
