"""Shares, intervals and ratios as people read them."""

from collections.abc import Mapping

from babel.numbers import format_decimal, format_percent
from flask_babel import get_locale

SMALL = 0.1
"""Below a tenth a digit more is told."""


def share(value: float) -> str:
    """A share as a percent."""
    within = min(max(value, 0.0), 1.0)
    digits = "#,##0.0\xa0%" if 0 < within < SMALL else "#,##0\xa0%"
    return format_percent(within, digits, locale=get_locale() or "en")


def between(value: Mapping[str, float] | None) -> str:
    """A share with its interval; a dash of nothing."""
    if value is None:
        return "–"
    return f"{share(value['value'])} ({share(value['low'])}–{share(value['high'])})"


def times(value: float) -> str:
    """How many times as much."""
    return f"×{format_decimal(round(value, 1), locale=get_locale() or 'en')}"
