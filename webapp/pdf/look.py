"""The colours of a template as style rules, the same for paper and for the preview in a browser."""

from collections.abc import Mapping
from typing import Any

from webapp.domain.proposal_look import COLOUR


def look_style(look: Mapping[str, Any]) -> str:
    """Rules that hold nothing but colours, each of six digits: whatever else stands there is left out."""
    accent, cover = look["accent"], look["cover"] or {}
    rules = [("head", "border-bottom-color", accent), ("kind", "color", accent)]
    rules += [("cover", "background", cover.get("background", "")), ("cover", "color", cover.get("ink", ""))]
    return "".join(f".{name}{{{what}:{colour}}}" for name, what, colour in rules if COLOUR.fullmatch(colour))
