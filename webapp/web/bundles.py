"""What a bundle holds, and what makes its price."""

from typing import Any

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, SelectField

from webapp.db import db, transaction
from webapp.domain.bundling import Part
from webapp.domain.errors import Refused, Stale
from webapp.domain.money import WHOLE
from webapp.domain.permissions import Permission
from webapp.domain.product import MOST_PARTS, Product
from webapp.queries.products import offered
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import refuse
from webapp.web.product_form import Seen
from webapp.web.proposal_form import ScaledField
from webapp.web.quantities import QuantityField
from webapp.web.session import me

bp = Blueprint("bundles", __name__)

BLANKS = 3
"""Lines to fill beside those that are there, for whoever has no script."""
PRICES = {"own": _l("a price of its own"), "off": _l("its parts, less a discount")}


class PartForm(Form):
    product_id = SelectField(_l("Product"), coerce=int, validate_choice=False)
    quantity = QuantityField(_l("Quantity"))


class BundleForm(Seen):
    """The parts; a line without a product is left out."""

    lines = FieldList(FormField(PartForm), max_entries=MOST_PARTS + BLANKS)
    priced = SelectField(_l("What makes its price"), choices=lambda: list(PRICES.items()))
    bundle_off = ScaledField(_l("Discount on the parts, %"), digits=2, most=WHOLE)

    def offer(self, product: Product) -> "BundleForm":
        """Products billed as the bundle is, and no bundles."""
        beside = frozenset(part.product_id for part in product.parts)
        rows = offered(db.session(), actor(), beside=beside)
        named = [(row.id, row.name) for row in rows if row.billing is product.billing and row.id != product.id]
        self.blank = PartForm(prefix="lines-__index__-")
        for line in (self.blank, *(entry.form for entry in self.lines)):
            line.product_id.choices = [(0, "–"), *named]
        return self

    @property
    def parts(self) -> list[Part]:
        lines = (entry.form for entry in self.lines)
        return [Part(line.product_id.data, line.quantity.thousandths) for line in lines if line.product_id.data]


@bp.route("/products/<int:id>/parts", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT, Product)
def change(product: Product) -> Response:
    form, back = BundleForm(data=_filled(product)).offer(product), url_for("products.show", id=product.id)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        off = form.bundle_off.data if form.priced.data == "off" else None
        try:
            with transaction() as session:
                told = product.bundle(session, form.parts, off, by=me(), at=now(), seen=form.seen)
                session.add(told)
            return see(back, _("Changed."))
        except Refused as refusal:
            refuse(form, refusal)
            if isinstance(refusal, Stale):
                status, form.version.data = 409, str(product.version)
    return page("bundle.html", status, form=form, product=product, back=back)


def _filled(product: Product) -> dict[str, Any]:
    held = [{"product_id": part.product_id, "quantity": part.quantity} for part in product.parts]
    return {
        "version": str(product.version),
        "lines": [*held, *({} for _blank in range(BLANKS))],
        "priced": "own" if product.bundle_off is None and product.parts else "off",
        "bundle_off": product.bundle_off or 0,
    }
