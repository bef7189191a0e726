"""Payments on the screen: matched, spread, taken off, set aside, given back; by hand; and by nobody who may not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, seat_day, TODAY
from tests.factories import make_client, make_contract, make_invoice, make_payment
from tests.support.client import soup
from webapp.domain.allocation import Allocation, PaymentReturn, ReturnKind
from webapp.domain.client import Client
from webapp.domain.event import Event
from webapp.domain.invoice import Invoice
from webapp.domain.loss import REASON
from webapp.domain.payer import Payer
from webapp.domain.payment import Payment
from webapp.exchange.statement.importing import MISTAKE
from webapp.queries import payments
from webapp.queries.payments import WantedPayments
from webapp.web.clock import now

FORM = "main form[method=post]"
MATCH = "form.suggestion"


@pytest.fixture
def romashka(session: Session, cast: Cast) -> Client:
    return make_client(session, cast.clerk, name="Romashka")


@pytest.fixture
def invoice(session: Session, romashka: Client) -> Invoice:
    return make_invoice(session, romashka, 90_000)


@pytest.fixture
def strange(session: Session, invoice: Invoice) -> Payment:
    """Somebody else pays exactly the invoice."""
    given = {"payer_name": "The owner", "payer_account": "40817810000000000001"}
    return make_payment(session, 90_000, purpose=f"Invoice {invoice.number}", **given)


def kinds(session: Session, payment: Payment) -> list[str]:
    return list(
        session.scalars(
            select(Event.kind).where(Event.subject_id == payment.id, Event.kind.like("payment:%")).order_by(Event.id)
        )
    )


def test_the_queue_shows_the_oldest_first_each_with_its_reason(session, cast: Cast, sign_in, strange: Payment) -> None:
    older = make_payment(session, 5_000, TODAY - timedelta(days=5), payer_name="Nobody knows", purpose="Thanks")
    make_payment(session, 1_000).set_aside("Interest", by=cast.clerk, at=AT)
    page = soup(sign_in(cast.clerk).get("/payments"))
    rows = page.select("#unclaimed li.payment")
    assert [row["id"] for row in rows] == [f"payment-{older.id}", f"payment-{strange.id}"]
    assert "Nothing fits" in rows[0].get_text()
    assert rows[0].select_one(MATCH) is None
    told = rows[1].select_one(MATCH).get_text(" ", strip=True)
    for said in ("Romashka", "Number and sum of the invoice fit, but somebody else pays", "1/2026"):
        assert said in told
    assert page.select_one(".tab[aria-current] .count").get_text() == "2"


def test_what_was_set_aside_is_not_passed_over_on_the_way_to_the_unclaimed(session: Session) -> None:
    explain = "EXPLAIN QUERY PLAN " if session.get_bind().dialect.name == "sqlite" else "EXPLAIN "
    if "QUERY" not in explain:
        session.execute(text("SET LOCAL enable_seqscan = off"))
    for wanted in (WantedPayments(), WantedPayments(after=("2026-03-02", 1))):
        asked = payments._page(wanted).limit(21).compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = " ".join(str(row[-1]) for row in session.execute(text(explain + str(asked))))
        assert "ix_payment_unclaimed" in plan, plan


def test_one_press_confirms_a_suggestion(session, cast: Cast, sign_in, strange: Payment, invoice: Invoice) -> None:
    browser = sign_in(cast.clerk)
    page = browser.get("/payments")
    answer = browser.submit(page, MATCH)
    assert (answer.status_code, answer.location) == (303, "/payments")
    session.expire_all()
    assert (invoice.outstanding_minor, strange.client) == (0, invoice.client)
    assert kinds(session, strange) == ["payment:received", "payment:claimed", "payment:allocated"]
    assert session.scalar(select(Allocation.reason)) == "number_sum"
    assert session.scalar(select(func.count()).select_from(Payer)) == 0
    again = browser.submit(page, MATCH)
    assert again.status_code == 409
    assert session.scalar(select(func.count()).select_from(Allocation)) == 1


def test_a_payer_that_is_ticked_is_remembered_and_is_certain_from_then_on(
    session, cast: Cast, sign_in, strange: Payment, romashka: Client
) -> None:
    browser = sign_in(cast.head_of_client)
    browser.submit(browser.get("/payments"), MATCH, remember="1")
    payer = session.scalars(select(Payer)).one()
    assert (payer.client_id, payer.account, payer.confirmed_by_id) == (
        romashka.id,
        strange.payer_account,
        cast.head_of_client.id,
    )
    later = make_invoice(session, romashka, 30_000)
    make_payment(session, 30_000, payer_account=strange.payer_account, payer_name="The owner")
    told = soup(browser.get("/payments")).select_one(MATCH)
    assert "This payer pays for the client exactly what it owes" in told.get_text(" ", strip=True)
    assert told.select_one("[name=remember]") is None
    assert later.outstanding_minor == 30_000


def test_with_htmx_the_next_one_of_the_queue_has_the_focus(session, cast: Cast, sign_in, romashka: Client) -> None:
    made = []
    for number in range(3):
        invoice = make_invoice(session, romashka, 10_000 + number)
        made.append(make_payment(session, 10_000 + number, payer_name="X", purpose=f"No. {invoice.number}"))
    browser = sign_in(cast.clerk)
    form = soup(browser.get("/payments")).select(f"#payment-{made[1].id} {MATCH}")[0]
    sent = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    answer = browser.post(form["hx-post"], data=sent, htmx="div#unclaimed")
    region = soup(answer)
    assert [row["id"] for row in region.select("li.payment")] == [f"payment-{made[0].id}", f"payment-{made[2].id}"]
    assert region.select_one(f"#payment-{made[2].id} [autofocus]") is not None
    assert len(region.select("[autofocus]")) == 1
    stale = browser.post(form["hx-post"], data=sent, htmx="div#unclaimed")
    assert stale.status_code == 409


def test_a_suggestion_that_holds_no_more_writes_nothing(session, cast: Cast, sign_in, strange, invoice) -> None:
    browser = sign_in(cast.clerk)
    page = browser.get("/payments")
    make_payment(session, 1_000).allocate(session, invoice, by=cast.clerk, at=AT)
    refused = browser.submit(page, MATCH)
    assert refused.status_code == 422
    assert "is not owed so much" in soup(refused).select_one("[role=alert]").get_text()
    session.expire_all()
    assert (strange.client_id, strange.free_minor) == (None, 90_000)
    for wrong in ({"reason": "because"}, {"parts": "x"}, {"parts": f"{invoice.id}:-5"}, {"client": "x"}):
        assert browser.submit(page, MATCH, **wrong).status_code == 400
    assert browser.submit(page, MATCH, client="999").status_code == 404


def test_a_payment_that_looks_like_a_known_one_says_so(session, cast: Cast, sign_in, romashka: Client) -> None:
    given = {"document_number": "17", "payer_name": "Romashka", "payer_inn": "7707083893"}
    known = make_payment(session, 10_000, client=romashka, **given)
    changed = make_payment(session, 11_000, **given)
    make_payment(session, 11_000, **(given | {"document_number": "18", "purpose": "Another month"}))
    browser = sign_in(cast.clerk)
    page = soup(browser.get("/payments"))
    (link,) = page.select(".notice-warn a")
    assert link["href"] == f"/payments/{known.id}"
    assert link.find_parent("li")["id"] == f"payment-{changed.id}"
    assert soup(browser.get(f"/payments/{changed.id}")).select_one(f".notice-warn a[href='/payments/{known.id}']")
    assert soup(browser.get(f"/payments/{known.id}")).select_one(".notice-warn a") is None


def test_a_payment_is_spread_over_several_invoices(session, cast: Cast, sign_in, romashka: Client) -> None:
    first, second = make_invoice(session, romashka, 60_000), make_invoice(session, romashka, 60_000)
    payment = make_payment(session, 100_000, payer_name="Somebody", payer_inn="7707083893")
    browser = sign_in(cast.clerk)
    found = soup(browser.get(f"/payments/{payment.id}?q={second.number}")).select("#found a")
    assert [link.get_text(" ", strip=True).startswith(f"Invoice {second.label}") for link in found] == [True]
    page = browser.get(found[0]["href"])
    offered = {field["name"]: field["value"] for field in soup(page).select("#spread input[inputmode=decimal]")}
    assert offered == {f"sum-{first.id}": "400.00", f"sum-{second.id}": "600.00"}
    form = "#spread form"
    for sums, said in (
        ({f"sum-{first.id}": "600.01"}, "owed"),
        ({f"sum-{first.id}": "500", f"sum-{second.id}": "600"}, "is left of the payment"),
        ({f"sum-{first.id}": "much"}, "not a sum"),
        ({f"sum-{first.id}": "-5"}, "too small"),
    ):
        wrong = browser.submit(page, form, **sums)
        assert wrong.status_code == 422
        (field,) = soup(wrong).select("#spread [aria-invalid=true]")
        assert said in soup(wrong).select_one(f"#{field['id']}-field .field-error").get_text()
        assert field["value"] == sums[field["name"]]
    sums = {f"sum-{first.id}": "250,50", f"sum-{second.id}": "600", "remember": "1"}
    assert browser.submit(page, form, **sums).location == f"/payments/{payment.id}"
    session.expire_all()
    assert (first.outstanding_minor, second.outstanding_minor, payment.free_minor) == (34_950, 0, 14_950)
    assert session.scalars(select(Payer.inn)).all() == ["7707083893"]
    assert browser.submit(page, form, **sums).status_code in (409, 422)


def test_a_client_is_found_by_name_and_may_get_a_credit(session, cast: Cast, sign_in, romashka: Client) -> None:
    payment, browser = make_payment(session, 7_000, payer_name="Somebody"), sign_in(cast.clerk)
    (link,) = soup(browser.get(f"/payments/{payment.id}?q=romash")).select("#found a")
    page = browser.get(link["href"])
    assert browser.submit(page, "#spread form").status_code == 303
    session.expire_all()
    assert (payment.client, payment.free_minor) == (romashka, 7_000)
    listed = soup(browser.get("/payments?shown=credits")).select("tbody tr")
    assert len(listed) == 1
    assert listed[0].select_one("form") is None, "the client owes nothing"


def test_a_credit_is_used_for_what_is_owed_in_one_press(session, cast: Cast, sign_in, romashka: Client) -> None:
    payment, browser = make_payment(session, 100_000, client=romashka), sign_in(cast.clerk)
    newer = make_invoice(session, romashka, 80_000, TODAY + timedelta(days=3))
    older = make_invoice(session, romashka, 50_000)
    disputed = make_invoice(session, romashka, 10_000, TODAY - timedelta(days=9))
    session.add(disputed.dispute("sum", "", by=cast.clerk, at=AT))
    page = browser.get("/payments?shown=credits")
    assert browser.submit(page, "tbody form").location == f"/payments/{payment.id}"
    session.expire_all()
    assert (older.outstanding_minor, newer.outstanding_minor, disputed.outstanding_minor) == (0, 30_000, 10_000)
    assert browser.submit(page, "tbody form").status_code == 409


def test_an_allocation_is_taken_off_by_a_new_entry(session, cast: Cast, sign_in, strange, invoice) -> None:
    strange.allocate(session, invoice, by=cast.clerk, at=AT)
    browser = sign_in(cast.other_clerk)
    page = browser.get(f"/payments/{strange.id}")
    assert browser.submit(page, "#covers form").status_code == 303
    session.expire_all()
    assert (invoice.outstanding_minor, strange.free_minor) == (90_000, 90_000)
    assert session.scalars(select(Allocation.amount_minor).order_by(Allocation.id)).all() == [90_000, -90_000]
    shown = soup(browser.get(f"/payments/{strange.id}"))
    assert "Taken off again" in shown.select_one("#covers").get_text()
    assert shown.select_one("#covers form") is None
    assert browser.submit(page, "#covers form").status_code == 409
    other = make_payment(session, 1_000)
    entry = session.scalars(select(Allocation.id).limit(1)).one()
    assert browser.post(f"/payments/{other.id}/free", data={"entry": entry, "seen": 1}).status_code == 404


def test_what_is_no_clients_payment_is_set_aside_with_a_reason_and_taken_out_again(
    session, cast: Cast, sign_in, strange: Payment
) -> None:
    browser = sign_in(cast.clerk)
    page = browser.get(f"/payments/{strange.id}/aside")
    assert browser.submit(page, FORM, reason=" ").status_code == 422
    assert browser.submit(page, FORM, reason="Our own transfer").location == "/payments"
    assert browser.submit(page, FORM, reason="Again").status_code == 409
    listed = soup(browser.get("/payments?shown=aside")).select("tbody tr")
    assert "Our own transfer" in listed[0].get_text()
    assert "Every payment has its client" in browser.get("/payments").get_data(as_text=True)
    page = browser.get(f"/payments/{strange.id}")
    assert browser.submit(page, "#reopen").status_code == 303
    session.expire_all()
    assert (strange.set_aside_at, strange.set_aside_reason) == (None, "")
    assert kinds(session, strange) == ["payment:received", "payment:setaside", "payment:reopened"]
    assert soup(browser.get("/payments?shown=aside")).select("tbody tr") == []


def test_a_part_goes_back_and_what_it_covered_is_owed_again(session, cast: Cast, sign_in, strange, invoice) -> None:
    strange.allocate(session, invoice, by=cast.clerk, at=AT)
    browser = sign_in(cast.clerk)
    page = browser.get(f"/payments/{strange.id}/return")
    for amount, reason in (("901", "Too much"), ("0", "Nothing"), ("100", "")):
        assert browser.submit(page, FORM, amount_minor=amount, reason=reason, once=amount).status_code == 422
    first, again = (browser.submit(page, FORM, amount_minor="100", reason="Paid twice") for _ in range(2))
    assert first.location == again.location == f"/payments/{strange.id}"
    session.expire_all()
    assert (strange.returned_minor, invoice.outstanding_minor) == (10_000, 10_000)
    assert session.scalar(select(func.count()).select_from(PaymentReturn)) == 1
    assert browser.submit(page, FORM, amount_minor="100", reason="Again", once="another").status_code == 409
    assert "Paid twice" in soup(browser.get(f"/payments/{strange.id}")).select_one("#returns").get_text()


def test_a_payment_by_hand_is_matched_at_once_where_that_is_certain(session, cast: Cast, sign_in, invoice) -> None:
    browser = sign_in(cast.clerk)
    page = browser.get(f"/payments/new?client={invoice.client_id}")
    assert soup(page).select_one("[name=payer_name]")["value"] == "Romashka"
    tomorrow = (now() + timedelta(days=2)).date().isoformat()
    days = ({"received_on": day} for day in (tomorrow, "1999-12-31"))
    for wrong in ({"amount_minor": "0"}, {"amount_minor": "1,001"}, *days, {"payer_inn": "12"}):
        assert browser.submit(page, FORM, **({"amount_minor": "900", "once": str(wrong)} | wrong)).status_code == 422
    first, again = (browser.submit(page, FORM, amount_minor="900") for _ in range(2))
    payment = session.scalars(select(Payment)).one()
    assert first.location == again.location == f"/payments/{payment.id}"
    session.expire_all()
    assert (invoice.outstanding_minor, session.scalar(select(Allocation.reason))) == (0, "sum_payer")


def test_a_payment_by_hand_that_is_not_certain_waits(session, cast: Cast, sign_in, invoice: Invoice) -> None:
    browser = sign_in(cast.director)
    known = browser.get(f"/payments/new?client={invoice.client_id}")
    browser.submit(known, FORM, amount_minor="100")
    unknown = browser.get("/payments/new")
    browser.submit(unknown, FORM, amount_minor="900", payer_name="Nobody", purpose=f"For {invoice.number}")
    credit, waits = session.scalars(select(Payment).order_by(Payment.id)).all()
    assert (credit.client_id, credit.free_minor) == (invoice.client_id, 10_000)
    assert (waits.client_id, waits.free_minor) == (None, 90_000)
    assert browser.get("/payments/new?client=12345").status_code == 404


def test_a_clients_payments_are_listed_for_everybody_with_clients(session, cast: Cast, sign_in, romashka) -> None:
    for number in range(51):
        make_payment(session, 1_000 + number, TODAY + timedelta(days=number), client=romashka)
    page = soup(sign_in(cast.hunter).get(f"/clients/{romashka.id}/payments"))
    assert len(page.select("tbody tr")) == 50
    assert page.select("tbody a, main form") == []
    following = soup(sign_in(cast.clerk).get(page.select_one("a[rel=next]")["href"]))
    assert len(following.select("tbody tr")) == 1
    assert following.select_one("tbody a")["href"].startswith("/payments/")


def test_a_queue_of_many_has_pages_and_bad_addresses_are_no_error(session, cast: Cast, sign_in) -> None:
    for number in range(21):
        make_payment(session, 1_000 + number)
    browser = sign_in(cast.clerk)
    page = soup(browser.get("/payments"))
    assert len(page.select("li.payment")) == 20
    assert len(soup(browser.get(page.select_one("a[rel=next]")["href"])).select("li.payment")) == 1
    for address in ("?shown=x", "?after=x~y", "?after=2026-13-45~1", "?shown=credits&after=2026-01-01~1", "?after=5~5"):
        assert browser.get(f"/payments{address}").status_code == 200
    told = browser.get("/payments/waiting", htmx=True).get_data(as_text=True)
    assert "21" in told


@pytest.mark.parametrize("shown", ["unclaimed", "credits", "aside", "all"])
def test_the_lists_cost_the_same_for_one_and_for_thirty(session, cast, sign_in, statements, shown: str) -> None:
    browser, counted = sign_in(cast.clerk), []
    for more in (1, 29):
        for _ in range(more):
            client = make_client(session, cast.clerk)
            invoice = make_invoice(session, client, 10_000)
            make_payment(session, 10_000, client=client)
            make_payment(
                session, 10_000, payer_name="X", payer_account="1", purpose=f"No. {invoice.number}", document_number="5"
            )
            session.add(make_payment(session, 500).set_aside("Interest", by=cast.clerk, at=AT))
        with statements() as seen:
            browser.get(f"/payments?shown={shown}")
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_one_payments_page_costs_the_same_for_one_and_for_thirty(session, cast, sign_in, statements) -> None:
    client, browser, counted = make_client(session, cast.clerk), sign_in(cast.clerk), []
    payment = make_payment(session, 10_000_000)
    for more in (1, 29):
        for _ in range(more):
            payment.allocate(session, make_invoice(session, client, 10_000), by=cast.clerk, at=AT)
            make_invoice(session, client, 10_000)
        with statements() as seen:
            browser.get(f"/payments/{payment.id}")
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_who_may_not_reads_and_changes_nothing(session, cast: Cast, sign_in, strange: Payment, invoice) -> None:
    before = strange.version
    sent = {"seen": str(before), "client": str(invoice.client_id), "reason": "name", "parts": f"{invoice.id}:1"}
    for person in (cast.vip, cast.hunter, cast.head_of_sales, cast.administrator):
        browser = sign_in(person)
        for address in ("/payments", "/payments/new", f"/payments/{strange.id}", "/payments/waiting"):
            assert browser.get(address).status_code == 403
        for verb in ("match", "spread", "free", "credit", "reopen", "aside", "return"):
            assert browser.post(f"/payments/{strange.id}/{verb}", data=sent).status_code == 403
    assert sign_in(cast.administrator).get(f"/clients/{invoice.client_id}/payments").status_code == 403
    session.expire_all()
    assert (strange.version, strange.client_id, invoice.outstanding_minor) == (before, None, 90_000)


def test_reasons_of_ours_are_told_in_the_readers_language(session: Session, cast: Cast, sign_in) -> None:
    client = make_client(session, cast.clerk)
    payment = make_payment(session, 10_000, client=client)
    made = {"by": cast.clerk, "at": now()}
    payment.give_back(session, 10_000, ReturnKind.MISTAKE, MISTAKE, on=seat_day(), **made)
    contract = make_contract(session, client)
    session.add(contract.end(seat_day(), REASON, seen=contract.version, **made))
    cast.clerk.language = "ru"
    session.commit()
    browser = sign_in(cast.clerk)
    for page in (f"/payments/{payment.id}", f"/clients/{client.id}", f"/clients/{client.id}/contracts"):
        text = soup(browser.get(page)).select_one("main").get_text(" ")
        assert ("Выписка отменена" in text) is (page != f"/clients/{client.id}/contracts"), page
        assert ("Клиент потерян" in text) is (page != f"/payments/{payment.id}"), page
        assert MISTAKE not in text
        assert REASON not in text
