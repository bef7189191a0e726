"""The forms of a client: adding one, changing one, changing who attracted it."""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from stdnum.exceptions import ValidationError
from stdnum.ru import ogrn
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import StopValidation

from webapp.domain.money import CURRENCIES
from webapp.queries.people import Person
from webapp.web.forms import (
    EmailField,
    InnField,
    LongTextField,
    MoneyField,
    PhoneField,
    presence,
    TextField,
    WholeField,
)

CLIENT_FIELDS = "name inn kpp ogrn sector city address website founded employees note".split()


def _registration(form: Any, field: Any) -> None:
    field.data = "".join((field.data or "").split())
    if field.data:
        try:
            ogrn.validate(field.data)
        except ValidationError:
            raise StopValidation(_("An ОГРН has 13 or 15 digits, the last one a check digit")) from None


def _branch(form: Any, field: Any) -> None:
    if field.data and not re.fullmatch(r"\d{4}[\dA-Z]{2}\d{3}", field.data):
        raise StopValidation(_("A КПП has nine characters"))


def _page(form: Any, field: Any) -> None:
    """Only http and https: the address becomes a link."""
    if not field.data:
        return
    if not re.match(r"https?://", field.data, re.IGNORECASE):
        field.data = f"https://{field.data}"
    if not re.fullmatch(r"https?://[^\s/?#:@]+\.[^\s/?#:@]+(:\d+)?([/?#]\S*)?", field.data, re.IGNORECASE):
        raise StopValidation(_("This is not the address of a page"))


class NewClientForm(FlaskForm):
    """A client, its first owner, and whom we know there."""

    name = TextField(_l("Name of the firm"))
    inn = InnField("ИНН")
    city = TextField(_l("City"), required=False, longest=120)
    sector = TextField(_l("Sector"), required=False, longest=80)
    owner_id = SelectField(_l("Owner"), presence(True), coerce=int)
    contact_name = TextField(_l("Contact's name"), required=False, longest=160)
    contact_position = TextField(_l("Position"), required=False, longest=160)
    phone = PhoneField(_l("Phone"), required=False)
    email = EmailField(_l("E-mail"), required=False)
    another = BooleanField(_l("This is another firm: add it all the same"))

    def offer(self, people: Sequence[Person], *, with_department: bool) -> None:
        """Let these people be chosen as the owner."""
        self.owner_id.choices = [
            (person.id, f"{person.name} · {_(person.department.label)}" if with_department else person.name)
            for person in people
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if self.contact_name.data or not (self.phone.data or self.email.data or self.contact_position.data):
            return valid
        self.contact_name.errors = [*self.contact_name.errors, _("Whose phone or e-mail is it?")]
        return False


class ClientForm(FlaskForm):
    """What is known of a client; ``version`` is the one the person saw."""

    version = HiddenField()
    name = TextField(_l("Name of the firm"))
    inn = InnField("ИНН")
    kpp = TextField("КПП", required=False, longest=9, validators=[_branch])
    ogrn = TextField("ОГРН", required=False, longest=15, validators=[_registration])
    sector = TextField(_l("Sector"), required=False, longest=80)
    city = TextField(_l("City"), required=False, longest=120)
    address = LongTextField(_l("Address"), required=False, longest=500)
    website = TextField(_l("Website"), required=False, validators=[_page])
    founded = WholeField(_l("Founded"), least=1000, most=2100, required=False)
    employees = WholeField(_l("Employees"), most=10_000_000, required=False)
    revenue_minor = MoneyField(_l("Yearly revenue"), currency="revenue_currency", required=False)
    revenue_currency = SelectField(_l("Currency"), presence(True), choices=list(CURRENCIES))
    note = LongTextField(_l("Note"), required=False, longest=5000)
    key = BooleanField(_l("Key client"))

    @property
    def seen(self) -> int:
        """The version that the person saw; 0 where it is unreadable, which is always stale."""
        return int(self.version.data) if (self.version.data or "").isdigit() else 0

    @property
    def fields(self) -> dict[str, Any]:
        """What the domain's verb takes."""
        known = {name: self[name].data for name in CLIENT_FIELDS}
        for name in CLIENT_FIELDS:
            if known[name] is None and name not in ("founded", "employees"):
                known[name] = ""
        revenue = self.revenue_minor.data
        return known | {
            "key": self.key.data,
            "revenue_minor": revenue,
            "revenue_currency": None if revenue is None else self.revenue_currency.data,
        }


class ReattributeForm(FlaskForm):
    """Who attracted the client in truth, and why it stands wrong."""

    hunter_id = SelectField(_l("Attracted by"), presence(True), coerce=int)
    reason = TextField(_l("Reason"))
