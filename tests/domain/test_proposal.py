"""A proposal's numbers, versions and states."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import line, make_client, make_contact, make_deal, make_product
from webapp.domain.contact import DecisionRole
from webapp.domain.deal import Deal, Line
from webapp.domain.errors import Incomplete, Refused, Stale
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.product import Billing
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_check import Draft, LONGEST_TEXT
from webapp.domain.proposal_content import content
from webapp.domain.proposal_lines import ProposalLine
from webapp.domain.proposal_state import MOST_FAILURES, VersionState


@pytest.fixture
def deal(session: Session, cast: Cast) -> Deal:
    client = make_client(session, cast.hunter, name="Acme", inn="7707083893")
    return make_deal(session, client, line(1_220_00, quantity=2, name="Set-up"), name="Connect the office")


@pytest.fixture
def version(session: Session, cast: Cast, deal: Deal) -> ProposalVersion:
    return Proposal.draft(session, deal, by=cast.hunter, at=AT).last


def typed(version: ProposalVersion, **fields: object) -> Draft:
    """The draft as it stands, with what a person changed."""
    lines = tuple(ProposalLine.read(kept) for kept in version.lines)
    same = {name: getattr(version, name) for name in Draft.__slots__ if name != "lines"}
    return replace(Draft(lines=lines, **same), **fields)


def send(session: Session, version: ProposalVersion, cast: Cast) -> Event:
    shown = content(version, cast.company, author=cast.hunter, at=AT)
    told = version.send(shown, by=cast.hunter, at=AT, seen=version.version)
    session.add(told)
    session.flush()
    return told


def store(session: Session, version: ProposalVersion) -> None:
    file = StoredFile.store(session, f"PDF of {version.id}".encode(), "application/pdf")
    session.add(version.store(file, at=AT))
    session.flush()


def test_numbers_of_a_year_have_no_gaps_and_begin_anew_each_year(session: Session, cast: Cast, deal: Deal) -> None:
    labels = [Proposal.draft(session, deal, by=cast.hunter, at=AT).label for _ in range(3)]
    labels.append(Proposal.draft(session, deal, by=cast.hunter, at=AT + timedelta(days=365)).label)
    assert labels == ["P-2026-1", "P-2026-2", "P-2026-3", "P-2027-1"]


def test_the_number_begins_as_the_companys_language_says_it(session: Session, cast: Cast, deal: Deal) -> None:
    cast.company.language = "ru"
    proposal = Proposal.draft(session, deal, by=cast.hunter, at=AT)
    assert proposal.label == "КП-2026-1"
    assert proposal.last.language == "ru"


def test_a_draft_copies_what_the_deal_knows(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    make_contact(session, client, "Somebody")
    deciding = make_contact(session, client, "Boss", decision_role=DecisionRole.DECIDES)
    product = make_product(session, cast.director, "Router", unit="pc")
    bought = Line("Router", 1500, 10_00, Billing.MONTHLY, product.id)
    unpriced = Line("Something", 1000, None, Billing.ONE_OFF)
    version = Proposal.draft(session, make_deal(session, client, bought, unpriced), by=cast.hunter, at=AT).last
    first, second = (ProposalLine.read(kept) for kept in version.lines)
    assert first == ProposalLine("Router", 1500, "pc", 10_00, 0, "standard", Billing.MONTHLY, product_id=product.id)
    assert second.price_minor is None
    assert version.contact is deciding
    assert (version.dated_on, version.valid_until) == (TODAY, TODAY + timedelta(days=30))
    assert version.state is VersionState.DRAFT


def test_a_closed_deal_gets_no_new_proposal(session: Session, cast: Cast, deal: Deal) -> None:
    session.add(deal.lose("price", by=cast.hunter, at=AT, seen=deal.version))
    with pytest.raises(Refused):
        Proposal.draft(session, deal, by=cast.hunter, at=AT)


def test_a_change_names_what_changed_and_nothing_changed_is_no_event(cast: Cast, version: ProposalVersion) -> None:
    told = version.change(typed(version, title="New", terms="Soon"), by=cast.hunter, at=AT, seen=version.version)
    assert told is not None
    assert told.details["fields"] == ["terms", "title"]
    assert version.change(typed(version), by=cast.hunter, at=AT, seen=version.version) is None


def test_a_change_over_somebody_elses_is_stale(cast: Cast, version: ProposalVersion) -> None:
    with pytest.raises(Stale):
        version.change(typed(version, title="New"), by=cast.hunter, at=AT, seen=version.version - 1)
    assert version.title == "Connect the office"


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"language": "de"}, "language"),
        ({"currency": "XXX"}, "currency"),
        ({"dated_on": TODAY + timedelta(days=400), "valid_until": TODAY + timedelta(days=500)}, "dated_on"),
        ({"valid_until": TODAY - timedelta(days=1)}, "valid_until"),
        ({"valid_until": TODAY + timedelta(days=5000)}, "valid_until"),
        ({"title": "x" * 201}, "title"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "text"),
        ({"terms": "\n" * 401}, "terms"),
        ({"text": "a\0b"}, "text"),
        ({"title": "two\nlines"}, "title"),
    ],
)
def test_what_no_document_may_say_is_refused_at_its_field(
    cast: Cast, version: ProposalVersion, fields: dict, at_fault: str
) -> None:
    with pytest.raises(Refused) as refusal:
        version.change(typed(version, **fields), by=cast.hunter, at=AT, seen=version.version)
    assert refusal.value.field == at_fault


def test_another_clients_contact_is_refused(session: Session, cast: Cast, version: ProposalVersion) -> None:
    stranger = make_contact(session, make_client(session, cast.hunter), "Stranger")
    with pytest.raises(Refused) as refusal:
        version.change(typed(version, contact=stranger), by=cast.hunter, at=AT, seen=version.version)
    assert refusal.value.field == "contact_id"


def test_sending_names_what_is_missing(session: Session, cast: Cast, version: ProposalVersion) -> None:
    unpriced = (replace(ProposalLine.read(version.lines[0]), price_minor=None),)
    session.add(version.change(typed(version, title="", lines=unpriced), by=cast.hunter, at=AT, seen=version.version))
    with pytest.raises(Incomplete) as refusal:
        send(session, version, cast)
    assert refusal.value.gaps == ("give it a title", "name the price of every line")
    assert version.is_draft


def test_a_proposal_that_has_expired_is_not_sent(cast: Cast, version: ProposalVersion) -> None:
    later = AT + timedelta(days=31)
    with pytest.raises(Incomplete):
        version.send({"totals": {}}, by=cast.hunter, at=later, seen=version.version)


def test_sending_freezes_what_is_printed(session: Session, cast: Cast, version: ProposalVersion) -> None:
    told = send(session, version, cast)
    assert version.state is VersionState.PRINTING
    assert told.details["one_off_minor"] == 2_440_00
    assert version.printed is not None
    assert version.printed["to"]["inn"] == "7707083893"
    assert version.printed["totals"]["one_off"]["tax_minor"] == 440_00
    cast.company.name = version.proposal.deal.client.name = "Renamed"
    assert version.printed["from"]["name"] == "Baton Ltd"
    for change in (
        lambda: version.change(typed(version), by=cast.hunter, at=AT, seen=version.version),
        lambda: version.discard(session, by=cast.hunter, at=AT, seen=version.version),
        lambda: send(session, version, cast),
    ):
        with pytest.raises(Refused):
            change()


def test_a_version_is_sent_when_its_pdf_is_stored_and_only_once(
    session: Session, cast: Cast, version: ProposalVersion
) -> None:
    send(session, version, cast)
    store(session, version)
    assert version.state is VersionState.SENT
    assert version.sent_at == AT
    with pytest.raises(Refused):
        store(session, version)


def test_a_print_that_keeps_failing_waits_for_a_person(session: Session, cast: Cast, version: ProposalVersion) -> None:
    send(session, version, cast)
    for count in range(1, MOST_FAILURES + 1):
        assert not version.stuck
        assert version.fail("TaskTimeout", at=AT).details["failures"] == count
    assert version.stuck
    store(session, version)
    assert not version.stuck


def test_the_next_version_is_a_copy_and_the_earlier_one_stays_valid(
    session: Session, cast: Cast, version: ProposalVersion
) -> None:
    send(session, version, cast)
    store(session, version)
    later = AT + timedelta(days=10)
    second = version.proposal.next_version(session, by=cast.hunter, at=later)
    assert (second.number, second.lines, second.title) == (2, version.lines, version.title)
    assert second.dated_on == TODAY + timedelta(days=10)
    assert second.valid_until == TODAY + timedelta(days=40)
    assert version.lasts(TODAY + timedelta(days=30))
    assert not version.lasts(TODAY + timedelta(days=31))
    assert version.proposal.last is second


def test_the_next_version_takes_the_rate_that_its_products_have_on_its_own_day(session, cast, deal) -> None:
    product = make_product(session, cast.director, "Line 100")
    later = AT + timedelta(days=10)
    session.add(product.tax_from("reduced", later.date(), by=cast.director, at=AT, seen=product.version))
    version = Proposal.draft(session, deal, by=cast.hunter, at=AT).last
    (words,) = typed(version).lines
    own = replace(words, product_id=product.id)
    draft = typed(version, lines=(words, own, replace(own, tax="zero")))
    session.add(version.change(draft, by=cast.hunter, at=AT, seen=version.version))
    session.flush()
    send(session, version, cast)
    store(session, version)
    second = version.proposal.next_version(session, by=cast.hunter, at=later)
    assert [kept["tax"] for kept in second.lines] == ["standard", "reduced", "zero"]


def test_there_is_one_draft_at_a_time(session: Session, cast: Cast, version: ProposalVersion) -> None:
    with pytest.raises(Refused):
        version.proposal.next_version(session, by=cast.hunter, at=AT)


def test_a_later_draft_may_be_discarded_and_the_first_never(
    session: Session, cast: Cast, version: ProposalVersion
) -> None:
    with pytest.raises(Refused):
        version.discard(session, by=cast.hunter, at=AT, seen=version.version)
    send(session, version, cast)
    store(session, version)
    second = version.proposal.next_version(session, by=cast.hunter, at=AT)
    session.add(second.discard(session, by=cast.hunter, at=AT, seen=second.version))
    session.flush()
    session.expire_all()
    assert version.proposal.last is version


def test_of_a_closed_deal_nothing_more_is_sent(session: Session, cast: Cast, version: ProposalVersion) -> None:
    send(session, version, cast)
    store(session, version)
    later = version.proposal.next_version(session, by=cast.hunter, at=AT)
    deal = version.proposal.deal
    session.add(deal.win(by=cast.hunter, at=AT, seen=deal.version))
    session.flush()
    with pytest.raises(Refused, match="closed"):
        send(session, later, cast)
    session.add(later.discard(session, by=cast.hunter, at=AT, seen=later.version))
    session.flush()
    session.refresh(version.proposal)
    with pytest.raises(Refused, match="closed"):
        version.proposal.next_version(session, by=cast.hunter, at=AT)
