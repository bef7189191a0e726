"""Clients: one firm is one client, and the hunter who brought it stays known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import make_client, make_deal, make_engagement
from webapp.domain.client import Client, name_key
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event

INN, OTHER_INN = "7707083893", "7736050003"


def test_legal_forms_case_and_quotes_do_not_make_another_name() -> None:
    same = ("ООО «Ромашка»", "ромашка", "РОМАШКА, ООО", "Ромашка")
    assert {name_key(name) for name in same} == {"ромашка"}


def test_a_name_of_nothing_but_a_legal_form_is_still_a_name() -> None:
    assert name_key("ООО") == "ооо"


@given(st.text(max_size=60))
def test_a_key_is_its_own_key(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


def test_one_inn_is_one_client(session: Session, cast: Cast) -> None:
    make_client(session, cast.hunter, name="Ромашка", inn=INN)
    with pytest.raises(Refused, match="Ромашка has this ИНН already") as refusal:
        Client.add(session, "Another", by=cast.clerk, at=AT, inn=INN)
    assert refusal.value.field == "inn"


def test_two_who_add_the_same_firm_at_once_do_not_both_succeed(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_client(session, cast.hunter, inn=INN)
    monkeypatch.setattr("webapp.domain.client.refuse_known_inn", lambda session, inn: None)
    with pytest.raises(Refused, match="just now"):
        Client.add(session, "Another", by=cast.clerk, at=AT, inn=INN)


def test_clients_without_an_inn_do_not_stand_in_each_others_way(session: Session, cast: Cast) -> None:
    make_client(session, cast.hunter)
    make_client(session, cast.hunter)


def test_a_client_cannot_be_given_the_inn_of_another(session: Session, cast: Cast) -> None:
    make_client(session, cast.hunter, inn=INN)
    other = make_client(session, cast.hunter, inn=OTHER_INN)
    with pytest.raises(Refused, match="has this ИНН already"):
        other.change(by=cast.hunter, at=AT, seen=other.version, inn=INN)
    assert other.inn == OTHER_INN
    other.change(by=cast.hunter, at=AT, seen=other.version, inn=OTHER_INN, city="Tver")
    assert other.city == "Tver"


def test_a_change_names_only_the_fields_that_changed(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter, city="Tver")
    told = client.change(by=cast.hunter, at=AT, seen=client.version, city="Tver", sector="Retail")
    assert told.details == {"fields": ["sector"]}
    assert told.stage_ids is None, "the card does not show the sector"


def test_a_new_name_shows_on_the_board_and_is_found(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    told = client.change(by=cast.hunter, at=AT, seen=client.version, name="ООО Лютик")
    assert (client.name_key, told.stage_ids) == ("лютик", [client.open_engagements[0].stage_id])


def test_a_change_of_what_somebody_else_changed_is_stale(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    with pytest.raises(Stale):
        client.change(by=cast.hunter, at=AT, seen=client.version - 1, city="Tver")
    assert client.city == ""


def test_the_first_won_deal_says_who_attracted_the_client(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    first, second = make_deal(session, client), make_deal(session, client)
    assert client.attracted_by is None
    session.add(first.win(by=cast.hunter, at=AT, seen=first.version))
    assert client.attracted_by is cast.hunter
    session.flush()
    second.owner = cast.other_hunter
    session.add(second.win(by=cast.other_hunter, at=AT, seen=second.version))
    assert client.attracted_by is cast.hunter


def test_a_deal_won_by_another_department_credits_the_hunter_who_brought_the_client(
    session: Session, cast: Cast
) -> None:
    client = make_client(session, cast.hunter)
    taken = make_engagement(session, client, cast.clerk)
    deal = make_deal(session, client, department=taken.department)
    session.add(deal.win(by=cast.clerk, at=AT, seen=deal.version))
    assert client.attracted_by is cast.hunter


def test_only_a_director_changes_who_attracted_a_client_and_says_why(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    for by, reason in ((cast.head_of_sales, "He did"), (cast.director, "  ")):
        with pytest.raises(Refused):
            client.attract(cast.other_hunter, by=by, at=AT, reason=reason)
    assert client.attracted_by is None
    told = client.attract(cast.other_hunter, by=cast.director, at=AT, reason="Olga brought them")
    assert told.kind == "client:reattributed"
    assert told.details == {"from": None, "to": "Olga Otherhunter", "reason": "Olga brought them"}


def test_adding_is_told(session: Session, cast: Cast) -> None:
    client = Client.add(session, "Lily", by=cast.hunter, at=AT)
    session.flush()
    told = session.query(Event).filter_by(kind="client:added").one()
    assert (told.client_id, told.actor_id, told.details) == (client.id, cast.hunter.id, {"name": "Lily"})
