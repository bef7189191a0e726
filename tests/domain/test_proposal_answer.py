"""Links to a sent version, who counts as a reader, and what an answer brings about."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.domain.test_proposal import typed
from tests.factories import line, make_bundle, make_client, make_contract, make_deal, make_engagement, make_product
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import Happening
from webapp.domain.bundling import Part
from webapp.domain.closing import EXPIRES, expiring, remind, sold, together
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal, DealStatus, Line
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.money import LARGEST
from webapp.domain.opening import is_person
from webapp.domain.product import Billing, Product
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import AnswerKind, ProposalAnswer, Visitor
from webapp.domain.proposal_content import content
from webapp.domain.proposal_lines import ProposalLine
from webapp.domain.proposal_products import with_products
from webapp.domain.share_link import ONE_SITTING, ShareLink
from webapp.domain.task import Task

QUESTION, ACCEPTED, DECLINED = AnswerKind
THEM = Visitor("192.0.2.7", "A browser")
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


@pytest.fixture
def deal(session: Session, cast: Cast) -> Deal:
    product = make_product(session, cast.head_of_sales, "Line 100", billing=Billing.MONTHLY)
    lines = (
        line(1_220_00, quantity=2, name="Set-up"),
        Line("Line 100", 3_000, 100_00, Billing.MONTHLY, product.id),
        line(0, name="A gift"),
    )
    return make_deal(session, make_client(session, cast.hunter, name="Acme"), *lines, name="Connect the office")


@pytest.fixture
def sent(session: Session, cast: Cast, deal: Deal) -> ProposalVersion:
    return send(session, Proposal.draft(session, deal, by=cast.hunter, at=AT).last, cast)


@pytest.fixture
def link(session: Session, cast: Cast, sent: ProposalVersion) -> ShareLink:
    return share(session, sent, cast)


def send(session: Session, version: ProposalVersion, cast: Cast) -> ProposalVersion:
    shown = content(version, cast.company, author=cast.hunter, at=AT)
    session.add(version.send(shown, by=cast.hunter, at=AT, seen=version.version))
    session.add(version.store(StoredFile.store(session, f"{version.id}".encode(), "application/pdf"), at=AT))
    session.flush()
    return version


def share(session: Session, version: ProposalVersion, cast: Cast) -> ShareLink:
    token = ShareLink.make(session, version, version.valid_until, by=cast.hunter, at=AT)
    found = ShareLink.find(session, token, AT)
    assert found is not None
    return found


def give(session: Session, link: ShareLink, kind: AnswerKind, words: str = "Because", **fields: object):
    return ProposalAnswer.give(session, link, kind, "Irina Boss", words, visitor=THEM, at=fields.pop("at", AT))


def told(session: Session, kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == kind)))


def tasks(session: Session) -> list[str]:
    return list(session.scalars(select(Task.subject).order_by(Task.id)))


def test_a_link_opens_one_version_until_its_day_is_over_in_the_company_or_it_is_revoked(session, cast, sent) -> None:
    token = ShareLink.make(session, sent, TODAY, by=cast.hunter, at=AT)
    assert ShareLink.find(session, token[:-1] + "x", AT) is None
    link = ShareLink.find(session, token, AT)
    assert link.shared is sent
    assert token not in f"{link.token_hash} {told(session, 'proposal:shared')[0].details}"
    midnight = AT.replace(hour=21)  # in Moscow
    assert link.works(midnight - timedelta(seconds=1))
    assert ShareLink.find(session, token, midnight) is None
    session.add(link.revoke(by=cast.hunter, at=AT))
    session.flush()
    assert ShareLink.find(session, token, AT) is None
    with pytest.raises(Refused, match="nothing already"):
        link.revoke(by=cast.hunter, at=AT)


def test_a_link_ends_with_the_proposal_unless_somebody_says_otherwise(session, cast, deal, sent) -> None:
    day = sent.valid_until + timedelta(days=1)
    with pytest.raises(Refused, match="expires before"):
        ShareLink.make(session, sent, day, by=cast.hunter, at=AT)
    ShareLink.make(session, sent, day, by=cast.hunter, at=AT, beyond=True)
    with pytest.raises(Refused, match="too far"):
        ShareLink.make(session, sent, day + timedelta(days=400), by=cast.hunter, at=AT, beyond=True)
    with pytest.raises(Refused, match="has passed"):
        ShareLink.make(session, sent, TODAY - timedelta(days=1), by=cast.hunter, at=AT)
    draft = sent.proposal.next_version(session, by=cast.hunter, at=AT)
    with pytest.raises(Refused, match="sent version"):
        ShareLink.make(session, draft, TODAY, by=cast.hunter, at=AT)


def test_readings_within_one_sitting_are_one(session, link) -> None:
    moments = [AT, AT + ONE_SITTING / 2, AT + ONE_SITTING - timedelta(seconds=1), AT + ONE_SITTING, AT + timedelta(1)]
    assert [bool(link.open(at=at)) for at in moments] == [True, False, False, True, True]
    assert link.openings == 3
    assert link.open(at=link.expires_at) is None


@pytest.mark.parametrize(
    ("reads", "method", "headers"),
    [
        (True, "GET", {"User-Agent": PHONE}),
        (False, "HEAD", {"User-Agent": PHONE}),
        (False, "GET", {}),
        (False, "GET", {"User-Agent": "TelegramBot (like TwitterBot)"}),
        (False, "GET", {"User-Agent": "WhatsApp/2.23.20.0"}),
        (False, "GET", {"User-Agent": "facebookexternalhit/1.1"}),
        (False, "GET", {"User-Agent": "Mozilla/5.0 (compatible; SkypeUriPreview Preview/0.5)"}),
        (False, "GET", {"User-Agent": "curl/8.4.0"}),
        (False, "GET", {"User-Agent": PHONE, "Sec-Purpose": "prefetch;prerender"}),
        (False, "GET", {"User-Agent": PHONE, "purpose": "Prefetch"}),
        (False, "GET", {"User-Agent": PHONE, "X-Purpose": "preview"}),
    ],
)
def test_only_people_read(reads: bool, method: str, headers: dict[str, str]) -> None:
    assert is_person(method, headers) is reads


def test_a_question_and_a_refusal_become_the_owners_work_and_change_nothing_else(session, deal, link) -> None:
    asked = give(session, link, QUESTION, "Is delivery included?")
    declined = give(session, link, DECLINED, "Too dear")
    assert (asked.task.owner, asked.task.due_on) == (deal.owner, TODAY)
    assert tasks(session) == [asked.task.subject, declined.task.subject]
    assert [event.details["words"] for event in told(session, "proposal:declined")] == ["Too dear"]
    assert deal.is_open
    assert session.query(Contract).count() == 0


def test_an_acceptance_wins_the_deal_with_its_contracts_tasks_and_a_record(session, cast, deal, sent, link) -> None:
    answer = give(session, link, ACCEPTED, "")
    session.flush()
    assert (answer.sha256, answer.address, answer.agent) == (sent.file.sha256, "192.0.2.7", "A browser")
    assert (deal.status, deal.closed_on, deal.one_off_minor, deal.monthly_minor) == (
        DealStatus.WON, TODAY, 2_440_00, 300_00,
    )  # fmt: skip
    found = session.scalars(select(Contract).order_by(Contract.id)).all()
    assert [(c.name, c.billing, c.amount_minor, c.starts_on, c.number, c.tax) for c in found] == [
        ("Set-up", Billing.ONE_OFF, 2_440_00, TODAY, sent.proposal.label, "standard"),
        ("Line 100", Billing.MONTHLY, 300_00, date(2026, 4, 1), sent.proposal.label, "standard"),
    ]
    assert found[1].product.name == "Line 100"
    assert {c.deal for c in found} == {deal}
    assert len(tasks(session)) == 2
    assert "hand-off" in tasks(session)[1]
    assert deal.client.attracted_by is cast.hunter


def test_what_is_sold_is_the_lines_product_whatever_it_is_called(session, cast, deal) -> None:
    product = session.scalars(select(Product)).one()
    version = Proposal.draft(session, deal, by=cast.hunter, at=AT).last
    named, free = version.lines[1] | {"name": "A line for your office"}, version.lines[0] | {"name": product.name}
    draft = typed(version, lines=tuple(map(ProposalLine.read, (named, free))))
    session.add(version.change(draft, by=cast.hunter, at=AT, seen=version.version))
    session.flush()
    link = share(session, send(session, version, cast), cast)
    product.name = "Line 200"
    give(session, link, ACCEPTED)
    sold_now = session.execute(select(Contract.name, Contract.product_id).order_by(Contract.id)).all()
    assert sorted(sold_now) == [("A line for your office", product.id), ("Line 100", None)]
    assert [(each.name, each.product_id) for each in deal.lines] == [
        ("A line for your office", product.id), ("Line 100", None),
    ]  # fmt: skip
    assert session.scalars(select(Awareness.state).filter_by(product_id=product.id)).all() == ["owned"]


@pytest.mark.parametrize(("kind", "became"), [(DECLINED, "refused"), (QUESTION, "offered"), (ACCEPTED, "owned")])
def test_an_answer_to_a_bundle_is_one_to_the_parts_that_it_offered_and_to_no_other(
    session, cast, kind: AnswerKind, became: str
) -> None:
    client, monthly = make_client(session, cast.hunter), Billing.MONTHLY
    phone, refused, owned, later = (make_product(session, cast.director, billing=monthly) for _ in range(4))
    office = make_bundle(session, cast.director, phone, refused, owned)
    make_contract(session, client, product=owned)
    Awareness.of(session, client.id, refused.id, at=AT).answer(Happening.REFUSED, at=AT, reason="They have one")
    Awareness.of(session, client.id, later.id, at=AT).send(by=None, at=AT)
    bundled = make_deal(session, client, Line(office.name, 1_000, 100_00, monthly, office.id))
    version = send(session, Proposal.draft(session, bundled, by=cast.hunter, at=AT).last, cast)
    link = share(session, version, cast)
    held = [Part(each.id, 1_000) for each in (phone, refused, owned, later)]
    session.add(office.bundle(session, held, None, by=cast.director, at=AT, seen=office.version))
    session.flush()
    give(session, link, kind, at=AT + timedelta(hours=1))
    session.flush()
    known = {each.product_id: each for each in session.scalars(select(Awareness).filter_by(client_id=client.id))}
    assert known[office.id].state == known[phone.id].state == became
    assert known[office.id].told_at == known[phone.id].told_at == AT + timedelta(hours=1)
    assert known[owned.id].told_at is None
    if kind is not ACCEPTED:
        assert (known[refused.id].state, known[refused.id].reason) == ("refused", "They have one")
        assert (known[later.id].state, known[later.id].told_at) == ("sent", None)


@pytest.mark.parametrize("waits", [True, False])
def test_whoever_declines_a_bundle_refuses_no_part_that_waits_in_another_proposal(session, cast, waits: bool) -> None:
    client, monthly = make_client(session, cast.hunter), Billing.MONTHLY
    phone, fibre = (make_product(session, cast.director, billing=monthly) for _ in range(2))
    office = make_bundle(session, cast.director, phone, fibre)
    alone, bundled = (
        send(session, Proposal.draft(session, make_deal(session, client, line), by=cast.hunter, at=AT).last, cast)
        for line in (Line(each.name, 1_000, 100_00, monthly, each.id) for each in (phone, office))
    )
    if not waits:
        session.add(alone.proposal.deal.lose("price", by=cast.hunter, at=AT, seen=alone.proposal.deal.version))
    give(session, share(session, bundled, cast), DECLINED)
    session.flush()
    known = {each.product_id: each.state for each in session.scalars(select(Awareness).filter_by(client_id=client.id))}
    assert known == {phone.id: "offered" if waits else "refused", fibre.id: "refused", office.id: "refused"}


@pytest.mark.parametrize(("agreed", "invoiced"), [("standard", "reduced"), ("zero", "zero")])
def test_a_contract_is_taxed_as_its_product_is_from_the_contracts_first_day_on(
    session, cast, deal, agreed: str, invoiced: str
) -> None:
    product, april = session.scalars(select(Product)).one(), date(2026, 4, 1)
    session.add(product.tax_from("reduced", april, by=cast.director, at=AT, seen=product.version))
    version = Proposal.draft(session, deal, by=cast.hunter, at=AT).last
    draft = typed(version, lines=(ProposalLine.read(version.lines[1] | {"tax": agreed}),))
    session.add(version.change(draft, by=cast.hunter, at=AT, seen=version.version))
    session.flush()
    give(session, share(session, send(session, version, cast), cast), ACCEPTED)
    contract = session.scalars(select(Contract)).one()
    assert (contract.starts_on, contract.tax_on(april)) == (april, invoiced)


def test_a_line_frozen_before_lines_had_products_is_found_by_its_name(session, cast, deal) -> None:
    listed = make_product(session, cast.director, "Set-up")
    other = make_product(session, cast.director, "Another line")
    lines = [{"name": "Line 100"}, {"name": "Set-up"}, {"name": "Set-up", "product_id": None}, {"name": "A gift"}]
    found = [line["product_id"] for line in with_products(session, deal, lines)]
    assert found == [deal.lines[1].product_id, listed.id, None, None]
    deal.lines[2].name, deal.lines[2].product_id = "Line 100", other.id
    assert with_products(session, deal, lines[:1])[0]["product_id"] is None  # two of that name


def test_no_hand_off_is_asked_for_where_the_client_department_serves_the_client(session, cast, deal, link) -> None:
    make_engagement(session, deal.client, cast.clerk)
    give(session, link, ACCEPTED)
    assert len(tasks(session)) == 1


def test_an_earlier_version_stays_acceptable_and_only_one_is_accepted(session, cast, deal, sent, link) -> None:
    later = send(session, sent.proposal.next_version(session, by=cast.hunter, at=AT), cast)
    other = share(session, later, cast)
    assert give(session, link, ACCEPTED).answered is sent
    for kind in (ACCEPTED, DECLINED):
        with pytest.raises(Refused, match="accepted already"):
            give(session, other, kind)
    assert session.query(Contract).count() == 2
    give(session, other, QUESTION)


def test_what_expired_or_belongs_to_a_closed_deal_is_not_accepted(session, cast, deal, sent) -> None:
    day = sent.valid_until + timedelta(days=9)
    token = ShareLink.make(session, sent, day, by=cast.hunter, at=AT, beyond=True)
    link = ShareLink.find(session, token, AT)
    late = AT + (day - TODAY)
    with pytest.raises(Refused, match="expired"):
        give(session, link, ACCEPTED, at=late)
    give(session, link, DECLINED, at=late)
    session.add(deal.lose("price", by=cast.hunter, at=AT, seen=deal.version))
    with pytest.raises(Refused, match="any more"):
        give(session, link, ACCEPTED)
    with pytest.raises(Refused, match="nothing"):
        give(session, link, QUESTION, at=late + timedelta(days=2))


@pytest.mark.parametrize(
    ("name", "words", "field"),
    [
        (" ", "x", "name"),
        ("x" * 161, "x", "name"),
        ("A", "", "words"),
        ("A", "x" * 5001, "words"),
        ("A\0", "x", "words"),
    ],
)
def test_answers_that_say_nothing_or_too_much_are_refused(session, link, name, words, field) -> None:
    with pytest.raises(Refused) as refused:
        ProposalAnswer.give(session, link, QUESTION, name, words, visitor=THEM, at=AT)
    assert refused.value.field == field
    assert session.query(ProposalAnswer).count() == 0


@given(st.integers(1, 10**9), st.integers(0, LARGEST))
def test_a_won_deal_has_the_sums_that_were_accepted(quantity: int, total: int) -> None:
    kept = {"name": "x" * 300, "quantity": quantity, "total_minor": total, "billing": "one_off", "product_id": None}
    agreed = sold(kept)
    exact = agreed.price_minor * agreed.quantity
    assert abs(exact - total * 1000) <= 500
    assert len(agreed.name) <= 300


@given(
    st.lists(
        st.builds(
            lambda name, minor, billing, tax, product: {
                "name": name, "total_minor": minor, "billing": billing, "tax": tax, "product_id": product
            },
            st.sampled_from("abcd"), st.integers(0, 999), st.sampled_from(["one_off", "monthly"]),
            st.sampled_from(["none", "standard"]), st.sampled_from([None, 1, 2]),
        )
    )
)  # fmt: skip
def test_contracts_come_to_what_was_accepted(lines: list[dict[str, object]]) -> None:
    found = together(lines, "All of it")
    assert sum(minor for _name, minor in found.values()) == sum(line["total_minor"] for line in lines)
    assert all(minor for _name, minor in found.values())


def test_a_proposal_that_expires_soon_becomes_one_task_for_each_version(session, cast, deal, sent) -> None:
    end = sent.valid_until

    def night(day: date) -> int:
        found = expiring(session, day, most=9)
        for version in found:
            remind(session, version, at=AT)
        session.flush()
        return len(found)

    assert [night(end - timedelta(days=days)) for days in (4, 3, 2, 0, -1)] == [0, 1, 0, 0, 0]
    assert tasks(session) == [EXPIRES]
    send(session, sent.proposal.next_version(session, by=cast.hunter, at=AT), cast)
    assert night(end - timedelta(days=1)) == 1
    other = send(session, Proposal.draft(session, deal, by=cast.hunter, at=AT).last, cast)
    session.add(deal.lose("price", by=cast.hunter, at=AT, seen=deal.version))
    session.flush()
    assert night(other.valid_until) == 0
