"""Where a month of collecting leads: the rule as data, and the reckoning. All shares are basis points."""

from webapp.domain.money import share, WHOLE
from webapp.domain.words import N_

RULE = N_(
    "Received so far; plus what clients promised for the rest of the month, times the share of promises kept in the "
    "last three months; plus what else is due this month and not paid, times the collection rate of the last three "
    "months and the share of working days that are left."
)

MONTHS = 3
"""Months whose experience counts."""

UNKNOWN = WHOLE // 2
"""A share while nothing is known: half. No experience of others is taken for ours."""


def forecast(received: int, promised: int, unpaid: int, *, kept: int, rate: int, left: int) -> int:
    """The sum at the month's end in minor units; each product is rounded half up, a rate is at most the whole."""
    rest = max(0, unpaid - promised)
    return received + share(promised, kept) + share(share(rest, min(rate, WHOLE)), left)


def ratio(part: int, whole: int) -> int | None:
    """A share in basis points, rounded down; None of nothing."""
    return part * WHOLE // whole if whole > 0 else None
