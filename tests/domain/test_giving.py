"""Whoever buys a bundle owns its parts: in awareness, in launches, at night, and for those who told of a part."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import (
    make_bundle,
    make_client,
    make_contract,
    make_deal,
    make_engagement,
    make_interaction,
    make_payment,
    make_product,
)
from webapp.domain import launch_audience
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState, Happening
from webapp.domain.bundling import Part
from webapp.domain.client import Client
from webapp.domain.commission import CommissionEntry
from webapp.domain.commission_reckoning import keep
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.commission_terms import Payee, Portion, Terms
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal, Line
from webapp.domain.eligibility import Eligibility, EligibilityRule
from webapp.domain.eligible import eligible_clients, facts_of
from webapp.domain.giving import GIVEN
from webapp.domain.invoice import Invoice
from webapp.domain.launch_audience import AudienceRule
from webapp.domain.price_list import PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.proposal import Proposal
from webapp.domain.proposal_content import content
from webapp.domain.sold_part import SoldPart
from webapp.domain.white_space import family_states
from webapp.domain.white_space_keeping import begin_ownership, end_ownership, everybody
from webapp.domain.words import Department
from webapp.proof.cohorts import cohorts
from webapp.queries.product_page import product_page
from webapp.queries.sale_credit import sale_credits

NIGHT = TODAY + timedelta(days=1)


@pytest.fixture
def line(session: Session, cast: Cast) -> Product:
    return make_product(session, cast.director, "Line", billing=Billing.MONTHLY)


@pytest.fixture
def phone(session: Session, cast: Cast) -> Product:
    return make_product(session, cast.director, "Phone", billing=Billing.MONTHLY)


@pytest.fixture
def office(session: Session, cast: Cast, line: Product, phone: Product) -> Product:
    return make_bundle(session, cast.director, line, phone)


def states(session: Session, client: Client) -> dict[int, AwarenessState]:
    known = select(Awareness.product_id, Awareness.state).where(Awareness.client_id == client.id)
    return dict(session.execute(known).all())  # type: ignore[arg-type]


def night(session: Session) -> tuple[int, int]:
    session.flush()
    begun = begin_ownership(session, NIGHT, at=AT, most=100)
    ended = end_ownership(session, NIGHT, at=AT, most=100)
    session.flush()
    return begun, ended


def holds(session: Session, cast: Cast, bundle: Product, *parts: Product) -> None:
    held = [Part(part.id, 1000) for part in parts]
    session.add(bundle.bundle(session, held, None, by=cast.director, at=AT, seen=bundle.version))
    session.flush()


def given(session: Session, contract: Contract) -> list[int]:
    """What the table of all contracts says of one."""
    return sorted(session.scalars(select(GIVEN.c.product_id).where(GIVEN.c.contract_id == contract.id)))


def pay(session: Session, cast: Cast, contract: Contract, month: date) -> None:
    """The contract's month, invoiced and paid on its first day."""
    number = Invoice.next_number(session, month.year)
    invoice = Invoice.issue(session, contract, month, number, by=None, at=AT, on=month)
    session.flush()
    payment = make_payment(session, invoice.total_minor, month)
    payment.allocate(session, invoice, by=cast.clerk, at=AT)
    session.flush()


def test_a_contract_gives_its_product_and_of_a_bundle_the_parts(
    session: Session, cast: Cast, line, phone, office
) -> None:
    client = make_client(session, cast.clerk)
    for product, gives in ((office, (line, phone, office)), (line, (line,)), (None, ())):
        contract = make_contract(session, client, product=product)
        assert given(session, contract) == sorted(contract.gives) == [each.id for each in gives]


def test_a_bundle_that_changes_gives_others_than_those_who_bought_it_before(
    session: Session, cast: Cast, line, phone, office
) -> None:
    """White space, eligibility, launches, the product's page and cohorts, all of a client who bought it before."""
    early, late = make_client(session, cast.clerk), make_client(session, cast.clerk)
    for client in (early, late):
        client.attracted_by, client.attracted_at = cast.hunter, AT - timedelta(days=60)
    modem = make_product(session, cast.director, "Modem", billing=Billing.MONTHLY)
    first = make_contract(session, early, product=office, starts_on=TODAY)
    holds(session, cast, office, line, modem)
    make_contract(session, late, product=office, starts_on=TODAY)
    assert given(session, first) == sorted((line.id, phone.id, office.id))
    assert night(session) == (0, 0)
    assert states(session, early) == dict.fromkeys((line.id, phone.id, office.id), "owned")
    assert states(session, late) == dict.fromkeys((line.id, modem.id, office.id), "owned")
    for awareness in session.scalars(select(Awareness)):  # what the contracts say, not what was noted
        session.delete(awareness)
    session.flush()
    for product, owner, other in ((phone, early, late), (modem, late, early)):
        assert session.scalars(eligible_clients(owning(product), TODAY)).all() == [owner.id]
        assert session.scalars(launch_audience.audience(session, AudienceRule(), product, at=AT)).all() == [other.id]
        assert product_page(session, cast.clerk, product.id, TODAY).used.clients == 1
    facts = facts_of(session, [early.id, late.id], TODAY)
    assert facts[early.id].products == {line.id, phone.id, office.id}
    bought = {group["name"]: group["clients"] for group in cohorts(session, TODAY + timedelta(days=90))["product"]}
    assert bought == {office.name: 2, "Line": 2, "Phone": 1, "Modem": 1}


