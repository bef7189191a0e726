"""The forms of contracts: concluding one by hand or several from a won deal, new terms, the end."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, SelectField
from wtforms.validators import StopValidation

from webapp.domain.contract import Contract, HIGHEST_INDEXATION, LATEST_PAYMENT_DAY, LONGEST_NOTICE
from webapp.domain.deal import Deal, DealLine
from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES
from webapp.domain.product import Billing
from webapp.domain.tax import rates_on
from webapp.domain.words import N_
from webapp.pdf.words import percent
from webapp.web.forms import ChoiceField, DayField, MoneyField, presence, TextField, WholeField
from webapp.web.i18n import number
from webapp.web.proposal_form import ScaledField
from webapp.web.quantities import quantity_text, THOUSAND
from webapp.web.touch_forms import today

LONGEST_PAST = timedelta(days=366)
"""A mistyped year would write dozens of invoices tonight, and their numbers are never free again."""


class StartField(DayField):
    """The first day: not so long ago that somebody must have meant another year."""

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data != self.object_data and self.data < today() - LONGEST_PAST:
            raise StopValidation(_("At most a year ago: every month since would be invoiced tonight"))


def tax_choices(day: date) -> list[tuple[str, str]]:
    return [
        (key, _(rate.label) if rate.basis_points is None else percent(rate.basis_points, str(get_locale())))
        for key, rate in rates_on(day).items()
    ]


class Terms:
    """What every contract says beside its sum; mixed into the forms below."""

    tax = SelectField(_l("VAT inside the sum"), presence(True))
    payment_day = WholeField(_l("Paid by this day of the month"), least=1, most=LATEST_PAYMENT_DAY, default=10)
    notice_days = WholeField(_l("Notice, days"), least=0, most=LONGEST_NOTICE, default=30)
    indexation = ScaledField(_l("Grows each year by, %"), digits=2, most=HIGHEST_INDEXATION)


TERMS = ("tax", "payment_day", "notice_days", "indexation")


def terms_last(form: FlaskForm) -> None:
    """Show what is said of the sum before the terms."""
    for name in TERMS:
        form._fields[name] = form._fields.pop(name)


class ContractForm(Terms, FlaskForm):
    """A contract by hand."""

    product_id = SelectField(_l("Product"), coerce=int)
    name = TextField(_l("What is paid for, as the invoice says it"), required=False, longest=300)
    number = TextField(_l("Number of the paper"), required=False, longest=40)
    billing = ChoiceField(_l("Billing"), Billing, default=Billing.MONTHLY)
    amount_minor = MoneyField(_l("Sum with tax"), least=1)
    currency = SelectField(_l("Currency"), presence(True), choices=list(CURRENCIES))
    starts_on = StartField(_l("First day"))
    ends_on = DayField(_l("Last day, if it is known"), required=False)

    def offer(self, products: list[tuple[int, str]]) -> "ContractForm":
        terms_last(self)
        self.product_id.choices = [(0, _("Words of my own")), *products]
        self.tax.choices = tax_choices(self.starts_on.data or today())
        return self

    @property
    def terms(self) -> dict[str, Any]:
        """What the domain takes beside name, billing, amount and currency."""
        return {name: self[name].data for name in (*TERMS, "ends_on")} | {
            "number": self.number.data or "",
            "product_id": self.product_id.data or None,
        }


class TermsForm(Terms, FlaskForm):
    """New terms for the invoices to come; ``version`` is the one that was seen."""

    version = HiddenField()
    name = TextField(_l("What is paid for, as the invoice says it"), longest=300)
    number = TextField(_l("Number of the paper"), required=False, longest=40)
    amount_minor = MoneyField(_l("Sum with tax"), least=1)
    starts_on = StartField(_l("First day"))

    def offer(self, contract: Contract) -> "TermsForm":
        """The first day may be another one until something is invoiced."""
        terms_last(self)
        if contract.invoices:
            del self.starts_on
        self.tax.choices = tax_choices(contract.starts_on)
        return self

    @property
    def seen(self) -> int:
        return _number(self.version.data)

    @property
    def fields(self) -> dict[str, Any]:
        names = [name for name in (*TERMS, "name", "amount_minor", "starts_on") if name in self]
        return {name: self[name].data for name in names} | {"number": self.number.data or ""}


class EndForm(FlaskForm):
    """The contract's last day. A later day than before prolongs it."""

    version = HiddenField()
    ends_on = DayField(_l("Last day"))
    reason = TextField(_l("Why"), longest=300)

    @property
    def seen(self) -> int:
        return _number(self.version.data)


class SoldLineForm(Form):
    """A line of the deal, which becomes a contract where it is ticked."""

    taken = BooleanField(_l("Conclude"))
    name = TextField(_l("What is paid for, as the invoice says it"), required=False, longest=300)
    billing = ChoiceField(_l("Billing"), Billing)
    amount_minor = MoneyField(_l("Sum with tax"), currency="RUB", required=False, least=1)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if not self.taken.data:
            return valid
        for bound in (self.name, self.amount_minor):
            if not bound.data and not bound.errors:
                bound.errors = [_("Please fill this in")]
        return valid and not self.errors


class SoldForm(Terms, FlaskForm):
    """All lines of a won deal at once, with the terms they share; ``seen`` is how many of its contracts were known."""

    seen = HiddenField(default="0")
    number = TextField(_l("Number of the paper"), required=False, longest=40)
    starts_on = StartField(_l("First day"))
    ends_on = DayField(_l("Last day, if it is known"), required=False)
    lines = FieldList(FormField(SoldLineForm))

    def offer(self, deal: Deal) -> "SoldForm":
        for entry in self.lines:
            entry.form.amount_minor.currency = deal.currency
        self.tax.choices = tax_choices(self.starts_on.data or today())
        return self

    def check_seen(self, count: int) -> None:
        """Nothing was concluded since the form was opened; else its lines are to be ticked anew."""
        if count == _number(self.seen.data):
            return
        self.seen.data = str(count)
        for entry in self.lines:
            entry.form.taken.data = False
        raise Refused(N_("Contracts of this deal were concluded already: tick only what is to be paid besides them"))

    @property
    def terms(self) -> dict[str, Any]:
        return {name: self[name].data for name in (*TERMS, "ends_on")} | {"number": self.number.data or ""}


def of_line(line: DealLine, *, taken: bool) -> dict[str, Any]:
    """A deal's line as the form proposes it."""
    return {
        "taken": taken and bool(line.total_minor),
        "name": line.name if line.quantity == THOUSAND else f"{line.name} × {quantity_text(line.quantity)}",
        "billing": line.billing,
        "amount_minor": line.total_minor or None,
    }


def _number(text: str | None) -> int:
    return int(text) if (text or "").isdigit() else 0


def basis_points_text(basis_points: int) -> str:
    """``750`` is ``7.5``, in the reader's way of writing numbers."""
    return number(Decimal(basis_points).scaleb(-2).normalize())
