"""The period of initial attraction: a setting, and a flag on the client when it is over."""

from typing import Any

from sqlalchemy.orm import Session

from tests.cast import Cast, seat_day
from tests.factories import make_client, make_engagement, make_invoice, make_payment, make_product
from webapp.commissions import read_payments
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.event import Event
from webapp.web.clock import now

SAID = "The period of initial attraction ended on"


def pay(app: Any, session: Session, cast: Cast) -> Client:
    client = make_client(session, cast.hunter, name="Camomile", at=now())
    client.attracted_by = cast.hunter
    payment = make_payment(session, 100_000, seat_day(), at=now())
    payment.allocate(session, make_invoice(session, client, 100_000, seat_day(), at=now()), by=cast.clerk, at=now())
    session.commit()
    with app.app_context():
        read_payments()
        read_payments()
    return client


def test_the_first_payment_flags_the_client_for_hand_off(app: Any, session: Session, cast: Cast, sign_in: Any) -> None:
    client = pay(app, session, cast)
    assert SAID in sign_in(cast.hunter).get(f"/clients/{client.id}").text
    for who in (cast.hunter, cast.head_of_client):
        assert "Past initial attraction" in sign_in(who).get("/").text
    assert "Past initial attraction" not in sign_in(cast.other_hunter).get("/").text
    assert session.query(Event).filter(Event.kind == "client:matured").count() == 1


def test_a_client_whom_the_client_department_serves_is_not_flagged(
    app: Any, session: Session, cast: Cast, sign_in: Any
) -> None:
    client = pay(app, session, cast)
    make_engagement(session, client, cast.clerk)
    session.commit()
    assert SAID not in sign_in(cast.hunter).get(f"/clients/{client.id}").text
    assert "Past initial attraction" not in sign_in(cast.hunter).get("/").text


def test_the_director_sets_the_period(app: Any, session: Session, cast: Cast, sign_in: Any) -> None:
    browser = sign_in(cast.director)
    asked = {"attraction_kind": "amount", "attraction_size": "5000"}
    assert browser.post("/settings/attraction", data=asked).status_code == 303
    assert session.get_one(Company, 1).attraction_size == 500_000
    client = pay(app, session, cast)
    assert SAID not in browser.get(f"/clients/{client.id}").text


def test_a_product_has_a_period_of_its_own(session: Session, cast: Cast, sign_in: Any) -> None:
    product = make_product(session, cast.director)
    session.commit()
    asked = {"name": "Telephony", "price_minor": "10", "currency": "RUB", "billing": "monthly"}
    asked |= {"attraction_kind": "days", "attraction_size": "90", "family_id": "0", "tax": ""}
    browser = sign_in(cast.director)
    assert browser.post(f"/products/{product.id}/edit", data=asked | {"version": "1"}).status_code == 303
    session.refresh(product)
    assert (product.attraction_kind, product.attraction_size) == ("days", 90)
    assert 'value="90"' in browser.get(f"/products/{product.id}/edit").text
    assert browser.post(f"/products/{product.id}/edit", data=asked | {"attraction_size": ""}).status_code == 422
