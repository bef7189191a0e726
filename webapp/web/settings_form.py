"""The sections of the company's settings, each a form that says how its answers are kept."""

from typing import Any

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from stdnum.exceptions import ValidationError
from stdnum.ru import ogrn
from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.validators import StopValidation

from webapp.domain.attack_state import Severity
from webapp.domain.company import Company
from webapp.domain.mail_settings import MailSecurity
from webapp.domain.money import CURRENCIES
from webapp.domain.words import Department, Role
from webapp.web.clock import now
from webapp.web.forms import (
    ChoiceField,
    ClockField,
    EmailField,
    InnField,
    LongTextField,
    PhoneField,
    TextField,
    WholeField,
    ZoneField,
)
from webapp.web.holidays import countries, public_holidays, read_day
from webapp.web.i18n import LANGUAGES

PLAIN = {"autocomplete": "off", "spellcheck": "false"}
DIGITS = PLAIN | {"inputmode": "numeric"}
MOST_HOLIDAYS = 1000


def currencies() -> list[tuple[str, str]]:
    """Currencies by code and name in the reader's language."""
    locale = get_locale()
    return [(code, f"{code} · {locale.currencies.get(code, code) if locale else code}") for code in CURRENCIES]


def weekdays() -> list[tuple[int, str]]:
    """ISO weekdays by name."""
    names = get_day_names("wide", locale=get_locale())
    return [(day + 1, names[day].capitalize()) for day in range(7)]


class Section(FlaskForm):
    """One section: what it holds of a company, and what it says for ``Company.change``."""

    @classmethod
    def of(cls, company: Company) -> "Section":
        return cls(formdata=None, obj=company)

    def said(self) -> dict[str, Any]:
        return {name: value for name, value in self.data.items() if name != "csrf_token"}


class RequisitesForm(Section):
    """What stands on proposals."""

    name = TextField(_l("Company name"), longest=200)
    legal_name = TextField(_l("Full legal name"), required=False, longest=300)
    inn = InnField("ИНН")
    kpp = TextField("КПП", required=False, longest=9, render_kw=DIGITS)
    ogrn = TextField("ОГРН", required=False, longest=20, render_kw=DIGITS)
    address = LongTextField(_l("Address"), required=False, longest=500, render_kw={"rows": 2})
    phone = PhoneField(_l("Phone"), required=False)
    email = EmailField(_l("E-mail"), required=False)
    bank_name = TextField(_l("Bank"), required=False, longest=200)
    bank_bic = TextField("БИК", required=False, longest=9, render_kw=DIGITS)
    bank_account = TextField(_l("Settlement account"), required=False, longest=42)
    correspondent_account = TextField(_l("Correspondent account"), required=False, longest=24, render_kw=DIGITS)

    def validate_ogrn(self, field: TextField) -> None:
        """13 digits of a firm or 15 of a person, with a check digit."""
        field.data = "".join((field.data or "").split())
        try:
            ogrn.validate(field.data) if field.data else None
        except ValidationError:
            raise StopValidation(
                _("An ОГРН has 13 digits (a firm) or 15 (a person), the last checks the others")
            ) from None

    def said(self) -> dict[str, Any]:
        grouped = ("kpp", "bank_bic", "bank_account", "correspondent_account")
        return super().said() | {name: "".join(self[name].data.split()).upper() for name in grouped}


class RegionForm(Section):
    """Currency, language, time zone."""

    currency = SelectField(_l("Currency"), choices=currencies)
    language = SelectField(_l("Language"), choices=lambda: list(LANGUAGES.items()))
    timezone = ZoneField(_l("Time zone"))


