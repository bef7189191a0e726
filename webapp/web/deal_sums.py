"""A deal's two sums as one text."""

from typing import Any

from webapp.domain.words import N_
from webapp.web.i18n import money, translated

A_MONTH = N_("%(sum)s a month")


def sums_of(one_off_minor: int, monthly_minor: int, currency: str) -> str:
    """“1 200 ₽ + 300 ₽ a month”; a sum of nothing is left out beside one of something."""
    parts = [money(one_off_minor, currency, whole=True)] if one_off_minor or not monthly_minor else []
    if monthly_minor:
        parts.append(translated(A_MONTH) % {"sum": money(monthly_minor, currency, whole=True)})
    return " + ".join(parts)


def deal_sums(deal: Any) -> str:
    """The same of a deal, a row of one, or a sum of several."""
    return sums_of(deal.one_off_minor, deal.monthly_minor, deal.currency)
