"""Commission rules: heads read them, a director adds rules and later versions."""

from datetime import date
from decimal import Decimal

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField

from webapp.db import db, transaction
from webapp.domain.commission import closed_through
from webapp.domain.commission_rule import CommissionRule
from webapp.domain.commission_terms import MOST_DAYS, Payee, Portion, Split, Step, Terms, Tier
from webapp.domain.commission_trial import tried
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.domain.product_family import family_names
from webapp.domain.words import N_
from webapp.queries import commission
from webapp.queries.commission import people_of_splits
from webapp.queries.products import catalogue
from webapp.web import once
from webapp.web.access import actor, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.commission_words import month_name, rate
from webapp.web.forms import ChoiceField, DayField, LongTextField, refuse, TextField, WholeField
from webapp.web.proposal_form import ScaledField
from webapp.web.session import me

bp = Blueprint("commission_rules", __name__)
MOST_PRODUCTS = 200
"""So many may be chosen one by one; of more, the families are named."""
SPLITS = ("", "_2", "_3")
"""What the fields of each share of a split end with."""


class Named(FlaskForm):
    """Said first: a form asks in the order in which its fields were made."""

    name = TextField(_l("Name"), longest=120)


class VersionForm(FlaskForm):
    """What a version pays. Lines of tiers and steps are read as two numbers."""

    starts_on = DayField(_l("In force from"))
    portion = ChoiceField(_l("Pays for"), Portion, default=Portion.CURRENT)
    payee = ChoiceField(_l("Who earns"), Payee, default=Payee.HUNTER)
    percent = ScaledField(_l("Percent of the payment"), digits=2, most=100_00)
    tiers = LongTextField(
        _l("Tiers"),
        required=False,
        longest=400,
        description=_l("One a line: from so many paying clients in the month, the percent. For example: 10 2.5"),
        render_kw={"rows": 3},
    )
    steps = LongTextField(
        _l("Step-down"),
        required=False,
        longest=400,
        description=_l("One a line: after so many months of payments, the share of the rate. For example: 12 50"),
        render_kw={"rows": 3},
    )
    ends_after = WholeField(_l("Ends so many months after the first payment"), required=False, least=1, most=600)
    after_handoff = BooleanField(_l("Only after the Client department accepted the client"))
    told_within = WholeField(
        _l("Told at most so many days before the sale"),
        required=False,
        least=1,
        most=MOST_DAYS,
        description=_l("Only where the one who told earns"),
    )
    products = SelectMultipleField(
        _l("Only these products"),
        coerce=int,
        description=_l("Of a bundle that holds them, the part of the payment that falls to them"),
    )
    families = SelectMultipleField(_l("Only product families"), coerce=int)
    split_person = SelectField(_l("A share goes to"), coerce=int, default=0)
    split_share = ScaledField(_l("Share, %"), digits=2, most=100_00)
    split_person_2 = SelectField(_l("A second share goes to"), coerce=int, default=0)
    split_share_2 = ScaledField(_l("Second share, %"), digits=2, most=100_00)
    split_person_3 = SelectField(_l("A third share goes to"), coerce=int, default=0)
    split_share_3 = ScaledField(_l("Third share, %"), digits=2, most=100_00)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        people = [(0, _("nobody")), *people_of_splits(db.session(), actor())]
        for number in SPLITS:
            self[f"split_person{number}"].choices = people
        self.families.choices = list(family_names(db.session()).items())
        self.products.choices = [(row.id, row.name) for row in catalogue(db.session(), actor())[:MOST_PRODUCTS]]

    @property
    def terms(self) -> Terms:
        """The terms, or Refused at the field that is wrong."""
        shares = [(self[f"split_person{number}"].data, self[f"split_share{number}"].data) for number in SPLITS]
        return Terms(
            self.portion.data,
            self.percent.data,
            self.payee.data,
            tuple(Tier(*pair) for pair in pairs(self.tiers.data or "", "tiers")),
            tuple(Step(*pair) for pair in pairs(self.steps.data or "", "steps")),
            tuple(Split(person, share) for person, share in shares if person),
            frozenset(self.products.data or ()),
            frozenset(self.families.data or ()),
            self.ends_after.data,
            self.after_handoff.data,
            self.told_within.data,
        )


class RuleForm(VersionForm, Named):
    """A new rule with its first version."""


def pairs(text: str, field: str) -> list[tuple[int, int]]:
    """``10 2.5`` a line, as a number and basis points."""
    found = []
    for line in filter(str.strip, text.replace("%", " ").replace(":", " ").replace(",", ".").splitlines()):
        words = line.split()
        whole, _dot, part = words[-1].partition(".")
        fits = len(words) == 2 and words[0].isdecimal() and whole.isdecimal() and len(part) <= 2
        if not fits or (part and not part.isdecimal()) or len(line) > 20:
            raise Refused(N_("Write two numbers a line, for example 10 2.5"), field=field)
        found.append((int(words[0]), int(whole) * 100 + int((part + "00")[:2])))
    return found


