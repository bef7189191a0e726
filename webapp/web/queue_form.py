"""The form beside a queue's item: what is filled depends on how the operation ended, and is asked for by the verb."""

from datetime import datetime, UTC

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField

from webapp.domain.queue import Outcome
from webapp.web.access import LARGEST_ID
from webapp.web.forms import ChoiceField, DayField, MoneyField, TextField
from webapp.web.telling_field import ToldField


def number_of(text: str | int | None) -> int | None:
    """An id as a browser sends it; None where nothing was chosen, or nonsense."""
    text = str(text or "")
    return int(text) if text.isdecimal() and len(text) < 19 and int(text) < LARGEST_ID else None


class OutcomeForm(FlaskForm):
    """How an item ended. ``opened`` is when it was shown; ``task`` are the planned touches that this was."""

    outcome = ChoiceField("", Outcome)
    opened = HiddenField()
    clerk = HiddenField()
    contact_id = HiddenField(filters=[number_of])
    result = HiddenField()
    note = TextField(_l("Note"), required=False, longest=500)
    told = ToldField()
    task = SelectMultipleField(coerce=number_of, choices=[], validate_choice=False)
    currency = HiddenField(_l("Currency"), default="RUB")
    amount_minor = MoneyField(_l("Sum"), required=False)
    due_on = DayField(_l("By when"), required=False)
    back_on = DayField(_l("New day"), required=False)
    colleague_id = HiddenField(_l("Colleague"), filters=[number_of])
    handing = HiddenField(_l("Why"))
    invoice = SelectMultipleField(_l("Invoices"), coerce=number_of, choices=[], validate_choice=False)
    dispute = HiddenField(_l("Why"))

    @property
    def opened_at(self) -> datetime | None:
        """The moment the item was shown, in UTC; None where the browser says nothing that can be read."""
        text = self.opened.data or ""
        return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) < 11 else None
