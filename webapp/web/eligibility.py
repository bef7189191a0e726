"""Whom a product suits, one set of conditions at a time; while it is edited, how many clients that is."""

from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.eligibility import Eligibility, EligibilityRule, MOST_EMPLOYEES
from webapp.domain.errors import Refused, Stale
from webapp.domain.money import CURRENCIES
from webapp.domain.permissions import Permission
from webapp.domain.product import Product
from webapp.domain.product_family import family_names
from webapp.domain.words import Department
from webapp.queries.eligible import sectors, Suited, suited
from webapp.queries.products import offered
from webapp.web.access import actor, requires
from webapp.web.answers import fragment, page, see
from webapp.web.clock import now
from webapp.web.forms import MoneyField, presence, refuse, TextField, WholeField
from webapp.web.product_form import Seen
from webapp.web.session import me
from webapp.web.touch_forms import today

bp = Blueprint("eligibility", __name__)

EITHER = {"": None, "yes": True, "no": False}
MOST_PRODUCTS = 200
"""So many may be chosen one by one; of more, the families are named."""


class EligibilityForm(Seen):
    """Every condition that is said must hold; what is left empty is not asked."""

    sectors = SelectMultipleField(_l("Sector, one of"))
    cities = TextField(_l("City, one of"), required=False, longest=400, description=_l("Separated by commas"))
    lanes = SelectMultipleField(_l("Worked with by, one of"), coerce=Department)
    employees_from = WholeField(_l("Employees, at least"), required=False, most=MOST_EMPLOYEES)
    employees_to = WholeField(_l("Employees, at most"), required=False, most=MOST_EMPLOYEES)
    monthly_from = MoneyField(_l("Pays each month by contracts, at least"), required=False)
    monthly_to = MoneyField(_l("Pays each month by contracts, at most"), required=False)
    currency = SelectField(_l("Currency"), presence(True), choices=list(CURRENCIES))
    vip = SelectField(_l("VIP programme"))
    key = SelectField(_l("Key client"))
    owns_families = SelectMultipleField(_l("Owns something of these families, or of these products"), coerce=int)
    owns = SelectMultipleField(_l("Owns one of these products"), coerce=int)
    lacks_families = SelectMultipleField(_l("Owns nothing of these families"), coerce=int)
    lacks = SelectMultipleField(_l("Owns none of these products"), coerce=int)

    SETS = ("sectors", "lanes", "owns", "owns_families", "lacks", "lacks_families")
    PLAIN = ("employees_from", "employees_to", "monthly_from", "monthly_to", "currency")

    def offer(self, product: Product, kept: Eligibility) -> "EligibilityForm":
        """What may be chosen: what clients have, and what is chosen already."""
        known = [*sectors(db.session())]
        self.sectors.choices = [*known, *sorted(kept.sectors - set(known))]
        self.lanes.choices = [(department, _(department.label)) for department in Department]
        either = [("", _("does not matter")), ("yes", _("yes")), ("no", _("no"))]
        self.vip.choices = self.key.choices = either
        self.owns_families.choices = self.lacks_families.choices = list(family_names(db.session()).items())
        rows = offered(db.session(), actor(), beside=kept.owns | kept.lacks)[:MOST_PRODUCTS]
        self.owns.choices = self.lacks.choices = [(row.id, row.name) for row in rows]
        return self

    @property
    def eligibility(self) -> Eligibility:
        """What was typed, or Refused at the field that is wrong."""
        cities = (word.strip() for word in (self.cities.data or "").split(","))
        return Eligibility(
            cities=frozenset(filter(None, cities)),
            vip=EITHER[self.vip.data],
            key=EITHER[self.key.data],
            **{name: frozenset(self[name].data or ()) for name in self.SETS},
            **{name: self[name].data for name in self.PLAIN},
        )


def _filled(product: Product, kept: Eligibility, **sent: Any) -> EligibilityForm:
    words = {value: word for word, value in EITHER.items()}
    said: dict[str, Any] = {name: sorted(getattr(kept, name)) for name in EligibilityForm.SETS}
    said |= {name: getattr(kept, name) for name in EligibilityForm.PLAIN}
    said |= {"cities": ", ".join(sorted(kept.cities)), "vip": words[kept.vip], "key": words[kept.key]}
    said["currency"] = kept.currency or db.session.get_one(Company, 1).currency
    return EligibilityForm(data={**said, "version": str(product.version)}, **sent).offer(product, kept)


@bp.route("/products/<int:id>/eligibility", methods=["GET", "POST"])
@requires(Permission.PRODUCT_EDIT, Product)
def change(product: Product) -> Response:
    rule, position = _asked(product)
    form, status, asked = _filled(product, _set(rule, position)), 200, None
    back = url_for("products.show", id=product.id)
    if form.is_submitted():
        asked, _fault = _typed(form, rule, position)
        counting = request.form.get("then") == "count"
        status = 200 if asked and counting else 422
        if asked is not None and not counting:
            try:
                with transaction() as session:
                    session.add(product.suit(asked.as_json(), by=me(), at=now(), seen=form.seen))
                return see(back, _("Changed."))
            except Stale:  # another set may stand in that place by now
                rule, position = _asked(product)
                form, status, asked = _filled(product, _set(rule, position), formdata=None), 409, None
                form.form_errors.append(
                    _(
                        "Somebody saved this after you opened it, and what you typed is not saved. Here is how it "
                        "stands now: look at it, and make your change again."
                    )
                )
    set_ = {"position": position, "others": len(rule.sets) - (position < len(rule.sets))}
    shown = suited(db.session(), actor(), asked or rule, today())
    return page("eligibility.html", status, form=form, product=product, back=back, suited=shown, fault="", **set_)


@bp.post("/products/<int:id>/eligibility/count")
@requires(Permission.PRODUCT_EDIT, Product)
def count(product: Product) -> Response:
    """How many clients the conditions that are being typed leave. Writes nothing."""
    rule, position = _asked(product)
    form = EligibilityForm().offer(product, _set(rule, position))
    asked, fault = _typed(form, rule, position)
    found: Suited | None = None if asked is None else suited(db.session(), actor(), asked, today())
    return fragment("eligibility.html", "suits", suited=found, fault=fault)


def _asked(product: Product) -> tuple[EligibilityRule, int]:
    """The rule as it stands, and the place of the set that the address names; after the last, a new one."""
    rule = EligibilityRule.of_json(product.eligibility)
    return rule, min(max(request.args.get("set", 0, type=int), 0), len(rule.sets))


def _set(rule: EligibilityRule, position: int) -> Eligibility:
    return rule.sets[position] if position < len(rule.sets) else Eligibility()


def _typed(form: EligibilityForm, rule: EligibilityRule, position: int) -> tuple[EligibilityRule | None, str]:
    """The rule with the set as it was typed; where that is wrong, the first fault, which also stands at its field."""
    if form.validate():
        try:
            return rule.put(position, form.eligibility), ""
        except Refused as refusal:
            refuse(form, refusal)
    return None, next((str(error) for field in form for error in field.errors), "")