def owning(product: Product) -> EligibilityRule:
    return EligibilityRule((Eligibility(owns=frozenset({product.id})),))


def test_a_contract_of_a_won_deal_gives_what_the_bundle_held_when_that_was_won(
    session: Session, cast: Cast, line, phone, office
) -> None:
    client = make_client(session, cast.hunter)
    lane = client.open_engagement(Department.SALES) or make_engagement(session, client, cast.hunter)
    offered = [Line(office.name, 1000, 100, Billing.MONTHLY, office.id), Line("By hand", 1000, 100, Billing.MONTHLY)]
    deal = Deal.add(session, lane, "Office", "RUB", by=cast.hunter, at=AT, lines=offered)
    session.add(deal.win(by=cast.hunter, at=AT, seen=deal.version))
    session.flush()
    holds(session, cast, office, line)
    counted = {group["name"] for group in cohorts(session, TODAY + timedelta(days=90))["product"]}
    assert counted == {office.name, "Line", "Phone"}, "a won deal counts, whoever concludes its contract later"
    contract = make_contract(session, client, product=office, deal=deal)
    assert given(session, contract) == sorted((line.id, phone.id, office.id))
    session.add(deal.reopen(by=cast.hunter, at=AT, seen=deal.version))
    session.flush()
    kept = select(SoldPart.product_id, SoldPart.contract_id)
    assert {row.contract_id for row in session.execute(kept)} == {contract.id}, "what is no longer won sold nothing"
    session.add(deal.win(by=cast.hunter, at=AT, seen=deal.version))
    session.flush()
    assert [part.product_id for part in deal.lines[0].parts] == [line.id]


def test_each_part_keeps_what_it_cost_alone_on_the_day_of_the_sale(
    session: Session, cast: Cast, line, phone, office
) -> None:
    listed = PriceList.add(session, "Summer", "RUB", TODAY, None, by=cast.director, at=AT)
    session.add(listed.price(phone, [Break(1000, 70_00)], by=cast.director, at=AT, seen=listed.version))
    session.flush()
    line.price_minor = 30_00
    held = [Part(line.id, 2000), Part(phone.id, 1000)]
    session.add(office.bundle(session, held, None, by=cast.director, at=AT, seen=office.version))
    sold = make_contract(session, make_client(session, cast.clerk), product=office, starts_on=TODAY)
    assert [(part.quantity, part.weight) for part in sold.parts] == [(2000, 60_00), (1000, 70_00)]
    dollars = make_contract(session, make_client(session, cast.clerk), product=office, starts_on=TODAY, currency="USD")
    assert [part.weight for part in dollars.parts] == [0, 0], "nobody named a price in it"


def test_who_buys_a_bundle_owns_its_parts_and_no_launch_of_one_is_for_it(
    session: Session, cast: Cast, line, phone, office
) -> None:
    client, other = make_client(session, cast.clerk), make_client(session, cast.clerk)
    connection = ProductFamily.add(session, "Connection", by=cast.director, at=AT)
    line.family_id = connection.id
    make_contract(session, client, product=office)
    assert states(session, client) == dict.fromkeys((line.id, phone.id, office.id), AwarenessState.OWNED)
    assert family_states(session, [client.id], {connection.id: 1})[client.id] == {connection.id: "owned"}
    assert [each.families for each in everybody(session, TODAY)] == [frozenset({connection.id}), frozenset()]
    for awareness in session.scalars(select(Awareness)):  # even where nobody noted that it owns it
        session.delete(awareness)
    session.flush()
    found = launch_audience.audience(session, AudienceRule(), line, at=AT)
    assert session.scalars(found).all() == [other.id]
    used = product_page(session, cast.clerk, line.id, TODAY).used
    assert (used.contracts, used.clients) == (1, 1)


