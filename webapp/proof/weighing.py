"""Suggested weights of the health model: what the company's own losses say that each part should weigh.

A logistic regression on the parts, with an L2 penalty whose strength is chosen by cross-validation; a client's looks
are never on both sides of a fold. scikit-learn is imported when it is used: half a second and 60 MB that no web server
needs to begin with.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.health import clamp, KEYS, PARTS, share
from webapp.domain.health_terms import Terms
from webapp.proof.judging import Look

LOSSES_A_PART = 4
"""So many losses for each part are asked for before weights are suggested: fewer would fit chance. Ours: rules of thumb
run from five to ten without a penalty, and the penalty carries the rest."""

STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Inverse of the penalty, as scikit-learn's C."""

FOLDS = 5
REPEATS = 60
"""Draws with replacement, of clients, for the range of each weight."""

MOST_STAYED = 20_000
"""Of looks at clients who stayed: beyond, more of them change no coefficient, only the time."""


def suggest(looks: Sequence[Look], terms: Terms) -> dict[str, Any]:
    """The suggestion as JSON, or why there is none. ``parts``: the weight now, the suggested one and its range; a part
    that never spoke in these years is ``untried``, and keeps its weight: nothing is known against it."""
    least = LOSSES_A_PART * len(PARTS)
    lost = sum(look.lost for look in looks)
    if lost < least:
        return {"ready": False, "lost": lost, "least": least}
    taken = _taken(looks)
    told, client, gone, weight = _arrays(taken)
    strength, probable = _validate(told, client, gone, weight)
    spoke = told.any(axis=0).tolist()
    weights = _weights(_coefficients(told, gone, weight, strength), spoke, terms)
    drawn = _draw(told, client, gone, weight, strength, spoke, terms)
    parts = [
        {
            "key": part.key,
            "now": terms.weights[part.key],
            "suggested": weights[part.key],
            "low": drawn[number][0],
            "high": drawn[number][1],
            "untried": not spoke[number],
        }
        for number, part in enumerate(PARTS)
    ]
    return {
        "ready": True,
        "lost": lost,
        "least": least,
        "strength": strength,
        "parts": parts,
        "auc_now": _rank([-_level(look, terms.weights, terms.start) for look in taken], gone, weight),
        "auc_validated": _rank(probable, gone, weight),
        "calibration": _calibration(probable, gone, weight),
        "allowed": _allowed(replace(terms, weights=weights)),
    }


def _taken(looks: Sequence[Look]) -> list[Look]:
    """All of the lost, and of those who stayed every so many, each standing for the others."""
    every = max(1, -(-sum(not look.lost for look in looks) // MOST_STAYED))
    stayed = [replace(look, weight=look.weight * every) for look in [x for x in looks if not x.lost][::every]]
    return [look for look in looks if look.lost] + stayed


def _arrays(looks: Sequence[Look]) -> Any:
    import numpy as np

    return (
        np.array([look.percents for look in looks], dtype=float) / 100,
        np.array([look.client_id for look in looks]),
        np.array([look.lost for look in looks], dtype=int),
        np.array([look.weight for look in looks], dtype=float),
    )


def _regression(strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=500)


def _validate(told: Any, client: Any, gone: Any, weight: Any) -> tuple[float, Any]:
    """The strength that foresees best in folds it has not seen, and the chances foreseen there."""
    import numpy as np
    from sklearn.metrics import log_loss
    from sklearn.model_selection import StratifiedGroupKFold

    folds = list(StratifiedGroupKFold(FOLDS, shuffle=True, random_state=1).split(told, gone, client))
    foreseen = {}
    for strength in STRENGTHS:
        chances = np.zeros(len(gone))
        for learn, try_ in folds:
            fitted = _regression(strength).fit(told[learn], gone[learn], sample_weight=weight[learn])
            chances[try_] = fitted.predict_proba(told[try_])[:, 1]
        foreseen[strength] = (log_loss(gone, chances, sample_weight=weight), chances)
    best = min(foreseen, key=lambda strength: foreseen[strength][0])
    return best, foreseen[best][1]


def _coefficients(told: Any, gone: Any, weight: Any, strength: float) -> Any:
    return _regression(strength).fit(told, gone, sample_weight=weight).coef_[0]


def _weights(coefficients: Any, spoke: Sequence[bool], terms: Terms) -> dict[str, int]:
    """A part weighs as much as it speaks against a loss; one that speaks for it weighs nothing. Together those that
    spoke weigh what they do now, none more than may be."""
    down = [terms.start - each.critical for each in terms.thresholds]
    up = [each.healthy - 1 - terms.start for each in terms.thresholds]
    heaviest = min(down + up)
    pulls = [max(0.0, -float(each)) for each in coefficients]
    whole = sum(pulls)
    if not whole:
        return dict(terms.weights)
    scale = sum(terms.weights[part.key] for part, heard in zip(PARTS, spoke, strict=True) if heard) / whole
    return {
        part.key: min(heaviest, round(pull * scale)) if heard else terms.weights[part.key]
        for part, heard, pull in zip(PARTS, spoke, pulls, strict=True)
    }


def _draw(
    told: Any, client: Any, gone: Any, weight: Any, strength: float, spoke: Sequence[bool], terms: Terms
) -> list[tuple[int, int]]:
    """The range of each weight in which nine of ten draws of clients lie."""
    import numpy as np

    chance = np.random.default_rng(1)
    names, places = np.unique(client, return_inverse=True)
    drawn = []
    for _ in range(REPEATS):
        times = np.bincount(chance.integers(0, len(names), len(names)), minlength=len(names))[places]
        if (gone * times).sum() and ((1 - gone) * times).sum():
            found = _weights(_coefficients(told, gone, weight * times, strength), spoke, terms)
            drawn.append([found[part.key] for part in PARTS])
    low, high = np.percentile(np.array(drawn), (5, 95), axis=0)
    return [(round(one), round(other)) for one, other in zip(low, high, strict=True)]


def _rank(warning: Any, gone: Any, weight: Any) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(gone, warning, sample_weight=weight))


def _calibration(chances: Any, gone: Any, weight: Any) -> list[dict[str, float]]:
    """By fifths, from those who were warned of least: the chance that was foreseen, and the share that was lost."""
    import numpy as np

    order = np.argsort(chances, kind="stable")
    reached = np.cumsum(weight[order])
    fifths = np.minimum((reached / reached[-1] * FOLDS).astype(int), FOLDS - 1)
    parts = [order[fifths == fifth] for fifth in range(FOLDS)]
    return [
        {
            "foreseen": float(np.average(chances[part], weights=weight[part])),
            "lost": float(np.average(gone[part], weights=weight[part])),
        }
        for part in parts
        if len(part)
    ]


def _level(look: Look, weights: dict[str, int], start: int) -> int:
    told = zip(PARTS, look.percents, strict=True)
    return clamp(start + sum(share(weights[part.key], percent) for part, percent in told), 0, 100)


def _allowed(terms: Terms) -> bool:
    try:
        terms.check(KEYS)
    except Refused:
        return False
    return True
