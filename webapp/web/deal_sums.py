"""A deal's two sums as one text."""

from typing import Any

from flask_babel import gettext as _

from webapp.web.i18n import money


def sums_of(one_off_minor: int, monthly_minor: int, currency: str) -> str:
    """“1 200 ₽ + 300 ₽ a month”; a sum of nothing is left out beside one of something."""
    parts = [money(one_off_minor, currency, whole=True)] if one_off_minor or not monthly_minor else []
    if monthly_minor:
        parts.append(_("%(sum)s a month", sum=money(monthly_minor, currency, whole=True)))
    return " + ".join(parts)


def deal_sums(deal: Any) -> str:
    """The same of a deal, a row of one, or a sum of several."""
    return sums_of(deal.one_off_minor, deal.monthly_minor, deal.currency)
