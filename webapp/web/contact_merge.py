"""Two contacts that are one person: what the one will say, side by side, before they become one."""

from typing import Any

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.contact_merging import merge, merged
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.queries.contact_data import FIELDS
from webapp.web.access import LARGEST_ID, need, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.field_names import field_name
from webapp.web.i18n import day
from webapp.web.session import me

bp = Blueprint("contact_merge", __name__)


@bp.get("/contacts/<int:id>/merge")
@requires(Permission.CONTACT_PERSONAL, Contact)
def show(contact: Contact) -> Response:
    """Choose the other one, then look at what comes of it."""
    need(Permission.CONTACT_DETAILS, (db.session.get_one(Company, 1), contact))
    others = [other for other in _there(contact.client) if other.id != contact.id]
    chosen = next((other for other in others if other.id == request.args.get("other", type=int)), None)
    return page(
        "contact_merge.html", contact=contact, others=others, chosen=chosen, rows=chosen and _rows(contact, chosen)
    )


@bp.post("/contacts/<int:id>/merge")
@requires(Permission.CONTACT_PERSONAL, Contact)
def join(contact: Contact) -> Response:
    other_id, seen = (request.form.get(name, type=int) for name in ("other", "version"))
    other = db.session.get(Contact, other_id) if other_id and 0 < other_id < LARGEST_ID else None
    if other is None:
        abort(404)
    versions = (seen or 0, request.form.get("other_version", 0, type=int))
    try:
        with transaction() as session:
            session.add(merge(session, contact, other, by=me(), at=now(), seen=versions))
    except Refused as refusal:
        return see(url_for(".show", id=contact.id), say(refusal), "bad")
    return see(url_for("people.show", id=contact.client_id), _("Merged. Whatever hung on either hangs on one now."))


def _there(client: Client) -> list[Contact]:
    return [contact for contact in client.contacts if contact.removed_at is None]


def _rows(kept: Contact, other: Contact) -> list[tuple[str, str, str, str]]:
    """Field by field: its name, what each of the two says, and what the one will say. What nobody knows is left out."""
    return [
        (
            _("Full name") if field == "name" else field_name(field),
            *map(_said, (getattr(kept, field), getattr(other, field), value)),
        )
        for field, value in sorted(merged(kept, other).items(), key=lambda told: list(FIELDS).index(told[0]))
        if _said(value)
    ]


def _said(value: Any) -> str:
    if value is True:
        return _("Yes")
    label = getattr(value, "label", None)
    if label is not None:
        return "" if value.value == "unknown" else _(label)
    return day(value) if hasattr(value, "isoformat") else str(value or "")
