"""Language, time zone, and how money, dates and numbers look in them."""

import re
from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, get_decimal_symbol
from flask import Flask, g, request
from flask_babel import Babel, Domain, format_datetime, get_locale, ngettext, to_user_timezone
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.domain.money import CURRENCIES
from webapp.web.clock import now
from webapp.web.quantities import quantity_text


class Sentences(Domain):
    """flask_babel's catalogues, found by the locale itself: it writes the locale's name anew for each sentence."""

    def get_translations(self) -> Any:
        try:
            reader = g._get_current_object()._flask_babel.babel_locale
        except (AttributeError, RuntimeError):
            return super().get_translations()
        if reader not in self.cache:
            self.cache[reader] = super().get_translations()
        return self.cache[reader]


babel = Babel()
LANGUAGES = {"en": "English", "ru": "Русский"}


def register(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    babel.init_app(app, locale_selector=reader, timezone_selector=timezone)
    babel.domain_instance = Sentences()
    for name, write in FILTERS.items():
        app.add_template_filter(write, name)
    app.jinja_env.globals["languages"] = LANGUAGES
    app.jinja_env.install_gettext_callables(translated, ngettext, newstyle=True)
    app.jinja_env.globals["_"] = say  # Jinja's own looks a sentence up through three calls with the template's context


def reader() -> Locale:
    """The reader's language as Babel knows it: the same object each time, which caches find without comparing."""
    return _locale(language())


_locale = cache(Locale.parse)


def language() -> str:
    """The user's choice, else the browser's, else English."""
    actor = g.get("actor")
    if actor is not None and actor.language in LANGUAGES:
        return str(actor.language)
    return request.accept_languages.best_match(LANGUAGES) or "en"


def timezone() -> str:
    actor = g.get("actor")
    return actor.timezone if actor is not None else str(g.get("timezone", "UTC"))


def locale() -> Locale:
    """The reader's. It is flask_babel's ``get_locale``, looked up by one proxy instead of four: pages ask hundreds of
    times, and half a millisecond went into that."""
    try:
        found: Locale = g._get_current_object()._flask_babel.babel_locale
    except (AttributeError, RuntimeError):
        found = get_locale() or Locale("en")
    return found


def money(minor: int, currency: str, *, whole: bool = False) -> str:
    """A sum as the reader's language writes it; ``whole`` leaves the minor units out where they are zero or small."""
    return (whole_money if whole else _exact)(minor, currency, str(locale()))


def whole_money(minor: int, currency: str, locale: str) -> str:
    """A sum without minor units where they are zero or small; for pages that write hundreds."""
    units, rest = divmod(abs(minor), unit := 10 ** CURRENCIES[currency])
    if rest and units < 1000:
        return _exact(minor, currency, locale)
    before, thousands, after = _around(locale, currency)
    digits = f"{units + (rest * 2 >= unit):,}".replace(",", thousands)
    return f"{'-' if minor < 0 else ''}{before}{digits}{after}"


def _exact(minor: int, currency: str, locale: str) -> str:
    """A sum to its last minor unit."""
    digits = CURRENCIES[currency]
    units, rest = divmod(abs(minor), 10**digits)
    before, thousands, after = _around(locale, currency)
    written = f"{units:,}".replace(",", thousands)
    point = f"{_point(locale)}{rest:0{digits}}" if digits else ""
    return f"{'-' if minor < 0 else ''}{before}{written}{point}{after}"


@cache
def _point(locale: str) -> str:
    return get_decimal_symbol(locale)


def _apart(written: str, currency: str) -> str:
    """``RUB 5``, not ``RUB5``: a code, unlike a sign, is a word. The space does not break the line."""
    return re.sub(rf"\b{currency}(?=\d)", f"{currency}\N{NO-BREAK SPACE}", written)


@cache
def _around(locale: str, currency: str) -> tuple[str, str, str]:
    """What stands before, between the thousands of, and after a whole sum: asked of Babel once, for it takes 0.1 ms."""
    pattern = Locale.parse(locale).currency_formats["standard"].pattern.split(";")[0].replace(".00", "")
    example = _apart(
        format_currency(1_234_567, currency, locale=locale, format=pattern, currency_digits=False), currency
    )
    before, thousands, after = re.fullmatch(r"(\D*)1(\D*)234\D*567(\D*)", example).groups()  # type: ignore[union-attr]
    return before, thousands, after


def day(value: date | None, style: str = "medium") -> str:
    """A day; of a moment, that of the reader's time zone."""
    if isinstance(value, datetime):
        value = to_user_timezone(value).date()
    return "" if value is None else _day(value, style, locale())


@lru_cache(4096)
def _day(value: date, style: str, locale: Locale) -> str:
    """A page shows the same few days many times, and Babel takes its time."""
    return format_date(value, style, locale)


def month(value: date) -> str:
    """A month by its first day: “March 2026”."""
    return _day(value, "LLLL y", locale())


@lru_cache(2048)
def clock(hour: int, minute: int, locale: Locale) -> str:
    """A time of day."""
    return format_time(time(hour, minute), "short", locale=locale)


def moment(value: datetime | None, style: str = "short") -> str:
    """A moment in the reader's time zone."""
    return "" if value is None else format_datetime(value, style)


def ago(value: datetime) -> str:
    """How long ago, in words: “3 days ago”."""
    return format_timedelta(value - now(), add_direction=True, locale=locale())


def number(value: Any) -> str:
    return _number(value, locale())


@lru_cache(4096)
def _number(value: Any, locale: Locale) -> str:
    return format_decimal(value, locale=locale)


def translated(message: str) -> str:
    """A sentence of the domain, or a default name, in the reader's language; other text as it is."""
    return _said(message, locale()) if message else ""


def say(message: str, **given: Any) -> Markup:
    """A sentence in a template: what is given to it is escaped."""
    return Markup(translated(message)) % given if given else _plain(message, locale())  # noqa: S704 - our own sentence


@lru_cache(8192)
def _plain(message: str, locale: Locale) -> Markup:
    """A sentence to which nothing is given: a percent sign is written twice in it, too."""
    return Markup(_(message)) % {}  # noqa: S704 - our own sentence


@lru_cache(8192)
def _said(message: str, locale: Locale) -> str:
    """A page asks for a hundred sentences; looking each one up takes longer than rendering it."""
    return _(message)


FILTERS = {
    "money": money,
    "day": day,
    "month": month,
    "moment": moment,
    "ago": ago,
    "number": number,
    "quantity": quantity_text,
    "t": translated,
}
