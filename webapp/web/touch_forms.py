"""Forms of daily work with a client: tasks, interactions, promises, contacts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import StopValidation

from webapp.domain.client import Client
from webapp.domain.engagement import Engagement
from webapp.domain.interaction import Began, CONTACTS, InteractionKind
from webapp.domain.task import TaskKind
from webapp.domain.user import Actor
from webapp.queries.telling import Tellable
from webapp.web.access import actor
from webapp.web.clock import now
from webapp.web.fields import MomentField
from webapp.web.forms import ChoiceField, ClockField, DayField, LongTextField, presence, TextField
from webapp.web.telling_field import ToldField

REACHED = {"yes": True, "no": False, "": None}


class FutureDayField(DayField):
    """Today or later: nobody plans yesterday."""

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data < actor().today(now()):
            raise StopValidation(_("This day is over"))


class TaskForm(FlaskForm):
    """The next touch: what, when, by whom."""

    kind = ChoiceField(_l("Kind"), TaskKind, default=TaskKind.CALL)
    due_on = FutureDayField(_l("Day"))
    due_time = ClockField(_l("Time"), required=False)
    owner_id = SelectField(_l("Who does it"), presence(True), coerce=int)
    subject = TextField(_l("What about"), required=False)

    def offer(self, client: Client, asker: Actor) -> None:
        """The owners of the client's lanes may be chosen, and the asker who can own tasks."""
        client.check_ours()
        people = {engagement.owner_id: engagement.owner.name for engagement in client.open_engagements}
        if asker.department is not None:
            people.setdefault(asker.id, asker.name)
        self.owner_id.choices = list(people.items())
        if not self.is_submitted():
            self.owner_id.data = asker.id if asker.id in people else next(iter(people))


class PostponeForm(FlaskForm):
    due_on = FutureDayField(_l("New day"))
    due_time = ClockField(_l("Time"), required=False)


class InteractionForm(FlaskForm):
    """What happened, and in the same breath the next touch. ``task`` is the planned one that this was."""

    task = HiddenField()
    kind = ChoiceField(_l("Kind"), InteractionKind, only=CONTACTS, default=InteractionKind.CALL)
    contact_id = SelectField(_l("With whom"), presence(True), coerce=int)
    outcome = LongTextField(_l("What came of it"), longest=5000)
    reached = RadioField(
        _l("Did it reach its purpose?"),
        choices=lambda: [("yes", _("Yes")), ("no", _("No")), ("", _("Cannot say"))],
        default="",
    )
    began = ChoiceField(_l("Who began?"), Began, empty=_l("Cannot say"))
    happened_at = MomentField(_l("When, if not now"))
    told = ToldField()
    next_on = FutureDayField(_l("Next touch on"), required=False)
    next_kind = ChoiceField(_l("Next touch"), TaskKind, default=TaskKind.CALL)
    next_subject = TextField(_l("What about"), required=False)

    def offer(self, contacts: Sequence[tuple[int, str]], products: Sequence[Tellable]) -> None:
        self.told.offer(products)
        self.contact_id.choices = [(0, _("Nobody in particular")), *contacts]
        if not self.is_submitted():
            self.contact_id.data = contacts[0][0] if contacts else 0


class PromiseForm(FlaskForm):
    text = LongTextField(_l("What we promised"), longest=2000)
    due_on = FutureDayField(_l("By when"), required=False)


class ReasonForm(FlaskForm):
    reason = TextField(_l("Reason"), longest=500)


def lane_for(client: Client, owner_id: int, asker: Actor) -> Engagement:
    """In which department's work a new task belongs: its owner's lane, else the asker's, else the first."""
    client.check_ours()
    lanes = client.open_engagements
    return (
        next((lane for lane in lanes if lane.owner_id == owner_id), None)
        or next((lane for lane in lanes if lane.department is asker.department), None)
        or lanes[0]
    )


def today() -> date:
    return actor().today(now())
