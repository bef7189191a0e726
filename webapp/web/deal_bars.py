"""Forecast against fact as a picture: two bars for each month, and the grid behind them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_compact_decimal
from flask_babel import get_locale

from webapp.domain.money import Money
from webapp.queries.deal_forecasts import Figure

HEIGHT, LEFT, TOP, BOTTOM = 190, 62, 12, 26
APART, BAR = 32, 12
"""From one month to the next, and how wide a bar is."""


def draw(months: Sequence[tuple[date, Figure]], currency: str) -> dict[str, Any] | None:
    """What the template's picture is made of, in its own whole units; None where there is nothing to see."""
    top = max((max(figure.forecast_minor or 0, figure.won_minor) for _, figure in months), default=0)
    if not top:
        return None
    step = _step(top)
    whole, width = -(-top // step) * step, LEFT + APART * len(months)

    def height(minor: int) -> int:
        return minor * (HEIGHT - TOP - BOTTOM) // whole

    def bar(left: int, minor: int, below: int = 0) -> dict[str, int]:
        return {"x": left, "y": HEIGHT - BOTTOM - height(minor + below), "height": height(minor)}

    locale = get_locale() or "en"
    return {
        "width": width,
        "height": HEIGHT,
        "left": LEFT,
        "bar": BAR,
        "bottom": HEIGHT - BOTTOM,
        "rows": [
            (HEIGHT - BOTTOM - height(minor), _short(Money(minor, currency), locale))
            for minor in range(0, whole + 1, step)
        ],
        "months": [
            {
                "middle": middle,
                "name": format_date(month, "LLL", locale)[:3],
                "forecast": None if figure.forecast_minor is None else bar(middle - BAR - 1, figure.forecast_minor),
                "foreseen": bar(middle + 1, figure.foreseen_minor),
                "new": bar(middle + 1, figure.new_minor, figure.foreseen_minor),
            }
            for middle, (month, figure) in zip(range(LEFT + APART // 2, width, APART), months, strict=True)
        ],
    }


def _short(worth: Money, locale: Any) -> str:
    """“1.5K”."""
    return str(format_compact_decimal(worth.amount, locale=locale, fraction_digits=1))


def _step(top: int) -> int:
    """A round sum that fits two to five times."""
    size = 10 ** (len(str(top)) - 1)
    return next(size * part // 10 for part in (2, 5, 10, 20) if top * 10 <= size * part * 5) if size >= 10 else 1
