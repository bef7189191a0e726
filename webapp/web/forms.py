"""Shared field types. Each cleans what a person typed, and says at the field what is wrong with it.

A screen's own form is a ``FlaskForm`` in the screen's module; it says ``required=False`` where nothing must be filled.
"""

from collections.abc import Callable, Sequence
from datetime import date, time
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from webapp.domain.errors import Refused, Stale
from webapp.domain.money import LARGEST, parse_minor
from webapp.domain.words import N_
from webapp.web.checks import clean, email, phone, taxpayer_number, zone, zones
from webapp.web.errors import say

OVERTAKEN = N_(
    "Somebody saved this after you opened it. What you typed still stands here and is not saved: look at theirs in "
    "another window first, because saving again puts yours in its place."
)

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


def presence(required: bool) -> list[Any]:
    return [InputRequired(_l("Please fill this in"))] if required else [Optional()]


class Filled:
    """Something is left after cleaning: a field of spaces is empty."""

    field_flags: dict[str, bool] = {"required": True}

    def __call__(self, form: Any, field: Field) -> None:
        if not field.data:
            raise StopValidation(_("Please fill this in"))


class TextField(StringField):
    """One line of text, at most ``longest`` characters."""

    def __init__(
        self,
        label: Any = None,
        *,
        required: bool = True,
        longest: int = 200,
        validators: Sequence[Any] = (),
        **kwargs: Any,
    ) -> None:
        rules = [Filled() if required else Optional(), _at_most(longest), *validators]
        super().__init__(label, rules, filters=[lambda text: " ".join(clean(text).split())], **kwargs)


class LongTextField(TextAreaField):
    """Several lines of text."""

    def __init__(self, label: Any = None, *, required: bool = True, longest: int = 10_000, **kwargs: Any) -> None:
        super().__init__(label, [Filled() if required else Optional(), _at_most(longest)], filters=[clean], **kwargs)


class WholeField(IntegerField):
    """A whole number between two bounds."""

    def __init__(
        self, label: Any = None, *, least: int = 0, most: int = 10**9, required: bool = True, **kwargs: Any
    ) -> None:
        between = NumberRange(least, most, _l("Between %(min)s and %(max)s, please"))
        super().__init__(label, [*presence(required), between], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None if valuelist else self.data  # emptied, or not asked for
            return
        text = valuelist[0].strip()
        if not text.isascii() or not text.lstrip("+-").isdigit() or len(text) > 15:
            self.data = None
            raise ValueError(_("Please write a whole number"))
        self.data = int(text)

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation


class DayField(DateField):
    """A date; the browser's own picker gives it as year-month-day."""

    def __init__(self, label: Any = None, *, required: bool = True, **kwargs: Any) -> None:
        super().__init__(label, presence(required), **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None if valuelist else self.data  # emptied, or not asked for
            return
        try:
            self.data = date.fromisoformat(valuelist[0].strip())
        except ValueError:
            self.data = None
            raise ValueError(_("There is no such date")) from None
        if not FIRST_DAY <= self.data <= LAST_DAY:
            self.data = None
            raise ValueError(_("This date is too far away"))


class ClockField(TimeField):
    """A time of day to the minute."""

    def __init__(self, label: Any = None, *, required: bool = True, **kwargs: Any) -> None:
        super().__init__(label, presence(required), **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None if valuelist else self.data  # emptied, or not asked for
            return
        try:
            self.data = time.fromisoformat(valuelist[0].strip()).replace(tzinfo=None)
        except ValueError:
            self.data = None
            raise ValueError(_("There is no such time")) from None


class MoneyField(Field):
    """A sum; ``data`` is whole minor units. ``currency`` is a code, or the name of the form's currency field."""

    widget = StringField.widget

    def __init__(
        self,
        label: Any = None,
        *,
        currency: str = "currency",
        required: bool = True,
        least: int = 0,
        most: int = LARGEST,
        _form: Any = None,
        **kwargs: Any,
    ) -> None:
        self.form, self.currency, self.least, self.most = _form, currency, least, most
        super().__init__(label, presence(required), render_kw={"inputmode": "decimal"}, _form=_form, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // 100}.{self.data % 100:02d}"

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None

    def pre_validate(self, form: Any) -> None:
        text = clean(self.raw_data[0]) if self.raw_data else ""
        if not text:
            return
        code = form[self.currency].data if self.currency in form else self.currency
        try:
            self.data = parse_minor(text, code)
        except (Refused, KeyError) as refusal:
            raise StopValidation(say(refusal) if isinstance(refusal, Refused) else _("Choose a currency")) from None
        if not self.least <= self.data <= self.most:
            raise StopValidation(_("This sum is too small") if self.data < self.least else _("This sum is too large"))


class PhoneField(TextField):
    """A phone number; ``data`` is E.164 (+79161234567). An extension stays behind it."""

    def __init__(self, label: Any = None, *, required: bool = True, **kwargs: Any) -> None:
        super().__init__(label, required=required, longest=40, validators=[phone], **kwargs)


class EmailField(TextField):
    """An e-mail address, in lower case."""

    def __init__(self, label: Any = None, *, required: bool = True, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"type": "email", "autocomplete": "off", "spellcheck": "false"})
        super().__init__(label, required=required, longest=254, validators=[email], **kwargs)


class InnField(TextField):
    """A taxpayer number (ИНН) of 10 or 12 digits with right check digits."""

    def __init__(self, label: Any = None, *, required: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(label, required=required, longest=20, validators=[taxpayer_number], **kwargs)


class ChoiceField(SelectField):
    """One word of a StrEnum that labels its words, or ``only`` of some; ``data`` is the word, or None where nothing
    may be chosen."""

    def __init__(
        self, label: Any, words: type[StrEnum], *, only: Sequence[Any] = (), empty: Any = None, **kwargs: Any
    ) -> None:
        def choices() -> list[tuple[str, str]]:
            named = [(word.value, _(word.label)) for word in only or words]
            return named if empty is None else [("", str(empty)), *named]

        rules = [InputRequired(_l("Please choose"))] if empty is None else [Optional()]
        super().__init__(label, rules, choices=choices, coerce=_word(words), **kwargs)


class ZoneField(TextField):
    """A time zone by its IANA name, or by its city; ``zones`` are the names to suggest while it is typed."""

    zones = property(lambda field: zones())

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"list": "zones", "autocomplete": "off", "spellcheck": "false"})
        super().__init__(label, longest=64, validators=[zone], **kwargs)


def refuse(form: FlaskForm, refusal: Refused) -> None:
    """Show a refusal of the domain at the field it names, or above the form, with everything that was typed."""
    if isinstance(refusal, Stale):
        form.form_errors.append(_(OVERTAKEN))
        return
    field = form[refusal.field] if refusal.field and refusal.field in form else None
    if field is None:
        form.form_errors.append(say(refusal))
    else:
        field.errors = [*field.errors, say(refusal)]


def _at_most(longest: int) -> Length:
    return Length(max=longest, message=_l("At most %(max)d characters, please"))


def _word(words: type[StrEnum]) -> Callable[[Any], Any]:
    return lambda value: words(value) if value else None