def _percent(basis_points: int) -> str:
    return f"{Decimal(basis_points).scaleb(-2).normalize():f}"


def _filled(terms: Terms) -> dict[str, object]:
    """What the form of the next version begins with."""
    shares = {}
    for number, split in zip(SPLITS, terms.splits, strict=False):
        shares |= {f"split_person{number}": split.person_id, f"split_share{number}": split.share}
    return shares | {
        "portion": terms.portion,
        "payee": terms.payee,
        "percent": terms.basis_points,
        "tiers": "\n".join(f"{tier.clients} {_percent(tier.basis_points)}" for tier in terms.tiers),
        "steps": "\n".join(f"{step.months} {_percent(step.share)}" for step in terms.steps),
        "ends_after": terms.ends_after,
        "after_handoff": terms.after_handoff,
        "told_within": terms.told_within,
        "products": sorted(terms.products),
        "families": sorted(terms.families),
    }


def _asked(form: VersionForm, title: str, back: str) -> Response:
    """The form, as it is or with its mistakes; with what the rule would have paid, where that is asked."""
    found, today = None, actor().today(now())
    if "trial" in request.form and not form.errors:
        try:
            found = tried(db.session(), form.terms, today)
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() and found is None else 200
    names = commission.names(db.session(), actor())
    kept = {"form": form, "title": title, "back": back, "names": names, "month_name": month_name}
    return page("commission_rule_form.html", status, trial=found, **kept)


@bp.get("/commission/rules")
@requires(Permission.COMMISSION_REVIEW)
def show_all() -> Response:
    known = {
        "names": commission.names(db.session(), actor()),
        "families": family_names(db.session()),
        "products": {row.id: row.name for row in catalogue(db.session(), actor())},
    }
    rules, today = commission.rules(db.session(), actor()), actor().today(now())
    return page("commission_rules.html", rules=rules, rate=rate, today=today, **known)


@bp.route("/commission/rules/new", methods=["GET", "POST"])
@requires(Permission.COMMISSION_EDIT)
def add() -> Response:
    form, back = RuleForm(), url_for(".show_all")
    form.starts_on.description = _("From a day that is over it pays at once, and that cannot be taken back.")
    if form.validate_on_submit() and "trial" not in request.form:
        try:
            with transaction() as session:
                once.take(session)
                closed = closed_through(session)
                CommissionRule.add(
                    session,
                    form.name.data,
                    form.starts_on.data,
                    form.terms,
                    by=me(),
                    at=now(),
                    closed_through=closed and closed.month,
                )
                once.leads_to(back)
            return see(back, _("The rule is added."))
        except Refused as refusal:
            refuse(form, refusal)
    return _asked(form, _("New commission rule"), back)


@bp.route("/commission/rules/<int:id>/versions/new", methods=["GET", "POST"])
@requires(Permission.COMMISSION_EDIT, CommissionRule)
def revise(rule: CommissionRule) -> Response:
    form, back = VersionForm(data=_filled(rule.versions[-1].conditions)), url_for(".show_all")
    if form.validate_on_submit() and "trial" not in request.form:
        try:
            with transaction() as session:
                once.take(session)
                held = session.get_one(CommissionRule, rule.id)
                session.add(held.revise(form.starts_on.data, form.terms, by=me(), at=now()))
                once.leads_to(back)
            return see(back, _("The version is added."))
        except Refused as refusal:
            refuse(form, refusal)
    return _asked(form, _("New version of “%(name)s”", name=rule.name), back)


@bp.post("/commission/rules/<int:id>/withdrawn")
@requires(Permission.COMMISSION_EDIT, CommissionRule)
def withdraw(rule: CommissionRule) -> Response:
    with transaction() as session:
        session.add(session.get_one(CommissionRule, rule.id).withdraw(session, by=me(), at=now()))
    return see(url_for(".show_all"), _("The version is withdrawn."))


class EndForm(FlaskForm):
    ends_on = DayField(_l("The first day without the rule"))


@bp.route("/commission/rules/<int:id>/end", methods=["GET", "POST"])
@requires(Permission.COMMISSION_EDIT, CommissionRule)
def end(rule: CommissionRule) -> Response:
    form, back = EndForm(), url_for(".show_all")
    if form.validate_on_submit():
        try:
            day: date = form.ends_on.data
            with transaction() as session:
                session.add(session.get_one(CommissionRule, rule.id).end(day, by=me(), at=now()))
            return see(back, _("Saved."))
        except Refused as refusal:
            refuse(form, refusal)
    title = _("End of “%(name)s”", name=rule.name)
    return page("form.html", 422 if form.is_submitted() else 200, form=form, title=title, back=back)
