"""Contracts on the screen: from a won deal, by hand, with new terms, with an end."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import (
    line,
    make_bundle,
    make_client,
    make_contract,
    make_deal,
    make_invoice,
    make_offer,
    make_product,
)
from tests.support.client import soup
from webapp.domain.bundling import Part
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal
from webapp.domain.product import Billing
from webapp.domain.words import Department
from webapp.web.clock import now

FORM = "main form[method=post]"


@pytest.fixture
def won(session: Session, cast: Cast) -> Deal:
    lines = (line(10_000, quantity=3, billing=Billing.MONTHLY, name="Seat"), line(5_000, name="Set-up"))
    deal = make_deal(session, make_client(session, cast.hunter), *lines)
    session.add(deal.win(by=cast.hunter, at=AT, seen=deal.version))
    return deal


def contracts(session: Session) -> list[Contract]:
    session.expire_all()
    return list(session.scalars(select(Contract).order_by(Contract.id)))


def test_each_line_of_a_won_deal_becomes_a_contract(session, cast: Cast, sign_in, won: Deal) -> None:
    browser = sign_in(cast.hunter)
    offered = soup(browser.get(f"/deals/{won.id}")).select_one(f'a[href="/deals/{won.id}/contracts/new"]')
    assert offered is not None
    page = browser.get(f"/deals/{won.id}/contracts/new")
    answer = browser.submit(page, FORM, starts_on="2026-04-01", payment_day="5", number="7/26")
    assert answer.location == f"/clients/{won.client_id}/contracts"
    seat, setup = contracts(session)
    assert (seat.name, seat.billing, seat.amount_minor) == ("Seat × 3", Billing.MONTHLY, 30_000)
    assert (setup.name, setup.billing, setup.amount_minor) == ("Set-up", Billing.ONE_OFF, 5_000)
    for contract in (seat, setup):
        assert (contract.deal, contract.payment_day, contract.number) == (won, 5, "7/26")
        assert contract.next_invoice_on == date(2026, 4, 1)
    assert "Seat × 3" in soup(browser.get(f"/deals/{won.id}")).select_one("#contracts").get_text()


def test_sent_twice_they_are_concluded_once(session, cast: Cast, sign_in, won: Deal) -> None:
    browser = sign_in(cast.hunter)
    page = browser.get(f"/deals/{won.id}/contracts/new")
    first, second = (browser.submit(page, FORM) for _ in range(2))
    assert first.location == second.location
    assert len(contracts(session)) == 2


def test_what_is_concluded_is_not_concluded_again_by_an_old_page_or_a_new_one(
    session, cast: Cast, sign_in, won: Deal
) -> None:
    browser = sign_in(cast.hunter)
    pages = [browser.get(f"/deals/{won.id}/contracts/new") for _ in range(2)]
    browser.submit(pages[0], FORM)
    old = browser.submit(pages[1], FORM)
    assert (old.status_code, len(contracts(session))) == (422, 2)
    anew = browser.get(f"/deals/{won.id}/contracts/new")
    assert "Seat × 3" in soup(anew).select_one(".notice").get_text()
    for page in (old, anew):
        assert not soup(page).select(f"{FORM} input[type=checkbox][checked]")
        assert browser.submit(page, FORM).status_code == 422, "nothing is ticked"
    browser.submit(old, FORM, **{"lines-1-taken": "y"})
    assert [contract.name for contract in contracts(session)] == ["Seat × 3", "Set-up", "Set-up"], "on purpose"


def test_a_line_that_is_not_ticked_becomes_none(session, cast: Cast, sign_in, won: Deal) -> None:
    browser = sign_in(cast.hunter)
    page = browser.get(f"/deals/{won.id}/contracts/new")
    browser.submit(page, FORM, **{"lines-1-taken": None})
    assert [contract.name for contract in contracts(session)] == ["Seat × 3"]
    none = browser.submit(page, FORM, once="another", **{"lines-0-taken": None, "lines-1-taken": None})
    assert none.status_code == 422
    wrong = browser.submit(page, FORM, **{"lines-0-amount_minor": "", "once": "one more"})
    assert wrong.status_code == 422
    assert len(contracts(session)) == 1


def test_a_deal_that_is_not_won_has_no_contract(session, cast: Cast, sign_in) -> None:
    deal = make_deal(session, make_client(session, cast.hunter))
    assert sign_in(cast.hunter).get(f"/deals/{deal.id}/contracts/new").status_code == 404


def test_a_contract_is_concluded_by_hand(session, cast: Cast, sign_in) -> None:
    client, browser = make_client(session, cast.clerk), sign_in(cast.clerk)
    page = browser.get(f"/clients/{client.id}/contracts/new")
    typed = {"name": "Care", "amount_minor": "1 234,50", "starts_on": "2026-03-02", "indexation": "7,5"}
    answer = browser.submit(page, FORM, **typed)
    assert answer.location == f"/clients/{client.id}/contracts"
    (contract,) = contracts(session)
    assert (contract.amount_minor, contract.indexation, contract.tax) == (1_234_50, 750, "standard")
    shown = soup(browser.get(answer.location)).get_text()
    assert "Care" in shown
    assert "+7.5 % on Mar 2, 2027" in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_minor", "0"),
        ("amount_minor", "-5"),
        ("amount_minor", "abc"),
        ("starts_on", "2026-02-30"),
        ("starts_on", "2006-03-02"),
        ("ends_on", "2020-01-01"),
        ("payment_day", "32"),
        ("notice_days", "9999"),
        ("indexation", "51"),
        ("name", ""),
        ("currency", "XXX"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(session, cast: Cast, sign_in, field: str, value: str) -> None:
    client, browser = make_client(session, cast.clerk), sign_in(cast.clerk)
    page = browser.get(f"/clients/{client.id}/contracts/new")
    typed = {"name": "Care", "amount_minor": "100", "starts_on": "2026-03-02"} | {field: value}
    answer = browser.submit(page, FORM, **typed)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-field .field-error, .form-summary li") is not None
    assert contracts(session) == []


def test_a_contract_shows_what_its_bundle_held_when_it_was_sold(session, cast: Cast, sign_in) -> None:
    phone, modem = (make_product(session, cast.director, name, billing=Billing.MONTHLY) for name in ("Phone", "Modem"))
    office, client = make_bundle(session, cast.director, phone, name="Office"), make_client(session, cast.clerk)
    parts = [Part(phone.id, 1000), Part(modem.id, 2500)]
    session.add(office.bundle(session, parts, None, by=cast.director, at=AT, seen=office.version))
    make_contract(session, client, product=office)
    chief = sign_in(cast.director)
    changed = chief.submit(chief.get(f"/products/{office.id}/parts"), FORM, **{"lines-1-product_id": "0"})
    assert changed.status_code == 303
    assert [part["href"] for part in soup(chief.get(f"/products/{office.id}")).select("#parts li a")] == [
        f"/products/{phone.id}"
    ]
    shown = soup(chief.get(f"/clients/{client.id}/contracts"))
    assert [each.get_text() for each in shown.select(".sold-parts")] == ["In the bundle: Phone, Modem × 2.5"]


def test_new_terms_hold_for_the_invoices_to_come(session, cast: Cast, sign_in) -> None:
    contract = make_contract(session, make_client(session, cast.clerk), 100_000)
    browser = sign_in(cast.other_clerk)
    page = browser.get(f"/contracts/{contract.id}/edit")
    soon = (now() + timedelta(days=30)).date()
    assert browser.submit(page, FORM, amount_minor="1500", starts_on=soon.isoformat()).status_code == 303
    (changed,) = contracts(session)
    assert (changed.amount_minor, changed.starts_on) == (1500_00, soon)
    stale = browser.submit(page, FORM, amount_minor="1700")
    assert stale.status_code == 409
    assert contracts(session)[0].amount_minor == 1500_00


def test_a_contract_ends_with_a_reason(session, cast: Cast, sign_in) -> None:
    contract = make_contract(session, make_client(session, cast.clerk))
    browser = sign_in(cast.clerk)
    page = browser.get(f"/contracts/{contract.id}/end")
    assert browser.submit(page, FORM, ends_on="2026-06-30", reason="").status_code == 422
    assert browser.submit(page, FORM, ends_on="2026-06-30", reason="They move").status_code == 303
    (ended,) = contracts(session)
    assert (ended.ends_on, ended.end_reason) == (date(2026, 6, 30), "They move")
    assert browser.get(f"/contracts/{contract.id}").location.endswith(f"/contracts#contract-{contract.id}")


def test_who_may_not_changes_nothing(session, cast: Cast, sign_in, won: Deal) -> None:
    contract = make_contract(session, won.client)
    for person in (cast.vip, cast.administrator, cast.other_hunter if False else cast.head_of_vip):
        browser = sign_in(person)
        for url in (
            f"/clients/{won.client_id}/contracts/new",
            f"/deals/{won.id}/contracts/new",
            f"/contracts/{contract.id}/edit",
            f"/contracts/{contract.id}/end",
        ):
            assert browser.post(url, data={"amount_minor": "1", "reason": "x"}).status_code == 403
    assert len(contracts(session)) == 1
    assert sign_in(cast.vip).get(f"/clients/{won.client_id}/contracts").status_code == 200
    assert sign_in(cast.administrator).get(f"/clients/{won.client_id}/contracts").status_code == 403


def test_the_list_costs_the_same_with_one_contract_and_with_thirty(session, cast, sign_in, statements) -> None:
    client, browser = make_client(session, cast.clerk), sign_in(cast.clerk)
    make_contract(session, client)
    counted = []
    for more in (0, 29):
        for _ in range(more):
            make_contract(session, client)
        with statements() as seen:
            browser.get(f"/clients/{client.id}/contracts")
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_who_is_to_accept_a_client_sees_what_it_pays_and_owes(session, cast: Cast, sign_in) -> None:
    client = make_client(session, cast.hunter)
    make_contract(session, client, 250_000)
    make_invoice(session, client, 90_000, date(2026, 1, 10))
    offer = make_offer(session, client, Department.CLIENT)
    browser = sign_in(cast.clerk)
    along = soup(browser.get(f"/handoffs/{offer.id}")).select_one("#along").get_text()
    assert "RUB\N{NO-BREAK SPACE}2,500.00 a month" in along
    assert "RUB\N{NO-BREAK SPACE}900.00" in along
    assert "overdue" in along


def test_whoever_takes_a_client_over_answers_for_its_invoices(session, cast: Cast, sign_in) -> None:
    client = make_client(session, cast.hunter)
    invoice = make_invoice(session, client, 90_000, date(2026, 1, 10))
    offer = make_offer(session, client, Department.CLIENT)
    browser = sign_in(cast.clerk)
    mine = f"/invoices?shown=owed&clerk={cast.clerk.id}"
    assert invoice.label not in browser.get(mine).get_data(as_text=True)
    page = browser.get(f"/handoffs/{offer.id}")
    assert browser.submit(page, "form#acceptance", owner_id=str(cast.clerk.id)).status_code == 303
    assert invoice.label in browser.get(mine).get_data(as_text=True)
    assert cast.clerk.name in soup(browser.get(f"/invoices/{invoice.id}")).select_one("#about").get_text()
    money = soup(browser.get(f"/clients/{client.id}")).select_one("#money").get_text()
    assert "1 invoice owed" in money


def test_figures_of_a_client_without_contracts_are_none(session, cast: Cast, sign_in) -> None:
    client = make_client(session, cast.hunter)
    page = soup(sign_in(cast.hunter).get(f"/clients/{client.id}"))
    assert "Nothing is paid for yet" in page.select_one("#money").get_text()
    assert session.scalar(select(func.count()).select_from(Contract)) == 0
