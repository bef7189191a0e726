"""The size of a prize: who is alike, what such clients own, and what the one in the middle pays. Sums by hand."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.likeness import CAUTION, Crowd, LADDER, Likes, MIN_ALIKE, revenue_class, Trait, WHOLE

INTERNET, PHONES, HOSTING = 1, 2, 3


def client(
    number: int, families: Iterable[int] = (), sector: str = "trade", sales: str = "c", rub: int = 0, usd: int = 0
) -> Likes:
    """Pays that sum for each of its families."""
    families = frozenset(families)
    pays = {(family, currency): sum_ for family in families for currency, sum_ in (("RUB", rub), ("USD", usd)) if sum_}
    return Likes(number, {Trait.SECTOR: sector, Trait.SALES: sales}, families, pays)


def test_seven_of_twelve_own_it_and_pay_so_much_in_the_middle() -> None:
    asker = client(0, [INTERNET])
    owners = [client(number, [INTERNET, PHONES], rub=number * 1_000_00) for number in range(1, 8)]
    others = [client(number, [INTERNET]) for number in range(8, 13)]
    strangers = [client(number, [PHONES], rub=9_000_00) for number in range(13, 30)]  # no family in common
    prizes = Crowd([asker, *owners, *others, *strangers]).prizes(asker, [INTERNET, PHONES, HOSTING])
    assert [prize.family_id for prize in prizes] == [PHONES, HOSTING], "what it owns is no prize"
    phones = prizes[0]
    assert (phones.owners, phones.alike, phones.held) == (7, 12, INTERNET)
    assert phones.pays == {"RUB": (4_000_00, 7)}
    assert phones.score == 7 * WHOLE // (12 + CAUTION)
    assert (prizes[1].owners, prizes[1].score) == (0, 0)


def test_the_client_is_not_counted_among_those_who_are_like_it() -> None:
    everybody = [client(number, [INTERNET]) for number in range(MIN_ALIKE)]
    assert Crowd(everybody).prizes(everybody[0], [PHONES]) == [], "four others are too few"
    everybody.append(client(MIN_ALIKE, [INTERNET]))
    (phones,) = Crowd(everybody).prizes(everybody[0], [PHONES])
    assert phones.alike == MIN_ALIKE


def test_two_currencies_never_meet_and_an_even_middle_is_the_lower_one() -> None:
    payers = [client(number, [INTERNET, PHONES], rub=number * 100) for number in range(1, 5)]
    payers += [client(number, [INTERNET, PHONES], usd=number) for number in range(5, 7)]
    asker = client(9, [INTERNET])
    (phones,) = Crowd([asker, *payers]).prizes(asker, [PHONES])
    assert phones.pays == {"RUB": (200, 4), "USD": (5, 2)}


def test_where_few_are_alike_the_next_rung_is_asked() -> None:
    asker = client(0, [INTERNET], sector="mining", sales="a")
    same_sales = [client(number, [INTERNET, PHONES], sales="a") for number in range(1, 7)]
    (phones,) = Crowd([asker, *same_sales]).prizes(asker, [PHONES])
    assert LADDER[phones.rung] == {Trait.SALES, Trait.HOLDING}
    assert (phones.owners, phones.alike) == (6, 6)


def test_one_who_owns_nothing_is_compared_by_its_segment() -> None:
    asker = client(0)
    (phones, _) = Crowd([asker, *(client(n, [PHONES]) for n in range(1, 7))]).prizes(asker, [PHONES, HOSTING])
    assert (phones.owners, phones.alike, phones.held) == (6, 6, 0)
    assert LADDER[phones.rung] == {Trait.SECTOR, Trait.SALES}


def test_revenues_of_one_order_are_alike_in_their_own_currency_only() -> None:
    assert revenue_class(250_000_00, "RUB") == revenue_class(990_000_00, "RUB") != revenue_class(250_000_00, "USD")
    assert revenue_class(250_000_00, "RUB") != revenue_class(2_500_000_00, "RUB")
    assert revenue_class(None, None) == revenue_class(0, "RUB") == ""


LIKES = st.builds(
    client,
    st.integers(1, 10**6),
    st.sets(st.integers(1, 5)),
    st.sampled_from(["trade", "mining", ""]),
    st.sampled_from("abc"),
    st.integers(0, 10**6),
    st.integers(0, 100),
)


@given(st.lists(LIKES, min_size=1, max_size=25, unique_by=lambda each: each.client_id))
def test_no_more_own_it_than_are_alike_and_whatever_order_they_come_in(everybody: list[Likes]) -> None:
    asker, crowd = everybody[0], Crowd(everybody)
    prizes = crowd.prizes(asker, range(1, 6))
    assert all(0 <= prize.owners <= prize.alike and 0 <= prize.score < WHOLE for prize in prizes)
    assert all(type(sum_) is int for prize in prizes for sum_, _ in prize.pays.values())
    assert Crowd(reversed(everybody)).prizes(asker, range(1, 6)) == prizes
