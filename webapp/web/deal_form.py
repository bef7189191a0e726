"""The forms of a deal: its lines as a person types them, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, HiddenField, SelectField

from webapp.domain.deal import Deal, Line, LOST_REASONS
from webapp.domain.money import CURRENCIES, LARGEST, line_total
from webapp.domain.pricing import Good, Price, PriceBook
from webapp.domain.product import Billing
from webapp.queries.products import ProductRow
from webapp.web.checks import clean
from webapp.web.forms import ChoiceField, DayField, MoneyField, presence, TextField
from webapp.web.from_catalogue import FromCatalogue
from webapp.web.quantities import QuantityField, THOUSAND

MOST_LINES = 100


class LineForm(Form):
    """One line: a product of the catalogue, or words of one's own."""

    product_id = SelectField(_l("Product"), coerce=int, validate_choice=False)
    name = TextField(_l("Name on the deal"), required=False, longest=300)
    quantity = QuantityField(_l("Quantity"))
    price = MoneyField(_l("Price"), required=False)
    billing = ChoiceField(_l("Billing"), Billing, default=Billing.ONE_OFF)

    @property
    def blank(self) -> bool:
        """Nothing was filled in: such a line is left out."""
        typed = self.price.raw_data and clean(str(self.price.raw_data[0]))
        return not (self.product_id.data or self.name.data or typed or self.price.data is not None)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        on_offer = self.product_id.data and self.product_id.data in dict(self.product_id.choices or ())
        if self.name.data or on_offer or self.blank:
            return valid
        self.name.errors = [*self.name.errors, _("Choose a product, or name it")]
        return False


@dataclass(frozen=True, slots=True)
class Totals:
    """What the lines amount to, as far as they can be read; None for a line without a price."""

    currency: str
    lines: tuple[int | None, ...]
    one_off: int
    monthly: int


class DealForm(FromCatalogue, FlaskForm):
    """A deal with its lines. ``version`` is the one that was seen."""

    version = HiddenField()
    name = TextField(_l("What they may buy"))
    currency = SelectField(_l("Currency"), presence(True), choices=list(CURRENCIES))
    expected_on = DayField(_l("Expected close"), required=False)
    lane_id = SelectField(_l("Department"), presence(True), coerce=int)
    lines = FieldList(FormField(LineForm), max_entries=MOST_LINES)

    def offer(
        self, products: Sequence[ProductRow], book: PriceBook, day: date, lanes: Sequence[tuple[int, str]] = ()
    ) -> None:
        """Let these products and lanes be chosen, at the prices of a day, and give each line the deal's currency."""
        self.book, self.day = book, day
        self.offer_goods(products)
        choices = [(0, _("Words of my own")), *((product.id, product.name) for product in products)]
        for entry in self.lines:
            entry.form.product_id.choices = choices
            entry.form.price.currency = self.currency.data or "RUB"
        self.product_choices = choices
        self.blank_line = LineForm(prefix="lines-__index__-")
        if lanes:
            self.lane_id.choices = list(lanes)
        else:
            del self.lane_id

    @property
    def seen(self) -> int:
        return int(self.version.data) if (self.version.data or "").isdigit() else 0

    @property
    def typed(self) -> list[Line]:
        """The lines as the domain takes them; blank ones are left out. Call it after validation."""
        return [self._line(entry.form) for entry in self.lines if not entry.form.blank]

    @property
    def totals(self) -> Totals:
        """What the readable lines amount to; call it after validation, whatever that said."""
        rows: list[int | None] = []
        sums = dict.fromkeys(Billing, 0)
        for entry in self.lines:
            line = None if entry.form.errors or entry.form.blank else self._line(entry.form)
            total = None if line is None or line.price_minor is None else line_total(line.quantity, line.price_minor)
            if line is not None and total is not None and total <= LARGEST:
                sums[line.billing] += total
            rows.append(total)
        return Totals(
            self.currency.data if self.currency.data in CURRENCIES else "RUB",
            tuple(rows),
            sums[Billing.ONE_OFF],
            sums[Billing.MONTHLY],
        )

    @property
    def found(self) -> list[Price | None]:
        """What the catalogue says each line costs; None for words of one's own. Call it after validation."""
        currency = self.currency.data or ""
        lines = (entry.form for entry in self.lines)
        return [self.book.price(f.product_id.data or 0, self.day, currency, f.quantity.thousandths) for f in lines]

    def _line(self, line: LineForm) -> Line:
        good = self.book.goods[line.product_id.data] if line.product_id.data in self.on_offer else None
        price, billing = line.price.data, line.billing.data or Billing.ONE_OFF
        if price is None and good is not None:
            found = self.book.price(good.id, self.day, self.currency.data, line.quantity.thousandths)
            price, billing = (None, billing) if found is None else (found.minor, good.billing)
        name = line.name.data or (good.name if good is not None else "")
        return Line(name, line.quantity.thousandths, price, billing, good.id if good is not None else None)


class LostForm(FlaskForm):
    """Why the client did not buy."""

    version = HiddenField()
    reason = SelectField(
        _l("Why"), presence(True), choices=lambda: [(key, _(why)) for key, why in LOST_REASONS.items()]
    )
    competitor = TextField(_l("Who got it"), required=False, longest=160)

    @property
    def seen(self) -> int:
        return int(self.version.data) if (self.version.data or "").isdigit() else 0


def of_deal(deal: Deal) -> dict[str, Any]:
    """A deal as the form shows it."""
    return {
        "version": str(deal.version),
        "name": deal.name,
        "currency": deal.currency,
        "expected_on": deal.expected_on,
        "lines": [
            {
                "product_id": line.product_id or 0,
                "name": line.name,
                "quantity": line.quantity,
                "price": line.price_minor,
                "billing": line.billing,
            }
            for line in deal.lines
        ],
    }


def of_good(good: Good, price: Price | None, currency: str) -> dict[str, Any]:
    """A deal over one product as the form begins with it, at the price of the day."""
    line = {"product_id": good.id, "name": "", "quantity": THOUSAND, "price": price and price.minor}
    line["billing"] = good.billing
    return {"name": good.name, "currency": currency, "lines": [line, {}]}
