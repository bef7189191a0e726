"""What clients pay a hunter: the statement explains each line, the director closes the month, and that month stays."""

from datetime import datetime, UTC

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_client, make_invoice, make_payment
from webapp.commissions import read_payments
from webapp.domain.allocation import ReturnKind
from webapp.domain.calendar import month_of, months_on
from webapp.domain.commission import CommissionEntry, CommissionMonth
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.commission_terms import Portion, Terms, Tier

pytestmark = pytest.mark.fresh

NOW = datetime.now(UTC)
THIS = month_of(NOW.date())
LAST = months_on(THIS, -1)


def _pays(session: Session, cast: Cast, name: str, minor: int) -> object:
    client = make_client(session, cast.hunter, name=name, at=NOW)
    client.attracted_by = cast.hunter
    payment = make_payment(session, minor, LAST, at=NOW)
    payment.allocate(session, make_invoice(session, client, minor, LAST, at=NOW), by=cast.clerk, at=NOW)
    return payment


def test_a_hunter_sees_why_he_earns_and_a_closed_month_stays(
    session: Session, cast: Cast, app: Flask, page_for, axe, fits
) -> None:
    """Two clients paid last month; the money of one is returned after the month was closed."""
    rule = {"by": cast.director, "at": NOW, "closed_through": None}
    CommissionRule.add(session, "Start", LAST, Terms(Portion.INITIAL, 1_000, tiers=(Tier(2, 1_200),)), **rule)
    _pays(session, cast, "Camomile", 100_000)
    returned = _pays(session, cast, "Bluebell", 50_000)
    session.commit()
    with app.app_context():
        read_payments()

    hunter = page_for(cast.hunter)
    hunter.goto("/")
    hunter.get_by_role("link", name="Clients you brought").click()
    expect(hunter.locator("#chart-RUB canvas")).to_be_visible()
    expect(hunter.locator("#chart-RUB canvas")).not_to_have_js_property("width", 300)  # that of an empty one
    expect(hunter.get_by_role("row", name="Camomile")).to_contain_text("120.00")
    expect(hunter.get_by_role("row", name="Clients that pay")).to_contain_text("2")
    axe(hunter)
    fits(hunter)
    hunter.locator(f"#clients-RUB a[href$='/{LAST:%Y-%m}']").click()
    lines = hunter.locator("#lines li")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("12 % of the initial payment of RUB 1,000.00 by Camomile")
    expect(lines.first).to_contain_text("by the rule “Start”, version 1: 2 paying clients, tier 1")
    axe(hunter)
    fits(hunter)

    director = page_for(cast.director)
    director.goto(f"/commission?month={LAST:%Y-%m}")
    expect(director.locator("main")).to_contain_text("180.00")
    director.locator("#close button").click()
    director.get_by_role("button", name="Close for good", exact=True).click()
    expect(director.locator("#toasts")).to_contain_text("closed for good")
    session.rollback()  # what was read before the month was closed
    assert session.query(CommissionMonth).count() == 1

    returned.give_back(session, 50_000, ReturnKind.RETURNED, "sent twice", by=cast.clerk, at=NOW, on=NOW.date())
    session.commit()
    with app.app_context():
        read_payments()
    hunter.goto(f"/commission/people/{cast.hunter.id}/{THIS:%Y-%m}")
    expect(hunter.locator("#lines li")).to_have_count(1)
    expect(hunter.locator("#lines li")).to_contain_text("-RUB 60.00")
    expect(hunter.locator("#lines li")).to_contain_text(f"corrects {LAST:%B %Y}")
    session.rollback()
    kept = session.query(CommissionEntry.amount_minor).filter(CommissionEntry.month == LAST)
    assert sorted(minor for (minor,) in kept) == [6_000, 12_000]
