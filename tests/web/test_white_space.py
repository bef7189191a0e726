"""The matrix: windows of it, what a cell says, and what can be done from there."""

import importlib.util
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from tests.attacks import make_attack, make_competitor
from tests.cast import AT
from tests.factories import make_bundle, make_client, make_contact, make_contract, make_deal, make_product
from tests.support.client import soup
from webapp.domain.awareness import Awareness
from webapp.domain.deal import Deal, Line
from webapp.domain.event import Event
from webapp.domain.likeness import MIN_ALIKE
from webapp.domain.loss import Loss
from webapp.domain.price_list import PriceEntry, PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.proposal import Proposal
from webapp.domain.rival_supply import RivalSupply
from webapp.domain.task import Task
from webapp.domain.white_space import WhiteSpace
from webapp.nightly_white_space import follow_contracts, keep_white_space
from webapp.queries.white_space import WINDOW
from webapp.web.clock import now

DAY = date(2026, 11, 23)
NAMES = ["Internet", "Telephony", "Hosting"]


@pytest.fixture
def families(session, cast):
    """Three families with a monthly product each."""
    made = [ProductFamily.add(session, name, by=cast.director, at=AT) for name in NAMES]
    for family in made:
        make_product(session, cast.director, f"{family.name} 1", family_id=family.id, billing=Billing.MONTHLY)
    session.commit()
    return made


@pytest.fixture
def night(app):
    """A step of the night's work; white space, unless the test says otherwise."""

    def work(step=keep_white_space):
        with app.app_context():
            return step(DAY)

    return work


def of(session, family):
    """The family's product."""
    return session.scalars(select(Product).where(Product.family_id == family.id)).one()


def portfolio(session, cast, families, night, count=MIN_ALIKE + 1):
    """Clients that all own the first family, and all but the first the second; the night has compared them."""
    clients = [make_client(session, cast.vip, name=f"Firm {number}", sector="Trade") for number in range(count)]
    for client in clients:
        make_contract(session, client, 100_00, date(2026, 10, 1), product_id=of(session, families[0]).id)
    for client in clients[1:]:
        make_contract(session, client, 2_500_00, date(2026, 10, 1), product_id=of(session, families[1]).id)
    session.commit()
    night()
    return clients


def cells(answer):
    """What stands in the rows of an answer: the client's name, then each cell's words."""
    return [
        [row.th.get_text(), *(cell.get_text(" ", strip=True) for cell in row.select("td"))]
        for row in soup(answer).select("tr[aria-rowindex]:has(td)")
    ]


def test_the_matrix_shows_how_far_each_client_is_and_what_it_is_worth(session, cast, sign_in, families, night):
    clients = portfolio(session, cast, families, night)
    page = sign_in(cast.clerk).get("/whitespace")
    heads = [head.get_text(strip=True) for head in soup(page).select(".ws thead th")]
    assert heads == ["The client", *NAMES]
    grid = soup(page).select_one("[role=grid]")
    assert (grid["aria-rowcount"], grid["aria-colcount"]) == (str(len(clients) + 1), "4")
    first = cells(page)[0]
    assert first == ["Firm 0", "owned", "100 % RUB\N{NO-BREAK SPACE}2.5k", "white"], (
        "the one who lacks what all others own stands first"
    )
    assert cells(page)[1][2] == "owned"
    assert "5 of 5 clients like this own it; they pay RUB" in soup(page).get_text()


def test_a_proposal_of_a_bundle_shows_its_parts_as_offered(session, cast, sign_in, families, night):
    client = portfolio(session, cast, families, night, count=2)[0]
    client.inn = "7707083893"
    make_contact(session, client, "Boss")
    parts = [of(session, family) for family in families[:2]]
    office = make_bundle(session, cast.director, *parts, name="Office")
    deal = make_deal(session, client, Line("Office", 1000, 100_00, Billing.MONTHLY, office.id))
    proposal = Proposal.draft(session, deal, by=cast.vip, at=now())
    session.commit()
    browser = sign_in(cast.vip)
    assert browser.submit(browser.get(f"/proposals/{proposal.id}"), "form#send").status_code == 303
    shown = {row[0]: row[1:3] for row in cells(browser.get("/whitespace"))}
    assert shown["Firm 0"] == ["owned", "offered"], "what it owns stays owned"
    assert shown["Firm 1"] == ["owned", "owned"]