class HoursForm(Section):
    """When the company works."""

    workday_starts = ClockField(_l("The day starts"))
    workday_ends = ClockField(_l("The day ends"))
    workdays = SelectMultipleField(_l("Working days"), choices=weekdays, coerce=int)
    holidays = LongTextField(
        _l("Holidays"),
        required=False,
        description=_l("One date per line: 2026-05-09 or 09.05.2026"),
        render_kw={"rows": 8},
    )
    country = SelectField(_l("Country"), choices=lambda: [("", _("Choose")), *countries(str(get_locale()))])
    year = WholeField(_l("Year"), required=False, least=2000, most=2100)

    @classmethod
    def of(cls, company: Company) -> "HoursForm":
        kept = {name: getattr(company, name) for name in ("workday_starts", "workday_ends", "workdays")}
        usual = {"country": "RU" if company.language == "ru" else "", "year": now().year}
        return cls(formdata=None, data=kept | usual | {"holidays": "\n".join(company.holidays)})

    def validate_holidays(self, field: LongTextField) -> None:
        """Every word is a date that exists."""
        for word in (field.data or "").replace(",", " ").split():
            if read_day(word) is None:
                raise StopValidation(_("There is no such date: %(text)s", text=word[:20]))
        if len(self.days()) > MOST_HOLIDAYS:
            raise StopValidation(_("At most %(count)s holidays, please", count=MOST_HOLIDAYS))

    def days(self) -> list[str]:
        """The holidays as ISO dates in order."""
        words = (self.holidays.data or "").replace(",", " ").split()
        return sorted({day.isoformat() for day in map(read_day, words) if day is not None})

    def fill(self) -> None:
        """Add the public holidays of the country and year to those in the field."""
        public = public_holidays(self.country.data, self.year.data) if self.country.data and self.year.data else []
        self.holidays.data = "\n".join(sorted({*self.days(), *public}))
        self.holidays.raw_data = None

    def said(self) -> dict[str, Any]:
        given = {name: value for name, value in super().said().items() if name not in {"country", "year"}}
        return given | {"holidays": self.days(), "workdays": sorted(self.workdays.data or [])}


class HandoffForm(Section):
    """Working hours in which each department answers an offered client."""

    sales = WholeField(_l("Sales"), least=1, most=Company.LONGEST_HANDOFF)
    client = WholeField(_l("Client"), least=1, most=Company.LONGEST_HANDOFF)
    vip = WholeField(_l("VIP"), least=1, most=Company.LONGEST_HANDOFF)

    @classmethod
    def of(cls, company: Company) -> "HandoffForm":
        return cls(formdata=None, data=dict(company.handoff_hours))

    def said(self) -> dict[str, Any]:
        return {"handoff_hours": {department.value: self[department.value].data for department in Department}}


class SafetyForm(Section):
    """Who sees phones, and who needs a second factor."""

    mask_contacts = BooleanField(_l("Mask phones and e-mails of contacts outside the owner's department"))
    second_factor_roles = SelectMultipleField(
        _l("Roles that must use a second factor"), choices=lambda: [(role.value, _(role.label)) for role in Role]
    )


class AttackForm(Section):
    """Working hours from the first signal of a competitor to a personal visit."""

    low = WholeField(_l("They were seen or named"), least=1, most=Company.LONGEST_HANDOFF)
    medium = WholeField(_l("They made an offer"), least=1, most=Company.LONGEST_HANDOFF)
    high = WholeField(_l("The client is about to go"), least=1, most=Company.LONGEST_HANDOFF)

    @classmethod
    def of(cls, company: Company) -> "AttackForm":
        return cls(formdata=None, data=dict(company.attack_hours))

    def said(self) -> dict[str, Any]:
        return {"attack_hours": {severity.value: self[severity.value].data for severity in Severity}}


class RelationsForm(Section):
    """When a contact counts as live, and how many a client gets."""

    live_contact_days = WholeField(_l("Days of live contact"), least=7, most=Company.LONGEST_LIVE_CONTACT)
    contacts_a_week = WholeField(_l("Contacts of a client in a week"), least=1, most=Company.MOST_CONTACTS_A_WEEK)
    mailing_days = WholeField(
        _l("Days in which an e-mail's link takes an answer"), least=7, most=Company.LONGEST_LIVE_CONTACT
    )
    launch_days = WholeField(_l("Days that a launch counts after its end"), least=0, most=Company.LONGEST_LIVE_CONTACT)


class MailForm(Section):
    """How letters leave."""

    mail_host = TextField(_l("Server"), required=False, longest=253, render_kw=PLAIN)
    mail_port = WholeField(_l("Port"), least=1, most=65535)
    mail_security = ChoiceField(_l("Protection"), MailSecurity)
    mail_user = TextField(_l("User name"), required=False, longest=200, render_kw=PLAIN)
    mail_from = EmailField(_l("Address of the sender"), required=False)


class TestMailForm(FlaskForm):
    """Where a test message goes."""

    address = EmailField(_l("Send a test message to"))


SECTIONS: dict[str, type[Section]] = {
    "requisites": RequisitesForm,
    "region": RegionForm,
    "hours": HoursForm,
    "handoffs": HandoffForm,
    "attacks": AttackForm,
    "relations": RelationsForm,
    "mail": MailForm,
    "safety": SafetyForm,
}
