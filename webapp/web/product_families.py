"""The families of the catalogue."""

from collections.abc import Callable

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.db import db, transaction
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.permissions import Permission
from webapp.domain.product_family import LONGEST_FAMILY, ProductFamily
from webapp.queries import products
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.attack_form import Seen
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import LongTextField, refuse, TextField
from webapp.web.session import me

bp = Blueprint("product_families", __name__)


class FamilyForm(Seen):
    name = TextField(_l("Name"), longest=LONGEST_FAMILY)
    description = LongTextField(_l("What belongs to it"), required=False, longest=2000)


@bp.get("/products/families")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    return page("product_families.html", rows=products.families(db.session(), actor()))


@bp.route("/products/families/new", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT)
def add() -> Response:
    form, back = FamilyForm(), url_for(".show_all")
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                ProductFamily.add(session, form.name.data, form.description.data or "", by=me(), at=now())
                once.leads_to(back)
            return see(back, _("Added."))
        except Refused as refusal:
            refuse(form, refusal)
    return page("form.html", 422 if form.is_submitted() else 200, form=form, title=_("New family"), back=back)


@bp.route("/products/families/<int:id>", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT, ProductFamily)
def change(family: ProductFamily) -> Response:
    form, back = FamilyForm(obj=family), url_for(".show_all")
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                said = form.name.data, form.description.data or ""
                session.add(family.change(session, *said, by=me(), at=now(), seen=form.seen))
            return see(back, _("Changed."))
        except Refused as refusal:
            refuse(form, refusal)
            status, form.version.data = 409 if isinstance(refusal, Stale) else 422, str(family.version)
    return page("form.html", status, form=form, title=family.name, back=back)


@bp.post("/products/families/<int:id>/above")
@requires(Permission.PRODUCT_EDIT, ProductFamily)
def raise_above(family: ProductFamily) -> Response:
    return _click(lambda: family.raise_above(db.session(), by=me(), at=now(), seen=Seen().seen), _("Changed."))


@bp.post("/products/families/<int:id>/removed")
@requires(Permission.PRODUCT_EDIT, ProductFamily)
def remove(family: ProductFamily) -> Response:
    return _click(lambda: family.remove(db.session(), by=me(), at=now(), seen=Seen().seen), _("Removed."))


def _click(verb: Callable[[], Event], done: str) -> Response:
    try:
        with transaction() as session:
            session.add(verb())
    except Refused as refusal:
        return see(url_for(".show_all"), say(refusal), "bad")
    return see(url_for(".show_all"), done)
