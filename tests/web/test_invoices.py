"""Invoices on the screen: found, read, disputed, credited, and given as the same bytes each time."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import make_client, make_invoice, make_payment
from tests.support.client import soup
from webapp import invoice_printing
from webapp.domain.event import Event
from webapp.domain.invoice import CreditNote, Invoice
from webapp.web.clock import now

FORM = "main form[method=post]"


@pytest.fixture
def invoice(session: Session, cast: Cast) -> Invoice:
    return make_invoice(session, make_client(session, cast.clerk, name="Romashka"), 90_000, date(2026, 1, 10))


def labels(answer) -> list[str]:
    return [cell.get_text() for cell in soup(answer).select("tbody th")]


def late(days: int) -> date:
    return now().date() - timedelta(days=days)


def test_the_list_is_narrowed_by_state_and_by_age(session, cast: Cast, sign_in) -> None:
    client, browser = make_client(session, cast.clerk), sign_in(cast.director)
    owed = {days: make_invoice(session, client, 10_000 + days, late(days)).label for days in (-5, 10, 45, 200)}
    paid = make_invoice(session, client, 5_000, late(20))
    make_payment(session, 5_000).allocate(session, paid, by=cast.clerk, at=AT)
    disputed = make_invoice(session, client, 7_000, late(20))
    session.add(disputed.dispute("sum", "", by=cast.clerk, at=AT))
    asked = {
        "": {*owed.values(), disputed.label},
        "?shown=overdue": {owed[10], owed[45], owed[200], disputed.label},
        "?shown=overdue&band=60": {owed[45]},
        "?shown=overdue&band=older": {owed[200]},
        "?shown=disputed": {disputed.label},
        "?shown=paid": {paid.label},
        "?shown=all": {*owed.values(), disputed.label, paid.label},
        f"?clerk={cast.other_clerk.id}": set(),
        f"?q={paid.label}": {paid.label},
        f"?q={paid.number}": {
            label for label in (*owed.values(), paid.label) if label.split("/")[0] == str(paid.number)
        },
        "?shown=nonsense&band=x&clerk=-1&after=x~y": {*owed.values(), disputed.label},
    }
    for address, expected in asked.items():
        assert set(labels(browser.get(f"/invoices{address}"))) == expected, address


def test_sums_are_the_servers_and_each_in_its_currency(session, cast: Cast, sign_in) -> None:
    client, browser = make_client(session, cast.clerk), sign_in(cast.director)
    for _ in range(60):
        make_invoice(session, client, 10_000, late(3))
    make_invoice(session, client, 500, late(-3), currency="EUR")
    page = soup(browser.get("/invoices"))
    tiles = " ".join(tile.get_text(" ") for tile in page.select(".tile"))
    assert "6,000" in tiles
    assert "€5" in tiles
    assert len(page.select("tbody tr")) == 50
    second = soup(browser.get(page.select_one("a[rel=next]")["href"]))
    assert len(second.select("tbody tr")) == 11


@pytest.mark.parametrize("shown", ["owed", "all"])
def test_the_list_costs_the_same_for_one_and_for_thirty(session, cast, sign_in, statements, shown: str) -> None:
    client, browser = make_client(session, cast.clerk), sign_in(cast.director)
    counted = []
    for more in (1, 29):
        for _ in range(more):
            make_invoice(session, client, 10_000, late(3))
        with statements() as seen:
            browser.get(f"/invoices?shown={shown}")
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_the_page_says_which_payments_cover_it(session, cast: Cast, sign_in, invoice: Invoice) -> None:
    payment = make_payment(session, 40_000, client=invoice.client, payer_name="Romashka's owner", purpose="For 1/2026")
    entry = payment.allocate(session, invoice, by=cast.clerk, at=AT)
    payment.free(session, entry, by=cast.clerk, at=AT, on=date(2026, 3, 3))
    payment.allocate(session, invoice, 30_000, by=cast.clerk, at=AT)
    page = soup(sign_in(cast.vip).get(f"/invoices/{invoice.id}"))
    covered = [row.get_text(" ", strip=True) for row in page.select("#covered li")]
    assert len(covered) == 3
    assert "Romashka's owner" in covered[0]
    assert "Taken off again" in covered[1]
    assert "600.00" in page.select(".tile")[2].get_text()
    assert page.select_one("a[href$='/credit']") is None


def test_a_part_is_taken_back_with_a_credit_note(session, cast: Cast, sign_in, invoice: Invoice) -> None:
    browser = sign_in(cast.clerk)
    page = browser.get(f"/invoices/{invoice.id}/credit")
    for amount, reason in (("901", "Too much"), ("0", "Nothing"), ("100", "")):
        assert browser.submit(page, FORM, amount_minor=amount, reason=reason, once=amount).status_code == 422
    first, again = (browser.submit(page, FORM, amount_minor="100", reason="Three days off") for _ in range(2))
    assert first.location == again.location == f"/invoices/{invoice.id}"
    session.expire_all()
    assert (invoice.credited_minor, invoice.outstanding_minor) == (10_000, 80_000)
    (note,) = session.scalars(select(CreditNote))
    pdf = browser.get(f"/credit-notes/{note.id}/file")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF")
    cast.company.legal_name = "Renamed Ltd"
    session.commit()
    assert browser.get(f"/credit-notes/{note.id}/file").data == pdf.data
    stale = browser.submit(page, FORM, amount_minor="100", reason="Again", once="another")
    assert stale.status_code == 409


def test_a_dispute_has_a_reason_and_an_end(session, cast: Cast, sign_in, invoice: Invoice) -> None:
    browser = sign_in(cast.clerk)
    page = browser.get(f"/invoices/{invoice.id}/dispute")
    assert browser.submit(page, FORM, reason="because").status_code == 422
    assert browser.submit(page, FORM, reason="service", note="No line on Friday").status_code == 303
    shown = browser.get(f"/invoices/{invoice.id}")
    assert "No line on Friday" in shown.get_data(as_text=True)
    assert browser.submit(page, FORM, reason="sum").status_code == 422
    assert browser.submit(shown, "form[action$=agree]").status_code == 303
    session.expire_all()
    assert invoice.disputed_at is None
    kinds = session.scalars(select(Event.kind).where(Event.subject_id == invoice.id)).all()
    assert {"invoice:disputed", "invoice:agreed"} <= set(kinds)


def test_the_same_bytes_are_given_for_ever(session, cast: Cast, sign_in, invoice: Invoice) -> None:
    browser = sign_in(cast.hunter)
    seen = invoice.version
    first = browser.get(f"/invoices/{invoice.id}/file").data
    cast.company.legal_name = "Another Ltd"
    session.commit()
    second = browser.get(f"/invoices/{invoice.id}/file")
    assert second.data == first
    assert "1-2026" in second.headers["Content-Disposition"]
    session.expire_all()
    assert invoice.version == seen, "a printed form is no change of what is owed"
    assert session.scalar(select(func.count()).where(Event.kind == "invoice:printed")) == 1


def test_an_invoice_keeps_the_words_of_its_issue(session, cast: Cast, invoice: Invoice) -> None:
    session.add(invoice.contract.change(by=cast.clerk, at=AT, seen=invoice.contract.version, name="Later words"))
    session.flush()
    content = invoice_printing.invoice_content(session, invoice)
    assert content["name"] == "Internet access"


def test_when_too_many_print_the_worker_does_it(session, cast, sign_in, invoice, monkeypatch) -> None:
    monkeypatch.setattr(invoice_printing, "AT_ONCE", threading.BoundedSemaphore(1))
    monkeypatch.setattr(invoice_printing, "PATIENCE", 0.01)
    browser = sign_in(cast.clerk)
    with invoice_printing.AT_ONCE:
        assert browser.get(f"/invoices/{invoice.id}/file").location == f"/invoices/{invoice.id}"
    session.expire_all()
    assert invoice.file is not None
    assert browser.get(f"/invoices/{invoice.id}/file").status_code == 200


def test_who_may_not_changes_nothing(session, cast: Cast, sign_in, invoice: Invoice) -> None:
    for person in (cast.vip, cast.hunter, cast.head_of_sales, cast.administrator):
        browser = sign_in(person)
        for verb in ("credit", "dispute", "agree"):
            assert browser.post(f"/invoices/{invoice.id}/{verb}", data={"reason": "sum"}).status_code == 403
    assert sign_in(cast.administrator).get(f"/invoices/{invoice.id}/file").status_code == 403
    assert sign_in(cast.administrator).get("/invoices").status_code == 403
    session.expire_all()
    assert (invoice.disputed_at, invoice.credited_minor, invoice.file_id) == (None, 0, None)


def test_the_timeline_tells_of_money(session, cast: Cast, sign_in, invoice: Invoice) -> None:
    session.add(invoice.dispute("service", "No line", by=cast.clerk, at=AT))
    payment = make_payment(session, 40_000, client=invoice.client, by=cast.clerk)
    payment.allocate(session, invoice, 15_000, by=cast.clerk, at=AT)
    page = soup(sign_in(cast.vip).get(f"/clients/{invoice.client_id}?group=money"))
    told = page.select_one("#timeline-entries").get_text(" ", strip=True)
    for said in (
        "No. 1/2026",
        "RUB\N{NO-BREAK SPACE}150.00 of RUB\N{NO-BREAK SPACE}400.00",
        "The service was not",
        "No line",
    ):
        assert said in told, said
    assert page.select_one(f'#timeline-entries a[href="/invoices/{invoice.id}"]') is not None
    assert page.select_one(f'#timeline-entries a[href="/contracts/{invoice.contract_id}"]') is not None
