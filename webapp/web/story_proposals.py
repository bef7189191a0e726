"""The timeline's sentences about what is sold: proposals and answers to them, and what the client knows of products."""

from collections.abc import Mapping
from typing import Any

from webapp.domain.awareness_state import AwarenessState
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


def told_of_awareness(details: Mapping[str, Any]) -> tuple[str, str]:
    """The product, and how far the client came with it."""
    states = (details.get("was"), details.get("state"))
    way = " → ".join(_(AwarenessState(state).label) for state in states if state in set(AwarenessState))
    return " · ".join(filter(None, (details.get("product"), way))), details.get("reason") or ""
