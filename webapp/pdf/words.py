"""Sums, dates and quantities as a document of a language writes them."""

from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from num2words import num2words

from webapp.domain.money import CURRENCIES, Money, WHOLE

COINS: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "ru": {
        "RUB": (("рубль", "рубля", "рублей"), ("копейка", "копейки", "копеек")),
        "USD": (("доллар США", "доллара США", "долларов США"), ("цент", "цента", "центов")),
        "EUR": (("евро", "евро", "евро"), ("цент", "цента", "центов")),
        "KZT": (("тенге", "тенге", "тенге"), ("тиын", "тиына", "тиынов")),
        "BYN": (("белорусский рубль", "белорусских рубля", "белорусских рублей"), ("копейка", "копейки", "копеек")),
        "CNY": (("юань", "юаня", "юаней"), ("фэнь", "фэня", "фэней")),
    },
    "en": {
        "RUB": (("Russian rouble", "Russian roubles"), ("kopeck", "kopecks")),
        "USD": (("US dollar", "US dollars"), ("cent", "cents")),
        "EUR": (("euro", "euros"), ("cent", "cents")),
        "KZT": (("tenge", "tenge"), ("tiyn", "tiyns")),
        "BYN": (("Belarusian rouble", "Belarusian roubles"), ("kopeck", "kopecks")),
        "CNY": (("yuan", "yuan"), ("fen", "fen")),
    },
}
"""Major and minor unit of each currency, in the order of the language's plural forms (all masculine in Russian)."""

FORMS = {"ru": ("one", "few", "many"), "en": ("one", "other")}


def sum_in_words(minor: int, currency: str, language: str) -> str:
    """``Одна тысяча рублей 00 копеек``: capital first letter, the minor units in digits, as documents want it."""
    scale = 10 ** CURRENCIES[currency]
    major, rest = divmod(minor, scale)
    majors, minors = COINS[language][currency]
    spoken = num2words(Decimal(major), lang=language)
    words = f"{spoken} {_form(major, majors, language)} {rest:02d} {_form(rest, minors, language)}"
    return words[:1].upper() + words[1:]


def _form(number: int, forms: tuple[str, ...], language: str) -> str:
    return forms[FORMS[language].index(Locale(language).plural_form(number))]


def amount(minor: int, currency: str, language: str) -> str:
    """``1 234,50``: the sum without its currency, for a column that names it at its head."""
    return format_decimal(Money(minor, currency).amount, format="#,##0.00", locale=language)


def money(minor: int, currency: str, language: str) -> str:
    """``1 234,50 ₽``; where the language has no sign for the currency, its code follows: ``1,234.50 RUB``."""
    if symbol(currency, language) == currency:
        return f"{amount(minor, currency, language)}\N{NO-BREAK SPACE}{currency}"
    return format_currency(Money(minor, currency).amount, currency, locale=language)


def symbol(currency: str, language: str) -> str:
    return get_currency_symbol(currency, locale=language)


def quantity(thousandths: int, language: str) -> str:
    return format_decimal(Decimal(thousandths).scaleb(-3), format="#,##0.###", locale=language)


def percent(basis_points: int, language: str) -> str:
    """``22 %``, ``7,5 %``."""
    return f"{format_decimal(Decimal(basis_points) * 100 / WHOLE, format='0.##', locale=language)}\N{NO-BREAK SPACE}%"


def long_date(day: str, language: str) -> str:
    """``2 марта 2026 г.`` of an ISO date."""
    written = format_date(date.fromisoformat(day), "long", locale=language)
    return written.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")  # our fonts lack the narrow one
