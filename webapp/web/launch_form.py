"""Forms of a launch: its terms, and whom it is for."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.validators import Optional

from webapp.domain.eligibility import Eligibility
from webapp.domain.launch import Launch, Terms
from webapp.domain.launch_audience import AudienceRule
from webapp.domain.launch_state import Channel
from webapp.domain.money import CURRENCIES
from webapp.domain.product import Product
from webapp.domain.sales_class import SalesClass
from webapp.domain.user import Actor, User
from webapp.domain.words import Department
from webapp.queries.launch_choices import Choices
from webapp.web.attack_form import Seen
from webapp.web.forms import DayField, LongTextField, MoneyField, presence, TextField, WholeField
from webapp.web.queue_form import number_of

MOST_CLIENTS = 10**6


def _cost() -> MoneyField:
    return MoneyField(_l("One contact costs"), required=False)


def _week() -> WholeField:
    return WholeField(_l("For one person in a week, at most"), required=False, most=1000)


class LaunchForm(Seen):
    """What, when, through which channels, with which goals, in which words."""

    product_id = SelectField(_l("New product"), presence(True), coerce=int)
    name = TextField(_l("What the launch is called"), longest=160)
    starts_on = DayField(_l("First day"))
    ends_on = DayField(_l("Last day"))
    owner_id = SelectField(_l("Who answers for it"), presence(True), coerce=int)
    currency = SelectField(_l("Currency of the costs"), presence(True), choices=list(CURRENCIES))
    told_goal = WholeField(_l("Clients told in person"), required=False, most=MOST_CLIENTS)
    interested_goal = WholeField(_l("Clients interested"), required=False, most=MOST_CLIENTS)
    sold_goal = WholeField(_l("Clients who buy"), required=False, most=MOST_CLIENTS)
    use_visit = BooleanField(_l("Visit by the VIP department"))
    cost_visit, week_visit = _cost(), _week()
    use_call = BooleanField(_l("Call by the clerk"))
    cost_call, week_call = _cost(), _week()
    use_email = BooleanField(_l("E-mail"))
    cost_email = _cost()
    use_leaflet = BooleanField(_l("Leaflet with the invoice"))
    cost_leaflet = _cost()
    message = LongTextField(_l("What the e-mail says"), required=False, longest=4000, render_kw={"rows": 5})
    leaflet = LongTextField(_l("What the leaflet says"), required=False, longest=6000, render_kw={"rows": 8})

    PLAIN = ("name", "starts_on", "ends_on", "currency")
    NUMBERS = ("told_goal", "interested_goal", "sold_goal")

    @classmethod
    def of(cls, launch: Launch) -> "LaunchForm":
        kept: dict[str, Any] = {}
        for each in launch.channels:
            kept |= {f"use_{each.channel}": True, f"cost_{each.channel}": each.cost_minor}
            kept |= {f"week_{each.channel}": each.a_week or None}
        return cls(obj=launch, data=kept)

    def offer(self, products: list[tuple[int, str]], people: list[tuple[int, str]]) -> None:
        self.product_id.choices, self.owner_id.choices = products, people

    def channels(self) -> Mapping[Channel, Terms]:
        """The channels that are ticked, with their terms."""
        return {
            channel: (self[f"cost_{channel}"].data or 0, self._week(channel))
            for channel in Channel
            if self[f"use_{channel}"].data
        }

    def said(self, session: Session) -> dict[str, Any]:
        """What the domain's verbs take beside the channels."""
        return {
            **{name: self[name].data for name in self.PLAIN},
            **{name: self[name].data or 0 for name in self.NUMBERS},
            "message": self.message.data or "",
            "leaflet": self.leaflet.data or "",
            "product": session.get_one(Product, self.product_id.data),
            "owner": session.get_one(User, self.owner_id.data),
        }

    def _week(self, channel: Channel) -> int:
        name = f"week_{channel}"
        return (self[name].data or 0) if name in self else 0


class AudienceForm(Seen):
    """Whom a launch is for; what is empty does not matter. Asked by GET, and sent once more to freeze who fits."""

    lanes = SelectMultipleField(_l("Served by"), [Optional()])
    sectors = SelectMultipleField(_l("Sector"), [Optional()])
    classes = SelectMultipleField(_l("Class by sales"), [Optional()])
    tiers = SelectMultipleField(_l("Tier of the VIP programme"), [Optional()], coerce=number_of)
    owns = SelectField(_l("Owns this product"), [Optional()], coerce=number_of)
    owns_families = SelectMultipleField(_l("Owns something of"), [Optional()], coerce=number_of)
    lacks_families = SelectMultipleField(_l("Owns nothing of"), [Optional()], coerce=number_of)
    owner_id = SelectField(_l("Owner"), [Optional()], coerce=number_of)
    quiet_days = WholeField(_l("Not contacted for so many days"), required=False, most=3660)
    told_too = BooleanField(_l("Also those who know of the product already"))

    LISTS = ("lanes", "sectors", "classes", "tiers", "owns_families", "lacks_families")

    def offer(self, known: Choices, rule: AudienceRule | None, actor: Actor) -> None:
        """What may be chosen; ``rule``: what was looked at last, where nothing is asked."""
        self.lanes.choices = [(each.value, _(each.label)) for each in Department]
        self.classes.choices = [(each.value, _(each.label)) for each in SalesClass]
        self.sectors.choices = [(each, each) for each in known.sectors]
        self.tiers.choices = list(known.tiers)
        self.owns_families.choices = self.lacks_families.choices = list(known.families)
        self.owns.choices = [("", _("no matter")), *known.products]
        self.owner_id.choices = [("", _("everybody")), *known.owners]
        if rule is not None:
            suits = rule.suits
            self.lanes.data, self.sectors.data = list(suits.lanes), list(suits.sectors)
            self.classes.data, self.tiers.data = list(rule.classes), list(rule.tiers)
            self.owns.data = next(iter(suits.owns), None)
            self.owns_families.data, self.lacks_families.data = list(suits.owns_families), list(suits.lacks_families)
            self.owner_id.data, self.quiet_days.data = rule.owner_id, rule.quiet_days or None
            self.told_too.data = rule.told_too

    def pairs(self) -> list[tuple[str, str]]:
        """What is said, as hidden fields of the form that freezes it."""
        lists = [(name, str(each)) for name in self.LISTS for each in self[name].data or ()]
        single = [(name, str(self[name].data)) for name in ("owns", "owner_id", "quiet_days") if self[name].data]
        return lists + single + ([("told_too", "y")] if self.told_too.data else [])

    def rule(self) -> AudienceRule:
        suits = Eligibility(
            lanes=frozenset(map(Department, self.lanes.data or ())),
            sectors=frozenset(self.sectors.data or ()),
            owns=frozenset([self.owns.data] if self.owns.data else ()),
            owns_families=frozenset(self.owns_families.data or ()),
            lacks_families=frozenset(self.lacks_families.data or ()),
        )
        return AudienceRule(
            suits,
            tuple(map(SalesClass, self.classes.data or ())),
            tuple(self.tiers.data or ()),
            self.owner_id.data or None,
            self.quiet_days.data or 0,
            bool(self.told_too.data),
        )
