"""The commission ledger: what a month's payments earn, whoever asks and in whatever order the facts came."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import make_bundle, make_client, make_interaction, make_invoice, make_payment, make_product
from webapp.domain.allocation import Allocation, ReturnKind
from webapp.domain.attraction import Attraction, AttractionKind, Counted, Period, period
from webapp.domain.awareness import Awareness
from webapp.domain.bundling import Part
from webapp.domain.client import Client
from webapp.domain.commission import AttractionPeriod, CommissionEntry
from webapp.domain.commission_ledger import ledger
from webapp.domain.commission_reckoning import close, keep_periods, open_months, reckon, tell_matured
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.commission_terms import Payee, Portion, Split, Step, Terms, Tier
from webapp.domain.commission_world import Entered, Held, InForce, Line, Telling, World
from webapp.domain.errors import Refused

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
CURRENT = Terms(Portion.CURRENT, 250)
HUNTER, SELLER, FRIEND, TELLER = 1, 2, 3, 4
FIBRE = 5


def world(*terms: Terms, periods: dict[tuple[int, int], Period] | None = None, **known: Any) -> World:
    versions = tuple(InForce(n, JANUARY, None, one) for n, one in enumerate(terms, 1))
    given = {
        "periods": periods or {(7, 0): Period(Attraction(AttractionKind.PAYMENTS, 0), JANUARY, JANUARY)},
        "own_products": frozenset(),
        "accepted": {},
        "paying": {},
        "first_paid": {},
        "earlier": {},
    } | known
    return World(versions, **given)


def entered(
    key: int = 1, minor: int = 10_000, *, reverses: int | None = None, on: date = MARCH, **other: Any
) -> Entered:
    given = {"product_id": None, "family_id": None, "seller_id": None, "client_id": 7, "payment_id": key} | other
    return Entered(
        key,
        received_on=on,
        entered_on=on,
        amount_minor=minor,
        currency="RUB",
        reverses_id=reverses,
        hunter_id=HUNTER,
        **given,
    )


def test_a_current_payment_earns_its_percent() -> None:
    (line,) = ledger([entered(minor=1_200_000)], world(CURRENT), None)
    assert (line.person_id, line.base_minor, line.basis_points, line.amount_minor) == (HUNTER, 1_200_000, 250, 30_000)


def test_a_payment_without_a_rule_says_so() -> None:
    (line,) = ledger([entered()], world(), None)
    assert (line.amount_minor, line.version_id, dict(line.values)) == (0, None, {"why": "no_rule"})


def test_more_paying_clients_raise_the_rate() -> None:
    terms = Terms(Portion.CURRENT, 200, tiers=(Tier(5, 250), Tier(10, 300)))
    for clients, rate, tier in ((4, 200, None), (5, 250, 1), (14, 300, 2)):
        (line,) = ledger([entered()], world(terms, paying={(HUNTER, MARCH): clients}), None)
        assert (line.basis_points, dict(line.values).get("tier")) == (rate, tier)


def test_the_rate_steps_down_with_the_months_and_ends() -> None:
    terms = Terms(Portion.CURRENT, 400, steps=(Step(2, 5_000),), ends_after=12)
    for first, rate in ((FEBRUARY, 400), (JANUARY, 200), (date(2025, 1, 1), 0)):
        (line,) = ledger([entered()], world(terms, first_paid={7: first}), None)
        assert line.basis_points == rate


def test_nothing_is_paid_before_the_hand_off_was_accepted() -> None:
    terms = Terms(Portion.CURRENT, 400, after_handoff=True)
    for day, amount in ((None, 0), (date(2026, 3, 2), 0), (MARCH, 400)):
        (line,) = ledger([entered()], world(terms, accepted={7: day} if day else {}), None)
        assert line.amount_minor == amount


def test_who_sells_more_to_anothers_client_earns_by_referral() -> None:
    referral = Terms(Portion.CURRENT, 100, Payee.SELLER)
    lines = ledger([entered(seller_id=SELLER)], world(CURRENT, referral), None)
    assert {line.person_id: line.amount_minor for line in lines} == {HUNTER: 250, SELLER: 100}
    assert [line.person_id for line in ledger([entered(seller_id=HUNTER)], world(CURRENT, referral), None)] == [HUNTER]


@pytest.mark.parametrize(
    ("told", "by", "earns"),
    [
        (date(2026, 1, 10), TELLER, True),
        (date(2026, 1, 31), TELLER, True),
        (date(2026, 1, 1), TELLER, False),  # 31 days before the sale: too long ago
        (date(2026, 2, 2), TELLER, False),  # it had bought already
        (date(2026, 1, 10), HUNTER, False),  # he earns for attracting it
    ],
)
def test_who_told_a_client_in_person_before_it_bought_earns(told: date, by: int, earns: bool) -> None:
    credit = Terms(Portion.CURRENT, 100, Payee.TELLER, told_within=30)
    paid = entered(seller_id=SELLER, product_id=FIBRE, sold_on=date(2026, 1, 31))
    if told == date(2026, 1, 1):
        paid = replace(paid, sold_on=date(2026, 2, 1))
    lines = ledger([paid], world(CURRENT, credit, tellings={(7, FIBRE): Telling(by, told)}), None)
    assert [line.person_id for line in lines] == [HUNTER, *([TELLER] if earns else [])]
    if earns:
        assert dict(lines[1].values) == {"told_on": told.isoformat(), "sold_on": "2026-01-31"}


def test_who_told_who_sold_and_who_attracted_each_earn_by_their_rule() -> None:
    rules = (CURRENT, Terms(Portion.CURRENT, 150, Payee.SELLER), Terms(Portion.CURRENT, 100, Payee.TELLER))
    known = world(*rules, tellings={(7, FIBRE): Telling(TELLER, JANUARY)})
    lines = ledger([entered(seller_id=SELLER, product_id=FIBRE, sold_on=FEBRUARY)], known, None)
    assert {line.person_id: line.amount_minor for line in lines} == {HUNTER: 250, SELLER: 150, TELLER: 100}
    for other in ({"product_id": None}, {"product_id": 6}, {"sold_on": None}, {"client_id": 8}):
        entry = entered(**({"seller_id": SELLER, "product_id": FIBRE, "sold_on": FEBRUARY} | other))
        assert TELLER not in {line.person_id for line in ledger([entry], known, None)}


def test_a_product_of_another_family_earns_by_another_rule() -> None:
    telephony = Terms(Portion.CURRENT, 900, families=frozenset({3}))
    (line,) = ledger([entered(family_id=3)], world(telephony), None)
    assert line.basis_points == 900
    (other,) = ledger([entered(family_id=4)], world(telephony), None)
    assert dict(other.values) == {"why": "no_rule"}


OFFICE, PHONE = 20, 6
PARTS = (Held(FIBRE, 3, "Fibre", 200), Held(PHONE, 4, "Phone", 100))
ONLY_FIBRE, ONLY_PHONES = frozenset({FIBRE}), frozenset({4})


def shares(terms: list[Terms], minor: int = 10_000, **known: Any) -> list[tuple[int | None, int, int, str | None]]:
    """Version, base, sum, and the parts of each line that a payment for the bundle earns."""
    entry = entered(minor=minor, product_id=OFFICE, family_id=9, parts=PARTS, sold_on=FEBRUARY)
    lines = ledger([entry], world(*terms, **known), None)
    return [(line.version_id, line.base_minor, line.amount_minor, dict(line.values).get("parts")) for line in lines]


def test_a_rule_for_a_product_earns_on_its_share_of_a_bundle() -> None:
    fibre, phones = (
        Terms(Portion.CURRENT, 1_000, products=ONLY_FIBRE),
        Terms(Portion.CURRENT, 500, families=ONLY_PHONES),
    )
    assert shares([fibre]) == [(1, 6_667, 667, "Fibre"), (None, 3_333, 0, "Phone")], "no rule is about the phone"
    assert shares([fibre, phones]) == [(1, 6_667, 667, "Fibre"), (2, 3_333, 167, "Phone")]
    assert shares([CURRENT, phones]) == [(1, 10_000, 250, None), (2, 3_333, 167, "Phone")]
    for whole in ({"products": frozenset({OFFICE, FIBRE})}, {"families": frozenset({9})}, {"families": {3, 4}}):
        assert shares([Terms(Portion.CURRENT, 250, **whole)]) == [(1, 10_000, 250, None)], "all of it, once"
    assert shares([Terms(Portion.CURRENT, 250, products=frozenset({99}))]) == [(None, 10_000, 0, None)]
    refused = Terms(Portion.CURRENT, 1_000, Payee.SELLER, products=ONLY_FIBRE)
    assert shares([refused]) == [(None, 10_000, 0, None)], "nobody sold it but the hunter"


def test_who_told_of_a_part_earns_by_a_rule_for_that_part_only() -> None:
    credit = Terms(Portion.CURRENT, 1_000, Payee.TELLER)
    told = {(7, FIBRE): Telling(TELLER, JANUARY, 2), (7, PHONE): Telling(SELLER, JANUARY, 1)}
    for terms, person, minor in (
        (credit, SELLER, 1_000),  # of two on one day, who was first
        (replace(credit, products=ONLY_FIBRE), TELLER, 667),
        (replace(credit, families=ONLY_PHONES), SELLER, 333),
    ):
        entry = entered(product_id=OFFICE, parts=PARTS, sold_on=FEBRUARY)
        line = ledger([entry], world(terms, tellings=told), None)[0]
        assert (line.person_id, line.amount_minor) == (person, minor)
    bundle = told | {(7, OFFICE): Telling(FRIEND, date(2025, 12, 1))}
    entry = entered(product_id=OFFICE, parts=PARTS, sold_on=FEBRUARY)
    (line, _rest) = ledger([entry], world(replace(credit, products=ONLY_FIBRE), tellings=bundle), None)
    assert line.person_id == FRIEND, "who told of the bundle told of its parts"


def test_an_undone_allocation_takes_its_lines_back_by_the_version_that_paid() -> None:
    kept = Line(1, 7, FRIEND, Portion.INITIAL, 9, 500, 1000, 50, "RUB", JANUARY, JANUARY, ())
    (line,) = ledger([entered(2, -500, reverses=1)], world(CURRENT, earlier={1: (kept,)}), JANUARY)
    assert (line.person_id, line.version_id, line.amount_minor, line.corrects) == (FRIEND, 9, -50, JANUARY)


SETTINGS = st.one_of(
    st.builds(Attraction, st.just(AttractionKind.PAYMENTS), st.integers(0, 4)),
    st.builds(Attraction, st.just(AttractionKind.DAYS), st.integers(0, 60)),
    st.builds(Attraction, st.just(AttractionKind.AMOUNT), st.integers(0, 50_000), st.just("RUB")),
)
PAYMENTS = st.lists(st.tuples(st.integers(1, 28), st.integers(1, 30_000), st.booleans()), min_size=1, max_size=8)


TOLD = st.dictionaries(
    st.tuples(st.just(7), st.integers(FIBRE, FIBRE + 2)),
    st.builds(Telling, st.sampled_from((HUNTER, SELLER, TELLER)), st.dates(date(2025, 12, 1), date(2026, 2, 10))),
)


def facts(paid: list[tuple[int, int, bool]]) -> list[Entered]:
    """Payments of a month for three products; those marked are undone by a later entry."""
    made = [
        entered(n, minor, on=MARCH.replace(day=day), product_id=FIBRE + n % 3, seller_id=SELLER, sold_on=FEBRUARY)
        for n, (day, minor, _) in enumerate(paid, 1)
    ]
    undone = [
        replace(one, id=100 + one.id, amount_minor=-one.amount_minor, reverses_id=one.id)
        for one, (*_, back) in zip(made, paid, strict=True)
        if back
    ]
    return made + undone


WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=5)
OWN = st.dictionaries(st.integers(1, 5), SETTINGS)


@given(SETTINGS, PAYMENTS, WEIGHTS, st.sets(st.integers(1, 4), min_size=1), st.booleans(), OWN, st.randoms())
def test_bundles_are_shared_to_the_minor_unit_in_any_order(
    setting: Attraction, paid: Any, weights: Any, some: Any, both: bool, own: Any, chance: Any
) -> None:
    """A rule for some of the parts, and for the others a rule or none; some with periods of their own: the bases come
    to what was paid."""
    held = tuple(Held(number, None, f"{number}", weight) for number, weight in enumerate(weights, 1))
    entries = [replace(entry, product_id=OFFICE, parts=held) for entry in facts(paid)]
    undone = {entry.reverses_id for entry in entries}
    counted = [Counted(e.place, e.amount_minor, "RUB", e.id not in undone) for e in entries if e.amount_minor > 0]
    ruled = (some, set(range(1, 6)) - some) if both else (some,)
    rules = [Terms(portion, 700, products=frozenset(products)) for portion in Portion for products in ruled]
    periods = {(7, product): period(of_its_own, counted) for product, of_its_own in own.items()}
    known = world(*rules, periods={(7, 0): period(setting, counted)} | periods, own_products=frozenset(own))
    lines, shuffled = ledger(entries, known, None), list(entries)
    chance.shuffle(shuffled)
    assert ledger(shuffled, known, None) == lines
    keys = {(line.allocation_id, line.portion, line.version_id, line.person_id) for line in lines}
    assert len(keys) == len(lines), "the ledger keeps one line of each"
    for entry in entries:
        own = [line for line in lines if line.allocation_id == entry.id]
        assert sum(line.base_minor for line in own) == entry.amount_minor
        back = [line for line in lines if line.allocation_id == entry.reverses_id]
        assert not entry.reverses_id or sum(line.amount_minor for line in [*own, *back]) == 0


def reckoned(entries: list[Entered], setting: Attraction, told: dict[Any, Telling] | None = None) -> list[Line]:
    undone = {entry.reverses_id for entry in entries}
    counted = [
        Counted(entry.place, entry.amount_minor, entry.currency, entry.id not in undone)
        for entry in entries
        if entry.amount_minor > 0
    ]
    rules = (
        Terms(Portion.INITIAL, 1_000, splits=(Split(FRIEND, 3_333),)),
        Terms(Portion.CURRENT, 333),
        Terms(Portion.CURRENT, 77, Payee.SELLER),
        Terms(Portion.CURRENT, 55, Payee.TELLER, splits=(Split(FRIEND, 1_111),), told_within=45),
    )
    return ledger(entries, world(*rules, periods={(7, 0): period(setting, counted)}, tellings=told or {}), None)


@given(SETTINGS, PAYMENTS, TOLD, st.randoms())
def test_any_order_of_the_same_facts_gives_the_same_ledger(
    setting: Attraction, paid: Any, told: Any, chance: Any
) -> None:
    entries = facts(paid)
    shuffled, tellings = list(entries), list(told.items())
    chance.shuffle(shuffled)
    chance.shuffle(tellings)
    assert reckoned(shuffled, setting, dict(tellings)) == reckoned(entries, setting, told)


@given(SETTINGS, PAYMENTS, TOLD)
def test_a_telling_changes_no_line_of_anybody_else(setting: Attraction, paid: Any, told: Any) -> None:
    with_it, without = reckoned(facts(paid), setting, told), reckoned(facts(paid), setting)
    assert [line for line in with_it if line.version_id != 4] == without
    for line in with_it:
        if line.version_id == 4:
            known = dict(line.values)
            assert line.person_id != HUNTER
            assert 0 <= (date.fromisoformat(known["sold_on"]) - date.fromisoformat(known["told_on"])).days <= 45


@given(SETTINGS, PAYMENTS, TOLD)
def test_the_bases_add_up_to_the_payment_and_what_is_undone_leaves_zero(
    setting: Attraction, paid: Any, told: Any
) -> None:
    entries = facts(paid)
    lines = reckoned(entries, setting, told)
    for entry in entries:
        bases = {line.portion: line.base_minor for line in lines if line.allocation_id == entry.id}
        assert sum(bases.values()) == entry.amount_minor
    for entry in entries:
        if entry.reverses_id:
            pair = [line for line in lines if line.allocation_id in (entry.id, entry.reverses_id)]
            assert sum(line.amount_minor for line in pair) == 0


@given(SETTINGS, PAYMENTS)
def test_a_payment_is_split_at_most_once_at_the_boundary(setting: Attraction, paid: Any) -> None:
    entries = [entry for entry in facts(paid) if entry.amount_minor > 0]
    known = period(setting, [Counted(e.place, e.amount_minor, "RUB", True) for e in entries])
    parts = [
        known.initial_part(e.place, e.amount_minor, "RUB") / e.amount_minor
        for e in sorted(entries, key=lambda e: e.place)
    ]
    assert parts == sorted(parts, reverse=True)
    assert sum(0 < part < 1 for part in parts) <= 1
    if setting.kind is AttractionKind.AMOUNT:
        initial = sum(known.initial_part(e.place, e.amount_minor, "RUB") for e in entries)
        assert initial == min(setting.size, sum(e.amount_minor for e in entries))


@pytest.fixture
def brought(session: Session, cast: Cast) -> Client:
    """A client whom the hunter attracted, with a rule of 10 % of initial and 2.5 % of current payments."""
    client = make_client(session, cast.hunter, name="Camomile")
    client.attracted_by, client.attracted_at = cast.hunter, AT
    for name, terms in (("Initial", Terms(Portion.INITIAL, 1_000)), ("Current", CURRENT)):
        CommissionRule.add(session, name, JANUARY, terms, by=cast.director, at=AT, closed_through=None)
    return client


def pay(session: Session, cast: Cast, client: Client, minor: int, on: date) -> Any:
    payment = make_payment(session, minor, on)
    payment.allocate(session, make_invoice(session, client, minor, on), by=cast.clerk, at=AT)
    return payment


def work_out(session: Session, client: Client) -> None:
    session.flush()
    keep_periods(session, [client.id])
    for month in open_months(session, AT.date()):
        reckon(session, month)


def earned(session: Session) -> dict[date, int]:
    rows = select(CommissionEntry.month, func.sum(CommissionEntry.amount_minor)).group_by(CommissionEntry.month)
    return dict(session.execute(rows).all())


def test_the_first_payment_is_initial_and_the_next_is_current(session: Session, cast: Cast, brought: Client) -> None:
    pay(session, cast, brought, 100_000, JANUARY)
    pay(session, cast, brought, 100_000, FEBRUARY)
    work_out(session, brought)
    assert earned(session) == {JANUARY: 10_000, FEBRUARY: 2_500}


def test_working_out_twice_changes_nothing(session: Session, cast: Cast, brought: Client) -> None:
    pay(session, cast, brought, 100_000, JANUARY)
    work_out(session, brought)
    assert keep_periods(session, [brought.id]) == 0
    assert reckon(session, JANUARY) == (0, 0)


def test_a_late_match_corrects_a_closed_month_in_the_running_one(session: Session, cast: Cast, brought: Client) -> None:
    pay(session, cast, brought, 100_000, JANUARY)
    work_out(session, brought)
    session.add(close(session, JANUARY, by=cast.director, at=AT))
    pay(session, cast, brought, 40_000, JANUARY.replace(day=20))
    work_out(session, brought)
    assert earned(session) == {JANUARY: 10_000, FEBRUARY: 1_000}
    late = session.scalars(select(CommissionEntry).where(CommissionEntry.month == FEBRUARY)).one()
    assert late.corrects == JANUARY


def test_a_payment_returned_after_its_month_closed_leaves_zero(session: Session, cast: Cast, brought: Client) -> None:
    payment = pay(session, cast, brought, 100_000, JANUARY)
    work_out(session, brought)
    session.add(close(session, JANUARY, by=cast.director, at=AT))
    payment.give_back(session, 100_000, ReturnKind.RETURNED, "Twice", by=cast.clerk, at=AT, on=MARCH)
    work_out(session, brought)
    assert earned(session) == {JANUARY: 10_000, MARCH: -10_000}


def test_a_new_attraction_moves_the_open_months_and_no_closed_one(
    session: Session, cast: Cast, brought: Client
) -> None:
    pay(session, cast, brought, 100_000, JANUARY)
    pay(session, cast, brought, 100_000, FEBRUARY)
    work_out(session, brought)
    session.add(close(session, JANUARY, by=cast.director, at=AT))
    session.add(brought.attract(cast.other_hunter, by=cast.director, at=AT, reason="He won it"))
    work_out(session, brought)
    people = session.execute(select(CommissionEntry.month, CommissionEntry.person_id)).all()
    assert dict(people) == {JANUARY: cast.hunter.id, FEBRUARY: cast.other_hunter.id}


def test_what_each_part_cost_at_the_sale_shares_a_bundles_payments(
    session: Session, cast: Cast, brought: Client
) -> None:
    """Prices, and even the parts, may change later: a month that is worked out anew comes to the same."""
    fibre, phone = (
        make_product(session, cast.director, name, price_minor=minor) for name, minor in (("F", 2), ("P", 1))
    )
    office = make_bundle(session, cast.director, fibre, phone)
    terms = Terms(Portion.INITIAL, 1_000, products=frozenset({fibre.id}))
    CommissionRule.add(session, "Fibre", JANUARY, terms, by=cast.director, at=AT, closed_through=None)
    invoice = make_invoice(session, brought, 100_000, JANUARY, product_id=office.id)
    make_payment(session, 100_000, JANUARY).allocate(session, invoice, by=cast.clerk, at=AT)
    work_out(session, brought)
    told = select(CommissionEntry.base_minor, CommissionEntry.told).order_by(CommissionEntry.base_minor)
    assert session.execute(told).all() == [(66_667, {"parts": "F"}), (100_000, {})]
    phone.price_minor = 9_000
    session.add(office.bundle(session, [Part(phone.id, 1000)], None, by=cast.director, at=AT, seen=office.version))
    session.flush()
    assert reckon(session, JANUARY) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "size", "ended"),
    [
        (AttractionKind.PAYMENTS, 2, FEBRUARY),
        (AttractionKind.AMOUNT, 66_667, FEBRUARY),  # two thirds of each payment fall to it
        (AttractionKind.AMOUNT, 150_000, None),
        (AttractionKind.DAYS, 10, JANUARY + timedelta(days=10)),
    ],
)
def test_a_part_of_a_bundle_ends_its_own_period_of_initial_attraction(
    session: Session, cast: Cast, brought: Client, kind: AttractionKind, size: int, ended: date | None
) -> None:
    cast.company.attraction_size = 12
    fibre, phone = (
        make_product(session, cast.director, name, price_minor=minor) for name, minor in (("F", 2), ("P", 1))
    )
    fibre.attraction_kind, fibre.attraction_size = kind, size
    office = make_bundle(session, cast.director, fibre, phone)
    for day in (JANUARY, FEBRUARY):
        invoice = make_invoice(session, brought, 90_000, day, product_id=office.id)
        make_payment(session, 90_000, day).allocate(session, invoice, by=cast.clerk, at=AT)
    work_out(session, brought)
    found = select(AttractionPeriod.product, AttractionPeriod.ended_on)
    assert dict(session.execute(found).all()) == {0: None, fibre.id: ended}
    assert tell_matured(session, MARCH, at=AT) == (1 if ended else 0)
    assert keep_periods(session, [brought.id]) == 0


def test_what_falls_to_a_part_with_a_period_of_its_own_goes_by_that(
    session: Session, cast: Cast, brought: Client
) -> None:
    cast.company.attraction_size = 12
    prices = (("F", 2), ("P", 1), ("Gift", 0))
    fibre, phone, gift = (make_product(session, cast.director, name, price_minor=minor) for name, minor in prices)
    for own, size in ((fibre, 2), (gift, 1)):
        own.attraction_kind, own.attraction_size = AttractionKind.PAYMENTS, size
    office = make_bundle(session, cast.director, fibre, phone, gift)
    for day in (JANUARY, FEBRUARY, MARCH):
        invoice = make_invoice(session, brought, 90_000, day, product_id=office.id)
        make_payment(session, 90_000, day).allocate(session, invoice, by=cast.clerk, at=AT)
    work_out(session, brought)
    found = select(CommissionEntry.portion, CommissionEntry.base_minor, CommissionEntry.told["parts"].as_string())
    lines = found.order_by(CommissionEntry.received_on, CommissionEntry.base_minor)
    assert [tuple(line) for line in session.execute(lines)] == [
        (Portion.INITIAL, 90_000, None),
        (Portion.INITIAL, 90_000, None),
        (Portion.INITIAL, 30_000, "P, Gift"),
        (Portion.CURRENT, 60_000, "F, Gift"),
    ]
    ended = dict(session.execute(select(AttractionPeriod.product, AttractionPeriod.ended_on)).all())
    assert ended == {0: None, fibre.id: FEBRUARY}, "nothing fell to the gift"


def test_a_telling_is_read_with_its_day_and_kept_in_the_line(session: Session, cast: Cast, brought: Client) -> None:
    product = make_product(session, cast.director)
    credit = Terms(Portion.CURRENT, 1_00, Payee.TELLER)
    CommissionRule.add(session, "Told", JANUARY, credit, by=cast.director, at=AT, closed_through=None)
    said = make_interaction(session, brought, by=cast.vip, at=AT - timedelta(days=60))
    Awareness.of(session, brought.id, product.id, at=AT).tell(said, by=cast.vip, at=AT)
    session.flush()
    for day in (JANUARY, FEBRUARY):
        invoice = make_invoice(session, brought, 100_000, day, product_id=product.id)
        make_payment(session, 100_000, day).allocate(session, invoice, by=cast.clerk, at=AT)
    work_out(session, brought)
    lines = session.scalars(select(CommissionEntry).where(CommissionEntry.person_id == cast.vip.id)).all()
    assert [(line.amount_minor, line.told) for line in lines] == [
        (1_000, {"told_on": "2026-01-01", "sold_on": "2026-02-01"})
    ], "the first payment is initial, and was sold on the day it was told"
    assert reckon(session, FEBRUARY) == (0, 0)


STEPS = st.lists(st.sampled_from(("pay", "late", "return", "attract", "close", "look")), min_size=3, max_size=9)


@settings(max_examples=25)
@given(STEPS)
def test_whenever_the_hunter_becomes_known_every_payment_has_its_lines(
    session: Session, cast: Cast, brought: Client, steps: list[str]
) -> None:
    with session.begin_nested() as world_before:
        brought.attracted_by = brought.attracted_at = None
        open_on, paid = [JANUARY, FEBRUARY, MARCH], []
        for step in [*steps, "attract", "look"]:
            if step == "pay":
                paid.append(pay(session, cast, brought, 1_000 * (1 + len(paid)), open_on[0].replace(day=1 + len(paid))))
            elif step == "late":
                paid.append(pay(session, cast, brought, 700, JANUARY.replace(day=20)))
            elif step == "return" and paid:
                paid[0].give_back(
                    session, paid[0].amount_minor, ReturnKind.RETURNED, "x", by=cast.clerk, at=AT, on=MARCH
                )
                paid.pop(0)
            elif step == "attract" and brought.attracted_by is None:
                session.add(brought.attract(cast.hunter, by=cast.director, at=AT, reason="He won it"))
            elif step == "close" and len(open_on) > 1:
                session.add(close(session, open_on.pop(0), by=cast.director, at=AT))
            elif step == "look":
                work_out(session, brought)
        bases = select(CommissionEntry.allocation_id, func.sum(CommissionEntry.base_minor))
        told = dict(session.execute(bases.group_by(CommissionEntry.allocation_id)).all())
        assert told == dict(session.execute(select(Allocation.id, Allocation.amount_minor)).all())
        earned_by = session.scalars(select(CommissionEntry.person_id).distinct()).all()
        assert set(earned_by) <= {cast.hunter.id}
        kept = sum(earned(session).values())
        expected = sum(payment.amount_minor for payment in paid)
        assert expected * 250 // 10_000 <= kept <= expected // 10 + 1
        world_before.rollback()
    session.expire_all()


def test_months_close_in_order_once_and_only_when_over(session: Session, cast: Cast, brought: Client) -> None:
    for wrong in (FEBRUARY, MARCH, date(2025, 12, 1)):
        with pytest.raises(Refused):
            close(session, wrong, by=cast.director, at=AT)
    session.add(close(session, JANUARY, by=cast.director, at=AT))
    session.add(close(session, FEBRUARY, by=cast.director, at=AT))
    for wrong in (JANUARY, MARCH):
        with pytest.raises(Refused):
            close(session, wrong, by=cast.director, at=AT)
    with pytest.raises(Refused, match="closed"):
        reckon(session, JANUARY)


def test_a_started_version_stays_and_a_new_one_starts_later(session: Session, cast: Cast, brought: Client) -> None:
    rule = session.scalars(select(CommissionRule)).first()
    assert rule is not None
    with pytest.raises(Refused):
        rule.revise(AT.date(), CURRENT, by=cast.director, at=AT)
    with pytest.raises(Refused):
        rule.withdraw(session, by=cast.director, at=AT)
    session.add(rule.revise(date(2026, 4, 1), CURRENT, by=cast.director, at=AT))
    session.flush()
    assert [version.until for version in rule.in_force()] == [date(2026, 4, 1), None]
    session.add(rule.withdraw(session, by=cast.director, at=AT))
    session.flush()
    assert len(rule.versions) == 1


def test_terms_are_read_back_as_they_were_written() -> None:
    terms = Terms(
        *(Portion.CURRENT, 250, Payee.SELLER, (Tier(5, 300),), (Step(12, 5_000),), (Split(3, 2_000),)),
        *(frozenset({4}), frozenset({"internet"}), 36, True),
    )
    assert Terms.of_json(terms.as_json()) == terms
    older = {key: value for key, value in terms.as_json().items() if key != "told_within"}
    assert Terms.of_json(older) == terms
    teller = Terms(Portion.CURRENT, 250, Payee.TELLER, told_within=90)
    assert Terms.of_json(teller.as_json()) == teller
    for payee, days in ((Payee.SELLER, 90), (Payee.TELLER, 0)):
        with pytest.raises(Refused) as refused:
            Terms(Portion.CURRENT, 250, payee, told_within=days)
        assert refused.value.field == "told_within"
    with pytest.raises(Refused, match="At most 3 people"):
        Terms(Portion.CURRENT, 250, splits=tuple(Split(person, 100) for person in range(4)))
