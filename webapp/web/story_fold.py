"""What a screen saves by itself while a person types, told as one entry instead of one for each line."""

from collections.abc import Iterable
from dataclasses import replace

from webapp.queries.timeline import Entry

FOLDED = {"handoff:changed": "items"}
"""Kinds, and the list among their details that grows when neighbours become one."""


def folded(entries: Iterable[Entry]) -> list[Entry]:
    """The entries; neighbours of such a kind, about one thing and by one person, are told as the newest of them."""
    told: list[Entry] = []
    for entry in entries:
        grows = FOLDED.get(entry.kind)
        if grows is None or not told or _about(told[-1]) != _about(entry):
            told.append(entry)
            continue
        newer = told[-1]
        items = dict.fromkeys([*(entry.details.get(grows) or ()), *(newer.details.get(grows) or ())])
        told[-1] = replace(newer, details={**newer.details, grows: list(items)})
    return told


def _about(entry: Entry) -> tuple[str, int | None, str | None]:
    return entry.kind, entry.subject_id, entry.actor
