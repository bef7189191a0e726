"""The form of a proposal's draft, and how its lines are read."""

import re
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, Form, FormField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation

from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES
from webapp.domain.product import Billing
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_check import Draft, LONGEST_TEXT, LONGEST_TITLE
from webapp.domain.proposal_choice import LineChoice
from webapp.domain.proposal_lines import (
    LARGEST_QUANTITY,
    LONGEST_NAME,
    LONGEST_SECTION,
    LONGEST_UNIT,
    MOST_LINES,
    ProposalLine,
)
from webapp.domain.proposal_template import ProposalTemplate
from webapp.domain.tax import rates_on
from webapp.pdf.words import percent
from webapp.queries.proposal_offered import Offered
from webapp.web.checks import clean
from webapp.web.errors import say
from webapp.web.forms import ChoiceField, DayField, LongTextField, MoneyField, refuse, TextField
from webapp.web.from_catalogue import FromCatalogue

LINE_KEY = re.compile(
    r"lines-(\d{1,4})-(name|quantity|unit|price|discount|tax|billing|section|choice|product_id)", re.ASCII
)

LONGEST_ID = 19
"""More digits than any id has."""


class ScaledField(Field):
    """A decimal number kept as a whole one: ``data`` is the number times ``10 ** digits``."""

    widget = StringField.widget
    data: Any

    def __init__(self, label: Any = None, *, digits: int, most: int, **kwargs: Any) -> None:
        self.digits, self.most = digits, most
        super().__init__(label, render_kw={"inputmode": "decimal"}, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data).scaleb(-self.digits).normalize():f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None

    def pre_validate(self, form: Any) -> None:
        text = clean(self.raw_data[0]).replace(",", ".").replace("%", "") if self.raw_data else ""
        plain = "".join(text.split()) or "0"
        if plain[0] in "-−":
            raise StopValidation(_("This cannot be below zero"))
        if not re.fullmatch(r"\d{1,12}(\.\d{1,9})?", plain, re.ASCII):
            raise StopValidation(_("Please write a number"))
        scaled = Decimal(plain).scaleb(self.digits)
        if scaled != scaled.to_integral_value():
            raise StopValidation(_("At most %(digits)s digits after the point", digits=self.digits))
        if scaled > self.most:
            raise StopValidation(_("This number is too large"))
        self.data = int(scaled)


