"""A product's VAT from a day on."""

from datetime import date

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from webapp.db import transaction
from webapp.domain.errors import Refused, Stale
from webapp.domain.permissions import Permission
from webapp.domain.product import Product
from webapp.web.access import requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import DayField, refuse
from webapp.web.product_form import Seen, tax_choices
from webapp.web.session import me
from webapp.web.touch_forms import today

bp = Blueprint("product_taxes", __name__)


def tax_days(product: Product) -> list[tuple[date, str]]:
    """The days of its changes, each with the key from then on."""
    return [(date.fromisoformat(starts), key) for starts, key in product.tax_changes]


class TaxForm(Seen):
    starts_on = DayField(_l("In force from"))
    tax = SelectField(_l("VAT"))


@bp.route("/products/<int:id>/tax", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT, Product)
def change(product: Product) -> Response:
    """Another rate from a day on. The one that stood there says that the change is taken back."""
    shown = {"starts_on": today(), "tax": product.tax_on(today()), "version": str(product.version)}
    form, status, back = TaxForm(data=shown), 200, url_for("products.show", id=product.id)
    form.tax.choices = tax_choices()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                session.add(product.tax_from(form.tax.data, form.starts_on.data, by=me(), at=now(), seen=form.seen))
            return see(back, _("Changed."))
        except Refused as refusal:
            refuse(form, refusal)
            status, form.version.data = 409 if isinstance(refusal, Stale) else 422, str(product.version)
    elif form.is_submitted():
        status = 422
    note = _("Proposals and invoices take the rate of their own date; what is written stays as it is.")
    return page(
        "product_tax.html",
        status,
        form=form,
        title=_("VAT of %(name)s", name=product.name),
        note=note,
        back=back,
        product=product,
        taxes=tax_days(product),
    )
