"""Putting a product of the catalogue on a deal or a proposal: its price and tax of the day come along, a bundle as one
line or as its parts. Nothing is written: the form comes back with the lines in it."""

import re
from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import StopValidation

from webapp.domain.errors import Refused
from webapp.domain.pricing import Expanded, Price, PriceBook
from webapp.domain.words import N_
from webapp.queries.products import ProductRow
from webapp.web.checks import clean
from webapp.web.i18n import money
from webapp.web.quantities import quantity_text, THOUSAND, thousandths

LINE = re.compile(r"lines-(\d{1,4})-([a-z_]+)", re.ASCII)
TELLING = ("product_id", "name", "price")
"""A row in which none of these is filled is blank."""


class FromCatalogue:
    """What is put on the deal or proposal; mixed into their forms."""

    put_product = SelectField(_l("From the catalogue"), coerce=int, default=0, validate_choice=False)
    put_quantity = StringField(_l("Quantity"), render_kw={"inputmode": "decimal", "placeholder": "1"})
    put_apart = BooleanField(_l("A bundle as its parts"))

    def offer_goods(self, products: Sequence[ProductRow]) -> None:
        self.on_offer = {product.id: product.name for product in products}
        self.put_product.choices = [(0, _("Choose a product")), *self.on_offer.items()]  # type: ignore[attr-defined]


def asked_to_put(sent: MultiDict[str, str]) -> bool:
    return sent.get("then") == "product"


def put(sent: MultiDict[str, str], book: PriceBook, day: date, currency: str) -> list[Expanded]:
    """The lines that the product comes as. A price of None: nobody named one in that currency."""
    good = book.goods.get(sent.get("put_product", 0, type=int))
    if good is None:
        raise Refused(N_("Choose a product"), field="put_product")
    typed = clean(sent.get("put_quantity", ""))
    try:
        quantity = thousandths(typed) if typed else THOUSAND
    except StopValidation as fault:
        raise Refused(str(fault), field="put_quantity") from None
    if good.parts and "put_apart" in sent:
        return book.expand(good.id, quantity, day, currency)
    price = book.price(good.id, day, currency, quantity)
    return [Expanded(good, quantity, None if price is None else price.minor)]


def with_rows(sent: MultiDict[str, str], rows: Sequence[dict[str, str]], most: int) -> MultiDict[str, str]:
    """What was sent with these rows behind the lines that hold something, all numbered anew."""
    lines: dict[int, dict[str, str]] = {}
    kept = MultiDict((key, value) for key, value in sent.items(multi=True) if not key.startswith(("lines-", "put_")))
    for key, value in sent.items():
        if found := LINE.fullmatch(key):
            lines.setdefault(int(found[1]), {})[found[2]] = value
    written = [row for _index, row in sorted(lines.items()) if any(row.get(n, "").strip("0 ") for n in TELLING)]
    if len(written) + len(rows) > most:
        raise Refused(N_("At most %(most)s lines"), field="put_product", most=most)
    for position, row in enumerate([*written, *rows]):
        kept.update({f"lines-{position}-{name}": value for name, value in row.items()})
    return kept


def row_of(line: Expanded) -> dict[str, str]:
    """A line as a form sends it."""
    minor = line.price_minor
    return {
        "product_id": str(line.good.id),
        "name": line.good.name,
        "quantity": quantity_text(line.quantity),
        "price": "" if minor is None else f"{minor // 100}.{minor % 100:02d}",
        "billing": line.good.billing.value,
    }


def why(price: Price, currency: str) -> str:
    """What a unit costs and by what, in a few words."""
    parts = [money(price.minor, currency)]
    if price.listed is not None:
        parts.append(_("list “%(name)s”", name=price.listed.name))
    if price.from_quantity:
        parts.append(_("from %(quantity)s", quantity=quantity_text(price.from_quantity)))
    if price.off:
        parts.append(_("the parts less a discount"))
    return " · ".join(parts)
