"""Commission in the browser: rules, a statement that explains each line, and a month that closes for good."""

from datetime import datetime, time, timedelta, UTC
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_bundle, make_client, make_interaction, make_invoice, make_payment, make_product
from tests.support.client import soup
from webapp.commissions import read_payments
from webapp.domain import commission_trial
from webapp.domain.awareness import Awareness
from webapp.domain.calendar import month_of, months_on
from webapp.domain.commission import CommissionEntry, CommissionMonth
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.commission_terms import Payee, Portion, Terms
from webapp.domain.product_family import ProductFamily

NOW = datetime.now(UTC)
LAST = months_on(month_of(NOW.date()), -1)
MONTH = LAST.strftime("%Y-%m")


@pytest.fixture
def paid(app: Any, session: Session, cast: Cast) -> None:
    """The hunter's client paid 1 000 last month; a rule gives 10 % of initial payments."""
    client = make_client(session, cast.hunter, name="=Camomile", at=NOW)
    client.attracted_by = cast.hunter
    terms = Terms(Portion.INITIAL, 1_000)
    CommissionRule.add(session, "Start", LAST, terms, by=cast.director, at=NOW, closed_through=None)
    payment = make_payment(session, 100_000, LAST, at=NOW)
    payment.allocate(session, make_invoice(session, client, 100_000, LAST, at=NOW), by=cast.clerk, at=NOW)
    session.commit()
    with app.app_context():
        read_payments()


def test_a_statement_explains_its_line(paid: None, cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.hunter).get(f"/commission/people/{cast.hunter.id}/{MONTH}")
    assert "10 % of the initial payment of" in answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "“Start”, version 1" in answer.text


def test_who_told_a_client_sees_why_that_earns_and_the_contract_names_who_told_and_sold(
    app: Any, session: Session, cast: Cast, sign_in: Any
) -> None:
    client, fibre = make_client(session, cast.hunter, at=NOW), make_product(session, cast.director, "Fibre")
    client.attracted_by = cast.hunter
    told_at = datetime.combine(LAST - timedelta(days=40), time(9), UTC)
    said = make_interaction(session, client, by=cast.vip, at=told_at)
    session.add(Awareness.of(session, client.id, fibre.id, at=NOW).tell(said, by=cast.vip, at=NOW))
    terms = Terms(Portion.INITIAL, 1_00, Payee.TELLER, told_within=90)
    CommissionRule.add(session, "Told", LAST, terms, by=cast.director, at=NOW, closed_through=None)
    payment = make_payment(session, 100_000, LAST, at=NOW)
    invoice = make_invoice(session, client, 100_000, LAST, at=NOW, product_id=fibre.id)
    payment.allocate(session, invoice, by=cast.clerk, at=NOW)
    session.commit()
    with app.app_context():
        read_payments()
    vip = sign_in(cast.vip)
    text = vip.get(f"/commission/people/{cast.vip.id}/{MONTH}").text
    assert "by the rule “Told”, version 1: told the client of the product in person on" in text
    page = soup(vip.get(f"/clients/{client.id}/contracts")).get_text()
    assert f"told by {cast.vip.name} on" in page
    assert f"attracted by {cast.hunter.name}" in page


def test_a_line_tells_which_part_of_a_bundle_it_is_for(app: Any, session: Session, cast: Cast, sign_in: Any) -> None:
    client = make_client(session, cast.hunter, at=NOW)
    client.attracted_by = cast.hunter
    fibre, phone = (make_product(session, cast.director, name) for name in ("Fibre", "Phone"))
    office = make_bundle(session, cast.director, fibre, phone)
    terms = Terms(Portion.INITIAL, 1_000, products=frozenset({fibre.id}))
    CommissionRule.add(session, "Fibre first", LAST, terms, by=cast.director, at=NOW, closed_through=None)
    payment = make_payment(session, 100_000, LAST, at=NOW)
    invoice = make_invoice(session, client, 100_000, LAST, at=NOW, product_id=office.id)
    payment.allocate(session, invoice, by=cast.clerk, at=NOW)
    session.commit()
    with app.app_context():
        read_payments()
    text = soup(sign_in(cast.hunter).get(f"/commission/people/{cast.hunter.id}/{MONTH}")).get_text()
    assert "“Fibre first”, version 1: the part of a bundle's payment that falls to Fibre" in text
    assert "nothing: the part of a bundle's payment that falls to Phone, no rule was in force for it" in text