def test_a_part_is_owned_until_the_last_contract_that_gives_it_is_over(
    session: Session, cast: Cast, line, phone, office
) -> None:
    client = make_client(session, cast.clerk)
    make_contract(session, client, product=office, ends_on=TODAY)
    make_contract(session, client, product=line)
    assert night(session) == (0, 2)
    assert states(session, client) == {line.id: "owned", phone.id: "told", office.id: "told"}
    assert night(session) == (0, 0)


def test_a_contract_that_goes_on_after_the_night_is_owned_again(session: Session, cast: Cast, line, office) -> None:
    client = make_client(session, cast.clerk)
    over = make_contract(session, client, product=office, ends_on=TODAY - timedelta(days=1))
    assert night(session) == (0, 3)
    session.add(over.end(TODAY - timedelta(days=1), "Still over", by=cast.clerk, at=AT, seen=over.version))
    assert states(session, client)[line.id] == "told"
    session.add(over.end(TODAY, "They stay", by=cast.clerk, at=AT, seen=over.version))
    assert states(session, client)[line.id] == states(session, client)[office.id] == "owned"


def test_an_offered_bundle_offers_its_parts_but_answers_no_word_that_was_said_of_one(
    session: Session, cast: Cast, line, phone
) -> None:
    made = [make_product(session, cast.director, f"Piece {n}", billing=Billing.MONTHLY) for n in range(6)]
    owned, refused, unsuited, interested, told, sent = made
    office, client = make_bundle(session, cast.director, line, phone, *made), make_client(session, cast.hunter)
    make_contract(session, client, product=owned)
    for product, verb, said in (
        (refused, "answer", {"said": Happening.REFUSED}),
        (unsuited, "exclude", {"reason": "They have none", "by": cast.hunter}),
        (interested, "answer", {"said": Happening.INTERESTED}),
        (told, "tell", {"interaction": make_interaction(session, client, by=cast.vip), "by": cast.vip}),
        (sent, "send", {"by": None}),
        (phone, "answer", {"said": Happening.REFUSED}),
    ):
        Awareness.note_all(session, client.id, [product.id], verb, at=AT, **said)
    lines = (Line(each.name, 1000, 100, Billing.MONTHLY, each.id) for each in (office, phone))
    version = Proposal.draft(session, make_deal(session, client, *lines), by=cast.hunter, at=AT).last
    shown = content(version, cast.company, author=cast.hunter, at=AT)
    session.add(version.send(shown, by=cast.hunter, at=AT, seen=version.version))
    session.flush()
    now = states(session, client)
    assert {now.pop(each.id) for each in (office, line, interested, told, sent)} == {"offered"}
    assert now.pop(phone.id) == "offered", "it stands in the proposal by itself, too"
    assert now == {owned.id: "owned", refused.id: "refused", unsuited.id: "not_eligible"}


def test_who_told_first_of_a_part_is_credited_for_the_bundle(session: Session, cast: Cast, line, phone, office) -> None:
    client = make_client(session, cast.hunter)
    session.add(client.attract(cast.hunter, by=cast.director, at=AT, reason="He won it"))
    for days, product, teller in ((3, phone, cast.vip), (9, line, cast.clerk), (1, office, cast.vip)):
        said = make_interaction(session, client, by=teller, at=AT - timedelta(days=days))
        Awareness.of(session, client.id, product.id, at=AT).tell(said, by=teller, at=AT)
    contract = make_contract(session, client, product=office, starts_on=date(2026, 3, 1))
    alone = make_contract(session, client, product=phone, starts_on=date(2026, 3, 1))
    holds(session, cast, office, phone)
    credit = sale_credits(session, cast.clerk, client.id)
    assert (credit[contract.id].told_by, credit[contract.id].told_on) == (
        cast.clerk.name,
        (AT - timedelta(days=9)).date(),
    )
    assert credit[alone.id].told_by == cast.vip.name, "of the part alone, who told that"
    terms = Terms(Portion.CURRENT, 1_000, Payee.TELLER)
    CommissionRule.add(session, "Told", date(2026, 1, 1), terms, by=cast.director, at=AT, closed_through=None)
    for paid, teller in ((contract, cast.clerk), (alone, cast.vip)):
        for month in (date(2026, 3, 1), date(2026, 4, 1)):  # the first payment is initial
            pay(session, cast, paid, month)
        keep(session, date(2026, 4, 30), at=AT)
        earned = select(CommissionEntry.person_id).where(CommissionEntry.amount_minor > 0).order_by(CommissionEntry.id)
        assert session.scalars(earned).all()[-1] == teller.id
