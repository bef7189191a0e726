"""Attacks on the screen: a signal from any client's page by any department, the list, the outcome, the registry."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.attacks import make_attack, make_competitor
from tests.cast import AT, Cast, seat_day
from tests.factories import make_client, make_deal, make_engagement, make_interaction
from tests.support.client import soup
from webapp.domain.attack import Attack
from webapp.domain.attack_state import AttackState, Severity
from webapp.domain.competitor import Competitor
from webapp.domain.event import Event
from webapp.domain.interaction import InteractionKind
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind
from webapp.domain.task import Task
from webapp.domain.visit_state import Purpose

FORM = "main form[method=post]"


def attacks(session: Session) -> list[Attack]:
    session.expire_all()
    return list(session.scalars(select(Attack).order_by(Attack.id)))


@pytest.mark.parametrize("part", ["hunter", "clerk", "vip", "head_of_sales", "director"])
def test_any_department_raises_the_alarm_from_any_clients_page(session, cast: Cast, sign_in, part: str) -> None:
    rival, client = make_competitor(session, cast.director, "North"), make_client(session, cast.hunter)
    browser = sign_in(cast.users[part])
    offered = soup(browser.get(f"/clients/{client.id}")).select_one("#add-signal")
    assert offered is not None
    page = browser.get(offered["href"])
    answer = browser.submit(page, FORM, competitor_id=str(rival.id), evidence="Their van stood <there>")
    assert answer.location == f"/clients/{client.id}"
    (attack,) = attacks(session)
    assert (attack.competitor, attack.severity, attack.raised_by) == (rival, Severity.MEDIUM, cast.users[part])
    shown = soup(browser.get(f"/clients/{client.id}")).get_text()
    assert "North is after this client" in shown
    assert "Raised an attack" in shown
    assert "Their van stood <there>" in soup(browser.get(f"/attacks/{attack.id}")).get_text()


def test_the_alarm_is_mailed_once_to_who_defends_and_to_the_heads_who_want_it(session, cast: Cast, sign_in) -> None:
    cast.company.mail_host, cast.company.mail_port, cast.company.mail_from = "127.0.0.1", 9, "office@baton.test"
    cast.vip.language = "ru"
    client, rival = make_client(session, cast.vip, name="Ромашка"), make_competitor(session, cast.director, "North")
    head = sign_in(cast.head_of_client)
    assert head.submit(head.get("/profile"), "#profile-form", alarmed_by_mail=None).status_code == 303
    browser = sign_in(cast.head_of_sales)

    def told(severity: str) -> list[Letter]:
        page = browser.get(f"/clients/{client.id}/attacks/new")
        answer = browser.submit(page, FORM, competitor_id=str(rival.id), evidence="{company} <b>", severity=severity)
        assert answer.status_code == 303
        session.expire_all()
        return list(session.scalars(select(Letter).order_by(Letter.id)))

    heads, owner = told("low")
    assert (heads.address, owner.address) == ("vera@baton.test", "victor@baton.test")
    assert (heads.author, heads.kind, heads.troubled) == (cast.head_of_sales, LetterKind.ALARM, False)
    assert f"http://localhost/attacks/{attacks(session)[0].id}" in heads.body
    assert "{company} <b>" in heads.body
    assert owner.subject == "Атака конкурента: Ромашка – North"
    assert len(told("low")) == 2
    assert len(told("high")) == 4
    assert session.scalar(select(Event.id).where(Event.kind.like("letter:%"), Event.client_id.is_not(None))) is None
    for address in ("/letters", f"/clients/{client.id}", f"/letters?client={client.id}"):
        assert "Атака конкурента" not in browser.get(address).text


def test_sent_twice_it_is_one_signal(session, cast: Cast, sign_in) -> None:
    rival, client = make_competitor(session, cast.director), make_client(session, cast.hunter)
    browser = sign_in(cast.clerk)
    page = browser.get(f"/clients/{client.id}/attacks/new")
    for _ in range(2):
        assert browser.submit(page, FORM, competitor_id=str(rival.id), evidence="Seen").status_code == 303
    assert [len(attack.signals) for attack in attacks(session)] == [1]


def test_a_rival_that_nobody_knew_comes_into_the_registry_once(session, cast: Cast, sign_in) -> None:
    client, browser = make_client(session, cast.hunter), sign_in(cast.clerk)
    for name in ("ООО «Звезда»", "звезда"):
        page = browser.get(f"/clients/{client.id}/attacks/new")
        assert browser.submit(page, FORM, other=name, evidence="Seen").status_code == 303
    assert session.scalars(select(Competitor.name)).all() == ["ООО «Звезда»"]
    assert [len(attack.signals) for attack in attacks(session)] == [2]


def test_a_signal_names_a_rival_and_says_what_was_seen(session, cast: Cast, sign_in) -> None:
    rival, client = make_competitor(session, cast.director), make_client(session, cast.hunter)
    browser = sign_in(cast.clerk)
    page = browser.get(f"/clients/{client.id}/attacks/new")
    nobody = browser.submit(page, FORM, evidence="Seen")
    assert nobody.status_code == 422
    assert "Choose a competitor" in nobody.text
    assert browser.submit(page, FORM, competitor_id=str(rival.id), evidence=" ").status_code == 422
    assert attacks(session) == []


def test_the_owner_takes_it_up_and_defends(session, cast: Cast, sign_in) -> None:
    attack = make_attack(session, make_client(session, cast.vip), cast)
    browser = sign_in(cast.vip)
    assert browser.submit(browser.get(f"/attacks/{attack.id}"), FORM).status_code == 303
    assert attacks(session)[0].state is AttackState.DEFENDING
    page = browser.get(f"/attacks/{attack.id}/defended")
    assert browser.submit(page, FORM, outcome=" ").status_code == 422
    assert browser.submit(page, FORM, outcome="A longer contract").status_code == 303
    assert attacks(session)[0].state is AttackState.DEFENDED
    again = browser.submit(page, FORM, outcome="Twice")
    assert again.status_code == 422
    assert "A longer contract" in browser.get(f"/attacks/{attack.id}").text


def test_lost_needs_a_cause_and_a_false_alarm_its_reason(session, cast: Cast, sign_in) -> None:
    client = make_client(session, cast.vip)
    lost, false = (make_attack(session, client, cast) for _ in range(2))
    browser = sign_in(cast.vip)
    page = browser.get(f"/attacks/{lost.id}/lost")
    assert browser.submit(page, FORM, outcome="Gone").status_code == 422
    assert browser.submit(page, FORM, cause="our_mistake", outcome="Gone").status_code == 303
    dismissed = browser.submit(browser.get(f"/attacks/{false.id}/false-alarm"), FORM, outcome="It was their cousin")
    assert dismissed.status_code == 303
    assert [attack.state for attack in attacks(session)] == [AttackState.LOST, AttackState.FALSE_ALARM]
    assert "Our mistake" in browser.get(f"/attacks/{lost.id}").text


def test_who_does_not_answer_for_the_client_ends_nothing(session, cast: Cast, sign_in) -> None:
    attack = make_attack(session, make_client(session, cast.vip), cast)
    browser = sign_in(cast.clerk)
    assert "end-defended" not in browser.get(f"/attacks/{attack.id}").text
    for way in ("defended", "lost", "false-alarm"):
        assert browser.get(f"/attacks/{attack.id}/{way}").status_code == 403
    assert sign_in(cast.administrator).get("/attacks").status_code == 403


def test_whoever_is_alarmed_and_does_not_defend_plans_a_visit_of_their_own(session, cast: Cast, sign_in) -> None:
    attack = make_attack(session, make_client(session, cast.clerk), cast)
    head, owner = sign_in(cast.head_of_vip), sign_in(cast.clerk)
    assert "plan-visit" not in owner.get(f"/attacks/{attack.id}").text
    link = soup(head.get(f"/attacks/{attack.id}")).select_one("#plan-visit")["href"]
    day = seat_day() + timedelta(days=1)
    assert head.submit(head.get(link), FORM, due_on=day.isoformat()).status_code == 303
    task = session.scalars(select(Task).where(Task.owner_id == cast.head_of_vip.id)).one()
    assert (task.client_id, task.due_on, task.visit.purpose) == (attack.client_id, day, Purpose.ATTACK)


def test_the_list_shows_open_attacks_by_deadline_and_ended_ones_apart(session, cast: Cast, sign_in) -> None:
    early, late, over = (make_client(session, cast.vip, name=name) for name in ("Early", "Late", "Over"))
    make_attack(session, late, cast, severity=Severity.LOW)
    north = make_attack(session, early, cast)
    ended = make_attack(session, over, cast)
    session.add(ended.defend("So", by=cast.vip, at=AT, seen=ended.version))
    browser = sign_in(cast.head_of_sales)

    def clients(address: str) -> list[str]:
        return [cell.get_text() for cell in soup(browser.get(address)).select("tbody th")]

    assert clients("/attacks") == ["Early", "Late"]
    assert clients("/attacks?state=ended") == ["Over"]
    assert clients(f"/attacks?competitor={north.competitor_id}") == ["Early"]
    assert clients("/attacks?mine=1") == []
    assert [cell.get_text() for cell in soup(sign_in(cast.vip).get("/attacks?mine=1")).select("tbody th")] == [
        "Early",
        "Late",
    ]


def test_every_page_of_the_list_goes_on_where_the_last_ended(session, cast: Cast, sign_in) -> None:
    client = make_client(session, cast.vip)
    for _ in range(53):
        make_attack(session, client, cast)
    browser = sign_in(cast.vip)
    first = soup(browser.get("/attacks"))
    following = next(link["href"] for link in first.select("a[href*='after=']"))
    assert (len(first.select("tbody tr")), len(soup(browser.get(following)).select("tbody tr"))) == (50, 3)
    assert browser.get("/attacks?after=nonsense~1").status_code == 200


def test_a_visit_is_a_meeting_that_was_held_after_the_signal(session, cast: Cast, sign_in) -> None:
    client = make_client(session, cast.vip)
    make_interaction(session, client, InteractionKind.MEETING, at=AT - timedelta(hours=1))
    attack = make_attack(session, client, cast)
    make_interaction(session, client, InteractionKind.CALL, at=AT + timedelta(hours=1))
    browser = sign_in(cast.vip)
    assert "Not yet" in browser.get(f"/attacks/{attack.id}").text
    make_interaction(session, client, InteractionKind.MEETING, at=AT + timedelta(hours=2))
    session.commit()
    assert "Not yet" not in browser.get(f"/attacks/{attack.id}").text


def test_the_menu_counts_the_attacks_of_ones_own_clients_and_all_for_heads(session, cast: Cast, sign_in) -> None:
    mine, other = make_client(session, cast.clerk), make_client(session, cast.hunter)
    make_attack(session, mine, cast)
    make_attack(session, other, cast)
    make_engagement(session, mine, cast.vip)
    session.expire_all()
    counts = {"vip": "1", "clerk": "", "hunter": "1", "head_of_client": "2", "director": "2"}
    for part, count in counts.items():
        answer = soup(sign_in(cast.users[part]).get("/attacks/waiting"))
        found = answer.select_one(".rail-count")
        assert (found.get_text().split()[0] if found else "") == count, part


def test_heads_keep_the_registry(session, cast: Cast, sign_in) -> None:
    browser = sign_in(cast.head_of_vip)
    assert browser.submit(browser.get("/competitors/new"), FORM, name="North", note="Cheap").status_code == 303
    twice = browser.submit(browser.get("/competitors/new"), FORM, name="north")
    assert twice.status_code == 422
    assert "in the registry already" in twice.text
    (rival,) = session.scalars(select(Competitor))
    assert browser.submit(browser.get(f"/competitors/{rival.id}/edit"), FORM, name="North Ltd").status_code == 303
    assert browser.submit(browser.get("/competitors"), FORM).status_code == 303
    session.expire_all()
    assert (rival.name, rival.retired_at is not None) == ("North Ltd", True)
    clerk = sign_in(cast.clerk)
    assert "North Ltd" in clerk.get("/competitors").text
    assert clerk.get("/competitors/new").status_code == 403


@pytest.mark.parametrize("address", ["/attacks", "/attacks?state=ended", "/competitors", "/attacks/waiting"])
def test_one_attack_and_thirty_cost_the_same_statements(session, cast: Cast, sign_in, statements, address: str) -> None:
    client, browser = make_client(session, cast.vip), sign_in(cast.vip)

    def some(count: int) -> None:
        for _ in range(count):
            make_attack(session, client, cast)
            ended = make_attack(session, client, cast)
            session.add(ended.defend("So", by=cast.vip, at=AT, seen=ended.version))
        session.commit()

    some(1)
    browser.get(address)
    with statements() as one:
        browser.get(address)
    some(29)
    with statements() as thirty:
        browser.get(address)
    assert len(thirty) == len(one)


def test_home_shows_first_whose_clients_are_under_attack(session, cast: Cast, sign_in) -> None:
    make_attack(session, make_client(session, cast.vip, name="Under fire"), cast)
    for part in ("vip", "head_of_client", "director"):
        shown = soup(sign_in(cast.users[part]).get("/")).select_one("#alarms")
        assert shown is not None, part
        assert "Under fire" in shown.get_text()
    assert soup(sign_in(cast.hunter).get("/")).select_one("#alarms") is None


def test_the_hours_to_a_visit_are_a_setting(session, cast: Cast, sign_in) -> None:
    browser = sign_in(cast.director)
    page = browser.get("/settings")
    assert browser.submit(page, "#attacks-form", high="4").status_code == 303
    session.expire_all()
    assert cast.company.attack_hours == {"low": 40, "medium": 16, "high": 4}
    assert browser.submit(page, "#attacks-form", high="0").status_code == 422


def test_a_lost_deal_offers_the_names_of_the_registry(session, cast: Cast, sign_in) -> None:
    make_competitor(session, cast.director, "North")
    gone = make_competitor(session, cast.director, "South")
    session.add(gone.retire(by=cast.director, at=AT, seen=gone.version))
    deal = make_deal(session, make_client(session, cast.hunter))
    asked = soup(sign_in(cast.hunter).get(f"/deals/{deal.id}/lost"))
    assert asked.select_one("[name=competitor]")["list"] == "rivals"
    assert [option["value"] for option in asked.select("#rivals option")] == ["North"]
