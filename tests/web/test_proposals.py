"""A proposal from draft to stored PDF, as people's browsers ask for it."""

from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import line, make_client, make_contact, make_deal, make_product
from tests.support.client import soup, StrictClient
from webapp.domain.deal import Deal
from webapp.domain.discount import ApprovalState, DiscountApproval
from webapp.domain.event import Event
from webapp.domain.price_list import PriceList
from webapp.domain.pricing import Break
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_content import content
from webapp.domain.proposal_state import VersionState
from webapp.web.clock import now

EDITOR = "form#draft"


@pytest.fixture
def deal(session: Session, cast: Cast) -> Deal:
    client = make_client(session, cast.hunter, name="Ромашка", inn="7707083893")
    make_contact(session, client, "Boss")
    return make_deal(session, client, line(1_220_00, quantity=2, name="Set-up"), name="Connect the office")


@pytest.fixture
def version(session: Session, cast: Cast, deal: Deal) -> ProposalVersion:
    return Proposal.draft(session, deal, by=cast.hunter, at=now()).last


@pytest.fixture
def hunter(sign_in, cast: Cast) -> StrictClient:
    return sign_in(cast.hunter)


def edit(browser: StrictClient, version: ProposalVersion, **fields: object):
    page = browser.get(f"/proposals/versions/{version.id}/edit")
    return browser.submit(page, EDITOR, **fields)


def send(browser: StrictClient, version: ProposalVersion):
    page = browser.get(f"/proposals/{version.proposal_id}?version={version.number}")
    return browser.submit(page, "form#send")


def told(session: Session, kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == kind)))


def test_a_deal_becomes_a_proposal_with_its_lines_in_the_editor(session, hunter, deal) -> None:
    answer = hunter.post(f"/deals/{deal.id}/proposals")
    assert answer.status_code == 303
    page = soup(hunter.get(answer.location))
    assert page.select_one("[name=lines-0-name]")["value"] == "Set-up"
    assert page.select_one("[name=lines-0-price]")["value"] == "1220.00"
    assert "2,440.00" in page.select_one("#totals").get_text()
    assert "440.00" in page.select_one("#totals").get_text()
    assert len(told(session, "proposal:drafted")) == 1


def test_the_same_form_sent_twice_makes_one_proposal(session, hunter, deal) -> None:
    first, second = (hunter.post(f"/deals/{deal.id}/proposals", data={"once": "a word"}) for _ in range(2))
    assert first.location == second.location
    assert session.query(Proposal).count() == 1


def test_a_draft_is_saved_and_shown(session, hunter, version) -> None:
    answer = edit(hunter, version, title="Новый офис", text="**Bold**", then="look", **{"lines-0-discount": "7,5"})
    assert answer.status_code == 303
    assert f"/proposals/{version.proposal_id}" in answer.location
    assert version.lines[0]["discount"] == 750
    preview = hunter.get(f"/proposals/versions/{version.id}/preview")
    assert soup(preview).h1.get_text() == "Новый офис"
    assert soup(preview).strong.get_text() == "Bold"
    assert "script-src" not in preview.headers["Content-Security-Policy"]