def test_the_workbook_holds_no_formula_but_sums_to_add_up(paid: None, cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.hunter).get(f"/commission/people/{cast.hunter.id}/{MONTH}.xlsx")
    sheet = load_workbook(BytesIO(answer.data)).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=Camomile", "s")
    assert [(cell.value, cell.data_type) for cell in sheet["C2:E2"][0]] == [(1000, "n"), (10, "n"), (100, "n")]
    assert (sheet["B2"].is_date, f"{sheet['B2'].value:%Y-%m}", sheet["E2"].number_format) == (True, MONTH, "#,##0.00")


def test_the_statement_is_printed(paid: None, cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.hunter).get(f"/commission/people/{cast.hunter.id}/{MONTH}.pdf")
    (page,) = PdfReader(BytesIO(answer.data)).pages
    text = " ".join(page.extract_text().replace("\N{NO-BREAK SPACE}", " ").split())
    assert "Harry Hunter" in text
    assert "10 % of the initial payment of" in text
    assert "Total RUB 100.00" in text or "Total 100.00 RUB" in text


@pytest.mark.parametrize(("who", "status"), [("other_hunter", 403), ("clerk", 403), ("head_of_sales", 200)])
def test_only_his_head_and_the_director_see_a_hunters_statement(
    paid: None, cast: Cast, sign_in: Any, who: str, status: int
) -> None:
    browser = sign_in(getattr(cast, who))
    assert browser.get(f"/commission/people/{cast.hunter.id}/{MONTH}").status_code == status
    assert browser.get(f"/commission/people/{cast.hunter.id}").status_code == status
    assert browser.get(f"/commission/people/{cast.hunter.id}/{MONTH}.pdf").status_code == status


def test_the_director_closes_the_month_and_a_closed_one_refuses(
    paid: None, cast: Cast, sign_in: Any, session: Session
) -> None:
    browser = sign_in(cast.director)
    assert browser.post(f"/commission/{MONTH}/closed").status_code == 303
    assert "closed for good" in browser.get(f"/commission?month={MONTH}").text
    browser.post(f"/commission/{MONTH}/closed")
    assert "This month is closed already" in browser.get("/commission").text
    assert session.query(CommissionMonth).count() == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE commission_entry SET amount_minor = 1",
        "DELETE FROM commission_entry",
        "DELETE FROM commission_month",
        "UPDATE commission_version SET number = 7",
    ],
)
def test_the_database_refuses_to_change_what_is_closed(
    paid: None, cast: Cast, sign_in: Any, session: Session, change: str
) -> None:
    sign_in(cast.director).post(f"/commission/{MONTH}/closed")
    assert session.query(CommissionEntry).count() == 1
    session.commit()
    with pytest.raises(IntegrityError):
        session.execute(text(change))
    session.rollback()


def test_a_director_adds_a_rule_and_a_head_only_reads(cast: Cast, sign_in: Any, session: Session) -> None:
    asked = {"name": "Current", "starts_on": NOW.date().isoformat(), "portion": "current", "payee": "hunter"}
    shares = (("", cast.head_of_sales, "12,5"), ("_2", cast.clerk, "10"), ("_3", cast.vip, "5"))
    asked |= {f"split_person{number}": str(person.id) for number, person, _ in shares}
    asked |= {"percent": "2,5", "tiers": "10 3", "steps": ""} | {f"split_share{n}": share for n, _, share in shares}
    director, head = sign_in(cast.director), sign_in(cast.head_of_sales)
    for wrong, why in ({"split_share_2": "90"}, "100 percent"), ({"split_person_3": asked["split_person"]}, "once"):
        answer = director.post("/commission/rules/new", data=asked | wrong)
        assert (answer.status_code, why in answer.text) == (422, True)
    assert director.post("/commission/rules/new", data=asked).status_code == 303
    terms = (rule := session.query(CommissionRule).one()).versions[0].conditions
    assert terms.tiers[0].basis_points == 300
    assert [(split.person_id, split.share) for split in terms.splits] == [
        (cast.head_of_sales.id, 1_250), (cast.clerk.id, 1_000), (cast.vip.id, 500)
    ]  # fmt: skip
    page = director.get(f"/commission/rules/{rule.id}/versions/new")
    late = director.submit(page, "#form-part form", starts_on=(NOW.date() + timedelta(days=9)).isoformat())
    assert late.status_code == 303
    session.expire_all()
    assert rule.versions[1].conditions == terms
    assert "Current" in head.get("/commission/rules").text
    assert head.get("/commission/rules/new").status_code == 403


