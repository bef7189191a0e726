"""What only the client's screens read or write: phones as people write them, moments on the asker's clock."""

from datetime import datetime, UTC
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from flask_babel import gettext as _
from wtforms import DateTimeLocalField
from wtforms.validators import Optional, ValidationError

from webapp.web.access import actor
from webapp.web.checks import REGION
from webapp.web.forms import FIRST_DAY, LAST_DAY


class MomentField(DateTimeLocalField):
    """A moment on the asker's own clock, to the minute; ``utc`` is what is stored, None where nothing was said."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("There is no such moment")) from None

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and not FIRST_DAY <= self.data.date() <= LAST_DAY:
            raise ValidationError(_("This date is too far away"))

    @property
    def utc(self) -> datetime | None:
        return self.data and self.data.replace(tzinfo=ZoneInfo(actor().timezone)).astimezone(UTC)


@lru_cache(4096)
def phone(text: str) -> str:
    """A stored number as people write it; one that cannot be read stays as it is."""
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def typed_phone(text: str | None) -> str:
    """What a number that is still being typed would be stored as; empty while it cannot be one."""
    try:
        number = phonenumbers.parse(text or "", REGION)
    except phonenumbers.NumberParseException:
        return ""
    number.extension = None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
