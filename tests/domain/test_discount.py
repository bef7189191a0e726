"""Discounts above a limit: who decides, what approval covers, and what makes it void."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.domain.test_proposal import send, store, typed
from tests.factories import line, make_bundle, make_client, make_deal, make_product
from webapp.domain.deal import Line
from webapp.domain.discount import ApprovalState, depth_of, DiscountApproval
from webapp.domain.discount_depth import deepest
from webapp.domain.errors import Refused
from webapp.domain.money import share, WHOLE
from webapp.domain.product import Billing
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_batch import Offer, ProposalBatch
from webapp.domain.proposal_content import content
from webapp.domain.proposal_lines import line_sums, ProposalLine
from webapp.domain.task import Task
from webapp.domain.tax import rates_on
from webapp.domain.user import User
from webapp.domain.words import Role


@pytest.fixture
def version(session: Session, cast: Cast) -> ProposalVersion:
    cast.company.discount_limits = {Role.MEMBER: 10_00, Role.HEAD: 30_00, Role.DIRECTOR: WHOLE}
    deal = make_deal(session, make_client(session, cast.hunter), line(1_000_00), line(500_00))
    version = Proposal.draft(session, deal, by=cast.hunter, at=AT).last
    give(session, version, cast, 20_00)
    return version


def give(session: Session, version: ProposalVersion, cast: Cast, discount: int, on_all: int = 0) -> None:
    draft = typed(version)
    first, *rest = draft.lines
    draft = replace(draft, lines=(replace(first, discount=discount), *rest), discount=on_all)
    told = version.change(draft, by=cast.hunter, at=AT, seen=version.version)
    session.add_all([told] if told else [])
    session.flush()


def ask(session: Session, version: ProposalVersion, cast: Cast) -> DiscountApproval:
    return DiscountApproval.ask(session, version, "They take two years", by=cast.hunter, at=AT)


def decide(session: Session, approval: DiscountApproval, by: User, *, approves: bool = True, reason: str = "") -> None:
    session.add(approval.decide(session, approves=approves, reason=reason, by=by, at=AT))
    session.flush()


def open_tasks(session: Session) -> list[tuple[str, str]]:
    return [(task.owner.name, task.subject) for task in session.query(Task) if task.is_open]


def test_above_the_limit_nothing_is_sent_until_a_head_approves_that_version(session, cast, version) -> None:
    with pytest.raises(Refused, match=r"20 % is above your limit of 10 %"):
        send(session, version, cast)
    approval = ask(session, version, cast)
    with pytest.raises(Refused, match="above"):
        send(session, version, cast)
    assert open_tasks(session) == [(cast.head_of_sales.name, approval.task.subject)]
    decide(session, approval, cast.head_of_sales)
    assert [name for name, _subject in open_tasks(session)] == [cast.hunter.name]
    send(session, version, cast)
    store(session, version)
    later = version.proposal.next_version(session, by=cast.hunter, at=AT)
    with pytest.raises(Refused, match="above"):
        send(session, later, cast)


def test_any_change_of_lines_makes_it_void_also_one_that_is_taken_back(session, cast, version) -> None:
    approval = ask(session, version, cast)
    decide(session, approval, cast.head_of_sales)
    session.add(version.change(replace(typed(version), terms="x"), by=cast.hunter, at=AT, seen=version.version))
    session.flush()
    assert approval.state is ApprovalState.APPROVED
    give(session, version, cast, 15_00)
    give(session, version, cast, 20_00)
    assert approval.state is ApprovalState.VOID
    with pytest.raises(Refused, match="above"):
        send(session, version, cast)
    again = ask(session, version, cast)
    give(session, version, cast, 20_00, on_all=5_00)
    assert (again.state, again.task.is_open) == (ApprovalState.VOID, False)


def test_a_head_approves_up_to_the_own_limit_and_a_director_the_rest(session, cast, version) -> None:
    give(session, version, cast, 40_00)
    approval = ask(session, version, cast)
    assert approval.task.owner is cast.director
    with pytest.raises(Refused, match="director"):
        decide(session, approval, cast.head_of_sales)
    with pytest.raises(Refused, match="Say why"):
        decide(session, approval, cast.director, approves=False)
    decide(session, approval, cast.director, approves=False, reason="Too much")
    with pytest.raises(Refused, match="above"):
        send(session, version, cast)
    with pytest.raises(Refused, match="any more"):
        decide(session, approval, cast.director)


def test_within_the_limit_nobody_asks_and_a_head_sends_by_the_own_limit(session, cast, version) -> None:
    shown = content(version, cast.company, author=cast.hunter, at=AT)
    session.add(version.send(shown, by=cast.head_of_sales, at=AT, seen=version.version))
    other = Proposal.draft(session, version.proposal.deal, by=cast.hunter, at=AT).last
    give(session, other, cast, 10_00)
    with pytest.raises(Refused, match="needs no"):
        ask(session, other, cast)
    give(session, other, cast, 10_00, on_all=1)
    ask(session, other, cast)


@given(st.integers(0, 10**12), st.integers(0, WHOLE), st.integers(0, WHOLE), st.booleans())
def test_the_discount_on_everything_is_taken_of_what_the_lines_own_leaves(
    price: int, own: int, on_all: int, include: bool
) -> None:
    written = ProposalLine("x", 1000, "", price, own, "standard", Billing.ONE_OFF)
    sums = line_sums(written, rates_on(AT.date()), prices_include_tax=include, discount=on_all)
    paid = sums.total_minor if include else sums.net_minor
    assert sums.asked_minor == price - share(price, own)
    assert paid == sums.asked_minor - share(sums.asked_minor, on_all) == price - sums.discount_minor
    assert price - paid <= price * deepest([{"discount": own}], on_all) // WHOLE + 2


def test_a_price_below_the_catalogues_is_a_discount_like_any_other(session, cast, version) -> None:
    good = make_product(session, cast.director, price_minor=100_00)
    written = ProposalLine("x", 1000, "", 85_00, 0, "standard", Billing.ONE_OFF, product_id=good.id)

    def offer(price: int, discount: int = 0, **fields: object) -> int:
        lines = (replace(written, price_minor=price, discount=discount),)
        told = version.change(
            typed(version, lines=lines, discount=0, **fields), by=cast.hunter, at=AT, seen=version.version
        )
        session.add_all([told] if told else [])
        session.flush()
        return depth_of(session, version)

    assert (offer(85_00), offer(90_00, 10_00), offer(120_00, 5_00), offer(99_99)) == (15_00, 19_00, 5_00, 0)
    assert offer(81_97, prices_include_tax=False) == 0  # the catalogue's hold 22 % tax
    assert offer(40_00, currency="USD") == 0  # nobody named a price in it
    offer(40_00, currency="RUB", prices_include_tax=True)
    with pytest.raises(Refused, match="60 % is above your limit of 10 %"):
        send(session, version, cast)


def test_parts_of_a_bundle_may_cost_what_the_bundle_makes_of_them(session, cast, version) -> None:
    one, other = (make_product(session, cast.director, name=name, price_minor=100_00) for name in "AB")
    make_bundle(session, cast.director, one, other, price_minor=160_00)
    written = ProposalLine("x", 3000, "", 80_00, 0, "standard", Billing.ONE_OFF, product_id=one.id)
    draft = typed(version, lines=(written, replace(written, product_id=other.id, price_minor=72_00)))
    session.add(version.change(draft, by=cast.hunter, at=AT, seen=version.version))
    session.flush()
    assert depth_of(session, version) == 10_00


def test_what_is_approved_in_one_currency_is_not_in_another(session, cast, version) -> None:
    approval = ask(session, version, cast)
    decide(session, approval, cast.head_of_sales)
    session.add(version.change(replace(typed(version), currency="EUR"), by=cast.hunter, at=AT, seen=version.version))
    session.flush()
    assert approval.state is ApprovalState.VOID


def test_a_batch_gives_no_more_than_its_maker_may(session, cast, version) -> None:
    good = make_product(session, cast.director, price_minor=100_00)
    offer = Offer("x", "en", "RUB", (Line("x", 1000, 80_00, Billing.ONE_OFF, good.id),), discount=10_00)
    client = version.proposal.deal.client
    with pytest.raises(Refused, match="28 % is above your limit of 10 %"):
        ProposalBatch.start(session, "x", [client.id], offer, by=cast.hunter, at=AT)
    ProposalBatch.start(session, "x", [client.id], offer, by=cast.head_of_sales, at=AT)
