"""The catalogue: what we sell, and for how much."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm.exc import StaleDataError
from wtforms import HiddenField, SelectField

from webapp.db import db, transaction
from webapp.domain.attraction import AttractionKind
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.money import CURRENCIES
from webapp.domain.permissions import Permission
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import family_names
from webapp.queries import products
from webapp.web import once
from webapp.web.access import actor, load, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import ChoiceField, LongTextField, MoneyField, presence, refuse, TextField, WholeField
from webapp.web.queue_form import number_of
from webapp.web.session import me

bp = Blueprint("products", __name__)

FIELDS = ("name", "unit", "description")


class Seen(FlaskForm):
    """The version that the person saw; empty for a new product."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        return number_of(self.version.data) or 0


class ProductForm(Seen):
    name = TextField(_l("Product name"))
    family_id = SelectField(_l("Family"), coerce=int, default=0)
    price_minor = MoneyField(_l("Price"))
    currency = SelectField(_l("Currency"), presence(True), choices=list(CURRENCIES))
    billing = ChoiceField(_l("Billing"), Billing, default=Billing.ONE_OFF)
    unit = TextField(_l("Unit"), required=False, longest=20)
    attraction_kind = ChoiceField(_l("Initial payments of it are"), AttractionKind, empty=_l("as the company says"))
    attraction_size = WholeField(
        _l("How many, how much, or how long"),
        required=False,
        most=10**9,
        description=_l("Payments, days, or a sum in the price's currency without kopecks"),
    )
    description = LongTextField(_l("Description"), required=False, longest=5000)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.family_id.choices = [(0, _("none")), *family_names(db.session()).items()]

    @classmethod
    def of(cls, product: Product) -> "ProductForm":
        size, by_sum = product.attraction_size, product.attraction_kind is AttractionKind.AMOUNT
        shown = {"attraction_size": size // 100 if size and by_sum else size, "family_id": product.family_id or 0}
        return cls(obj=product, data=shown)

    @property
    def fields(self) -> dict[str, object]:
        """What the domain's verbs take beside name and price."""
        kind, size = self.attraction_kind.data, self.attraction_size.data
        scaled = size * 100 if size and kind is AttractionKind.AMOUNT else size
        own = {"attraction_kind": kind, "attraction_size": scaled if kind else None}
        own |= {"billing": self.billing.data, "family_id": self.family_id.data or None}
        return {name: self[name].data or "" for name in FIELDS} | own


@bp.get("/products")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    return page("products.html", rows=products.catalogue(db.session, actor()))


@bp.route("/products/new", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT)
def add() -> Response:
    form, back = ProductForm(currency=db.session.get_one(Company, 1).currency), url_for("products.show_all")
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                fields = form.fields
                name, price = str(fields.pop("name")), form.price_minor.data
                Product.add(session, name, price, form.currency.data, by=me(), at=now(), **fields)
                once.leads_to(back)
            return see(back, _("%(name)s is in the catalogue.", name=form.name.data))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    return page("form.html", status, form=form, title=_("New product"), back=back)


@bp.route("/products/<int:id>", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT)
def change(id: int) -> Response:  # noqa: A002
    product = load(Product, id)
    form, back, status = ProductForm.of(product), url_for("products.show_all"), 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                price = {"price_minor": form.price_minor.data, "currency": form.currency.data}
                session.add(product.change(by=me(), at=now(), seen=form.seen, **form.fields, **price))
            return see(back, _("Changed."))
        except (Refused, StaleDataError) as error:
            refusal = error if isinstance(error, Refused) else Stale()
            refuse(form, refusal)
            status, form.version.data = 409 if isinstance(refusal, Stale) else 422, str(product.version)
    elif form.is_submitted():
        status = 422
    return page("form.html", status, form=form, title=product.name, back=back)


@bp.post("/products/<int:id>/retired")
@requires(Permission.PRODUCT_EDIT)
def retire(id: int) -> Response:  # noqa: A002
    """Take the product off sale, or put it on sale again."""
    product = load(Product, id)
    try:
        with transaction() as session:
            other = None if product.retired_at else now()
            session.add(product.change(by=me(), at=now(), seen=Seen().seen, retired_at=other))
    except (Refused, StaleDataError):
        return see(url_for("products.show_all"), _(Stale().message), "bad")
    said = _("%(name)s is off sale.") if product.retired_at else _("%(name)s is on sale again.")
    return see(url_for("products.show_all"), said % {"name": product.name})
