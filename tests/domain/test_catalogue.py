"""Price lists, bundles, and whom a product suits."""

from datetime import date, timedelta

import pytest
from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import engagement_of, make_client, make_contract, make_deal, make_product
from tests.support.statements import counted
from webapp.domain.bundling import Part
from webapp.domain.client import Client
from webapp.domain.deal import Line
from webapp.domain.eligibility import Eligibility, EligibilityRule
from webapp.domain.eligible import eligible_clients, facts_of
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.price_list import PriceEntry, PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.proposal_lines import lines_of
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import NormKind, VipTier
from webapp.domain.words import Department


def test_a_list_names_prices_by_rising_quantity(session, cast) -> None:
    product = make_product(session, cast.head_of_sales)
    spring = PriceList.add(session, "Spring", "RUB", TODAY, by=cast.director, at=AT)
    told = spring.price(product, [Break(0, 500), Break(10_000, 450)], by=cast.director, at=AT, seen=1)
    session.flush()
    assert told.details["now"] == [[0, 500], [10_000, 450]]
    with pytest.raises(Stale):
        spring.price(product, [], by=cast.director, at=AT, seen=1)
    for breaks in ([Break(10, 1), Break(10, 2)], [Break(20, 1), Break(10, 2)], [Break(0, -1)]):
        with pytest.raises(Refused):
            spring.price(product, breaks, by=cast.director, at=AT, seen=spring.version)
    spring.price(product, [Break(0, 400)], by=cast.director, at=AT, seen=spring.version)
    session.flush()
    session.refresh(spring)
    assert [(entry.from_quantity, entry.price_minor) for entry in spring.entries] == [(0, 400)]


def test_a_list_has_a_name_of_its_own_and_ends_after_it_starts(session, cast) -> None:
    spring = PriceList.add(session, "Spring", "RUB", TODAY, by=cast.director, at=AT)
    with pytest.raises(Refused, match="of this name"):
        PriceList.add(session, " Spring ", "EUR", TODAY, by=cast.director, at=AT)
    with pytest.raises(Refused, match="ends after"):
        spring.change(session, "Spring", TODAY, TODAY - timedelta(1), by=cast.director, at=AT, seen=1)


def test_a_copy_moves_each_price_by_a_percent_rounded_half_up_and_says_of_what(session, cast) -> None:
    said = {"by": cast.director, "at": AT}
    spring = PriceList.add(session, "Spring", "RUB", TODAY, **said)
    for price in (50, 150, 999):
        product = make_product(session, cast.director, retired_at=AT if price == 999 else None)
        session.add(spring.price(product, [Break(0, price)], seen=spring.version, **said))
        session.flush()
    for percent, prices in ((-5, [48, 143]), (5, [53, 158]), (-100, [0, 0])):
        made = spring.copy(session, f"Summer {percent}", TODAY, None, percent, **said)
        session.flush()
        assert [entry.price_minor for entry in made.entries] == prices
        told = session.scalars(
            select(Event.details).where(Event.subject_id == made.id).order_by(Event.id.desc())
        ).first()
        assert (told["source"], told["percent"]) == ("Spring", percent)


def test_a_copy_costs_the_same_of_one_product_and_of_thirty(session, cast) -> None:
    said, counts = {"by": cast.director, "at": AT}, []
    for number in (1, 30):
        products = [make_product(session, cast.director) for _ in range(number)]
        spring = PriceList.add(session, f"Of {number}", "RUB", TODAY, **said)
        spring.entries = [PriceEntry(product_id=each.id, from_quantity=0, price_minor=100) for each in products]
        session.flush()
        session.expire_all()
        with counted(session.get_bind()) as told:
            spring.copy(session, f"After {number}", TODAY, None, 10, **said)
            session.flush()
        counts.append(len(told))
    assert counts[0] == counts[1]