def test_lines_are_added_dropped_and_renumbered_as_they_were_sent(hunter, version) -> None:
    new = {"name": "Care", "quantity": "1.5", "unit": "h", "price": "10", "discount": "", "tax": "none"}
    blank = {"name": "", "quantity": "1", "unit": "", "price": "", "discount": "0", "tax": "standard"}
    fields = {f"lines-7-{key}": value for key, value in (new | {"billing": "monthly"}).items()}
    fields |= {f"lines-4-{key}": value for key, value in (blank | {"billing": "one_off"}).items()}
    assert edit(hunter, version, **fields).status_code == 303
    assert [kept["name"] for kept in version.lines] == ["Set-up", "Care"]
    assert version.lines[1]["quantity"] == 1500


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("lines-0-price", "-5", "too small"),
        ("lines-0-price", "10.001", "smaller coin"),
        ("lines-0-price", "9" * 40, "too large"),
        ("lines-0-price", "ten", "not a sum"),
        ("lines-0-quantity", "0", "more than zero"),
        ("lines-0-quantity", "-1", "below zero"),
        ("lines-0-quantity", "1e9", "write a number"),
        ("lines-0-quantity", "²", "write a number"),
        ("lines-0-quantity", "1.0001", "digits"),
        ("lines-0-discount", "101", "too large"),
        ("lines-0-name", "", "fill this in"),
        ("lines-0-tax", "invented", "not in force"),
        ("dated_on", "2026-02-30", "no such date"),
        ("valid_until", "2020-01-01", "valid from its date on"),
        ("currency", "XXX", "Not a valid choice"),
        ("contact_id", "999999", "Not a valid choice"),
        ("text", "x" * 20_001, "20000"),
        ("text", "x" * 10_000_000, "20000"),
        ("terms", "\n".join("x" * 500), "lines of text"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_written(
    session, hunter, version, field: str, value: str, words: str
) -> None:
    answer = edit(hunter, version, title="Typed", **{field: value})
    assert answer.status_code == 422
    page = soup(answer)
    named = page.select_one(f"[name={field}]")
    assert named["aria-invalid"] == "true"
    assert words in page.find(id=named["aria-describedby"].split()[-1]).get_text()
    assert page.select_one("[name=title]")["value"] == "Typed"
    assert version.title == "Connect the office"
    assert told(session, "proposal:changed") == []


@pytest.mark.parametrize("key", ["lines-²-name", f"lines-{'9' * 5000}-name", "lines--1-name", "lines-0-constructor"])
def test_invented_field_names_are_left_out(hunter, version, key: str) -> None:
    assert edit(hunter, version, **{key: "x"}).status_code == 303
    assert len(version.lines) == 1


def test_more_lines_than_a_proposal_has_are_refused(hunter, version) -> None:
    usual = {"quantity": "1", "price": "1", "tax": "none", "billing": "one_off", "name": "x"}
    fields = {f"lines-{row}-{key}": value for row in range(250) for key, value in usual.items()}
    answer = edit(hunter, version, **fields)
    assert answer.status_code == 422
    assert "at most 200 lines" in answer.text
    assert len(version.lines) == 1


def test_a_stale_draft_keeps_what_was_typed_and_may_be_saved_on_purpose(
    session, hunter, sign_in, cast, version
) -> None:
    page = hunter.get(f"/proposals/versions/{version.id}/edit")
    assert edit(sign_in(cast.director), version, title="The director's").status_code == 303
    stale = hunter.submit(page, EDITOR, title="The hunter's")
    assert stale.status_code == 409
    assert "saving again puts yours in its place" in stale.text
    assert soup(stale).select_one("[name=title]")["value"] == "The hunter's"
    assert version.title == "The director's"
    assert hunter.submit(stale, EDITOR).status_code == 303
    session.expire_all()
    assert version.title == "The hunter's"


def test_sums_follow_the_form_and_write_nothing(session, hunter, version) -> None:
    seen = version.version
    typed = {"lines-0-name": "x", "lines-0-quantity": "3", "lines-0-price": "100", "lines-0-discount": "10"}
    typed |= {"lines-0-tax": "standard", "lines-0-billing": "monthly", "prices": "without", "language": "ru"}
    url = f"/proposals/versions/{version.id}/totals"
    answer = hunter.post(url, data=typed | {"currency": "RUB", "dated_on": "2026-03-02"}, htmx=True)
    assert "329.40" in answer.text
    assert "Триста двадцать девять рублей 40 копеек" in answer.text
    broken = hunter.post(url, data=typed | {"lines-0-price": "ten"}, htmx=True)
    assert "Line 1" in broken.text
    session.expire_all()
    assert version.version == seen


def test_sending_freezes_prints_and_offers_the_stored_bytes(session, hunter, version) -> None:
    assert send(hunter, version).status_code == 303
    session.expire_all()
    assert version.state is VersionState.SENT
    answer = hunter.get(f"/proposals/versions/{version.id}/file")
    assert sha256(answer.data).hexdigest() == version.file.sha256
    assert "filename*=UTF-8''P-" in answer.headers["Content-Disposition"]
    assert "%D0%A0%D0%BE%D0%BC%D0%B0%D1%88%D0%BA%D0%B0.pdf" in answer.headers["Content-Disposition"]
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    assert version.proposal.label in text
    assert "2,440.00" in text
    page = soup(hunter.get(f"/proposals/{version.proposal_id}"))
    assert page.select_one("#sha256").get_text() == version.file.sha256
    sent, printed = told(session, "proposal:sent"), told(session, "proposal:printed")
    assert (len(sent), len(printed)) == (1, 1)
    assert printed[0].details["sha256"] == version.file.sha256


def test_a_sent_version_is_not_sent_edited_or_discarded_again(session, hunter, version) -> None:
    page = hunter.get(f"/proposals/{version.proposal_id}")
    typed = hunter.get(f"/proposals/versions/{version.id}/edit")
    assert hunter.submit(page, "form#send").status_code == 303
    assert hunter.submit(page, "form#send").status_code == 422
    assert hunter.submit(typed, EDITOR, title="Changed").status_code == 422
    assert hunter.get(f"/proposals/versions/{version.id}/edit").status_code == 303
    assert (
        hunter.post(f"/proposals/versions/{version.id}/discard", data={"version": version.version}).status_code == 422
    )
    session.expire_all()
    assert version.title == "Connect the office"
    assert len(told(session, "proposal:sent")) == 1


def test_sending_what_is_not_complete_says_what_is_missing(session, hunter, version) -> None:
    edit(hunter, version, title="", **{"lines-0-price": ""})
    answer = send(hunter, version)
    assert answer.status_code == 422
    assert "give it a title; name the price of every line" in answer.text
    session.expire_all()
    assert version.is_draft


def test_the_next_version_is_a_draft_and_the_earlier_one_stays(session, hunter, version) -> None:
    send(hunter, version)
    first = hunter.get(f"/proposals/versions/{version.id}/file").data
    page = hunter.get(f"/proposals/{version.proposal_id}")
    editor = hunter.submit(page, "form#next").location
    session.expire_all()
    second = version.proposal.last
    assert editor.endswith(f"/proposals/versions/{second.id}/edit")
    edit(hunter, second, title="Cheaper")
    send(hunter, second)
    assert hunter.get(f"/proposals/versions/{version.id}/file").data == first
    assert hunter.get(f"/proposals/versions/{second.id}/file").data != first
    assert "valid until" in soup(hunter.get(f"/proposals/{version.proposal_id}")).get_text()


def test_progress_is_silent_until_something_changed(session, hunter, version) -> None:
    url = f"/proposals/versions/{version.id}/progress"
    assert hunter.get(url, query_string={"seen": version.version}, htmx=True).status_code == 204
    answer = hunter.get(url, query_string={"seen": version.version - 1}, htmx=True)
    assert soup(answer).select_one("#standing") is not None


@pytest.mark.parametrize(
    ("part", "may_edit", "may_read"),
    [
        ("hunter", True, True),
        ("head_of_sales", True, True),
        ("director", True, True),
        ("other_hunter", False, True),
        ("clerk", False, True),
        ("head_of_client", False, True),
        ("administrator", False, False),
    ],
)
def test_who_may_draft_and_who_may_read(session, sign_in, cast, deal, version, part, may_edit, may_read) -> None:
    browser = sign_in(getattr(cast, part))
    number = session.query(Proposal).count()
    assert browser.post(f"/deals/{deal.id}/proposals").status_code == (303 if may_edit else 403)
    session.expire_all()
    assert session.query(Proposal).count() == number + may_edit
    reads = [f"/proposals/{version.proposal_id}", f"/proposals/versions/{version.id}/preview"]
    for url in (*reads, f"/proposals/versions/{version.id}/progress?seen=0"):
        assert browser.get(url).status_code == (200 if may_read else 403)
    assert browser.get(f"/proposals/versions/{version.id}/edit").status_code == (200 if may_edit else 403)
    writes = ["", "/totals", "/sending", "/print", "/discard"]
    if not may_edit:
        for path in writes:
            assert browser.post(f"/proposals/versions/{version.id}{path}").status_code == 403
        assert browser.post(f"/proposals/{version.proposal_id}/versions").status_code == 403
        assert version.version == 1


def test_a_stranger_is_sent_to_the_login(client, cast, version) -> None:
    assert client.get(f"/proposals/versions/{version.id}/file").status_code == 302


@pytest.mark.parametrize("number", [0, 10**6, 2**63])
def test_what_does_not_exist_is_not_found(hunter, number: int) -> None:
    for path in (f"/proposals/{number}", f"/proposals/versions/{number}/file", f"/proposals/versions/{number}/preview"):
        assert hunter.get(path).status_code == 404


def test_a_draft_has_no_file(hunter, version) -> None:
    assert hunter.get(f"/proposals/versions/{version.id}/file").status_code == 404


def test_an_expired_version_says_so(session, sign_in, cast, deal) -> None:
    then = now() - timedelta(days=60)
    version = Proposal.draft(session, deal, by=cast.hunter, at=then).last
    session.add(version.send(_content(version, cast, then), by=cast.hunter, at=then, seen=version.version))
    session.commit()
    browser = sign_in(cast.hunter)
    browser.post(f"/proposals/versions/{version.id}/print")
    assert "expired" in soup(browser.get(f"/proposals/{version.proposal_id}")).get_text()


def _content(version, cast, at):
    return content(version, cast.company, author=cast.hunter, at=at)


def test_a_head_approves_a_discount_above_the_limit_and_it_can_be_sent(session, sign_in, cast, version, hunter) -> None:
    director = sign_in(cast.director)
    limits = director.submit(director.get("/settings"), "#discounts-form", member="10", head="30", director="100")
    assert limits.status_code == 303
    edit(hunter, version, discount="20", then="look")
    refused = send(hunter, version)
    assert refused.status_code == 422
    assert "20 % is above your limit of 10 %" in refused.text
    page = hunter.get(f"/proposals/{version.proposal_id}")
    assert hunter.submit(page, "#ask-discount", words="They take two years").status_code == 303
    assert soup(hunter.get(f"/proposals/{version.proposal_id}")).select_one("#decide-discount") is None
    approval = session.scalars(select(DiscountApproval)).one()
    here = f'#touches a[href="/proposals/{version.proposal_id}"]'
    assert (
        soup(sign_in(cast.head_of_sales).get("/")).select_one(here).get_text() == "Decide on the discount of a proposal"
    )
    for person in (cast.hunter, cast.head_of_client):
        assert sign_in(person).post(f"/discounts/{approval.id}", data={"answer": "approve"}).status_code == 403
    head = sign_in(cast.head_of_sales)
    page = head.get(f"/proposals/{version.proposal_id}")
    assert head.submit(page, "#decide-discount", answer="approve", words="").status_code == 303
    assert approval.state is ApprovalState.APPROVED
    assert soup(hunter.get("/")).select_one(here) is not None
    send(hunter, version)
    assert version.state is VersionState.SENT
    printed = "".join(page.extract_text() for page in PdfReader(BytesIO(version.file.content)).pages)
    assert "Sum of the lines" in printed
    assert "1,952.00" in printed.replace("\xa0", " ")
    story = hunter.get(f"/clients/{version.proposal.deal.client_id}").text
    assert "They take two years" in story


def test_the_next_version_says_what_changed_since_the_last(session, hunter, version) -> None:
    edit(hunter, version, terms="Pay in ten days", then="look")
    send(hunter, version)
    page = hunter.get(f"/proposals/{version.proposal_id}")
    assert soup(page).select_one("#changes") is None
    later = hunter.submit(page, "form#next")
    fields = {"lines-0-price": "1100", "lines-1-name": "<b>Care</b>", "lines-1-quantity": "1", "lines-1-price": "5"}
    fields |= {"lines-1-tax": "none", "lines-1-billing": "monthly", "terms": "Pay in five days"}
    hunter.submit(hunter.get(later.location), EDITOR, then="look", **fields)
    told_of = soup(hunter.get(f"/proposals/{version.proposal_id}")).select_one("#changes").get_text(" ", strip=True)
    for text in ("1,220.00 → RUB", "<b>Care</b>", "Pay in ten days", "Pay in five days"):
        assert text in told_of.replace("\xa0", " ")


def test_the_page_of_a_won_deals_proposal_offers_no_dead_end(session, cast, hunter, version) -> None:
    send(hunter, version)
    deal = version.proposal.deal
    session.add(deal.win(by=cast.hunter, at=now(), seen=deal.version))
    session.commit()
    assert soup(hunter.get(f"/proposals/{version.proposal_id}")).select_one("#next") is None


def test_the_editor_says_where_a_price_is_not_the_catalogues(session, cast, hunter, version) -> None:
    good = make_product(session, cast.director, "Router", price_minor=100_00)
    prices = PriceList.add(session, "List", "RUB", cast.company.today(now()), by=cast.director, at=now())
    session.add(prices.price(good, [Break(10_000, 80_00)], by=cast.director, at=now(), seen=prices.version))
    session.commit()
    typed = {"lines-0-name": "Router", "lines-0-product_id": good.id, "lines-0-price": "100", "lines-0-discount": "0"}
    typed |= {"lines-0-tax": "standard", "lines-0-billing": "one_off", "prices": "with", "currency": "RUB"}

    def said(quantity: str, **fields: str) -> str:
        sent = typed | {"lines-0-quantity": quantity} | {name.replace("_0_", "-0-"): to for name, to in fields.items()}
        return hunter.post(f"/proposals/versions/{version.id}/totals", data=sent, htmx=True).text

    assert "catalogue" not in said("9")
    assert "Line 1: the catalogue asks" in said("10")
    assert "from 10" in said("10")
    assert "catalogue" not in said("10", lines_0_price="65.57", prices="without")
    assert "Line 1: the catalogue names no price in USD" in said("1", currency="USD")
