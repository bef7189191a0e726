"""The health model: its versions with weights and thresholds. A director adopts the next one, with a reason."""

from typing import Any

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field

from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.health import PARTS
from webapp.domain.health_model import HealthModel
from webapp.domain.health_terms import Band, SHIPPED, Terms, Threshold, Tier, Work
from webapp.domain.permissions import Permission
from webapp.queries.health_versions import versions
from webapp.web import once
from webapp.web.access import requires
from webapp.web.answers import page, see
from webapp.web.attack_form import Seen
from webapp.web.clock import now
from webapp.web.forms import LongTextField, refuse, WholeField
from webapp.web.session import me

bp = Blueprint("health_model", __name__)


class ModelForm(Seen):
    """The reason; the numbers are added for each part, threshold and band."""

    reason = LongTextField(_l("Why this version"), longest=500)


class Filled(ModelForm):
    """One field for each number that a version consists of."""

    early_days = WholeField(_l("Days for which a client who has not paid is too young to judge"), most=Terms.LONGEST)
    silent_days = WholeField(_l("Days of silence after which it is too early to say"), least=1, most=Terms.LONGEST)


for _part in PARTS:
    setattr(Filled, f"weight_{_part.key}", WholeField(most=100))
for _place, _threshold in enumerate(SHIPPED.thresholds):
    setattr(Filled, f"healthy_{_place}", WholeField(least=1, most=100))
    setattr(Filled, f"critical_{_place}", WholeField(least=1, most=100))
for _work in SHIPPED.work:
    setattr(Filled, f"days_{_work.band.value}", WholeField(least=1, most=Terms.LONGEST))
    setattr(Filled, f"most_{_work.band.value}", WholeField(most=Terms.MOST_CLIENTS))


@bp.get("/health/model")
@requires(Permission.CLIENT_VIEW)
def show() -> Response:
    return page("health_model.html", found=versions(db.session()), parts=PARTS, tiers=Tier, bands=Band)


@bp.route("/health/model/new", methods=["GET", "POST"])
@requires(Permission.HEALTH_ADOPT)
def adopt() -> Response:
    running, back = versions(db.session())[0], url_for(".show")
    form = Filled(data={**_numbers(running.terms), "version": str(running.number)})
    _label(form, running.terms)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                terms = _terms(form, running.terms)
                model = HealthModel.adopt(session, terms, form.reason.data, by=me(), at=now(), seen=form.seen)
                once.leads_to(back)
            return see(back, _("Version %(number)s holds. Every client is reckoned anew tonight.", number=model.number))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    return page("health_model_form.html", status, form=form, title=_("A new version of the health model"), back=back)


def _numbers(terms: Terms) -> dict[str, int]:
    """The fields of the terms."""
    found = {f"weight_{part}": weight for part, weight in terms.weights.items()}
    for place, each in enumerate(terms.thresholds):
        found |= {f"healthy_{place}": each.healthy, f"critical_{place}": each.critical}
    for work in terms.work:
        found |= {f"days_{work.band.value}": work.days, f"most_{work.band.value}": work.most}
    return found | {"early_days": terms.early_days, "silent_days": terms.silent_days}


def _terms(form: Any, running: Terms) -> Terms:
    """The terms of the fields; what has no field stays."""
    return Terms(
        start=running.start,
        weights={part.key: form[f"weight_{part.key}"].data for part in PARTS},
        thresholds=tuple(
            Threshold(each.tier, each.days, form[f"healthy_{place}"].data, form[f"critical_{place}"].data)
            for place, each in enumerate(running.thresholds)
        ),
        early_days=form.early_days.data,
        silent_days=form.silent_days.data,
        work=tuple(
            Work(each.band, each.kind, form[f"days_{each.band.value}"].data, form[f"most_{each.band.value}"].data)
            for each in running.work
        ),
    )


def _label(form: Any, terms: Terms) -> None:
    for part in PARTS:
        _name(form[f"weight_{part.key}"], _("Weight: %(part)s", part=_(part.label)))
    for place, each in enumerate(terms.thresholds):
        who = _(each.tier.label) + ", " + _("from %(days)s days on", days=each.days)
        _name(form[f"healthy_{place}"], _("Healthy from: %(who)s", who=who))
        _name(form[f"critical_{place}"], _("Critical below: %(who)s", who=who))
    for work in terms.work:
        band = _(work.band.label)
        _name(form[f"days_{work.band.value}"], _("%(band)s: days to act", band=band))
        _name(form[f"most_{work.band.value}"], _("%(band)s: clients at once for one owner", band=band))


def _name(field: Field, text: str) -> None:
    field.label.text = text