def test_a_portfolio_a_family_and_a_state_narrow_it(session, cast, sign_in, families, night):
    clients = portfolio(session, cast, families, night)
    other = make_client(session, cast.hunter, name="Hunted", sector="Trade")
    product = of(session, families[1])
    Awareness.note_all(session, other.id, [product.id], "send", by=None, at=AT)
    RivalSupply.note(
        session, clients[0], families[1], make_competitor(session, cast.director, "Alpha"), by=cast.vip, at=AT
    )
    session.commit()
    night()
    browser = sign_in(cast.director)

    def named(query):
        return {row[0] for row in cells(browser.get(f"/whitespace?{query}"))}

    assert named(f"owner={cast.hunter.id}") == {"Hunted"}
    asked = f"family={families[1].id}"
    assert named(f"{asked}&state=not_told") == {"Firm 0"}
    assert named(f"{asked}&state=sent") == {"Hunted"}
    assert named(f"{asked}&state=owned") == {client.name for client in clients[1:]}
    assert named(f"{asked}&state=not_eligible") == set()
    assert named(f"{asked}&state=rival") == {"Firm 0"}
    assert named(f"client={clients[2].id}") == {"Firm 2"}
    assert named("owner=x&family=-1&state=nonsense&offset=99999") >= {"Firm 0", "Hunted"}
    assert cells(browser.get(f"/whitespace?{asked}&state=rival"))[0][2] == "rival Alpha"


def test_a_window_of_forty_costs_no_more_statements_than_one_of_five(
    session, cast, sign_in, families, statements, night
):
    portfolio(session, cast, families, night)
    browser = sign_in(cast.director)
    browser.get("/whitespace/rows")
    with statements() as few:
        browser.get("/whitespace/rows")
    for number in range(WINDOW + 5):
        make_client(session, cast.vip, name=f"More {number}", sector="Trade")
    session.commit()
    night()
    with statements() as many:
        answer = browser.get(f"/whitespace/rows?offset={WINDOW}")
    assert len(cells(answer)) == 5 + MIN_ALIKE + 1
    assert soup(answer).select_one("tr")["aria-rowindex"] == str(WINDOW + 2)
    assert len(many) == len(few), "\n".join(many)


def test_what_people_wrote_stays_text_in_the_matrix(session, cast, sign_in, families, night):
    client = make_client(session, cast.vip, name="<script>alert(1)</script>", sector="Trade")
    rival = make_competitor(session, cast.director, "<b>Alpha</b>")
    RivalSupply.note(session, client, families[0], rival, by=cast.vip, at=AT)
    session.commit()
    night()
    answer = sign_in(cast.director).get("/whitespace/rows")
    assert cells(answer)[0][:2] == ["<script>alert(1)</script>", "rival <b>Alpha</b>"]
    assert not soup(answer).select("script, td b b")


def test_a_rival_that_was_seen_is_a_suggestion_until_somebody_says_so(session, cast, sign_in, families, night):
    (client, *_) = portfolio(session, cast, families, night)
    seen = make_attack(session, client, cast).competitor
    make_competitor(session, cast.director, "Unseen")
    session.commit()
    browser = sign_in(cast.vip)
    address = f"/clients/{client.id}/whitespace/{families[0].id}"
    page = browser.get(address)
    assert soup(page).select_one(".ws-rivals button[name=competitor_id]").get_text(strip=True) == seen.name
    assert session.scalars(select(RivalSupply)).all() == []
    assert browser.submit(page, ".ws-rivals form", competitor_id=seen.id).status_code == 303
    page = browser.get(address)
    assert f"They buy it at {seen.name}" in soup(page).get_text()
    assert browser.submit(page, 'form[action$="/rival/end"]').status_code == 303
    assert session.scalars(select(RivalSupply.ended_at)).one() is not None
    assert browser.post(f"{address}/rival", data={"competitor_id": "x"}).status_code == 422
    kinds = session.scalars(select(Event.kind).where(Event.client_id == client.id)).all()
    assert {"rivalsupply:noted", "rivalsupply:ended"} <= set(kinds)


