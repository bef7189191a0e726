"""Forms of visits: what came of one, why one was not held, what one is planned for."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Optional

from webapp.domain.attack_state import Severity
from webapp.domain.awareness_state import Happening
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Mood, NOT_HELD, Purpose, VisitOutcome
from webapp.queries.visit_page import VisitChoices
from webapp.web.fields import MomentField
from webapp.web.forms import ChoiceField, ClockField, LongTextField, TextField, WholeField
from webapp.web.telling_field import ToldField
from webapp.web.touch_forms import FutureDayField

LONGEST_WAIT = 8 * 24 * 3600
"""Seconds; a phone keeps for a week what it could not send."""


def _number(text: Any) -> int | None:
    return int(text) if text else None


def _person(name: str, position: str) -> str:
    return f"{name}, {position}" if position else name


def _words(kinds: Any) -> Any:
    return lambda: [(word.value, _(word.label)) for word in kinds]


class NextForm(FlaskForm):
    """The next touch, which no visit ends without."""

    next_kind = RadioField(
        _l("Next touch"), choices=lambda: [("meeting", _("Visit")), ("call", _("Call"))], default="meeting"
    )
    next_on = FutureDayField(_l("Day of the next touch"))


class VisitForm(NextForm):
    """A held visit, told in taps."""

    outcome = RadioField(_l("How did it end?"), [InputRequired(_l("Please choose"))], choices=_words(VisitOutcome))
    met = SelectMultipleField(_l("Whom did you meet?"), [Optional()], coerce=int)
    purpose = ChoiceField(_l("What was it for?"), Purpose, empty=_l("No purpose: it does not count"))
    reached = RadioField(
        _l("Did it reach its purpose?"), [Optional()], choices=lambda: [("yes", _("Yes")), ("no", _("No"))]
    )
    mood = RadioField(_l("How was the mood?"), [Optional()], choices=_words(Mood))
    words = LongTextField(_l("In your words"), required=False, longest=5000, render_kw={"rows": 3})
    told = ToldField()
    competitor_id = SelectField(_l("Competitor seen"), [Optional()], coerce=_number)
    other = TextField(_l("Another competitor"), required=False, longest=160)
    severity = ChoiceField(_l("How serious it is"), Severity, default=Severity.LOW)
    file = FileField(_l("Photo or file"), [Optional()])
    happened_at = MomentField(_l("When, if not now"))
    waited = WholeField(required=False, most=LONGEST_WAIT)
    """Seconds for which the phone had no connection after somebody told of the visit."""

    @property
    def chosen(self) -> VisitOutcome:
        return VisitOutcome(self.outcome.data)

    def held_at(self, now: datetime) -> datetime:
        """As it was said, or else when the visit was told of."""
        return self.happened_at.utc or now - timedelta(seconds=self.waited.data or 0)

    @property
    def wanted(self) -> int | None:
        """The first product that they showed interest in."""
        return next((number for number, said in self.told.data.items() if said is Happening.INTERESTED), None)

    @property
    def felt(self) -> Mood | None:
        return Mood(self.mood.data) if self.mood.data else None

    def offer(self, choices: VisitChoices, visit: Visit | None) -> None:
        self.met.choices = [(number, _person(name, position)) for number, name, position in choices.contacts]
        self.told.offer(choices.products)
        self.competitor_id.choices = [("", _("None")), *choices.rivals]
        if self.is_submitted():
            return
        if visit is not None:
            self.met.data = [row.contact_id for row in visit.people]
            self.purpose.data = visit.purpose
        elif len(choices.contacts) == 1:
            self.met.data = [choices.contacts[0][0]]


class MissedForm(NextForm):
    """Why a visit was not held, and when it is tried again."""

    reason = RadioField(
        _l("Why was it not held?"),
        [InputRequired(_l("Please choose"))],
        choices=lambda: [(key, _(why)) for key, why in NOT_HELD.items()],
    )


class PlanForm(FlaskForm):
    """A visit to come: when, what for, where and whom to meet."""

    due_on = FutureDayField(_l("Day"))
    due_time = ClockField(_l("Time"), required=False)
    purpose = ChoiceField(_l("What is it for?"), Purpose, default=Purpose.REVIEW)
    place = TextField(_l("Where, if not at their address"), required=False)
    met = SelectMultipleField(_l("Whom to meet"), [Optional()], coerce=int)

    def offer(self, contacts: Sequence[tuple[int, str, str]], visit: Visit | None) -> None:
        self.met.choices = [(number, _person(name, position)) for number, name, position in contacts]
        if not self.is_submitted() and visit is not None:
            self.met.data = [row.contact_id for row in visit.people]


def soon(today: date, norm_days: int) -> list[tuple[date, str]]:
    """Days that are chosen with one tap."""
    days = [(14, _("In two weeks")), (30, _("In a month")), (norm_days, _("By the norm"))]
    return [(today + timedelta(days=count), label) for count, label in days]