def _whole(value: object) -> int | None:
    """The id that was chosen; None where nothing was."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < LONGEST_ID else None


class LineForm(Form):
    """One line. A line without name and price is left out."""

    name = TextField(_l("Item"), longest=LONGEST_NAME)
    quantity = ScaledField(_l("Quantity"), digits=3, most=LARGEST_QUANTITY)
    unit = TextField(_l("Unit"), required=False, longest=LONGEST_UNIT)
    price = MoneyField(_l("Price"), currency="RUB", required=False)
    discount = ScaledField(_l("Discount, %"), digits=2, most=100_00)
    tax = SelectField(_l("VAT"), validate_choice=False)
    billing = ChoiceField(_l("Billing"), Billing)
    section = TextField(_l("Section"), required=False, longest=LONGEST_SECTION)
    choice = SelectField(
        _l("Choice"),
        choices=lambda: [(choice.value, _(choice.label)) for choice in LineChoice],
        coerce=LineChoice,
        default=LineChoice.INCLUDED,
    )
    product_id = SelectField(_l("Product"), coerce=_whole, validate_choice=False)

    def line(self) -> ProposalLine:
        return ProposalLine(
            self.name.data,
            self.quantity.data,
            self.unit.data or "",
            self.price.data,
            self.discount.data,
            self.tax.data,
            self.billing.data,
            self.section.data or "",
            self.choice.data,
            self.product_id.data,
        )


class DraftForm(FromCatalogue, FlaskForm):
    """A version's draft. ``lines`` are named ``lines-0-name`` and so on, as the lines editor numbers them."""

    version = HiddenField()
    title = TextField(_l("Title"), longest=LONGEST_TITLE, required=False)
    contact_id = SelectField(_l("To whom"), coerce=_whole)
    language = SelectField(_l("Language"), choices={"ru": "Русский", "en": "English"})
    template_id = SelectField(_l("Look"), coerce=_whole)
    currency = SelectField(_l("Currency"), choices={code: code for code in CURRENCIES})
    prices = SelectField(_l("Prices"))
    dated_on = DayField(_l("Date"))
    valid_until = DayField(_l("Valid until"))
    discount = ScaledField(_l("Discount on everything, %"), digits=2, most=100_00)
    text = LongTextField(_l("The task, in the client's words"), required=False, longest=LONGEST_TEXT)
    terms = LongTextField(_l("Terms"), required=False, longest=LONGEST_TEXT)
    attached = SelectMultipleField(_l("Attached from the catalogue"), coerce=int, choices=[])
    lines = FieldList(FormField(LineForm))

    def offer(self, offered: Offered, version: ProposalVersion) -> "DraftForm":
        """What may be chosen, and the tax rates in force on the document's date."""
        self.template_id.choices = {"": _("plain"), **{str(key): name for key, name in offered.templates}}
        self.attached.choices = list(offered.files)
        self.contact_id.choices = {"": _("nobody by name"), **{str(key): name for key, name in offered.recipients}}
        self.prices.choices = {"with": _("include VAT"), "without": _("are without VAT")}
        self.rates = {
            key: _(rate.label) if rate.basis_points is None else percent(rate.basis_points, str(get_locale()))
            for key, rate in rates_on(self.dated_on.data or version.dated_on).items()
        }
        usual = {"quantity": 1000, "discount": 0, "tax": self.usual_tax}
        self.blank = LineForm(prefix="lines-__index__-", data=usual)
        self.first_blank = LineForm(prefix=f"lines-{len(self.lines)}-", data=usual)
        for row in (self.blank, self.first_blank, *(entry.form for entry in self.lines)):
            row.tax.choices = self.rates
        return self

    @property
    def usual_tax(self) -> str:
        """What a new line begins with: as the last line has it."""
        return (self.lines[-1].form.tax.data if len(self.lines) else "") or "standard"

    def read_lines(self) -> None:
        """Read the numbers that were typed, as far as sums need them."""
        self.discount.validate(self)
        self.lines.validate(self)

    def draft(self, contact: Contact | None, template: ProposalTemplate | None = None) -> Draft:
        """What was typed. Only after the form was found valid."""
        return Draft(
            language=self.language.data,
            currency=self.currency.data,
            prices_include_tax=self.prices.data == "with",
            dated_on=self.dated_on.data,
            valid_until=self.valid_until.data,
            contact=contact,
            title=self.title.data or "",
            text=self.text.data or "",
            terms=self.terms.data or "",
            lines=tuple(entry.form.line() for entry in self.lines),
            discount=self.discount.data,
            template=template,
            attached=list(self.attached.data or ()),
        )

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal at the field it names, also inside a line."""
        found = LINE_KEY.fullmatch(refusal.field or "")
        if found and int(found[1]) < len(self.lines):
            field = self.lines[int(found[1])].form[found[2]]
            field.errors = [*field.errors, say(refusal)]
        else:
            refuse(self, refusal)

    def faults(self) -> list[tuple[str, str, str]]:
        """Everything that is wrong: the field's id, its label, the sentence."""
        own = [(field.id, field.label.text, error) for field in self if field.name != "lines" for error in field.errors]
        return (
            [("", "", error) for error in self.form_errors]
            + own
            + [
                (field.id, _("Line %(number)s", number=position) + f", {field.label.text}", error)
                for position, entry in enumerate(self.lines, 1)
                for field in entry.form
                for error in field.errors
            ]
        )


def filled(version: ProposalVersion) -> DraftForm:
    """The form as the draft stands."""
    lines = [ProposalLine.read(kept) for kept in version.lines]
    rows = [{**line.keep(), "price": line.price_minor, "billing": line.billing} for line in lines]
    return DraftForm(
        None,
        data={
            **{name: getattr(version, name) for name in "version title language currency contact_id".split()},
            **{name: getattr(version, name) for name in "template_id dated_on valid_until text terms".split()},
            **{name: getattr(version, name) for name in ("discount", "attached")},
            "prices": "with" if version.prices_include_tax else "without",
            "lines": rows,
        },
    )


def typed(sent: MultiDict[str, str]) -> DraftForm:
    """The form as a person sent it. Lines without name and price are left out, the others numbered again; of more
    lines than a proposal has only the first ones are read, and one more, which the domain then refuses."""
    rows: dict[int, dict[str, str]] = {}
    kept = MultiDict((key, value) for key, value in sent.items(multi=True) if not key.startswith("lines-"))
    for key, value in sent.items():
        if found := LINE_KEY.fullmatch(key):
            rows.setdefault(int(found[1]), {})[found[2]] = value
    written = [
        row for _index, row in sorted(rows.items()) if row.get("name", "").strip() or row.get("price", "").strip()
    ]
    for position, row in enumerate(written[: MOST_LINES + 1]):
        kept.update({f"lines-{position}-{name}": value for name, value in row.items()})
    return DraftForm(kept)
