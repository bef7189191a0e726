"""How far a version of a proposal is."""

from enum import StrEnum

from webapp.domain.words import N_


class VersionState(StrEnum):
    DRAFT = "draft"
    PRINTING = "printing"
    SENT = "sent"

    @property
    def label(self) -> str:
        return {"draft": N_("Draft"), "printing": N_("Being printed"), "sent": N_("Sent")}[self.value]
