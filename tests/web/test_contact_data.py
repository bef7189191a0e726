"""What a person may ask of us: one entry instead of two, what we know of them, and to be forgotten."""

import json
from datetime import date, datetime, UTC

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.attacks import make_competitor
from tests.cast import Cast
from tests.factories import make_client, make_contact, make_interaction, make_letter, make_product, make_task
from tests.support.client import soup
from webapp.domain.awareness import Awareness
from webapp.domain.contact import Contact
from webapp.domain.event import Event
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.rival_thread import RivalThread
from webapp.domain.thread import Thread

NOW = datetime.now(UTC)
SECRETS = ("Ivan Petrov", "+79161234567", "ivan@client.test", "Collects cameras", "Chief engineer", "1977")


@pytest.fixture
def contact(session: Session, cast: Cast) -> Contact:
    client = make_client(session, cast.clerk, name="Romashka")
    personal = {"birthday": date(1977, 4, 13), "personal_note": "Collects cameras", "position": "Chief engineer"}
    contact = make_contact(session, client, **personal)
    for outcome in ("Ivan Petrov wants a visit", "Agreed on Friday"):
        make_interaction(
            session, client, InteractionKind.CALL, outcome, by=cast.clerk, contact=contact, at=NOW
        )  # fmt: skip
    return contact


def test_two_entries_are_compared_and_become_one(session: Session, cast: Cast, sign_in, contact: Contact) -> None:
    other = make_contact(session, contact.client, "I. Petrov", phone="+79160000000", position="Engineer")
    clerk = sign_in(cast.clerk)
    form = clerk.get(f"/contacts/{contact.id}")
    asked = clerk.get(soup(form).select_one("a[href$=merge]")["href"])
    assert [option.text for option in soup(asked).select("#other option")] == ["I. Petrov, Engineer"]
    compared = clerk.submit(asked, "main form[method=get]")
    rows = {row.th.text: [cell.text for cell in row.select("td")] for row in soup(compared).select("#preview tbody tr")}
    assert rows["Position"] == ["Chief engineer", "Engineer", "Chief engineer"]
    assert rows["Note"] == ["–", "–", "I. Petrov, Engineer, +79160000000"]
    assert clerk.submit(compared, "#merge", version="0").status_code == 303
    session.rollback()
    assert other.removed_at is None
    assert clerk.submit(compared, "#merge").location == f"/clients/{contact.client_id}/people"
    session.expire_all()
    assert (other.removed_at is not None, contact.note) == (True, rows["Note"][2])
    assert session.scalars(select(Event.details).where(Event.kind == "contact:merged")).one()["other_id"] == other.id
    assert session.scalars(select(Thread.contact_id)).all() == [contact.id]
    assert sign_in(cast.vip).get(f"/contacts/{contact.id}/merge").status_code == 403


def test_what_we_know_is_handed_out_and_who_looked_is_kept(session, cast: Cast, sign_in, contact: Contact) -> None:
    assert sign_in(cast.vip).post(f"/contacts/{contact.id}/reveal").status_code == 200
    head = sign_in(cast.head_of_client)
    page = head.get(f"/contacts/{contact.id}/data")
    told = json.loads(head.submit(page, "#export").text)
    assert (told["name"], told["birthday"], told["client"]) == ("Ivan Petrov", "1977-04-13", "Romashka")
    assert [one["outcome"] for one in told["interactions"]] == ["Ivan Petrov wants a visit", "Agreed on Friday"]
    log = soup(head.get(f"/contacts/{contact.id}/data")).select("#log .row-text")
    assert [entry.b.text for entry in log][:2] == ["Kira Head-Client", "Victor Vip"]
    for part in ("clerk", "head_of_vip", "administrator"):
        browser = sign_in(cast.users[part])
        assert browser.get(f"/contacts/{contact.id}/data").status_code == 403
        assert browser.post(f"/contacts/{contact.id}/data/export").status_code == 403
        assert browser.post(f"/contacts/{contact.id}/data/erased", data={"reason": "x"}).status_code == 403


def test_who_asks_to_be_forgotten_is(session: Session, cast: Cast, sign_in, contact: Contact) -> None:
    client = contact.client
    make_letter(session, client, contact=contact, body="Dear Ivan Petrov, hello", address="ivan@client.test")
    make_task(session, client, subject="Call Ivan Petrov")
    product, no = make_product(session, cast.director), "Ivan Petrov says that it does not suit them"
    Awareness.note_all(session, client.id, [product.id], "exclude", reason=no, by=cast.clerk, at=NOW)
    RivalThread.note(session, contact, make_competitor(session, cast.director), by=cast.clerk, at=NOW)
    head = sign_in(cast.head_of_client)
    page = head.get(f"/contacts/{contact.id}/data")
    assert head.submit(page, "#erase form", reason=" ").status_code == 422
    assert head.submit(page, "#erase form", reason="His letter of March 2").status_code == 303
    session.expire_all()
    assert (contact.name, contact.erased_at is not None) == (f"#{contact.id}", True)
    assert len(session.scalars(select(Interaction).where(Interaction.contact_id == contact.id)).all()) == 2
    assert (
        session.scalars(select(Interaction.outcome).order_by(Interaction.id)).first() == f"#{contact.id} wants a visit"
    )
    assert session.scalars(select(Awareness.reason)).one() == f"#{contact.id} says that it does not suit them"
    director = sign_in(cast.director)
    for place in (
        f"/clients/{client.id}",
        f"/clients/{client.id}/people",
        f"/clients/{client.id}/timeline",
        f"/contacts/{contact.id}/data",
        "/letters/1",
    ):
        shown = director.get(place)
        assert shown.status_code == 200, place
        assert [secret for secret in SECRETS if secret in shown.text] == [], place
    for place in (f"/contacts/{contact.id}/data/export", "/clients/export"):
        assert [secret for secret in SECRETS if secret in director.post(place).text] == [], place
    assert "Call" in director.get(f"/clients/{client.id}/timeline").text
