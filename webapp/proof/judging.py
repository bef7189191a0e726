"""Does health tell the truth? What it said 60 to 90 days before clients were lost, beside the rules it has to beat.

Once a month of the past, each client that was ours is looked at with what was known that day. It counts as lost when it
was lost 60 to 90 days later, so that each loss is looked at once; a client lost sooner is left out that month: for it
the warning would have come too late, whatever it said. Precision and recall, never accuracy: most clients stay.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from typing import Any

from webapp.domain.health_terms import Band
from webapp.domain.share import wilson, Z
from webapp.domain.words import N_

SOONEST, LATEST = 60, 90
"""Days before a loss at which health is looked at."""

LEAST_LOST = 20
"""Of fewer losses nothing can be told: with twenty, a share of a half is known to a fifth either way."""

A_TENTH = 10
"""Rules are compared by what they find when each warns of as many clients: a tenth of all, and as many as are not
healthy."""

LEVELS = ((0, 19), (20, 34), (35, 49), (50, 64), (65, 79), (80, 100))


@dataclass(frozen=True, slots=True)
class Look:
    """One client on one day of the past. ``weight``: how many looks it stands for, where only some were taken."""

    client_id: int
    lost: bool
    level: int
    band: Band
    percents: tuple[int, ...]
    """What each part said, in the order of ``health.PARTS``."""
    unpaid_days: int
    """Since the last payment, or since the client came where none is known."""
    silent_days: int
    """Since the last contact, in the same way."""
    weight: int = 1


Rule = Callable[[Look], float]

RULES: dict[str, tuple[str, Rule]] = {
    "health": (N_("Health"), lambda look: 100 - look.level),
    "payment": (N_("Days since the last payment"), lambda look: look.unpaid_days),
    "contact": (N_("Days since the last contact"), lambda look: look.silent_days),
}
"""What is judged; a higher value is a graver warning. The first is ours, the others are the bar to beat."""


def judge(looks: Sequence[Look]) -> dict[str, Any]:
    """The figures, as JSON: ``verdict`` says in one word what they come to."""
    lost = [look for look in looks if look.lost]
    total, gone = _weight(looks), len(lost)
    found: dict[str, Any] = {"looks": total, "taken": len(looks), "lost": gone, "base": _share(gone, total)}
    if not gone or gone == total:
        return found | {"verdict": "no_losses"}
    found["bands"] = [_band(looks, band, gone, total) for band in Band]
    found["levels"] = [_level(looks, least, most) for least, most in LEVELS]
    below = sum(look.weight for look in looks if look.band is not Band.HEALTHY)
    placed = {key: _places(looks, rule) for key, (_, rule) in RULES.items()}
    found["rules"] = [
        {
            "key": key,
            "auc": _mean(placed[key]),
            "worst": _at_size(looks, rule, -(-total // A_TENTH), gone, total),
            "below": _at_size(looks, rule, below, gone, total),
            "against_health": None if key == "health" else _difference(placed[key], placed["health"]),
        }
        for key, (_, rule) in RULES.items()
    ]
    found["floors"] = _floors(found["bands"], total)
    return found | {"verdict": _verdict(found)}


def _verdict(found: dict[str, Any]) -> str:
    """``too_few``; or, by the ranks that the rules give to lost clients: ``naive`` where one ranks them surely higher
    than health does, ``health`` where health beats them all surely, else ``alike``."""
    if found["lost"] < LEAST_LOST:
        return "too_few"
    against = [rule["against_health"] for rule in found["rules"] if rule["against_health"] is not None]
    if any(each["low"] > 0 for each in against):
        return "naive"
    return "health" if all(each["high"] < 0 for each in against) else "alike"


def _band(looks: Sequence[Look], band: Band, gone: int, total: int) -> dict[str, Any]:
    mine = [look for look in looks if look.band is band]
    size, lost = _weight(mine), sum(look.lost for look in mine)
    return {
        "band": band.value,
        "looks": size,
        "lost": lost,
        "precision": _share(lost, size),
        "recall": _share(lost, gone),
        "lift": _lift(lost, size, gone, total),
    }


def _level(looks: Sequence[Look], least: int, most: int) -> dict[str, Any]:
    mine = [look for look in looks if least <= look.level <= most]
    size, lost = _weight(mine), sum(look.lost for look in mine)
    return {"least": least, "most": most, "looks": size, "lost": lost, "share": _share(lost, size)}


def _at_size(looks: Sequence[Look], rule: Rule, size: int, gone: int, total: int) -> dict[str, Any]:
    """What the rule finds when it warns of as many clients as health does. Clients of one value are warned of in
    proportion, so that the order of equals says nothing."""
    left, found, warned = float(size), 0.0, 0.0
    for group in _by_value(looks, rule):
        weight, lost = _weight(group), sum(look.lost for look in group)
        part = min(1.0, left / weight)
        found, warned, left = found + lost * part, warned + weight * part, left - weight * part
        if left <= 0:
            break
    return {
        "precision": found / warned if warned else None,
        "recall": found / gone,
        "lift": (found / warned) / (gone / total) if warned else None,
    }


def _by_value(looks: Sequence[Look], rule: Rule) -> list[list[Look]]:
    groups: dict[float, list[Look]] = {}
    for look in looks:
        groups.setdefault(rule(look), []).append(look)
    return [groups[value] for value in sorted(groups, reverse=True)]


def _places(looks: Sequence[Look], rule: Rule) -> list[float]:
    """Of each lost client: the share of those who stayed of whom the rule warned less; equals count a half. Their mean
    is the area under the ROC curve."""
    stayed = sorted((rule(look), look.weight) for look in looks if not look.lost)
    values, sums = [value for value, _ in stayed], [0, *accumulate(weight for _, weight in stayed)]
    mine = [rule(look) for look in looks if look.lost]
    return [(sums[bisect_left(values, v)] + sums[bisect_right(values, v)]) / 2 / sums[-1] for v in mine]


def _mean(values: Sequence[float]) -> dict[str, float]:
    """The mean with its 95 % interval; that of few lost clients is wide."""
    mean = sum(values) / len(values)
    spread = sqrt(sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1) / len(values))
    return {"value": mean, "low": mean - Z * spread, "high": mean + Z * spread}


def _difference(rule: Sequence[float], health: Sequence[float]) -> dict[str, float]:
    return _mean([one - other for one, other in zip(rule, health, strict=True)])


def _floors(bands: list[dict[str, Any]], total: int) -> list[dict[str, Any]]:
    """The floors to ship by: what is asked, what was found, and whether it holds."""
    by = {Band(each["band"]): each for each in bands}
    lift, seen = by[Band.CRITICAL]["lift"], 1 - by[Band.HEALTHY]["recall"]["value"]
    green = by[Band.HEALTHY]["looks"] / total
    return [
        {"key": "red", "asked": 3.0, "found": lift, "holds": lift is not None and lift >= 3},
        {"key": "seen", "asked": 2 / 3, "found": seen, "holds": seen >= 2 / 3},
        {"key": "green", "asked": 0.8, "found": green, "holds": green <= 0.8},
    ]


def _share(part: int, whole: int) -> dict[str, Any] | None:
    """A share with Wilson's 95 % interval; None of nothing."""
    if not whole:
        return None
    low, high = wilson(part, whole)
    return {"value": part / whole, "low": low, "high": high}


def _lift(lost: int, size: int, gone: int, total: int) -> float | None:
    return (lost / size) / (gone / total) if size else None


def _weight(looks: Sequence[Look]) -> int:
    return sum(look.weight for look in looks)
