"""Forms about attacks: the signal, how an attack ended, a rival of the registry."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField
from wtforms.validators import Optional, StopValidation

from webapp.domain.attack_state import LOST_CAUSES, Severity, SignalKind
from webapp.web.forms import ChoiceField, LongTextField, presence, TextField


class Seen(FlaskForm):
    """A form that changes; ``version`` is the one that was seen."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        return int(self.version.data) if (self.version.data or "").isdigit() else 0


class SignalForm(FlaskForm):
    """What somebody noticed. A rival that is not in the registry is named, and comes into it."""

    competitor_id = SelectField(_l("Competitor"), coerce=lambda text: int(text) if text else None)
    other = TextField(_l("Another competitor"), required=False, longest=160)
    kind = ChoiceField(_l("What was noticed"), SignalKind, default=SignalKind.NAMED)
    severity = ChoiceField(_l("How serious it is"), Severity, default=Severity.MEDIUM)
    contact_id = SelectField(_l("With whom they talk"), [Optional()], coerce=int)
    evidence = LongTextField(_l("What was seen or heard, from whom"), longest=4000, render_kw={"rows": 3})

    def offer(self, rivals: Sequence[tuple[int, str]], contacts: Sequence[tuple[int, str]]) -> None:
        self.competitor_id.choices = [("", _("Not in the list")), *rivals]
        self.contact_id.choices = [(0, _("Not known")), *contacts]
        self.contact_id.data = self.contact_id.data or 0

    def validate_competitor_id(self, field: Any) -> None:
        if not field.data and not self.other.data:
            raise StopValidation(_("Choose a competitor, or write its name"))


class OutcomeForm(Seen):
    """How the client was kept, or why there was no attack."""

    outcome = LongTextField(_l("What happened"), longest=4000, render_kw={"rows": 4})


class LossForm(Seen):
    cause = SelectField(
        _l("Why"), presence(True), choices=lambda: [("", ""), *((key, _(why)) for key, why in LOST_CAUSES.items())]
    )
    outcome = LongTextField(_l("What happened"), longest=4000, render_kw={"rows": 4})


class CompetitorForm(Seen):
    """A rival: its name, and what we know and answer."""

    name = TextField(_l("Name"), longest=160)
    note = LongTextField(_l("What they sell, where they are strong, what we answer"), required=False, longest=4000)
