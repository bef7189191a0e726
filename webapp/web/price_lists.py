"""Price lists: the lists, one of them, and what a product costs by it."""

from decimal import Decimal
from typing import Any

from flask import abort, Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import StopValidation

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.money import CURRENCIES, parse_minor
from webapp.domain.permissions import Permission
from webapp.domain.price_list import LONGEST_LIST, PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Product
from webapp.queries import prices
from webapp.queries.products import offered
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import DayField, LongTextField, presence, refuse, TextField
from webapp.web.product_form import Seen
from webapp.web.quantities import quantity_text, thousandths
from webapp.web.session import me
from webapp.web.touch_forms import today

bp = Blueprint("price_lists", __name__)


class ListForm(Seen):
    name = TextField(_l("Name"), longest=LONGEST_LIST)
    currency = SelectField(_l("Currency"), presence(True), choices=list(CURRENCIES))
    starts_on = DayField(_l("In force from"))
    ends_on = DayField(_l("Last day, if it is known"), required=False)


class PriceForm(Seen):
    """What one product costs. A line: a quantity and the price from it on, or the price alone."""

    product_id = SelectField(_l("Product"), coerce=int)
    breaks = LongTextField(
        _l("Prices"),
        required=False,
        longest=1000,
        description=_l(
            "One a line: from which quantity, and the price of one. For example: 10: 950. A price alone is for any "
            "quantity; nothing at all takes the product off the list."
        ),
        render_kw={"rows": 5},
    )


@bp.get("/prices")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    return page("price_lists.html", rows=prices.lists(db.session(), actor(), today()))


@bp.get("/prices/<int:id>")
@requires(Permission.CLIENT_VIEW, PriceList)
def show(price_list: PriceList) -> Response:
    rows = prices.priced(db.session(), actor(), price_list.id)
    return page("price_list.html", price_list=price_list, rows=rows, today=today())


@bp.route("/prices/new", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT)
def add() -> Response:
    form = ListForm(data={"currency": db.session.get_one(Company, 1).currency, "starts_on": today()})
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                said = form.name.data, form.currency.data, form.starts_on.data, form.ends_on.data
                made = PriceList.add(session, *said, by=me(), at=now())
                url = once.leads_to(url_for(".show", id=made.id))
            return see(url, _("Added."))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    return page("form.html", status, form=form, title=_("New price list"), note=note(), back=url_for(".show_all"))


@bp.route("/prices/<int:id>/edit", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT, PriceList)
def change(price_list: PriceList) -> Response:
    form, back = ListForm(obj=price_list), url_for(".show", id=price_list.id)
    del form.currency
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                said = form.name.data, form.starts_on.data, form.ends_on.data
                session.add(price_list.change(session, *said, by=me(), at=now(), seen=form.seen))
            return see(back, _("Changed."))
        except Refused as refusal:
            status = _refused(form, refusal, price_list)
    return page("form.html", status, form=form, title=price_list.name, note=note(), back=back)


@bp.route("/prices/<int:id>/products", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT, PriceList)
def name(price_list: PriceList) -> Response:
    """Another product gets a price by this list."""
    known = {entry.product_id for entry in price_list.entries}
    rows = [row for row in offered(db.session(), actor()) if row.id not in known]
    form = PriceForm(version=str(price_list.version))
    form.product_id.choices = [(row.id, row.name) for row in rows]
    return _priced(form, price_list, _("Another product"))


@bp.route("/prices/<int:id>/products/<int:product_id>", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT, PriceList)
def price(price_list: PriceList, product_id: int) -> Response:
    held = [entry for entry in price_list.entries if entry.product_id == product_id]
    if not held:
        abort(404)
    form = PriceForm(data={"version": str(price_list.version), "breaks": _lines(held)})
    form.product_id.choices = [(product_id, held[0].product.name)]
    form.product_id.data = product_id
    return _priced(form, price_list, held[0].product.name)


def _priced(form: PriceForm, price_list: PriceList, title: str) -> Response:
    back = url_for(".show", id=price_list.id)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            breaks = read_breaks(form.breaks.data or "", price_list.currency)
            with transaction() as session:
                product = session.get_one(Product, form.product_id.data)
                session.add(price_list.price(product, breaks, by=me(), at=now(), seen=form.seen))
            return see(back, _("Changed."))
        except Refused as refusal:
            status = _refused(form, refusal, price_list)
    return page("form.html", status, form=form, title=title, back=back)


@bp.post("/prices/<int:id>/removed")
@requires(Permission.PRODUCT_EDIT, PriceList)
def remove(price_list: PriceList) -> Response:
    try:
        with transaction() as session:
            session.add(price_list.remove(session, by=me(), at=now(), seen=Seen().seen))
    except Refused as refusal:
        return see(url_for(".show", id=price_list.id), _(refusal.message), "bad")
    return see(url_for(".show_all"), _("Removed."))


def note() -> str:
    return _("Of the lists in force that name a product, the one that began last says its price; where none does, "
             "the product's own price holds.")  # fmt: skip


def read_breaks(text: str, currency: str) -> list[Break]:
    """``10: 950`` a line: from ten on, 950 each."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        quantity, _colon, price_text = line.rpartition(":")
        found.append(Break(_from(quantity), _minor(price_text, currency)))
    return found


def _from(text: str) -> int:
    try:
        return thousandths(text) if text.strip("0., ") else 0
    except StopValidation as fault:
        raise Refused(str(fault), field="breaks") from None


def _minor(text: str, currency: str) -> int:
    try:
        return parse_minor(text, currency)
    except Refused as refusal:
        raise Refused(refusal.message, field="breaks", **refusal.values) from None


def _lines(entries: list[Any]) -> str:
    """The breaks as they are typed."""
    said = ((entry.from_quantity, f"{Decimal(entry.price_minor).scaleb(-2):f}") for entry in entries)
    return "\n".join(f"{quantity_text(quantity)}: {price}" if quantity else price for quantity, price in said)


def _refused(form: Seen, refusal: Refused, price_list: PriceList) -> int:
    refuse(form, refusal)
    if isinstance(refusal, Stale):
        form.version.data = str(price_list.version)
        return 409
    return 422
