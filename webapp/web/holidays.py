"""Days that are not worked: as they are written, and as countries keep them."""

import re
from datetime import date, datetime
from functools import cache


def read_day(word: str) -> date | None:
    """A date written as 2026-05-09 or 09.05.2026."""
    try:
        if re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}", word, re.ASCII):
            return datetime.strptime(word, "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no zone
        return date.fromisoformat(word)
    except ValueError:
        return None


@cache
def countries(language: str) -> list[tuple[str, str]]:
    """Countries whose public holidays are known, by name in that language."""
    import holidays
    from babel import Locale

    names = Locale.parse(language).territories
    known = [code for code in holidays.list_supported_countries(include_aliases=False) if code in names]
    return sorted(((code, names[code]) for code in known), key=lambda pair: pair[1])


def public_holidays(country: str, year: int) -> list[str]:
    """The public holidays of a country and year, as ISO dates."""
    import holidays

    return sorted(day.isoformat() for day in holidays.country_holidays(country, years=year))