def test_what_does_not_suit_a_client_needs_a_reason_and_may_come_back(session, cast, sign_in, families, night):
    (client, *_) = portfolio(session, cast, families, night)
    browser = sign_in(cast.vip)
    address = f"/clients/{client.id}/whitespace/{families[1].id}"
    page = browser.get(address)
    assert browser.submit(page, 'form[action$="/unsuited"]', reason=" ").status_code == 422
    assert browser.submit(page, 'form[action$="/unsuited"]', reason="No line in the yard").status_code == 303
    assert cells(browser.get(f"/whitespace?client={client.id}"))[0][2] == "unsuited"
    page = browser.get(address)
    assert "No line in the yard" in soup(page).get_text()
    browser.submit(page, 'form[action$="/suited"]')
    assert cells(browser.get(f"/whitespace?client={client.id}"))[0][2] == "100 % RUB\N{NO-BREAK SPACE}2.5k"
    owned = f"/clients/{client.id + 1}/whitespace/{families[1].id}"
    answer = browser.submit(browser.get(owned), 'form[action$="/unsuited"]', reason="why not")
    assert answer.status_code == 422
    assert "owns this family" in soup(answer).get_text()


def test_nobody_else_says_so_and_everybody_with_clients_may_look(session, cast, sign_in, families, night):
    (client, *_) = portfolio(session, cast, families, night)
    address = f"/clients/{client.id}/whitespace/{families[0].id}"
    clerk = sign_in(cast.clerk)
    page = clerk.get(address)
    assert page.status_code == 200
    assert not soup(page).select('form[action*="/unsuited"], form[action*="/rival"], form[action*="/proposal"]')
    for action in ("rival", "rival/end", "unsuited", "suited"):
        assert clerk.post(f"{address}/{action}", data={"reason": "x", "competitor_id": 1}).status_code == 403
    product = of(session, families[0])
    assert clerk.post(f"/clients/{client.id}/whitespace/products/{product.id}/proposal").status_code == 403
    assert clerk.post("/whitespace/reckoning").status_code == 403
    assert session.scalars(select(Deal)).all() == []


def test_a_cell_leads_to_a_visit_a_deal_and_a_proposal_over_the_product(session, cast, sign_in, families, night):
    (client, *_) = portfolio(session, cast, families, night)
    product, browser = of(session, families[1]), sign_in(cast.vip)
    cell = browser.get(f"/clients/{client.id}/whitespace/{families[1].id}")
    links = {a.get_text(strip=True): a["href"] for a in soup(cell).select(".row-end a")}
    page = browser.get(links["Visit"])
    assert soup(page).select_one("#purpose option[selected]")["value"] == "product"
    assert browser.submit(page, "#form-part form", due_on="2999-01-08").status_code == 303
    task = session.scalars(select(Task).where(Task.client_id == client.id)).one()
    assert (task.visit.about, task.visit.purpose, task.subject) == (product, "product", product.name)
    told = browser.get(f"/tasks/{task.id}/visit")
    assert soup(told).select(".told-row")[0]["aria-label"] == product.name, "what the visit shows stands first"
    page = browser.get(links["Deal"])
    assert browser.submit(page, "form:has([name=lane_id]), form:has([name=expected_on])").status_code == 303
    deal = session.scalars(select(Deal)).one()
    assert [(line.product, line.price_minor) for line in deal.lines] == [(product, product.price_minor)]
    answer = browser.submit(cell, 'form[action$="/proposal"]')
    proposal = session.scalars(select(Proposal)).one()
    assert answer.location.endswith(f"/proposals/versions/{proposal.last.id}/edit")
    browser.submit(cell, 'form[action$="/proposal"]')
    assert len(session.scalars(select(Proposal)).all()) == 1, "the same form is obeyed once"


