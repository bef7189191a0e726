"""What a client may choose of a proposal: options beside what is included, and alternatives to it."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.words import N_

Kept = Mapping[str, Any]
"""A line as ``proposal_content`` froze it: with its ``choice``, and for an alternative the place it ``replaces``."""


class LineChoice(StrEnum):
    """An option comes on top, an alternative replaces the last included line above it. Neither is in the totals."""

    INCLUDED = "included"
    OPTION = "option"
    ALTERNATIVE = "alternative"

    @property
    def label(self) -> str:
        return {"included": N_("Included"), "option": N_("Option"), "alternative": N_("Alternative")}[self.value]


def replaced_by(choices: Sequence[LineChoice]) -> list[int | None]:
    """Of each line the place of the line that it replaces; None where it is no alternative, or nothing stands above."""
    found: list[int | None] = []
    last = None
    for place, choice in enumerate(choices):
        last = place if choice is LineChoice.INCLUDED else last
        found.append(last if choice is LineChoice.ALTERNATIVE else None)
    return found


def agreed(lines: Sequence[Kept], chosen: Collection[int]) -> list[Kept]:
    """The lines that a client takes who chooses these places."""
    offered = {place for place, line in enumerate(lines) if _choice(line) is not LineChoice.INCLUDED}
    if not set(chosen) <= offered:
        raise Refused(N_("This cannot be chosen"), field="chosen")
    replaced = [lines[place]["replaces"] for place in chosen if _choice(lines[place]) is LineChoice.ALTERNATIVE]
    if len(set(replaced)) < len(replaced):
        raise Refused(N_("Of several alternatives to the same line choose one"), field="chosen")
    taken = (set(range(len(lines))) - offered - set(replaced)) | set(chosen)
    return [line for place, line in enumerate(lines) if place in taken]


def comes_to(lines: Sequence[Kept]) -> dict[str, int]:
    """What the lines come to with tax, apart by how they recur."""
    found: dict[str, int] = {}
    for line in lines:
        found[line["billing"]] = found.get(line["billing"], 0) + line["total_minor"]
    return found


def _choice(line: Kept) -> LineChoice:
    return LineChoice(line.get("choice", LineChoice.INCLUDED))
