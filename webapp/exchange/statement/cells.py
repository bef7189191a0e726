"""The values in a statement: dates, sums, parties. Each refusal names the file and the line."""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES, LARGEST
from webapp.domain.words import N_

PURPOSE, NAME, SHORT = 1000, 300, 60
"""Letters that are kept of a purpose, a name, a number."""

RUSSIAN = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})(?: .*)?")
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T Z+-].*)?")
SUM = re.compile(r"[0-9]+(?:\.[0-9]+)?")
SPACES = re.compile(r"[\s\u00a0\u202f']+")
TAXPAYER = re.compile(r"^\s*ИНН[\s:]*(\d{10}|\d{12})(?:[\s/\\]*КПП[\s:]*(\d{9}))?[\s,;/]*", re.IGNORECASE)

CODES = {
    "810": "RUB", "643": "RUB", "840": "USD", "978": "EUR", "398": "KZT", "933": "BYN", "974": "BYN", "156": "CNY",
}  # fmt: skip
"""Digits 6 to 8 of a Russian account -> its currency (Bank of Russia, 579-П)."""


class Place:
    """A line of a file, which refuses in its own name."""

    __slots__ = ("file", "line")

    def __init__(self, file: str, line: int) -> None:
        self.file, self.line = file, line

    def refused(self, message: str, **values: Any) -> Refused:
        """``message`` begins with the file and the line."""
        return Refused(message, file=self.file, line=self.line, **values)

    def day(self, text: str) -> date | None:
        """A date, day first or ISO; None where the cell is empty. Dates of a century ago are mistakes."""
        if not text.strip():
            return None
        found = _day(text.strip())
        if found is None:
            raise self.refused(N_("%(file)s, line %(line)s: there is no date “%(text)s”"), text=text.strip()[:SHORT])
        return found

    def sum(self, text: str, currency: str, *, signed: bool = False, comma: bool = False) -> int:
        """Minor units. A comma is refused unless the format has it, a minus unless the value may be negative."""
        plain = SPACES.sub("", text).replace("\N{MINUS SIGN}", "-")
        if "," in plain:
            if not comma:
                raise self.refused(
                    N_("%(file)s, line %(line)s: the sum “%(text)s” has a comma; this format writes a point"),
                    text=text.strip()[:SHORT],
                )
            plain = _without_comma(plain)
        negative = plain.startswith("-")
        if negative and not signed:
            raise self.refused(N_("%(file)s, line %(line)s: the sum “%(text)s” is negative"), text=text.strip()[:SHORT])
        plain = plain.lstrip("+-") if signed else plain.removeprefix("+")
        if not plain.isascii() or not SUM.fullmatch(plain):
            raise self.refused(N_("%(file)s, line %(line)s: “%(text)s” is not a sum"), text=text.strip()[:SHORT])
        minor = self._minor(plain, CURRENCIES[currency])
        return -minor if negative else minor

    def _minor(self, plain: str, digits: int) -> int:
        whole, _, part = plain.partition(".")
        part = part.rstrip("0")
        if len(part) > digits:
            raise self.refused(N_("%(file)s, line %(line)s: “%(text)s” has parts of a kopeck"), text=plain[:SHORT])
        minor = int(whole) * 10**digits + int(part.ljust(digits, "0")) if len(whole) <= 20 else LARGEST + 1
        if minor > LARGEST:
            raise self.refused(N_("%(file)s, line %(line)s: the sum “%(text)s” is too large"), text=plain[:SHORT])
        return minor

    def currency(self, code: str) -> str:
        """One of the currencies we keep."""
        known = code.strip().upper()
        known = "RUB" if known in ("RUR", "РУБ", "РУБ.", "₽") else CODES.get(known, known)
        if known not in CURRENCIES:
            raise self.refused(N_("%(file)s, line %(line)s: we keep no sums in “%(text)s”"), text=code[:SHORT])
        return known


@cache
def _day(text: str) -> date | None:
    try:
        if found := RUSSIAN.fullmatch(text):
            day, month, year = (int(part) for part in found.groups())
            whole = date(2000 + year if len(found[3]) < 4 else year, month, day)
        elif found := ISO.fullmatch(text):
            whole = date(*(int(part) for part in found.groups()))
        else:
            return None
    except ValueError:
        return None
    return whole if 1990 <= whole.year <= 2100 else None


def _without_comma(plain: str) -> str:
    """``1234,50`` and ``1,234.50``; what means neither stays and is refused as no sum."""
    if "." not in plain and plain.count(",") == 1:
        return plain.replace(",", ".")
    groups = re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain)
    return plain.replace(",", "") if groups else plain


def currency_of(account: str, usual: str = "RUB") -> str:
    """The currency that a Russian account's digits name; the usual one for any other. One that we do not keep stays a
    code, which ``Place.currency`` refuses: its sums must not pass for roubles."""
    if len(account) != len("40702810900000000001") or not account.isdigit():
        return usual
    return CODES.get(account[5:8], account[5:8])


def short(text: str) -> str:
    """A number or word as it stands, without letters that control something."""
    return one_line(text, SHORT)


def digits(text: str) -> str:
    """An account's or taxpayer's number without spaces; a row of zeros is how some banks write nothing."""
    plain = SPACES.sub("", text)[:34]
    return "" if not plain.strip("0") else plain


def named(name: str) -> tuple[str, str, str]:
    """Name, ИНН and КПП of a name that may begin with “ИНН 7701234567 КПП …”."""
    found = TAXPAYER.match(name)
    if found is None:
        return one_line(name, NAME), "", ""
    return one_line(name[found.end() :], NAME), found[1], found[2] or ""


def one_line(text: str, longest: int) -> str:
    """The text with single spaces and without letters that control something."""
    plain = " ".join(text.split())
    return (plain if plain.isprintable() else "".join(letter for letter in plain if letter.isprintable()))[:longest]


def joined(parts: Iterable[str]) -> str:
    """The pieces of a purpose that a bank divided."""
    return one_line(" ".join(part for part in parts if part), PURPOSE)
