"""Sums, quantities and dates as documents write them."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.money import CURRENCIES, LARGEST
from webapp.pdf.words import amount, COINS, FORMS, long_date, money, percent, quantity, sum_in_words

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("minor", "currency", "language", "words"),
    [
        (1000_00, "RUB", "ru", "Одна тысяча рублей 00 копеек"),
        (1_01, "RUB", "ru", "Один рубль 01 копейка"),
        (2_02, "RUB", "ru", "Два рубля 02 копейки"),
        (11_11, "RUB", "ru", "Одиннадцать рублей 11 копеек"),
        (5, "RUB", "ru", "Ноль рублей 05 копеек"),
        (21_000_000_00, "USD", "ru", "Двадцать один миллион долларов США 00 центов"),
        (1000_00, "CNY", "ru", "Одна тысяча юаней 00 фэней"),
        (1000_00, "USD", "en", "One thousand US dollars 00 cents"),
        (1_01, "EUR", "en", "One euro 01 cent"),
    ],
)
def test_a_sum_in_words_begins_with_a_capital_and_has_its_coins_in_digits(minor, currency, language, words) -> None:
    assert sum_in_words(minor, currency, language) == words


@given(st.integers(0, LARGEST), st.sampled_from(sorted(CURRENCIES)), st.sampled_from(["ru", "en"]))
def test_every_sum_has_words(minor: int, currency: str, language: str) -> None:
    words = sum_in_words(minor, currency, language)
    assert words[0].isupper()
    assert f" {minor % 100:02d} " in words


def test_every_currency_has_its_words_in_every_form() -> None:
    for language, coins in COINS.items():
        assert set(coins) == set(CURRENCIES)
        forms = {Locale(language).plural_form(number) for number in range(200)}
        assert forms == set(FORMS[language])
        for units in coins.values():
            assert {len(unit) for unit in units} == {len(FORMS[language])}


def test_numbers_are_written_as_the_language_does() -> None:
    assert amount(1_234_567_89, "RUB", "ru") == f"1{SPACE}234{SPACE}567,89"
    assert amount(1_234_567_89, "RUB", "en") == "1,234,567.89"
    assert money(1_234_50, "RUB", "ru") == f"1{SPACE}234,50{SPACE}₽"
    assert money(1_234_50, "RUB", "en") == f"1,234.50{SPACE}RUB"
    assert quantity(1500, "ru") == "1,5"
    assert quantity(3000, "en") == "3"
    assert percent(750, "ru") == f"7,5{SPACE}%"
    assert long_date("2026-03-02", "ru") == f"2 марта 2026{SPACE}г."
