"""Whom a product suits, asked of the database that is really used: the same answer as client by client, and cheap."""

from datetime import timedelta

from sqlalchemy import select

from tests.cast import AT, TODAY
from tests.factories import engagement_of, make_client, make_contract, make_product
from webapp.domain.bundling import Part
from webapp.domain.client import Client
from webapp.domain.eligibility import Eligibility, EligibilityRule
from webapp.domain.eligible import eligible_clients, facts_of
from webapp.domain.product import Billing
from webapp.domain.product_family import ProductFamily
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_tier import NormKind, VipTier
from webapp.domain.words import Department


def test_every_condition_finds_the_same_clients_at_once(session, cast, statements) -> None:
    by = cast.director
    family = ProductFamily.add(session, "Cloud", by=by, at=AT)
    line, office = (make_product(session, by, billing=Billing.MONTHLY) for _ in range(2))
    line.family_id = family.id
    session.add(office.bundle(session, [Part(line.id, 1000)], None, by=by, at=AT, seen=1))
    tier = VipTier.add(session, "Gold", NormKind.A_QUARTER, 2, 10, SalesClass.A, by=by, at=AT)
    for number in range(8):
        owner = (cast.hunter, cast.clerk, cast.vip)[number % 3]
        sector, city = ("Trade", "")[number % 2], ("Tver", "Omsk")[number // 4]
        client = make_client(session, owner, sector=sector, city=city, employees=number or None, key=number == 1)
        if number % 3:
            ends = TODAY - timedelta(1) if number == 5 else None
            sold = {"product": (line, office)[number % 2], "ends_on": ends}
            make_contract(session, client, amount_minor=number * 100_00, **sold)
        if number in (1, 4):
            VipPlace.take(session, client, tier, "Large", by=by, at=AT, on=TODAY)
    engagement_of(client).closed_at = AT
    session.flush()
    client.lost_at = AT
    session.flush()
    one = frozenset({line.id})
    asked = [
        {},
        {"sectors": frozenset({"Trade"})},
        {"cities": frozenset({"Omsk", "Nowhere"})},
        {"lanes": frozenset({Department.VIP})},
        {"employees_from": 2, "employees_to": 5},
        {"currency": "RUB", "monthly_from": 200_00, "monthly_to": 400_00},
        {"currency": "RUB", "monthly_to": 0},
        {"vip": True},
        {"vip": False, "key": False},
        {"key": True},
        {"owns": one},
        {"owns_families": frozenset({family.id})},
        {"owns": frozenset({office.id}), "owns_families": frozenset({family.id})},
        {"lacks": one},
        {"lacks_families": frozenset({family.id})},
    ]
    everybody = session.scalars(select(Client.id)).all()
    with statements() as told:
        facts = facts_of(session, everybody, TODAY)
    assert len(told) == 5
    answers = set()
    for each in asked:
        eligibility = Eligibility(**each)
        with statements() as told:
            found = frozenset(session.scalars(eligible_clients(EligibilityRule((eligibility,)), TODAY)))
        assert len(told) == 1
        assert found == {key for key, known in facts.items() if eligibility.suits(known)}, each
        answers.add(found)
    assert len(answers) > 8
