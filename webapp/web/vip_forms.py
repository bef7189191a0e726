"""Forms of the quarterly review: a decision, a reason for many, a client put on by hand, the rules of proposing."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import Optional

from webapp.domain.company import Company
from webapp.domain.vip_line import VipLine
from webapp.domain.vip_rules import LIMITS, VipStep
from webapp.domain.vip_tier import VipTier
from webapp.web.attack_form import Seen
from webapp.web.forms import ChoiceField, LongTextField, TextField, WholeField
from webapp.web.settings_form import Section


class DecisionForm(Seen):
    """What is to become of one client."""

    decision = ChoiceField(_l("Decision"), VipStep)
    tier_id = SelectField(_l("Tier"), [Optional()], coerce=int)
    reason = LongTextField(_l("Why"), required=False, longest=500, render_kw={"rows": 3})

    def offer(self, line: VipLine, tiers: list[VipTier], said: str) -> None:
        """What can be decided of this client; first shown, the proposal stands in it with its reasons."""
        self.decision.choices = [(step.value, _(step.label)) for step in line.choices]
        self.tier_id.choices = [(0, _("Choose")), *((tier.id, tier.name) for tier in tiers)]
        if not self.is_submitted():
            self.decision.data = line.decision or line.proposed
            self.tier_id.data = line.tier_id or line.proposed_tier_id or 0
            self.reason.data = line.reason or said


class ReasonForm(Seen):
    """One reason for whatever is decided with it."""

    reason = TextField(_l("Why"), longest=500)


class ByHandForm(Seen):
    client = TextField(_l("Client, by its name or ИНН"), longest=200)


def _bounded(label: Any, key: str) -> WholeField:
    least, most = LIMITS[key]
    return WholeField(label, least=least, most=most, render_kw={"inputmode": "numeric"})


class VipForm(Section):
    """By what a review proposes."""

    a_clients = _bounded(_l("Class A: percent of clients"), "a_clients")
    a_sales = _bounded(_l("Class A: percent of sales"), "a_sales")
    b_clients = _bounded(_l("Class B: percent of clients"), "b_clients")
    b_sales = _bounded(_l("Class B: percent of sales"), "b_sales")
    near = _bounded(_l("Near the level of class A: percent below it"), "near")
    growth = _bounded(_l("Growth of payments: percent over the year before"), "growth")
    rival_days = _bounded(_l("Days for which a competitor's attack counts"), "rival_days")
    looked_at = _bounded(_l("Largest payers looked at, of each currency"), "looked_at")
    mono = _bounded(_l("Mono-dependence: percent of sales from the list"), "mono")

    @classmethod
    def of(cls, company: Company) -> "VipForm":
        return cls(formdata=None, data=dict(company.vip_rules))

    def said(self) -> dict[str, Any]:
        return {"vip_rules": super().said()}
