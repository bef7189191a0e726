"""Forms of a person at a client: what everybody may know, and what is personal."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField
from wtforms.validators import Optional, StopValidation

from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.standing import Attitude, Influence
from webapp.web.access import actor
from webapp.web.clock import now
from webapp.web.forms import ChoiceField, DayField, EmailField, LongTextField, PhoneField, TextField


class SeenForm(FlaskForm):
    """``version`` is the one that was seen, empty for a new contact."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        return int(self.version.data) if (self.version.data or "").isdigit() else 0


class ContactForm(SeenForm):
    """A person at the client."""

    name = TextField(_l("Full name"), longest=160)
    position = TextField(_l("Position"), required=False, longest=160)
    decision_role = ChoiceField(_l("Part in the decision"), DecisionRole, default=DecisionRole.UNKNOWN)
    influence = ChoiceField(_l("Influence"), Influence, default=Influence.UNKNOWN)
    attitude = ChoiceField(_l("Attitude to us"), Attitude, default=Attitude.UNKNOWN)
    reports_to_id = SelectField(_l("Reports to"), [Optional()], coerce=int)
    rivals = SelectMultipleField(_l("Competitors who talk to them"), [Optional()], coerce=int)
    phone = PhoneField(_l("Phone"), required=False)
    email = EmailField(_l("E-mail"), required=False)
    consent = TextField(_l("Basis for keeping the data"), required=False)
    no_mailings = BooleanField(_l("They want no mailings about our goods"))
    note = LongTextField(_l("Note"), required=False, longest=2000)

    TEXTS = ("name", "position", "decision_role", "phone", "email", "consent", "note", "influence", "attitude")

    def offer(self, colleagues: Sequence[Contact], rivals: Sequence[tuple[int, str, bool]]) -> None:
        """These people may be the boss; these competitors (id, name, whether they do) may talk to the person."""
        self.rivals.choices = [(key, name) for key, name, _talks in rivals]
        if not self.is_submitted():
            self.rivals.data = [key for key, _name, talks in rivals if talks]
        self.reports_to_id.choices = [(0, _("Not known")), *((contact.id, contact.name) for contact in colleagues)]
        self.reports_to_id.data = self.reports_to_id.data or 0

    @property
    def fields(self) -> dict[str, Any]:
        """What the domain's verbs take."""
        texts = {name: self[name].data or "" for name in self.TEXTS}
        return texts | {"reports_to_id": self.reports_to_id.data or None, "no_mailings": self.no_mailings.data}


class PersonalForm(SeenForm):
    """What is personal."""

    birthday = DayField(_l("Birthday"), required=False)
    personal_note = LongTextField(_l("Personal note"), required=False, longest=2000)

    def validate_birthday(self, field: DayField) -> None:
        if field.data is not None and field.data > actor().today(now()):
            raise StopValidation(_("This day is still to come"))
