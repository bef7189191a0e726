"""Quantities as people type them: three decimals at most, kept in thousandths."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField
from wtforms.validators import Optional, StopValidation

from webapp.web.checks import clean

THOUSAND = 1000
MOST = 10**9
"""A million units, in thousandths."""


class QuantityField(StringField):
    """A quantity above zero with at most three decimals; ``thousandths`` is it, 1000 where nothing was typed."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        self.thousandths = THOUSAND
        kwargs.setdefault("render_kw", {"inputmode": "decimal"})
        super().__init__(label, [Optional()], filters=[clean], **kwargs)

    def process_data(self, value: Any) -> None:
        """Shows ``value`` thousandths."""
        self.thousandths = value or THOUSAND
        self.data = quantity_text(value) if value else ""

    def pre_validate(self, form: Any) -> None:
        self.thousandths = thousandths(self.data) if self.data else THOUSAND


def thousandths(text: str) -> int:
    """Thousandths of what a person typed: ``1,5`` is 1500."""
    plain = text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace(",", ".")
    try:
        found = Decimal(plain) * THOUSAND if plain.isascii() and len(plain) < 20 else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise StopValidation(_("This is not a quantity"))
    if found != found.to_integral_value():
        raise StopValidation(_("At most three decimals, please"))
    if not 0 < found <= MOST:
        raise StopValidation(_("A quantity is above zero and at most a million"))
    return int(found)


def quantity_text(thousandths: int) -> str:
    """A quantity as it is typed: ``1500`` is ``1.5``."""
    return f"{Decimal(thousandths) / THOUSAND:f}"
