"""Personal data on request (152-FZ): what we know of a person, who looked at it, handing it out, erasing it."""

import json

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from webapp.db import db, transaction
from webapp.domain.contact import Contact
from webapp.domain.contact_erasing import erase
from webapp.domain.errors import Refused
from webapp.domain.event import EVENT_KINDS
from webapp.domain.permissions import Permission
from webapp.queries.contact_data import known, who_looked
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import refuse, TextField
from webapp.web.session import me

bp = Blueprint("contact_data", __name__)


class EraseForm(FlaskForm):
    """Who asked, and how."""

    reason = TextField(_l("Who asked for it, and when"), longest=500)


@bp.get("/contacts/<int:id>/data")
@requires(Permission.CONTACT_DATA, Contact)
def show(contact: Contact) -> Response:
    return _screen(contact, EraseForm())


@bp.post("/contacts/<int:id>/data/export")
@requires(Permission.CONTACT_DATA, Contact)
def export(contact: Contact) -> Response:
    """A file for the person who asked; it is recorded that it was made."""
    told = json.dumps(known(db.session(), actor(), contact), ensure_ascii=False, indent=2)
    with transaction() as session:
        session.add(session.get_one(Contact, contact.id).tell("contact:exported", by=me(), at=now()))
    answer = Response(told, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="contact-{contact.id}.json"'
    return answer


@bp.post("/contacts/<int:id>/data/erased")
@requires(Permission.CONTACT_DATA, Contact)
def forget(contact: Contact) -> Response:
    form = EraseForm()
    if not form.validate_on_submit():
        return _screen(contact, form, 422)
    try:
        with transaction() as session:
            session.add_all(erase(session, contact, form.reason.data, by=me(), at=now()))
    except Refused as refusal:
        refuse(form, refusal)
        return _screen(contact, form, 422)
    return see(url_for("people.show", id=contact.client_id), _("Erased. Only a number is left of the person."))


def _screen(contact: Contact, form: EraseForm, status: int = 200) -> Response:
    return page(
        "contact_data.html",
        status,
        contact=contact,
        data=known(db.session(), actor(), contact),
        looked=who_looked(db.session(), actor(), contact),
        kinds=EVENT_KINDS,
        form=form,
    )
