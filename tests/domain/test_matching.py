"""Matching says which invoices a payment covers, and why; what is not certain is left to a person."""

from datetime import date

import pytest

from webapp.domain.matching import dates_in, Match, numbers_in, Owed, Payers, Received, suggestions

DAY = date(2026, 3, 5)
OURS, OTHERS = 1, 2


def owed(id: int, minor: int, number: int = 0, client: int = OURS, issued: date = date(2026, 3, 1)) -> Owed:  # noqa: A002
    return Owed(id, client, number or id, issued, issued.replace(day=10), "RUB", minor)


def best(minor: int, purpose: str, payers: Payers, *invoices: Owed) -> Match | None:
    found = suggestions(Received(minor, "RUB", DAY, purpose), payers, invoices)
    return found[0] if found else None


PAYS = Payers(own=frozenset({OURS}))
THIRD = Payers(third=frozenset({OURS}))


@pytest.mark.parametrize(
    ("purpose", "numbers"),
    [
        ("Оплата по счету № 17 от 01.03.2026. Сумма 1200-50, НДС 22% - 216.48", {17}),
        ("сч.17,18 и 19 за услуги", {17, 18, 19}),
        ("Invoice 17/2026", {17, 2026}),
        ("ИНН 770708389301 счёт 40702810900000000001", set()),
        ("Оплата 1 200,50 руб. в т.ч. НДС 22% 216,48", set()),
        ("Без НДС", set()),
    ],
)
def test_numbers_are_told_from_dates_sums_and_accounts(purpose: str, numbers: set[int]) -> None:
    assert numbers_in(purpose) == numbers


def test_dates_that_do_not_exist_are_no_dates() -> None:
    assert dates_in("от 01.03.26 и 31.02.2026") == {date(2026, 3, 1)}


def test_the_number_and_the_payer_are_certain_also_in_part_and_beyond() -> None:
    invoice = owed(17, 100)
    assert best(100, "счет 17", PAYS, invoice) == Match("number_payer", OURS, ((17, 100),))
    assert best(40, "счет 17", PAYS, invoice) == Match("number_payer", OURS, ((17, 40),))
    assert best(140, "счет 17", PAYS, invoice) == Match("number_payer", OURS, ((17, 100),))


def test_one_payment_covers_several_invoices_the_oldest_first() -> None:
    older, newer = owed(18, 100, issued=date(2026, 1, 1)), owed(17, 100)
    assert best(150, "счета 17, 18", PAYS, older, newer) == Match("number_payer", OURS, ((18, 100), (17, 50)))


def test_a_number_of_several_years_is_told_by_the_date_or_the_sum_or_by_a_person() -> None:
    last, now = owed(1, 100, 17, issued=date(2025, 3, 1)), owed(2, 200, 17)
    assert best(50, "счет 17 от 01.03.2025", PAYS, last, now) == Match("number_payer", OURS, ((1, 50),))
    assert best(200, "счет 17", PAYS, last, now) == Match("number_payer", OURS, ((2, 200),))
    unclear = best(50, "счет 17", PAYS, last, now)
    assert unclear is not None
    assert (unclear.reason, unclear.certain) == ("several", False)


def test_without_a_number_the_exact_sum_is_certain_and_another_sum_is_not() -> None:
    invoices = (owed(1, 100, issued=date(2026, 1, 1)), owed(2, 70))
    assert best(70, "за связь", PAYS, *invoices) == Match("sum_payer", OURS, ((2, 70),))
    assert best(170, "за связь", PAYS, *invoices) == Match("sum_payer", OURS, ((1, 100), (2, 70)))
    assert best(120, "за связь", PAYS, *invoices) == Match("oldest", OURS, ((1, 100), (2, 20)))


def test_a_client_who_owes_nothing_pays_in_advance() -> None:
    assert best(100, "аванс", PAYS) == Match("advance", OURS, ())


def test_a_third_party_is_certain_only_once_it_is_known() -> None:
    invoice = owed(17, 100)
    assert best(100, "счет 17", THIRD, invoice) == Match("number_third", OURS, ((17, 100),))
    stranger = best(100, "счет 17", Payers(), invoice)
    assert stranger == Match("number_sum", OURS, ((17, 100),))
    assert not stranger.certain
    assert best(60, "счет 17", Payers(), invoice) == Match("number", OURS, ((17, 60),))


def test_a_third_party_of_two_clients_is_asked_about() -> None:
    payer = Payers(third=frozenset({OURS, OTHERS}))
    found = suggestions(Received(100, "RUB", DAY), payer, [owed(1, 100), owed(2, 100, client=OTHERS)])
    assert len(found) == 2
    assert not any(match.certain for match in found)


def test_the_payer_is_preferred_to_a_number_of_somebody_else() -> None:
    match = best(100, "счет 17", PAYS, owed(17, 100, client=OTHERS), owed(3, 100))
    assert match == Match("sum_payer", OURS, ((3, 100),))


def test_other_currencies_and_claims_that_are_too_old_are_left_alone() -> None:
    old = owed(17, 100, issued=date(2023, 3, 1))
    foreign = Owed(18, OURS, 18, date(2026, 3, 1), DAY, "USD", 100)
    assert best(100, "счет 17 18", PAYS, old, foreign) == Match("advance", OURS, ())


def test_a_number_and_the_clients_name_are_certain() -> None:
    match = best(40, "invoice 17", Payers(named=frozenset({OURS})), owed(17, 100), owed(3, 40))
    assert match == Match("number_name", OURS, ((17, 40),))


def test_a_name_alone_is_a_suggestion() -> None:
    match = best(100, "за связь", Payers(named=frozenset({OURS})), owed(1, 100))
    assert match == Match("name", OURS, ((1, 100),))
