"""People as vCards: out to a phone, in from one with a preview. Who took whose details along is recorded."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import abort, Blueprint, make_response, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms.validators import StopValidation

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.domain.words import N_
from webapp.exchange.vcard import Card, LARGEST, LENGTHS, MOST, read, write
from webapp.queries.vcards import met
from webapp.web import once
from webapp.web.access import actor, can, requires
from webapp.web.answers import page, see
from webapp.web.checks import clean, email, phone
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.session import me

bp = Blueprint("vcards", __name__)


@bp.post("/contacts/<int:id>/vcard")
@requires(Permission.CONTACT_REVEAL, Contact)
def one(contact: Contact) -> Response:
    if contact.removed_at is not None:
        abort(404)
    return _sent([contact], contact.client)


@bp.post("/clients/<int:id>/vcards")
@requires(Permission.CLIENTS_EXPORT, Client)
def all_of_them(client: Client) -> Response:
    """Everybody at once is an export; one person on the phone is the day's work."""
    return _sent([each for each in client.contacts if each.removed_at is None and each.left_at is None], client)


@bp.route("/clients/<int:id>/vcards/import", methods=["GET", "POST"])
@requires(Permission.CLIENT_EDIT, Client)
def bring(client: Client) -> Response:
    """Choose a file, and see who is in it. Nothing is written yet."""
    if request.method == "GET":
        return _chosen(client)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _chosen(client, _("Choose a file"))
    with file.stream as stream:
        content = stream.read(LARGEST + 1)
    try:
        reading = read(clean(file.filename)[:100], content)
    except Refused as refusal:
        return _chosen(client, say(refusal))
    people = met(db.session(), actor(), client, [_as_ours(card) for card in reading.cards])
    return page("vcards.html", client=client, people=people, nameless=reading.nameless, wrong="", packed=_packed)


@bp.post("/clients/<int:id>/vcards/taken")
@requires(Permission.CLIENT_EDIT, Client)
def take(client: Client) -> Response:
    """Add those who were chosen: all of them, or nobody."""
    cards = [_unpacked(text) for text in request.form.getlist("card")[:MOST]]
    back = url_for("people.show", id=client.id)
    if not cards:
        return _chosen(client, _("Choose at least one person"))
    try:
        with transaction() as session:
            once.take(session)
            for card in cards:
                _add(session, client, card)
            once.leads_to(back)
    except Refused as refusal:
        return _chosen(client, say(refusal))
    return see(back, ngettext("%(num)s person is added.", "%(num)s people are added.", len(cards)))


def _chosen(client: Client, wrong: str = "") -> Response:
    """The page with the file still to choose."""
    return page("vcards.html", 422 if wrong else 200, client=client, people=None, nameless=0, wrong=wrong, packed=None)


def _add(session: Any, client: Client, card: Card) -> None:
    by, at = me(), now()
    said = {"position": card.position, "phone": card.phone, "email": card.email, "note": card.note}
    contact = Contact.add(session, client, card.name, by=by, at=at, **said)
    if card.birthday is not None and can(Permission.CONTACT_PERSONAL, contact):
        session.add(contact.know(card.birthday, "", by=by, at=at, seen=contact.version))


def _sent(contacts: list[Contact], client: Client) -> Response:
    """The file; it is recorded of each person that their details were taken along."""
    with transaction() as session:
        session.add_all([each.tell("contact:saved", by=me(), at=now()) for each in contacts])
    answer = make_response(write(_card(each, client) for each in contacts))
    answer.content_type = "text/vcard; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="client-{client.id}.vcf"'
    return answer


def _card(contact: Contact, client: Client) -> Card:
    birthday = contact.birthday if can(Permission.CONTACT_PERSONAL, contact) else None
    return Card(contact.name, contact.position, contact.phone, contact.email, "", birthday, client.name)


def _as_ours(card: Card) -> Card:
    """With the phone as we keep phones, where it is one, and without what is no e-mail address."""
    shown = _checked(phone, card.phone, card.phone)
    return replace(card, phone=shown, email=_checked(email, card.email, ""))


def _checked(check: Callable[[Any, Any], None], text: str, otherwise: str) -> str:
    field = SimpleNamespace(data=text)
    try:
        check(None, field)
    except StopValidation:
        return otherwise
    return str(field.data or "")


def _packed(card: Card) -> str:
    """A card as its hidden field carries it from the preview."""
    return json.dumps(asdict(card), default=str, ensure_ascii=False)


def _unpacked(text: str) -> Card:
    """What the preview carried, checked like anything that comes from a browser."""
    try:
        said = json.loads(text)
        kept = {key: clean(str(said.get(key) or ""))[:most] for key, most in LENGTHS.items()}
        day = said.get("birthday")
        birthday = date.fromisoformat(day) if day else None
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise Refused(N_("The preview has changed: choose the file again")) from None
    if not kept["name"]:
        raise Refused(N_("The preview has changed: choose the file again"))
    return _as_ours(Card(**kept, birthday=birthday))
