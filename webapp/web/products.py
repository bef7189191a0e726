"""The catalogue: what we sell, and for how much."""

from itertools import groupby

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.eligibility import EligibilityRule
from webapp.domain.errors import Refused, Stale
from webapp.domain.permissions import Permission
from webapp.domain.price_book import price_book
from webapp.domain.product import Product
from webapp.domain.product_family import family_names
from webapp.queries import products
from webapp.queries.eligible import suited
from webapp.queries.product_page import product_page
from webapp.web import once
from webapp.web.access import actor, load, requires
from webapp.web.answers import page, see
from webapp.web.checks import clean
from webapp.web.clock import now
from webapp.web.eligibility_words import told
from webapp.web.forms import refuse
from webapp.web.from_catalogue import why
from webapp.web.product_form import ProductForm, Seen, tax_words
from webapp.web.product_taxes import tax_days
from webapp.web.queue_form import number_of
from webapp.web.session import me
from webapp.web.touch_forms import today

bp = Blueprint("products", __name__)
bp.add_app_template_global(why, "price_words")
bp.add_app_template_global(tax_words)

STATES = {"": False, "retired": True, "all": None}
"""What the address says of products off sale: only those on sale where it says nothing."""


def wanted() -> products.Wanted:
    """What the address asks for. What cannot be read is as if it were not asked."""
    asked = request.args
    state = STATES.get(asked.get("state", ""), False)
    return products.Wanted(clean(asked.get("q"))[:200], number_of(asked.get("family")) or None, state)


@bp.get("/products")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    asked = wanted()
    rows = products.catalogue(db.session(), actor(), asked)
    return page(
        "products.html",
        asked=asked,
        count=len(rows),
        groups=[(name, list(own)) for name, own in groupby(rows, key=lambda row: row.family)],
        families=family_names(db.session()),
        book=price_book(db.session(), today()),
        today=today(),
    )


@bp.get("/products/<int:id>")
@requires(Permission.CLIENT_VIEW, Product)
def show(product: Product) -> Response:
    day, rule = today(), EligibilityRule.of_json(product.eligibility)
    return page(
        "product.html",
        product=product,
        shown=product_page(db.session(), actor(), product.id, day),
        price=price_book(db.session(), day).price(product.id, day, product.currency),
        conditions=[told(db.session(), each) for each in rule.sets],
        suited=suited(db.session(), actor(), rule, day),
        taxes=tax_days(product),
        today=day,
    )


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


@bp.route("/products/<int:id>/edit", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT)
def change(id: int) -> Response:  # noqa: A002
    product = load(Product, id)
    form, back, status = ProductForm.of(product), url_for("products.show", id=id), 200
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
    product, back = load(Product, id), url_for("products.show", id=id)
    try:
        with transaction() as session:
            other = None if product.retired_at else now()
            session.add(product.change(by=me(), at=now(), seen=Seen().seen, retired_at=other))
    except (Refused, StaleDataError):
        return see(back, _(Stale().message), "bad")
    said = _("%(name)s is off sale.") if product.retired_at else _("%(name)s is on sale again.")
    return see(back, said % {"name": product.name})
