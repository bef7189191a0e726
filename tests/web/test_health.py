"""The radar, why a client's health is what it is, overrides, and the versions of the model, over the browser."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, seat_day, TODAY
from tests.factories import make_client, make_contact, make_interaction, make_invoice, make_promise, make_task
from tests.support.client import soup
from webapp.domain.client import Client
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.health_keeping import everybody, keep
from webapp.domain.health_kept import HealthDay, HealthOverride, KeptHealth
from webapp.domain.health_model import HealthModel
from webapp.domain.health_terms import Band, SHIPPED
from webapp.domain.interaction import InteractionKind
from webapp.domain.loss import Loss
from webapp.domain.promise import Promise
from webapp.domain.task import Task, TaskKind
from webapp.jobs import NIGHTLY
from webapp.queries.health_radar import radar, WantedHealth
from webapp.queries.health_why import WEEK, why
from webapp.web.clock import now

FORM = "main form[method=post]"


@pytest.fixture
def client(session: Session, cast: Cast) -> Client:
    """Whom we know, who owes, and to whom we broke a promise; reckoned now."""
    client = make_client(session, cast.clerk, name="Acme")
    contact = make_contact(session, client, "Dora Decides", decision_role=DecisionRole.DECIDES)
    make_interaction(session, client, contact=contact, at=now() - timedelta(days=3))
    make_invoice(session, client, on=(now() - timedelta(days=40)).date())
    make_promise(session, client, due_on=(now() - timedelta(days=9)).date())
    session.flush()
    keep(session, everybody(session), at=now())
    return client


def kept(session: Session, client: Client) -> KeptHealth:
    session.expire_all()
    return session.scalars(select(KeptHealth).where(KeptHealth.client_id == client.id)).one()


def test_the_page_says_why_with_the_source_of_each_fact_and_changes_with_what_happens(session, cast, client, sign_in):
    browser, owner = sign_in(cast.hunter), sign_in(cast.clerk)
    before = kept(session, client).level
    page = soup(browser.get(f"/clients/{client.id}/health"))
    told = " ".join(page.get_text(" ").split())
    for said in ("Promises of ours that are broken or overdue: 1", "Unpaid for longer than usual: 1", "Keep what was"):
        assert said in told
    assert page.select_one("#part-payments a[href^='/invoices/']")
    assert page.select_one("#part-relationship a")
    assert page.select("svg.why-bar")
    assert not page.select("[style]")
    assert f'href="/clients/{client.id}/health"' in browser.get("/clients").text
    assert f'href="/clients/{client.id}/health"' in browser.get(f"/clients/{client.id}").text
    assert f'href="/clients/{client.id}/health"' in browser.get("/board").text
    owner.submit(owner.get(f"/clients/{client.id}"), "form[action$='/kept']")
    assert kept(session, client).level > before
    stranger = make_client(session, cast.hunter)
    assert "Too early to say" in browser.get(f"/clients/{stranger.id}/health").text


def test_a_complaint_at_a_visit_lowers_health_at_once_and_leads_to_the_visit(session, cast, client, sign_in):
    session.delete(session.scalars(select(Promise)).one())
    keep(session, [client.id], at=now())
    before, browser = kept(session, client).points["promises"], sign_in(cast.clerk)
    told = {"outcome": "complained", "purpose": "review", "next_on": (now() + timedelta(days=30)).date().isoformat()}
    visit = browser.submit(browser.get(f"/clients/{client.id}/visits/new"), "#visit-form", **told)
    assert (before, kept(session, client).points["promises"]) == (0, -4)
    part = soup(browser.get(f"/clients/{client.id}/health")).select_one("#part-promises")
    assert "At the last visit they complained" in part.get_text()
    assert visit.location.endswith(part.select_one(".why-facts a")["href"])


def test_the_points_of_the_facts_come_to_the_points_of_their_part(session, cast, client):
    make_interaction(session, client, contact=client.contacts[0], by=cast.vip, at=now())
    session.flush()
    keep(session, [client.id], at=now())
    relationship = why(session, cast.clerk.actor, client, seat_day()).parts[0]
    assert [fact.points for fact in relationship.findings] == [6, 3, 4]
    assert relationship.points == 13


def test_every_fact_has_a_day_and_a_link_also_that_something_is_missing(session, cast, client, sign_in):
    browser = sign_in(cast.hunter)

    def links(of: Client) -> list[tuple[str, str]]:
        facts = soup(browser.get(f"/clients/{of.id}/health")).select(".why-facts li")
        assert all(
            re.match(r"\w{3} \d+, \d{4} ·", fact.select_one("small").get_text(" ", strip=True)) for fact in facts
        )
        return [(fact.select_one("small a").text, fact.select_one("small a")["href"]) for fact in facts]

    entries = [address for name, address in links(client) if name == cast.clerk.name]
    assert len(entries) == 1
    timeline = soup(browser.get(entries[0])).select_one("#timeline li.timeline-item")
    assert "They want to see prices" in timeline.get_text()
    spoke = now() - timedelta(days=3)
    make_interaction(session, client, InteractionKind.NOTE, "We spoke of them here", at=spoke + timedelta(seconds=1))
    assert entries == [address for name, address in links(client) if name == cast.clerk.name], "a note is no contact"
    silent = make_client(session, cast.clerk, name="Silent")
    make_invoice(session, silent, on=(now() - timedelta(days=2)).date())
    keep(session, [silent.id], at=now())
    name, address = links(silent)[0]
    assert name == "nothing that counts is recorded since then"
    assert browser.get(address).status_code == 200


def test_who_answers_says_that_it_is_another_for_a_while(session, cast, client, sign_in):
    address = f"/clients/{client.id}/health/override"
    assert sign_in(cast.hunter).get(address).status_code == 403
    browser = sign_in(cast.clerk)
    form, until = browser.get(address), (now() + timedelta(days=20)).date().isoformat()
    assert browser.submit(form, FORM, band="critical", until=until, reason=" ").status_code == 422
    assert browser.submit(form, FORM, band="critical", until=until, reason="<b>They told me</b>").status_code == 303
    assert kept(session, client).band is Band.CRITICAL
    page = browser.get(f"/clients/{client.id}/health")
    assert "&lt;b&gt;They told me" in page.text
    assert "Acme" in browser.get("/health").text
    browser.submit(page, "form[action$='/reckoned']")
    row = kept(session, client)
    assert row.band is row.reckoned
    assert "Acme" not in soup(browser.get("/health")).select_one("main").get_text()


def test_the_radar_says_when_somebody_is_next_in_touch_where_no_band_asked(session, cast, client, sign_in):
    band, day = kept(session, client).band.value, TODAY + timedelta(days=400)
    make_task(session, client, day)
    session.flush()
    row = soup(sign_in(cast.head_of_client).get(f"/health?band={band}")).find("a", string="Acme").find_parent("tr")
    assert f"Next touch: {day:%b %-d, %Y}" in row.get_text()


def test_a_director_adopts_a_version_that_never_changes(session, cast, client, sign_in):
    assert sign_in(cast.head_of_client).get("/health/model/new").status_code == 403
    browser = sign_in(cast.director)
    form = browser.get("/health/model/new")
    assert browser.submit(form, FORM, reason="Growth", weight_growth="30").status_code == 422
    assert browser.submit(form, FORM, reason="Growth", weight_growth="10").status_code == 303
    model = session.scalars(select(HealthModel)).one()
    assert (model.number, model.terms["weights"]["growth"]) == (2, 10)
    assert model.terms["thresholds"] == SHIPPED.as_json()["thresholds"] or len(model.terms["thresholds"]) == 6
    page = soup(sign_in(cast.vip).get("/health/model"))
    assert "Version 2" in page.get_text()
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in page.select("table")[0].select("tbody tr")]
    assert rows[-2:] == [["Competitors", "-18", "+5"], ["People lost", "-16", "+0"]]
    with pytest.raises(DBAPIError, match="never changes"), session.begin_nested():
        session.execute(update(HealthModel).values(reason="Other"))


def test_one_client_and_thirty_cost_the_same(session, cast, client, statements):
    def cost() -> tuple[int, int]:
        session.flush()
        keep(session, everybody(session), at=AT)
        session.expire_all()
        with statements() as page:
            radar(session, cast.director.actor, WantedHealth(Band.TOO_EARLY), TODAY)
        with statements() as one:
            why(session, cast.director.actor, client, seat_day())
        return len(page), len(one)

    few = cost()
    for _ in range(30):
        make_interaction(session, make_client(session, cast.vip), at=AT)
        make_promise(session, client)
    assert cost() == few
    found = radar(session, cast.director.actor, WantedHealth(Band.TOO_EARLY, owner_id=cast.vip.id), TODAY)
    assert found.counts[Band.TOO_EARLY] == 30
    first = radar(session, cast.director.actor, WantedHealth(Band.TOO_EARLY), TODAY)
    rest = radar(session, cast.director.actor, WantedHealth(Band.TOO_EARLY, after=first.after), TODAY)
    clients = [row.client_id for row in (*first.rows, *rest.rows)]
    assert len(clients) == len(set(clients)) == sum(first.counts.values())
    assert session.scalars(select(HealthOverride)).all() == []


def test_who_leaves_lowers_health_in_the_same_change(session, cast, client, sign_in):
    user = make_contact(session, client, "Ulla Uses", decision_role=DecisionRole.USES)
    decider = session.scalars(select(Contact).where(Contact.name == "Dora Decides")).one()
    before, browser = kept(session, client), sign_in(cast.clerk)
    levels, points = [before.level], [before.points["people"]]
    for contact in (user, decider):
        assert browser.post(f"/contacts/{contact.id}/left").status_code == 303
        row = kept(session, client)
        levels.append(row.level)
        points.append(row.points["people"])
    assert (points, levels) == ([0, -3, -16], sorted(levels, reverse=True))
    assert levels[0] - levels[1] == 3
    assert levels[1] - levels[2] > 13, "and nobody who decides is in live contact"
    browser.post(f"/contacts/{decider.id}/returned")
    assert kept(session, client).points["people"] == -3


def test_the_page_marks_what_was_otherwise_a_week_ago(session, cast, client, sign_in):
    decider = session.scalars(select(Contact).where(Contact.name == "Dora Decides")).one()
    session.add(decider.leave(by=cast.clerk, at=now() - timedelta(days=2)))
    session.flush()
    keep(session, [client.id], at=now())
    view = why(session, cast.clerk.actor, client, seat_day())
    assert view.was > view.health.level
    parts = {row.part.key: row for row in view.parts}
    assert (parts["people"].was, parts["people"].points) == (0, -16)
    assert [found.new for found in parts["people"].findings] == [True]
    assert [found.new for found in parts["payments"].findings if found.text.startswith("Unpaid")] == [False]
    page = soup(sign_in(cast.clerk).get(f"/clients/{client.id}/health"))
    people, promises = page.select_one("#part-people").get_text(" "), page.select_one("#part-promises").get_text(" ")
    assert "a week ago +0" in people
    assert "new this week" in people
    assert "a week ago" not in promises
    assert "new this week" not in promises
    assert f"A week ago: {view.was}. Lost: {view.was - view.health.level}." in page.select_one(".why-head").get_text()


def test_lists_draw_how_the_health_of_a_client_went(session, cast, client, sign_in):
    keep(session, [client.id], at=now() - timedelta(weeks=5))
    make_promise(session, client, due_on=(now() - timedelta(days=2)).date())
    session.flush()
    session.execute(delete(HealthDay).where(HealthDay.client_id == client.id, HealthDay.day > now().date() - WEEK))
    keep(session, [client.id], at=now())
    row = kept(session, client)
    browser = sign_in(cast.clerk)
    for address in ("/clients", f"/health?band={row.band.value}"):
        line = soup(browser.get(address)).select_one("main tbody .sparkline polyline")
        drawn = [float(point.split(",")[1]) for point in line["points"].split()]
        assert len(drawn) == 6, "five weeks ago, four between, and today"
        assert drawn[0] == drawn[4] != drawn[5]


def test_a_director_sets_how_many_clients_of_a_band_one_owner_works_on_at_once(session, cast, app, sign_in):
    clients = [make_client(session, cast.clerk) for _ in range(4)]
    until = (now() + timedelta(days=30)).date()
    for client in clients:
        HealthOverride.say(session, client, Band.CRITICAL, "They told us", until, by=cast.director, at=now())
    session.flush()
    keep(session, everybody(session), at=now())
    browser = sign_in(cast.director)
    form = browser.get("/health/model/new")
    assert browser.submit(form, FORM, reason="We are few", most_critical="1001").status_code == 422
    for most, planned in (("0", 0), ("3", 3), ("4", 4)):
        form = browser.get("/health/model/new")
        assert browser.submit(form, FORM, reason="We are few", most_critical=most).status_code == 303
        with app.app_context():
            NIGHTLY["healthwork"](now().date())
        session.rollback()
        tasks = session.scalars(select(Task).where(Task.kind == TaskKind.MEETING)).all()
        assert len({task.client_id for task in tasks}) == planned


def test_the_night_reckons_every_client_anew(session, cast, client, app, monkeypatch):
    others = [make_client(session, cast.clerk) for _ in range(5)]
    over, holds = others[:2]
    for each, days in ((over, -1), (holds, 5)):
        said = HealthOverride.say(
            session, each, Band.CRITICAL, "They told us", now().date() + timedelta(days=9), by=cast.director, at=now()
        )
        said.until = cast.company.today(now()) + timedelta(days=days)
    lost = others[2]
    for one in (cast.clerk, cast.head_of_client):
        make_interaction(session, client, by=one, contact=client.contacts[0], at=now() - timedelta(days=3))
    session.flush()
    keep(session, everybody(session), at=now())
    Loss.record(session, lost, "price", now().date(), by=cast.director, at=now())
    session.add(cast.head_of_client.deactivate(session, by=cast.director, at=now(), holds=0))
    session.commit()
    before = kept(session, client).level
    monkeypatch.setattr("webapp.nightly_health.AT_ONCE", 2)  # three transactions
    with app.app_context():
        assert NIGHTLY["health"](cast.company.today(now())) == {"clients": 6}
    session.rollback()
    assert kept(session, client).level < before, "one of the two who knew the client is gone"
    assert [kept(session, each).band for each in (over, holds)] == [Band.TOO_EARLY, Band.CRITICAL]
    ended = session.scalars(select(HealthOverride).where(HealthOverride.ended_at.is_not(None))).all()
    assert [each.client_id for each in ended] == [over.id]
    assert kept(session, lost).frozen_on is not None
    history = session.execute(select(HealthDay.client_id, HealthDay.day, HealthDay.level).order_by(HealthDay.id)).all()
    with app.app_context():
        assert NIGHTLY["health"](cast.company.today(now())) == {"clients": 5}, "of the lost one nothing changes"
    session.rollback()
    again = select(HealthDay.client_id, HealthDay.day, HealthDay.level).order_by(HealthDay.id)
    assert session.execute(again).all() == history
