"""Contacts: the people at a client, and looking at what is masked."""

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused, Stale
from webapp.domain.letter_privacy import forget, hold_mailings
from webapp.domain.permissions import Permission
from webapp.domain.rival_thread import talk_to
from webapp.domain.successor import seek_successor
from webapp.queries.attacks import talking
from webapp.queries.client_rows import contact_row
from webapp.web import once
from webapp.web.access import actor, can, need, requires
from webapp.web.answers import by_htmx, fragment, page, see
from webapp.web.client_screen import stay
from webapp.web.clock import now
from webapp.web.contact_forms import ContactForm, PersonalForm
from webapp.web.errors import say
from webapp.web.forms import refuse
from webapp.web.session import me

bp = Blueprint("contacts", __name__)


@bp.route("/clients/<int:id>/contacts/new", methods=["GET", "POST"])
@requires(Permission.CLIENT_EDIT, Client)
def add(client: Client) -> Response:
    form, back = ContactForm(), url_for("clients.show", id=client.id)
    form.offer(_there(client), talking(db.session(), client.id, 0))
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                contact = Contact.add(session, client, by=me(), at=now(), **form.fields)
                talk_to(session, contact, form.rivals.data, by=me(), at=now())
                once.leads_to(back)
            return see(back, _("%(name)s is added.", name=form.name.data))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    title = _("A contact at %(name)s", name=client.name)
    return page("contact_form.html", status, form=form, title=title, back=back, contact=None)


@bp.route("/contacts/<int:id>", methods=["GET", "POST"])
@requires(Permission.CLIENT_EDIT, Contact)
def change(contact: Contact) -> Response:
    need(Permission.CONTACT_DETAILS, (db.session.get_one(Company, 1), contact))
    asked_at = "people.show" if request.args.get("here") == "people" else "clients.show"
    form, status, back = ContactForm(obj=contact), 200, url_for(asked_at, id=contact.client_id)
    colleagues = [other for other in _there(contact.client) if other.id != contact.id]
    form.offer(colleagues, talking(db.session(), contact.client_id, contact.id))
    if form.validate_on_submit():
        try:
            with transaction() as session:
                session.add(contact.change(by=me(), at=now(), seen=form.seen, **form.fields))
                session.add_all(hold_mailings(session, contact, by=me(), at=now()))
                talk_to(session, contact, form.rivals.data, by=me(), at=now())
            return see(back, _("Changed."))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
            form.version.data = str(contact.version)
    elif form.is_submitted():
        status = 422
    return page("contact_form.html", status, form=form, title=contact.name, back=back, contact=contact)


@bp.post("/contacts/<int:id>/remove")
@requires(Permission.CLIENT_EDIT, Contact)
def remove(contact: Contact) -> Response:
    with transaction() as session:
        session.add(contact.remove(by=me(), at=now()))
        session.add_all(forget(session, contact, by=me(), at=now()))
    return stay(contact.client, _("Removed. Only the name stays, on the timeline."))


@bp.route("/contacts/<int:id>/personal", methods=["GET", "POST"])
@requires(Permission.CONTACT_PERSONAL, Contact)
def change_personal(contact: Contact) -> Response:
    form, status, back = PersonalForm(obj=contact), 200, url_for("people.show", id=contact.client_id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                note = form.personal_note.data or ""
                session.add(contact.know(form.birthday.data, note, by=me(), at=now(), seen=form.seen))
            return see(back, _("Changed."))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
            form.version.data = str(contact.version)
    elif form.is_submitted():
        status = 422
    title = _("Personal: %(name)s", name=contact.name)
    return page("contact_personal.html", status, form=form, title=title, back=back)


@bp.post("/contacts/<int:id>/left")
@requires(Permission.CLIENT_EDIT, Contact)
def leave(contact: Contact) -> Response:
    """The person left; whoever answers for the client is asked who replaces them."""
    back = url_for("people.show", id=contact.client_id)
    try:
        with transaction() as session:
            session.add(contact.leave(by=me(), at=now()))
            asked = seek_successor(session, contact, by=me(), at=now(), on=actor().today(now()))
        if asked is None:
            return see(back, _("Written down."))
        return see(back, _("Written down. A task asks who replaces %(name)s.", name=contact.name))
    except Refused as refusal:
        return see(back, say(refusal), "bad")


@bp.post("/contacts/<int:id>/returned")
@requires(Permission.CLIENT_EDIT, Contact)
def come_back(contact: Contact) -> Response:
    back = url_for("people.show", id=contact.client_id)
    try:
        with transaction() as session:
            session.add(contact.come_back(by=me(), at=now()))
        return see(back, _("Changed."))
    except Refused as refusal:
        return see(back, say(refusal), "bad")


def _there(client: Client) -> list[Contact]:
    return [contact for contact in client.contacts if contact.removed_at is None]


@bp.post("/contacts/<int:id>/reveal")
@requires(Permission.CONTACT_REVEAL, Contact)
def reveal(contact: Contact) -> Response:
    """Show a masked phone and e-mail, once; it is recorded who looked."""
    if not can(Permission.CONTACT_DETAILS, (db.session.get_one(Company, 1), contact)):
        with transaction() as session:
            session.add(contact.reveal(by=me(), at=now()))
    shown = contact_row(contact, shown=True)
    if by_htmx():
        return fragment("contact_shown.html", "details", contact=shown)
    return page("contact_shown.html", contact=shown, back=url_for("clients.show", id=contact.client_id))
