"""The timeline's sentences about proposals: what was sent, who opened it, what the client answered."""

from collections.abc import Mapping
from typing import Any

from webapp.web.i18n import translated as _

PROPOSAL_TONES = {
    "discount:approved": "good",
    "discount:asked": "warn",
    "discount:refused": "bad",
    "proposal:accepted": "good",
    "proposal:asked": "warn",
    "proposal:declined": "bad",
    "proposal:opened": "accent",
    "proposal:sent": "accent",
}


def told_of_proposal(details: Mapping[str, Any]) -> tuple[str, str]:
    """``name`` is the proposal's number of the year, ``number`` the version's; ``words`` are a person's."""
    label = _("No. %(number)s, version %(version)s")
    about = label % {"number": details.get("name") or "", "version": details.get("number") or 1}
    return " · ".join(filter(None, (about, details.get("who")))), details.get("words") or ""