def test_a_product_is_taxed_otherwise_from_a_day_on(session, cast) -> None:
    product, summer, autumn = make_product(session, cast.director), date(2026, 6, 1), date(2026, 9, 1)

    def taxed(key: str, day: date) -> Event:
        told = product.tax_from(key, day, by=cast.director, at=AT, seen=product.version)
        session.flush()
        return told

    told = taxed("reduced", summer)
    assert {key: told.details[key] for key in ("was", "now", "starts")} == {
        "was": "", "now": "reduced", "starts": "2026-06-01",
    }  # fmt: skip
    taxed("zero", autumn)
    days = (summer - timedelta(1), summer, autumn - timedelta(1), autumn)
    assert [product.tax_on(day) for day in days] == ["", "reduced", "reduced", "zero"]
    deal = make_deal(session, make_client(session, cast.hunter), Line("x", 1000, 100, Billing.ONE_OFF, product.id))
    assert [lines_of(deal, day)[0]["tax"] for day in days] == ["standard", "reduced", "reduced", "zero"]
    with pytest.raises(Refused, match="taxed so"):
        taxed("reduced", summer + timedelta(1))
    with pytest.raises(Refused, match="not in force"):
        taxed("simplified_5", date(2024, 1, 1))
    with pytest.raises(Refused, match="no such"):
        taxed("21", summer)
    with pytest.raises(Stale):
        product.tax_from("zero", summer, by=cast.director, at=AT, seen=product.version - 1)
    taxed("zero", summer)
    assert product.tax_changes == [["2026-06-01", "zero"]], "a change to what stands already goes"
    product.change(by=cast.director, at=AT, seen=product.version, tax="zero")
    assert product.tax_changes == [], "nor does one stay to what is the first rate now"
    session.flush()
    taxed("", summer)
    taxed("zero", summer)
    assert product.tax_changes == []


def test_a_bundle_holds_products_billed_alike_and_no_bundles(session, cast) -> None:
    by = cast.head_of_sales
    line, phone, once, bundle, other = (
        make_product(session, by, billing=billing)
        for billing in (Billing.MONTHLY, Billing.MONTHLY, Billing.ONE_OFF, Billing.MONTHLY, Billing.MONTHLY)
    )
    session.add(bundle.bundle(session, [Part(line.id, 1000), Part(phone.id, 5000)], 1000, by=by, at=AT, seen=1))
    session.flush()
    assert [(part.product, part.quantity) for part in bundle.parts] == [(line, 1000), (phone, 5000)]
    with pytest.raises(Stale):
        bundle.bundle(session, [], None, by=by, at=AT, seen=1)
    for product, parts in (
        (other, [Part(bundle.id, 1000)]),
        (other, [Part(once.id, 1000)]),
        (other, [Part(line.id, 1000), Part(line.id, 2000)]),
        (other, [Part(line.id, 0)]),
        (other, [Part(other.id, 1000)]),
        (line, [Part(phone.id, 1000)]),
    ):
        with pytest.raises(Refused):
            product.bundle(session, parts, None, by=by, at=AT, seen=product.version)
    with pytest.raises(Refused, match="billed alike"):
        line.change(by=by, at=AT, seen=line.version, billing=Billing.ONE_OFF)
    session.refresh(line)
    bundle.bundle(session, [Part(phone.id, 2000)], None, by=by, at=AT, seen=bundle.version)
    session.flush()
    assert [(part.product, part.quantity) for part in bundle.parts] == [(phone, 2000)]


def test_why_a_product_does_not_suit_a_client_is_said_condition_by_condition(session, cast) -> None:
    client = make_client(session, cast.clerk, sector="Trade", city="Tver", employees=4)
    product = make_product(session, cast.head_of_sales)
    make_contract(session, client, amount_minor=500_00, product=product)
    asked = Eligibility(
        sectors=frozenset({"Industry"}),
        cities=frozenset({"Tver"}),
        lanes=frozenset({Department.VIP}),
        employees_from=5,
        currency="RUB",
        monthly_from=1_000_00,
        vip=True,
        key=False,
        lacks=frozenset({product.id}),
    )
    facts = facts_of(session, [client.id], TODAY)[client.id]
    failures = list(asked.failures(facts))
    assert [each.message % each.values for each in failures if "names" not in each.message] == [
        "Its sector is not one of: Industry",
        "None of these departments works with it: [<Department.VIP: 'vip'>]",
        "It has 4 employees, fewer than 5",
        "It pays 50000 a month, less than 100000",
        "It is not in the VIP programme",
    ]
    assert [each.values for each in failures if "names" in each.message] == [{"product_ids": [product.id]}]
    assert Eligibility().suits(facts)
    assert Eligibility.of_json(asked.as_json()) == asked


