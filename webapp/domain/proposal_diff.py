"""What changed from one version of a proposal to the next, so that a person reads only that."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import unified_diff
from typing import Any

from webapp.domain.proposal_lines import ProposalLine

FIELDS = ("title", "language", "currency", "prices_include_tax", "dated_on", "valid_until", "discount")
"""The columns of a version that are compared as they stand; in this order they are told."""

NAMED = ("look", "attachments")
"""What is told by its name: of the template, and of the files that go out with the version."""

TEXTS = ("text", "terms")

Change = tuple[str, Any, Any]
"""A field with what it was and what it is."""


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line of both versions that is another by now."""

    line: ProposalLine
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text's changed rows with their neighbours: ``+`` for new, ``-`` for gone, a space for the neighbours."""

    name: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines are the same when they are of the same product or have the same name, wherever they stand. Of which product
    a line is stands on no document, so it is not told."""

    fields: tuple[Change, ...]
    added: tuple[ProposalLine, ...]
    removed: tuple[ProposalLine, ...]
    changed: tuple[LineChange, ...]
    texts: tuple[TextChange, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.fields or self.added or self.removed or self.changed or self.texts)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """From one version's columns to another's."""
    old, new = ([ProposalLine.read(kept) for kept in version["lines"]] for version in (before, after))
    pairs, removed = _pairs(old, new)
    matched = {id(line) for _was, line in pairs}
    return Difference(
        tuple(
            (name, before.get(name), after.get(name))
            for name in (*FIELDS, *NAMED)
            if before.get(name) != after.get(name)
        ),
        tuple(line for line in new if id(line) not in matched),
        tuple(removed),
        tuple(LineChange(line, found) for was, line in pairs if (found := _changes(was, line))),
        tuple(TextChange(name, rows) for name in TEXTS if (rows := _rows(before[name], after[name]))),
    )


def _pairs(
    old: Sequence[ProposalLine], new: Sequence[ProposalLine]
) -> tuple[list[tuple[ProposalLine, ProposalLine]], list[ProposalLine]]:
    """Each new line with the first old one of its name that is still free, or else of its product; and the old ones
    left over."""
    free, found = list(old), dict[int, ProposalLine]()
    for alike in (_same_name, _same_product):
        for place, line in enumerate(new):
            was = None if place in found else next((other for other in free if alike(other, line)), None)
            if was is not None:
                free.remove(was)
                found[place] = was
    return [(found[place], new[place]) for place in sorted(found)], free


def _same_name(was: ProposalLine, line: ProposalLine) -> bool:
    return was.name == line.name


def _same_product(was: ProposalLine, line: ProposalLine) -> bool:
    return was.product_id is not None and was.product_id == line.product_id


def _changes(was: ProposalLine, line: ProposalLine) -> tuple[Change, ...]:
    before, after = asdict(was), asdict(line)
    told = (name for name in after if name != "product_id")
    return tuple((name, before[name], after[name]) for name in told if before[name] != after[name])


def _rows(before: str, after: str) -> tuple[tuple[str, str], ...]:
    told = list(unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""))[2:]
    return tuple((row[0], row[1:]) for row in told if not row.startswith("@@"))
