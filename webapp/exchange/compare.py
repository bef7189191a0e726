"""Three ways of a value: what the last import wrote, what the file says now, what stands in Baton.

What a person changed in Baton after an import stays as it is, and the preview says so.
"""

from dataclasses import dataclass
from typing import Any

from webapp.exchange.incoming import Incoming
from webapp.exchange.known import COMPARED, Known

TOGETHER: dict[str, tuple[frozenset[str], ...]] = {
    "deal": (frozenset({"status", "closed_on", "price_minor", "currency"}),),
    "client": (frozenset({"revenue_minor", "revenue_currency"}),),
    "product": (frozenset({"price_minor", "currency"}),),
}
"""Values that mean something only together: if a person changed one of them, all stay."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A value of ours that differs from the file because a person changed it: it stays."""

    kind: str
    key: str
    field: str
    ours: Any
    theirs: Any


def compare(
    row: Incoming, known: Known, values: dict[str, Any], facts: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], list[Kept]]:
    """What to write, what it replaces, and what stays. A record met for the first time has its empty fields filled."""
    changed, kept = {}, []
    for field in COMPARED[row.kind]:
        if field not in values:
            continue
        theirs, ours = values[field], facts[field]
        last = known.values.get(field)
        if _same(theirs, last) or _same(theirs, ours):
            continue
        if _same(ours, last):
            changed[field] = theirs
        else:
            kept.append(Kept(row.kind, row.key, field, ours, theirs))
    for group in TOGETHER.get(row.kind, ()):
        stays = group & {each.field for each in kept}
        if stays:
            kept += [
                Kept(row.kind, row.key, field, facts[field], changed.pop(field))
                for field in sorted(group & set(changed))
            ]
    return changed, {field: facts[field] for field in changed}, kept


def _same(one: Any, other: Any) -> bool:
    """Empty text and nothing are the same, as a file knows no difference; zero is something."""
    return bool((None if one == "" else one) == (None if other == "" else other))
