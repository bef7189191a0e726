"""Does health tell the truth? The last back-test of the running model, and weights that the losses suggest."""

from dataclasses import replace
from typing import Any

from flask import abort, Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from webapp import studies
from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.health import PARTS
from webapp.domain.health_model import HealthModel, SHIPPED_NUMBER, terms_in_force
from webapp.domain.health_terms import Band
from webapp.domain.permissions import Permission
from webapp.domain.study import Study, StudyKind
from webapp.domain.words import N_
from webapp.proof.judging import LATEST, LEAST_LOST, RULES, SOONEST
from webapp.web import shares
from webapp.web.access import requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import LongTextField, refuse
from webapp.web.session import me

bp = Blueprint("backtest", __name__)
for spelled in (shares.share, shares.between, shares.times):
    bp.add_app_template_filter(spelled)

VERDICTS = {
    "no_losses": (None, N_("No client was lost in this time: there is nothing to judge by.")),
    "too_few": ("warn", N_("Too few losses to tell: below %(least)s, chance decides. Read the figures as a hint.")),
    "naive": ("bad", N_("A naive rule does better than health. Adopt other weights, or work by that rule.")),
    "alike": ("warn", N_("Health and the naive rules cannot be told apart: it has not earned its keep yet.")),
    "health": ("good", N_("Health foresees losses better than each of the naive rules.")),
}
"""What the figures come to: tone and sentence."""

FLOORS = {
    "red": N_("Critical clients leave at least three times as often as all"),
    "seen": N_("Of the lost, at least two of three were not healthy before"),
    "green": N_("At most four of five are healthy"),
}


class AdoptForm(FlaskForm):
    reason = LongTextField(_l("Why"), longest=500, render_kw={"rows": 3})


@bp.get("/health/backtest")
@requires(Permission.HEADS_VIEW)
def show() -> Response:
    session = db.session()
    study, newest = Study.last_done(session, StudyKind.BACKTEST), Study.newest(session, StudyKind.BACKTEST)
    running = HealthModel.running(session)
    return page(
        "backtest.html",
        study=study,
        newest=newest,
        found=study.found if study is not None else None,
        number=SHIPPED_NUMBER if running is None else running.number,
        verdicts=VERDICTS,
        floors=FLOORS,
        rules={key: label for key, (label, _rule) in RULES.items()},
        bands={band.value: band.label for band in Band},
        parts={part.key: part.label for part in PARTS},
        least=LEAST_LOST,
        window=(SOONEST, LATEST),
    )


@bp.post("/health/backtest")
@requires(Permission.HEADS_VIEW)
def make() -> Response:
    studies.begin(StudyKind.BACKTEST, by=me())
    return see(url_for(".show"), _("It is being worked out; the page shows it when it is done."))


@bp.route("/health/backtest/adopt", methods=["GET", "POST"])
@requires(Permission.HEALTH_ADOPT)
def adopt() -> Response:
    """The suggested weights become a version of the model; nothing else makes one from them."""
    study = Study.last_done(db.session(), StudyKind.BACKTEST)
    if study is None or not study.found["suggestion"]["ready"]:
        abort(404)
    form, weights = AdoptForm(), _weights(study.found)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                terms = replace(terms_in_force(session), weights=weights)
                given = {"by": me(), "at": now(), "seen": study.found["model"]}
                HealthModel.adopt(session, terms, form.reason.data, **given)
            return see(url_for(".show"), _("Adopted. Every client's health is reckoned by it from now on."))
        except Refused as refusal:
            refuse(form, refusal)
    named = ", ".join(f"{_(part.label)} {weights[part.key]}" for part in PARTS)
    return page(
        "form.html",
        422 if form.is_submitted() else 200,
        form=form,
        title=_("Adopt the suggested weights"),
        note=named,
        back=url_for(".show"),
        save=_("Adopt as a new version"),
    )


def _weights(found: dict[str, Any]) -> dict[str, int]:
    return {part["key"]: part["suggested"] for part in found["suggestion"]["parts"]}
