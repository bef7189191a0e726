"""What a review proposes: the rules over one client, and the classes that the database reckons over all of them."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.attacks import make_attack, make_competitor
from tests.cast import AT, Cast, TODAY
from tests.factories import make_payment
from tests.support.memory import in_memory
from tests.vip import enter, make_tiers, paying
from webapp.domain.errors import Refused
from webapp.domain.model import Client, Payment
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_figures import standings, totals
from webapp.domain.vip_rules import check_rules, propose, Proposed, RULES, Standing, Suit, Sum, USUAL, VipStep

GOLD, SILVER = 1, 2
TIERS = (Suit(GOLD, SalesClass.A), Suit(SILVER, SalesClass.B))
A, B, C = SalesClass


def paid(sales_class: SalesClass, minor: int = 100, before: int = 0, *, near: bool = False) -> tuple[Sum, ...]:
    return (Sum("RUB", minor, before, sales_class, near),)


@pytest.mark.parametrize(
    ("client", "proposed"),
    [
        (Standing(paid(A)), (VipStep.ENTER, GOLD, "class_a")),
        (Standing(paid(C), key=True), (VipStep.ENTER, SILVER, "strategic")),
        (Standing((), key=True), (VipStep.ENTER, SILVER, "strategic")),
        (Standing(paid(B, near=True)), (VipStep.WAIT, None, "near")),
        (Standing(paid(B, 130, 100)), (VipStep.WAIT, None, "growth")),
        (Standing(paid(C), rival=True), (VipStep.WAIT, None, "rival")),
        (Standing(paid(C), served=True), (VipStep.WAIT, None, "served")),
        (Standing(paid(B)), None),
        (Standing(paid(B, 129, 100)), None),
        (Standing(paid(C, 900, 100)), None),
        (Standing(paid(A), active=False), None),
        (Standing(paid(A), tier_id=GOLD), (VipStep.STAY, GOLD, "class_a")),
        (Standing(paid(A), tier_id=SILVER), (VipStep.MOVE, GOLD, "class_a")),
        (Standing(paid(B), tier_id=GOLD), (VipStep.MOVE, SILVER, "class_b")),
        (Standing(paid(B), tier_id=SILVER), (VipStep.STAY, SILVER, "class_b")),
        (Standing(paid(B, near=True), tier_id=GOLD), (VipStep.STAY, GOLD, "near")),
        (Standing(paid(C), tier_id=GOLD), (VipStep.LEAVE, None, "class_c")),
        (Standing((), tier_id=GOLD), (VipStep.LEAVE, None, "nothing_paid")),
        (Standing((), tier_id=GOLD, key=True), (VipStep.STAY, GOLD, "strategic")),
        (Standing(paid(C), tier_id=SILVER, rival=True), (VipStep.STAY, SILVER, "rival")),
        (Standing(paid(A), tier_id=SILVER, rival=True), (VipStep.MOVE, GOLD, "class_a")),
        (Standing(paid(A), tier_id=GOLD, active=False), (VipStep.LEAVE, None, "nobody_works")),
    ],
)
def test_what_the_rules_propose(client: Standing, proposed: tuple | None) -> None:
    found = propose(client, TIERS, USUAL)
    assert (found and (found.step, found.tier_id, found.reasons[0])) == proposed


SUMS = st.lists(
    st.builds(Sum, st.sampled_from(["RUB", "EUR"]), st.integers(1, 999), st.integers(0, 999),
              st.sampled_from(SalesClass), st.booleans()),
    max_size=2, unique_by=lambda one: one.currency,
).map(tuple)  # fmt: skip
STANDINGS = st.builds(
    Standing, SUMS, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([None, GOLD, SILVER])
)


@given(STANDINGS)
def test_every_proposal_can_be_decided_and_says_why(client: Standing) -> None:
    found = propose(client, TIERS, USUAL)
    if client.tier_id is not None:
        assert found is not None, "whoever is in the programme stands on the list"
    if found is None:
        return
    assert isinstance(found, Proposed)
    assert found.reasons
    assert set(found.reasons) <= set(RULES)
    assert (found.step in (VipStep.ENTER, VipStep.WAIT)) == (client.tier_id is None)
    assert (found.tier_id is None) == (found.step in (VipStep.WAIT, VipStep.LEAVE))
    assert found.step is not VipStep.MOVE or found.tier_id != client.tier_id


def test_a_company_starts_with_the_published_split_and_threshold() -> None:
    published = {"a_clients": 10, "a_sales": 50, "b_clients": 30, "b_sales": 40, "mono": 75}
    assert {key: USUAL[key] for key in published} == published


@pytest.mark.parametrize(("key", "number"), [("a_clients", 0), ("b_sales", 60), ("near", 100), ("looked_at", 9)])
def test_numbers_that_mean_nothing_are_refused(key: str, number: int) -> None:
    with pytest.raises(Refused):
        check_rules(USUAL | {key: number})


def by_hand(sums: list[int]) -> list[str]:
    """The classes of payers, largest first: the published split, in plain steps."""
    found, total, above = [], sum(sums), 0
    for place, minor in enumerate(sums):
        clients, sales = place * 100, above * 100
        in_a = clients < len(sums) * 10 and sales < total * 50
        in_b = clients < len(sums) * 40 and sales < total * 90
        found.append("a" if in_a else "b" if in_b else "c")
        above += minor
    return found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=40), st.lists(st.integers(1, 50), max_size=5))
def test_the_database_classes_as_by_hand_and_each_currency_by_itself(roubles: list[int], euros: list[int]) -> None:
    with in_memory() as session:
        count = max(len(roubles), len(euros))
        session.add_all([_client(number) for number in range(1, count + 1)])
        for currency, sums in (("RUB", roubles), ("EUR", euros)):
            session.add_all(_payment(number, minor, currency) for number, minor in enumerate(sums, 1))
        session.flush()
        found = dict(standings(session, TODAY, USUAL))
        for currency, sums in (("RUB", roubles), ("EUR", euros)):
            order = sorted(range(len(sums)), key=lambda number: (-sums[number], number))
            classes = [
                one.sales_class for number in order for one in found[number + 1].sums if one.currency == currency
            ]
            assert classes == by_hand([sums[number] for number in order])
        money = {one.currency: one for one in totals(session, TODAY, USUAL)}
        assert {code: one.paid_minor for code, one in money.items()} == {
            code: sum(sums) for code, sums in (("RUB", roubles), ("EUR", euros)) if sums
        }
        assert all(one.a_clients * 10 <= one.clients + 9 for one in money.values())


def _client(number: int) -> Client:
    return Client(id=number, name=f"C{number}", name_key=f"c{number}", added_at=AT)


def _payment(number: int, minor: int, currency: str) -> Payment:
    return Payment(
        client_id=number,
        amount_minor=minor,
        free_minor=minor,
        allocated_minor=0,
        returned_minor=0,
        currency=currency,
        received_on=TODAY,
    )


def test_only_the_last_year_counts_less_what_was_returned(session: Session, cast: Cast) -> None:
    client = paying(session, cast.clerk, 500, before=300)
    make_payment(session, 70_000, TODAY - timedelta(days=800), client=client)
    make_payment(session, 90_000, TODAY + timedelta(days=1), client=client)
    payment = make_payment(session, 40_000, client=client)
    payment.returned_minor, payment.free_minor = 10_000, 30_000
    session.flush()
    ((_, standing),) = standings(session, TODAY, USUAL)
    assert [(one.paid_minor, one.before_minor) for one in standing.sums] == [(80_000, 30_000)]


def test_who_is_named_though_it_pays_little(session: Session, cast: Cast) -> None:
    gold, _ = make_tiers(session, cast)
    key, attacked, served, member = (paying(session, cast.clerk, 1) for _ in range(4))
    key.key = True
    make_attack(session, attacked, cast, make_competitor(session, cast.director))
    served_by_vip = paying(session, cast.vip, 1)
    enter(session, member, gold, cast)
    for _ in range(20):
        paying(session, cast.clerk, 1000)
    found = dict(standings(session, TODAY, USUAL | {"looked_at": 10}))
    assert served.id not in found
    assert [found[one.id].rival for one in (key, attacked)] == [False, True]
    assert (found[key.id].key, found[served_by_vip.id].served, found[member.id].tier_id) == (True, True, gold.id)
    assert found[key.id].best is SalesClass.C
    assert len(found) == 10 + 4
