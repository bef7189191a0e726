"""The forms of payments: entering one, setting it aside, giving it back, spreading it over invoices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField
from wtforms.validators import ValidationError

from webapp.domain.allocation import ReturnKind
from webapp.domain.calendar import years_on
from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES, parse_minor
from webapp.queries.payment_page import OpenInvoice
from webapp.web.access import LARGEST_ID
from webapp.web.checks import clean
from webapp.web.errors import say
from webapp.web.forms import ChoiceField, DayField, InnField, LongTextField, MoneyField, presence, TextField
from webapp.web.i18n import money

MOST_PARTS = 100
"""Invoices that one form covers."""
MOST_YEARS = 10
"""So long ago may it be that money came which somebody enters only now."""


class ReceivedForm(FlaskForm):
    """Money that came in."""

    amount_minor = MoneyField(_l("Sum"), least=1)
    currency = SelectField(_l("Currency"), presence(True), choices=list(CURRENCIES))
    received_on = DayField(_l("Came on"))
    document_number = TextField(_l("Number of the document"), required=False, longest=40)
    payer_name = TextField(_l("Who paid"), longest=300)
    payer_inn = InnField(_l("ИНН of the payer"))
    purpose = LongTextField(_l("Purpose, as the payer wrote it"), required=False, longest=1000)

    latest: date | None = None
    """The company's today: money does not come tomorrow, and what came long ago is a slip."""

    def validate_received_on(self, field: DayField) -> None:
        if self.latest is None or field.data is None:
            return
        if field.data > self.latest:
            raise ValidationError(_("This day has not come yet"))
        if field.data < years_on(self.latest, -MOST_YEARS):
            raise ValidationError(_("This is more than %(years)s years ago", years=MOST_YEARS))

    @property
    def fields(self) -> dict[str, Any]:
        """What the domain takes."""
        words = {name: self[name].data or "" for name in ("document_number", "payer_name", "payer_inn", "purpose")}
        return {name: self[name].data for name in ("amount_minor", "currency", "received_on")} | words


class Seen:
    """A form that remembers which state of the payment the person saw; mixed into the forms below."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        return whole(self.version.data) or 0


class AsideForm(Seen, FlaskForm):
    """It is no client's payment."""

    reason = TextField(_l("Why"), longest=300)


class ReturnForm(Seen, FlaskForm):
    """Money went back to the payer, or was never there."""

    amount_minor = MoneyField(_l("How much"), least=1)
    kind = ChoiceField(_l("What happened"), ReturnKind, default=ReturnKind.RETURNED)
    reason = TextField(_l("Why"), longest=300)


def whole(text: str | None) -> int | None:
    """A whole number above zero that an id may be, or None."""
    plain = text is not None and text.isascii() and text.isdigit() and len(text) < 19
    number = int(text or "0") if plain else 0
    return number if 0 < number < LARGEST_ID else None


def sent_parts() -> list[tuple[int, int]]:
    """What a suggestion covers, as its form carries it: ``17:4000,18:500``; 400 where it cannot be read."""
    text = request.form.get("parts", "")
    parts = [part.partition(":") for part in text.split(",")] if text else []
    found = [(number, minor) for left, _, right in parts if (number := whole(left)) and (minor := whole(right))]
    return found if len(found) == len(parts) <= MOST_PARTS else abort(400)


@dataclass(frozen=True, slots=True)
class Typed:
    """The sums of a spread: what was typed, what it means, and what is wrong with it, each by the invoice's id."""

    texts: dict[int, str]
    parts: list[tuple[int, int]]
    errors: dict[int, str]


def typed_parts(invoices: Sequence[OpenInvoice], currency: str, free_minor: int) -> Typed:
    """The sums typed beside a client's invoices; each is at most what is owed, all together what is free."""
    texts, errors = {}, {}
    parts: list[tuple[int, int]] = []
    left = free_minor
    for invoice in invoices:
        text = clean(request.form.get(f"sum-{invoice.id}"))[:40]
        texts[invoice.id] = text
        if not text:
            continue
        try:
            minor = parse_minor(text, currency)
        except Refused as refusal:
            errors[invoice.id] = say(refusal)
            continue
        if minor < 0:
            errors[invoice.id] = _("This sum is too small")
        elif minor > invoice.outstanding_minor:
            errors[invoice.id] = _("Only %(sum)s is owed", sum=money(invoice.outstanding_minor, currency))
        elif minor > left:
            errors[invoice.id] = _("Only %(sum)s is left of the payment", sum=money(max(left, 0), currency))
        elif minor:
            parts.append((invoice.id, minor))
            left -= minor
    return Typed(texts, parts, errors)