def test_a_rule_names_families_by_what_they_are_called_now(session: Session, cast: Cast, sign_in: Any) -> None:
    family = ProductFamily.add(session, "Cloud", by=cast.director, at=NOW)
    director = sign_in(cast.director)
    asked = {"name": "Cloud only", "starts_on": NOW.date().isoformat(), "portion": "current", "payee": "hunter"}
    asked |= {"percent": "2", "tiers": "", "steps": "", "split_person": "0", "families": str(family.id)}
    assert director.post("/commission/rules/new", data=asked).status_code == 303
    rule = session.query(CommissionRule).filter_by(name="Cloud only").one()
    assert rule.versions[0].conditions.families == {family.id}
    session.add(family.change(session, "Skies", "", by=cast.director, at=NOW, seen=family.version))
    assert "Skies" in director.get("/commission/rules").text
    director.submit(director.get("/products/families"), f"form[action='/products/families/{family.id}/removed']")
    assert session.query(ProductFamily).count() == 1


def test_a_rule_names_its_products_and_says_that_a_day_gone_by_counts(
    session: Session, cast: Cast, sign_in: Any
) -> None:
    product = make_product(session, cast.director, "Fibre")
    terms = Terms(Portion.CURRENT, 200, products=frozenset({product.id}))
    CommissionRule.add(session, "Fibre only", LAST, terms, by=cast.director, at=NOW, closed_through=None)
    session.commit()
    director = sign_in(cast.director)
    assert "· Fibre" in director.get("/commission/rules").text
    assert "cannot be taken back" in director.get("/commission/rules/new").text
    assert "cannot be taken back" not in director.get("/commission/rules/1/versions/new").text


def test_whoever_has_left_is_named_in_what_a_rule_would_have_paid(
    paid: None, cast: Cast, sign_in: Any, session: Session
) -> None:
    cast.hunter.deactivated_at = NOW
    session.commit()
    asked = {"name": "Dearer", "starts_on": NOW.date().isoformat(), "portion": "initial", "payee": "hunter"}
    asked |= {"percent": "20", "tiers": "", "steps": "", "split_person": "0", "trial": "1"}
    shown = soup(sign_in(cast.director).post("/commission/rules/new", data=asked)).select_one("#trial")
    assert cast.hunter.name in shown.get_text()


def test_a_rule_says_what_it_would_have_paid_before_it_starts(
    paid: None, cast: Cast, sign_in: Any, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"name": "Dearer", "starts_on": NOW.date().isoformat(), "portion": "initial", "payee": "hunter"}
    asked |= {"percent": "20", "tiers": "", "steps": "", "split_person": "0", "trial": "1"}
    answer = sign_in(cast.director).post("/commission/rules/new", data=asked)
    assert (answer.status_code, session.query(CommissionRule).count()) == (200, 1)
    shown = answer.text[answer.text.index('id="trial"') :].replace("\N{NO-BREAK SPACE}", " ")
    assert cast.hunter.name in shown
    assert "200.00" in shown
    assert "too much to look at" not in shown
    monkeypatch.setattr(commission_trial, "MOST", 0)
    answer = sign_in(cast.director).post("/commission/rules/new", data=asked)
    assert "too much to look at at once: these are only the last months, 1 of 12" in answer.text


def test_a_hunters_home_leads_to_what_his_clients_pay(paid: None, cast: Cast, sign_in: Any) -> None:
    browser = sign_in(cast.hunter)
    assert f"/commission/people/{cast.hunter.id}" in browser.get("/").text
    answer = browser.get(f"/commission/people/{cast.hunter.id}")
    assert "What the clients I brought pay me" in answer.text
    assert "=Camomile" in answer.text


def test_a_statement_costs_the_same_for_one_line_and_thirty(
    paid: None, cast: Cast, sign_in: Any, session: Session, statements: Any
) -> None:
    browser, address = sign_in(cast.hunter), f"/commission/people/{cast.hunter.id}/{MONTH}"
    with statements() as one:
        browser.get(address)
    entry = session.query(CommissionEntry).one()
    kept = {column.name: getattr(entry, column.name) for column in CommissionEntry.__table__.columns}
    session.add_all(CommissionEntry(**(kept | {"id": None, "base_minor": n})) for n in range(30))
    session.commit()
    with statements() as many:
        browser.get(address)
    assert len(one) == len(many)