def test_a_cell_says_the_price_of_the_list_in_force_in_the_clients_currency(session, cast, sign_in, families):
    client, product, by = make_client(session, cast.vip), of(session, families[0]), {"by": cast.director, "at": AT}
    for name, currency, days, price in (("Past", "EUR", -9, 7_00), ("Now", "EUR", -2, 8_00), ("Later", "EUR", 9, 9_00)):
        listed = PriceList.add(session, name, currency, now().date() + timedelta(days=days), **by)
        session.add(listed.price(product, [Break(0, price)], seen=1, **by))
    make_bundle(session, cast.director, product, name="Office", family_id=families[0].id).bundle_off = 0
    session.commit()
    browser, address = sign_in(cast.vip), f"/clients/{client.id}/whitespace/{families[0].id}"

    def said():
        return [row.small.get_text(strip=True).split(" ·")[0] for row in soup(browser.get(address)).select(".rows li")]

    assert said() == ["RUB\xa0100.00 a month", "RUB\xa0100.00 a month"]
    make_contract(session, client, currency="EUR")
    session.commit()
    assert said() == ["€8.00 a month", "€8.00 a month"]
    page = browser.get(address)
    form = browser.get(soup(page).select('a[href*="/deals/new"]')[0]["href"])
    assert soup(form).select_one('[name="currency"] option[selected]')["value"] == "EUR"
    browser.submit(page, 'form[action$="/proposal"]')
    deal = session.scalars(select(Deal)).one()
    assert (deal.currency, deal.lines[0].price_minor) == ("EUR", 8_00)
    product.currency, product.price_minor = "USD", 5_00
    session.execute(delete(PriceEntry))
    session.commit()
    assert said() == ["$5.00 a month", "no price yet"], "in the product's own where nobody named another"


def test_a_client_page_asks_for_its_best_three(session, cast, sign_in, families, night):
    (client, *_) = portfolio(session, cast, families, night)
    browser = sign_in(cast.vip)
    shown = soup(browser.get(f"/clients/{client.id}")).select_one("#white-space")
    assert shown.select_one("[hx-get]")["hx-get"] == f"/clients/{client.id}/whitespace"
    best = soup(browser.get(f"/clients/{client.id}/whitespace"))
    assert [row.b.get_text() for row in best.select(".rows li")] == ["Telephony"]


def test_the_night_ends_ownership_once_and_a_lost_client_leaves_the_matrix(session, cast, families, night):
    client = make_client(session, cast.vip, sector="Trade")
    ends = date(2026, 11, 20)
    make_contract(session, client, 100, date(2026, 1, 1), product_id=of(session, families[0]).id, ends_on=ends)
    session.commit()
    assert night(follow_contracts) == {"begun": 0, "ended": 1}
    assert night(follow_contracts) == {"begun": 0, "ended": 0}
    night()
    Loss.record(session, client, "price", AT.date(), by=cast.director, at=AT)
    session.commit()
    assert session.scalars(select(WhiteSpace)).all() == []


def test_what_clients_know_already_is_learned_from_contracts(session, cast, families, night):
    client = make_client(session, cast.vip)
    product = of(session, families[0])
    make_contract(session, client, 100, date(2026, 1, 1), product_id=product.id)
    make_contract(
        session, client, 100, date(2026, 1, 1), product_id=of(session, families[1]).id, ends_on=date(2026, 2, 1)
    )
    session.execute(delete(Awareness))
    session.flush()
    (path,) = Path("migrations/versions").glob("*_known_awareness.py")
    spec = importlib.util.spec_from_file_location("known_awareness", path)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    migration.backfill(session.connection())
    migration.backfill(session.connection())
    session.expire_all()
    found = session.scalars(select(Awareness)).all()
    assert [(row.client_id, row.product_id, row.state) for row in found] == [(client.id, product.id, "owned")]
