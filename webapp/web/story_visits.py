"""The timeline's sentence about a visit: what it was for, and how it ended or why it was not held."""

from collections.abc import Mapping
from typing import Any

from webapp.domain.visit_state import Mood, NOT_HELD, Purpose, VisitOutcome
from webapp.web.i18n import translated as _

WORDS = (("purpose", Purpose), ("outcome", VisitOutcome), ("mood", Mood))


def told_of_visit(details: Mapping[str, Any]) -> tuple[str, str]:
    said = [_(word(details[key]).label) for key, word in WORDS if details.get(key) in set(word)]
    reason = details.get("reason")
    return " · ".join([*said, *([_(NOT_HELD[reason])] if reason in NOT_HELD else [])]), ""
