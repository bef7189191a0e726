"""Unknown names: what they may mean. A sure match differs only in spaces, case and punctuation."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

CANDIDATES = 30
"""Known names offered for an unknown one."""

CLOSE = 82
"""Similarity (of 100) from which a name is suggested at all: “Philipines” and “Philippines” have 95."""


@dataclass(frozen=True, slots=True)
class Match:
    """An unknown name, how many rows use it, what is suggested, and what was decided (empty: hold those rows back)."""

    kind: str
    name: str
    rows: int
    suggestion: str
    sure: bool
    chosen: str
    candidates: tuple[str, ...] = ()
    """The known names nearest to it, nearest first."""


def sure_key(name: str) -> str:
    """What stays of a name without spaces, case and punctuation."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())


def suggest(name: str, known: Iterable[str]) -> tuple[str, bool]:
    """The known name that is probably meant, and whether it is sure; empty where nothing is close.

    Two known names that differ as little from each other leave nothing sure.
    """
    names = list(known)
    key = sure_key(name)
    same = [each for each in names if key and sure_key(each) == key]
    if len(same) == 1:
        return same[0], True
    best = process.extractOne(name, names, scorer=fuzz.WRatio, processor=str.casefold, score_cutoff=CLOSE)
    return (best[0], False) if best else ("", False)


def match_all(
    unknown: Mapping[tuple[str, str], int], known: Mapping[str, Iterable[str]], chosen: Mapping[str, Mapping[str, str]]
) -> dict[tuple[str, str], Match]:
    """``unknown``: (kind, name) -> rows. What a person chose counts; else a sure suggestion; else nothing."""
    names = {kind: sorted(each) for kind, each in known.items()}
    found = {}
    for (kind, name), rows in unknown.items():
        suggestion, sure = suggest(name, names[kind])
        decided = chosen.get(kind, {}).get(name)
        if decided is None or (decided and decided not in known[kind]):
            decided = suggestion if sure else ""
        near = process.extract(name, names[kind], scorer=fuzz.WRatio, processor=str.casefold, limit=CANDIDATES)
        candidates = dict.fromkeys((*filter(None, (suggestion, decided)), *(each[0] for each in near)))
        found[kind, name] = Match(kind, name, rows, suggestion, sure, decided, tuple(candidates))
    return found
