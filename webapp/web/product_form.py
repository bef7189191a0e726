"""The form of a product."""

from datetime import date

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField

from webapp.db import db
from webapp.domain.attraction import AttractionKind
from webapp.domain.money import CURRENCIES
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import family_names
from webapp.domain.tax import rates_on
from webapp.pdf.words import percent
from webapp.web.forms import ChoiceField, LongTextField, MoneyField, presence, TextField, WholeField
from webapp.web.i18n import day
from webapp.web.queue_form import number_of
from webapp.web.touch_forms import today

FIELDS = ("name", "unit", "description", "tax")


class Seen(FlaskForm):
    """The version that the person saw; empty for a new product."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        return number_of(self.version.data) or 0


class ProductForm(Seen):
    name = TextField(_l("Product name"))
    family_id = SelectField(_l("Family"), coerce=int, default=0)
    price_minor = MoneyField(_l("Price"), description=_l("With VAT; what no price list says otherwise"))
    currency = SelectField(_l("Currency"), presence(True), choices=list(CURRENCIES))
    billing = ChoiceField(_l("Billing"), Billing, default=Billing.ONE_OFF)
    unit = TextField(_l("Unit"), required=False, longest=20)
    tax = SelectField(_l("VAT"), default="")
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
        self.tax.choices = tax_choices()

    @classmethod
    def of(cls, product: Product) -> "ProductForm":
        size, by_sum = product.attraction_size, product.attraction_kind is AttractionKind.AMOUNT
        shown = {"attraction_size": size // 100 if size and by_sum else size, "family_id": product.family_id or 0}
        form = cls(obj=product, data=shown)
        if product.tax_changes:
            first = date.fromisoformat(product.tax_changes[0][0])
            form.tax.description = _("Until %(day)s; what follows stands on the product's page", day=day(first))
        return form

    @property
    def fields(self) -> dict[str, object]:
        """What the domain's verbs take beside name and price."""
        kind, size = self.attraction_kind.data, self.attraction_size.data
        scaled = size * 100 if size and kind is AttractionKind.AMOUNT else size
        own = {"attraction_kind": kind, "attraction_size": scaled if kind else None}
        own |= {"billing": self.billing.data, "family_id": self.family_id.data or None}
        return {name: self[name].data or "" for name in FIELDS} | own


def tax_choices() -> list[tuple[str, str]]:
    """What a product's own rate may be: the keys in force today, and none of its own."""
    return [(key, tax_words(key)) for key in ("", *rates_on(today()))]


def tax_words(key: str) -> str:
    """``Standard, 22 %``, as much as it is today; for a key that is not in force, what is meant without one."""
    rate = rates_on(today()).get(key)
    if rate is None:
        return _("as usual for the currency")
    size = "" if rate.basis_points is None else percent(rate.basis_points, str(get_locale()))
    return ", ".join(filter(None, (_(rate.label), size)))
