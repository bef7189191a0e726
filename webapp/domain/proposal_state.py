"""How far a version of a proposal is, and the numbers that a company may wish otherwise."""

from enum import StrEnum

from webapp.domain.words import N_

PREFIXES = {"ru": "КП", "en": "P"}
"""What a proposal's number begins with, by the company's language (коммерческое предложение)."""

VALID_DAYS = 30
"""How long a new draft is valid unless somebody says otherwise."""

MOST_FAILURES = 3
"""How often a print that failed is begun again by itself."""


class VersionState(StrEnum):
    DRAFT = "draft"
    PRINTING = "printing"
    SENT = "sent"

    @property
    def label(self) -> str:
        return {"draft": N_("Draft"), "printing": N_("Being printed"), "sent": N_("Sent")}[self.value]
