"""Language, time zone, and how money, dates and numbers look in them."""

from datetime import date, datetime
from typing import Any

from babel import Locale
from babel.dates import format_timedelta
from babel.numbers import format_currency, format_decimal
from flask import Flask, g, request
from flask_babel import Babel, format_date, format_datetime, get_locale
from flask_babel import gettext as _

from webapp.domain.money import Money
from webapp.web.clock import now

babel = Babel()
LANGUAGES = {"en": "English", "ru": "Русский"}


def register(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    babel.init_app(app, locale_selector=language, timezone_selector=timezone)
    for name, write in FILTERS.items():
        app.add_template_filter(write, name)
    app.jinja_env.globals["languages"] = LANGUAGES


def language() -> str:
    """The user's choice, else the browser's, else English."""
    actor = g.get("actor")
    if actor is not None and actor.language in LANGUAGES:
        return str(actor.language)
    return request.accept_languages.best_match(LANGUAGES) or "en"


def timezone() -> str:
    actor = g.get("actor")
    return actor.timezone if actor is not None else "UTC"


def money(minor: int, currency: str, *, whole: bool = False) -> str:
    """A sum as the reader's language writes it; ``whole`` leaves the minor units out where they are zero or small."""
    amount = Money(minor, currency).amount
    if whole and (amount == amount.to_integral_value() or abs(amount) >= 1000):
        return format_currency(
            amount,
            currency,
            locale=get_locale(),
            format_type="standard",
            currency_digits=False,
            decimal_quantization=True,
            format=_whole_pattern(get_locale()),
        )
    return format_currency(amount, currency, locale=get_locale())


def _whole_pattern(locale: Locale | None) -> str:
    pattern = (locale or Locale("en")).currency_formats["standard"].pattern
    return str(pattern).split(";")[0].replace(".00", "")


def day(value: date | None, style: str = "medium") -> str:
    return "" if value is None else format_date(value, style, rebase=False)


def moment(value: datetime | None, style: str = "short") -> str:
    """A moment in the reader's time zone."""
    return "" if value is None else format_datetime(value, style)


def ago(value: datetime) -> str:
    """How long ago, in words: “3 days ago”."""
    return format_timedelta(value - now(), add_direction=True, locale=get_locale())


def number(value: Any) -> str:
    return format_decimal(value, locale=get_locale())


def translated(message: str) -> str:
    """A sentence of the domain, or a default name, in the reader's language; other text as it is."""
    return _(message) if message else ""


FILTERS = {"money": money, "day": day, "moment": moment, "ago": ago, "number": number, "t": translated}