def test_one_set_of_several_suffices_and_why_not_is_said_of_the_nearest(session, cast) -> None:
    client = make_client(session, cast.clerk, sector="Trade", city="Tver", employees=4)
    facts = facts_of(session, [client.id], TODAY)[client.id]
    far = Eligibility(sectors=frozenset({"Industry"}), employees_from=5, key=True)
    near, met = Eligibility(cities=frozenset({"Omsk"}), employees_from=2), Eligibility(cities=frozenset({"Tver"}))
    rule = EligibilityRule().put(0, far).put(1, near)
    assert not rule.suits(facts)
    assert [each.message for each in rule.failures(facts)] == ["Its city is not one of: %(list)s"]
    assert rule.put(2, met).suits(facts)
    assert rule.put(2, met).failures(facts) == []
    assert rule.put(0, Eligibility(currency="RUB")) == EligibilityRule((near,)), "a set that asks nothing goes"
    assert rule.put(1, met).sets == (far, met)
    client.lost_at = AT
    session.flush()
    lost = facts_of(session, [client.id], TODAY)[client.id]
    assert not any(each.suits(lost) for each in (EligibilityRule(), rule.put(2, met)))
    with pytest.raises(Refused, match="At most"):
        EligibilityRule((near,) * 11)


def test_conditions_that_nobody_can_meet_are_refused() -> None:
    for said in (
        {"employees_from": 5, "employees_to": 4},
        {"monthly_from": 5},
        {"owns": frozenset({1}), "lacks": frozenset({1})},
        {"employees_to": -1},
    ):
        with pytest.raises(Refused):
            Eligibility(**said)


IDS = range(1, 6)
rules = st.builds(
    Eligibility,
    sectors=st.frozensets(st.sampled_from(["Trade", "Industry"]), max_size=2),
    cities=st.frozensets(st.sampled_from(["Tver", "Omsk"]), max_size=1),
    lanes=st.frozensets(st.sampled_from(list(Department)), max_size=1),
    employees_from=st.none() | st.integers(0, 20),
    employees_to=st.none() | st.integers(20, 60),
    currency=st.sampled_from(["RUB", "EUR"]),
    monthly_from=st.none() | st.integers(0, 900_00),
    monthly_to=st.none() | st.integers(900_00, 3_000_00),
    vip=st.none() | st.booleans(),
    key=st.none() | st.booleans(),
    owns=st.frozensets(st.sampled_from([1, 2, 5]), max_size=2),
    owns_families=st.frozensets(st.just(1), max_size=1),
    lacks=st.frozensets(st.sampled_from([3, 4]), max_size=2),
    lacks_families=st.frozensets(st.just(2), max_size=1),
)


@pytest.fixture
def many(session: Session, cast: Cast) -> Session:
    """Clients of all kinds, with contracts of five products of two families, one of them a bundle of others."""
    for name in ("Cloud", "Telephone"):
        ProductFamily.add(session, name, by=cast.director, at=AT)
    products = [
        make_product(session, cast.head_of_sales, billing=Billing.MONTHLY, family_id=family)
        for family in (1, 1, 2, None, None)
    ]
    products[4].bundle(session, [Part(1, 1000), Part(3, 1000)], None, by=cast.director, at=AT, seen=1)
    tier = VipTier.add(session, "Gold", NormKind.A_QUARTER, 2, 10, SalesClass.A, by=cast.director, at=AT)
    for number in range(12):
        owner = (cast.hunter, cast.clerk, cast.vip)[number % 3]
        facts = {"sector": ("Trade", "Industry", "")[number % 3], "city": ("Tver", "Omsk")[number % 2]}
        employees = (None, 3, 20, 40)[number % 4]
        client = make_client(session, owner, employees=employees, key=number % 5 == 0, **facts)
        if number:
            first = TODAY - timedelta(days=number * 40 - 60)
            last = date(2026, 3, 1) if number % 4 == 3 else None
            sold = {"product": products[number % 5], "starts_on": first, "ends_on": last}
            make_contract(session, client, amount_minor=number * 150_00, currency=("RUB", "EUR")[number % 2], **sold)
        if number % 4 == 1:
            VipPlace.take(session, client, tier, "Large", by=cast.director, at=AT, on=TODAY)
    engagement_of(client)
    client.lost_at = AT
    session.flush()
    assert session.scalars(select(Product.id).order_by(Product.id)).all() == list(IDS)
    return session


@given(st.lists(rules, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120, deadline=None)
def test_one_client_at_a_time_and_all_at_once_are_the_same_answer(many, sets) -> None:
    rule = EligibilityRule(tuple(each for each in sets if each.asks))
    facts = facts_of(many, many.scalars(select(Client.id)).all(), TODAY)
    one_by_one = {key for key, each in facts.items() if rule.suits(each)}
    assert one_by_one == {key for key, each in facts.items() if not rule.failures(each)}
    assert set(many.scalars(eligible_clients(rule, TODAY))) == one_by_one
    assert EligibilityRule.of_json(rule.as_json()) == rule
