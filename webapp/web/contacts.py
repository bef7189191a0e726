"""Contacts: the people at a client, and looking at what is masked."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused, Stale
from webapp.domain.letter_privacy import forget
from webapp.domain.permissions import Permission
from webapp.queries.client_rows import contact_row
from webapp.web import once
from webapp.web.access import can, need, requires
from webapp.web.answers import by_htmx, fragment, page, see
from webapp.web.client_screen import stay
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.session import me
from webapp.web.touch_forms import ContactForm

bp = Blueprint("contacts", __name__)


@bp.route("/clients/<int:id>/contacts/new", methods=["GET", "POST"])
@requires(Permission.CLIENT_EDIT, Client)
def add(client: Client) -> Response:
    form, back = ContactForm(), url_for("clients.show", id=client.id)
    if form.validate_on_submit():
        with transaction() as session:
            once.take(session)
            Contact.add(session, client, by=me(), at=now(), **form.fields)
            once.leads_to(back)
        return see(back, _("%(name)s is added.", name=form.name.data))
    status = 422 if form.is_submitted() else 200
    title = _("A contact at %(name)s", name=client.name)
    return page("contact_form.html", status, form=form, title=title, back=back, contact=None)


@bp.route("/contacts/<int:id>", methods=["GET", "POST"])
@requires(Permission.CLIENT_EDIT, Contact)
def change(contact: Contact) -> Response:
    need(Permission.CONTACT_DETAILS, (db.session.get_one(Company, 1), contact))
    form, status, back = ContactForm(obj=contact), 200, url_for("clients.show", id=contact.client_id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                session.add(contact.change(by=me(), at=now(), seen=form.seen, **form.fields))
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
