"""What a typed text must be: clean, a phone number, an e-mail address, a taxpayer number, a time zone."""

import re
import unicodedata
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.ru import inn
from wtforms import Field
from wtforms.validators import StopValidation

REGION = "RU"
"""Where a phone number without a country code is."""

BAD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but for tabs and line ends, and halves of surrogate pairs; PostgreSQL keeps no NUL."""


def clean(text: str | None) -> str:
    """Composed, without control characters and outer spaces; line ends are ``\\n``."""
    plain = unicodedata.normalize("NFC", (text or "").replace("\r\n", "\n").replace("\r", "\n"))
    return BAD.sub("", plain).strip()


@cache
def zones() -> list[str]:
    """IANA zones by name, the usual ones: a region and a city, and UTC."""
    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return [*sorted(name for name in available_timezones() if name.startswith(regions)), "UTC"]


def inn_fault(number: str) -> str:
    """What is wrong with a taxpayer number, in the reader's language; empty when it is right."""
    try:
        inn.validate(number)
    except InvalidChecksum:
        return _("The check digits do not fit: look for a mistyped digit")
    except ValidationError:
        return _("An ИНН has 10 digits (a firm) or 12 (a person)")
    return ""


def zone(form: Any, field: Field) -> None:
    """Rewrite a city or a name in any case as the zone's name, or say that there is none."""
    typed = (field.data or "").casefold().replace(" ", "_")
    named = [name for name in zones() if typed in (name.casefold(), name.rpartition("/")[2].casefold())]
    if len(named) != 1:
        raise StopValidation(_("There is no such time zone. Write a city, for example Moscow or Berlin."))
    field.data = named[0]


def phone(form: Any, field: Field) -> None:
    """Rewrite a number as E.164, with an extension behind it; or say what is wrong."""
    if not field.data:
        return
    try:
        number = phonenumbers.parse(field.data, REGION)
    except phonenumbers.NumberParseException:
        raise StopValidation(_("This is not a phone number")) from None
    if not phonenumbers.is_possible_number(number):
        raise StopValidation(_("A phone number has not this many digits"))
    extension, number.extension = number.extension, None
    field.data = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if extension:
        field.data += f";ext={extension}"


def email(form: Any, field: Field) -> None:
    """Rewrite an address in lower case, or say that it is none."""
    if not field.data:
        return
    try:
        field.data = validate_email(field.data, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise StopValidation(_("This is not an e-mail address")) from None


def taxpayer_number(form: Any, field: Field) -> None:
    """Leave the digits only, and check them."""
    field.data = "".join((field.data or "").split())
    if field.data and (fault := inn_fault(field.data)):
        raise StopValidation(fault)
