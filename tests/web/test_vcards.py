"""vCards on the screen: who may take what along, what is recorded, and bringing people in."""

from datetime import date
from io import BytesIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import make_client, make_contact
from tests.support.client import soup
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.event import Event
from webapp.exchange.vcard import read


def known(session: Session, cast: Cast) -> Contact:
    contact = make_contact(session, make_client(session, cast.clerk, name="Garden & Co"), "Pavel Ivanov", note="Quiet")
    session.add(contact.know(date(1980, 5, 17), "Loves fishing", by=cast.clerk, at=AT, seen=contact.version))
    session.commit()
    return contact


def saved(session: Session) -> list[int | None]:
    """By whom."""
    return list(session.scalars(select(Event.actor_id).where(Event.kind == "contact:saved").order_by(Event.id)))


def bring(browser, client: Client, content: bytes, name: str = "people.vcf"):
    return browser.post(
        f"/clients/{client.id}/vcards/import",
        data={"file": (BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def test_what_is_taken_along_is_what_one_may_see(session, cast: Cast, sign_in) -> None:
    contact = known(session, cast)
    parts = ((cast.clerk, date(1980, 5, 17)), (cast.other_clerk, None), (cast.hunter, None))
    for part, birthday in parts:
        browser = sign_in(part)
        answer = browser.submit(browser.get(f"/clients/{contact.client_id}/people"), f"#vcard-{contact.id}")
        assert answer.content_type == "text/vcard; charset=utf-8"
        (card,) = read("x", answer.data).cards
        assert (card.name, card.phone, card.birthday) == (contact.name, contact.phone, birthday)
        assert (card.note, card.organisation) == ("", "Garden & Co")
        assert "fishing" not in answer.text
    assert saved(session) == [part.id for part, _ in parts]
    assert sign_in(cast.administrator).post(f"/contacts/{contact.id}/vcard").status_code == 403


def test_everybody_at_once_is_an_export_of_heads_and_the_director(session, cast: Cast, sign_in) -> None:
    contact = known(session, cast)
    make_contact(session, contact.client, "Olga Petrova")
    session.commit()
    address = f"/clients/{contact.client_id}/vcards"
    for part in (cast.clerk, cast.hunter):
        browser = sign_in(part)
        assert soup(browser.get(f"/clients/{contact.client_id}/people")).select_one("#vcards-out") is None
        assert browser.post(address).status_code == 403
    assert saved(session) == []
    for number, part in enumerate((cast.head_of_sales, cast.head_of_client, cast.director), start=1):
        browser = sign_in(part)
        out = browser.submit(browser.get(f"/clients/{contact.client_id}/people"), "#vcards-out")
        assert {card.name for card in read("x", out.data).cards} == {contact.name, "Olga Petrova"}
        assert saved(session)[-2:] == [part.id] * 2
        assert len(saved(session)) == 2 * number


def test_people_are_brought_in_after_a_look(session, cast: Cast, sign_in) -> None:
    contact = known(session, cast)
    make_contact(session, make_client(session, cast.hunter, name="Other firm"), "Anna", phone="", email="anna@x.ru")
    session.commit()
    content = (
        "BEGIN:VCARD\nVERSION:3.0\nFN:Павел <b>\nTEL:8 (916) 123-45-67\nEND:VCARD\n"
        "BEGIN:VCARD\nFN:Anna Petrova\nEMAIL:ANNA@x.ru\nBDAY:1990-01-02\nNOTE:At work till five\nEND:VCARD\n"
        "BEGIN:VCARD\nFN:Olga\nTEL:12\nEMAIL:no address\nEND:VCARD\nBEGIN:VCARD\nTEL:1\nEND:VCARD\n"
    ).encode()
    browser, client = sign_in(cast.clerk), contact.client
    assert browser.get(f"/clients/{client.id}/vcards/import").status_code == 200
    page = bring(browser, client, content)
    shown = " ".join(soup(page).get_text().split())
    for words in ("Павел <b>", "there already: Pavel Ivanov", "known at Other firm", "1 card without a name"):
        assert words in shown
    assert len(client.contacts) == 1
    for _again in range(2):
        assert browser.submit(page, "#vcard-people").location == f"/clients/{client.id}/people"
    session.expire_all()
    added = {each.name: each for each in client.contacts if each is not contact}
    assert set(added) == {"Anna Petrova", "Olga"}, "who is there already is not ticked; sent twice it is done once"
    assert (added["Anna Petrova"].email, added["Anna Petrova"].birthday) == ("anna@x.ru", date(1990, 1, 2))
    assert (added["Olga"].phone, added["Olga"].email) == ("12", "")


def test_nothing_is_half_written_and_nobody_else_writes(session, cast: Cast, sign_in) -> None:
    client = make_client(session, cast.clerk)
    session.commit()
    browser = sign_in(cast.clerk)
    assert bring(browser, client, b"").status_code == 422
    assert bring(browser, client, b"hello").status_code == 422
    for wrong in (["nonsense"], ["[]"], ['{"name": "Anna"}', '{"name": " "}'], []):
        answer = browser.post(f"/clients/{client.id}/vcards/taken", data={"card": wrong})
        assert answer.status_code == 422
    session.expire_all()
    assert client.contacts == []
    stranger = sign_in(cast.hunter)
    assert bring(stranger, client, b"BEGIN:VCARD\nFN:x\nEND:VCARD").status_code == 403
    assert stranger.post(f"/clients/{client.id}/vcards/taken", data={"card": '{"name": "x"}'}).status_code == 403
